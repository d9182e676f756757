"""The outbox as the office reads it: what was sent, what waits to be told by phone, what did not leave."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from werkzeug.wrappers import Response

from webapp.core import audit, clock, inbox, timekeeping, unsent
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.listing import (
    Act,
    Column,
    Filter,
    Outcome,
    Query,
    Shown,
    Table,
    back_to,
    chosen_rows,
    day_of,
    each_of,
    holding,
    say,
    show,
)
from webapp.core.outbox import ORGANISERS, OutboxMessage, waking_hours
from webapp.core.timing import NotSent
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.people.domain import mask_contact

STATES = {
    "kept": N_("请电话告知"),
    "waiting": N_("等待发送"),
    "sent": N_("已发出"),
    "failed": N_("没有发到"),
    "lapsed": N_("不用发了"),
}
CHANNELS = {"mail": N_("邮件"), "sms": N_("短信"), "wecom": N_("企业微信"), "webhook": N_("外部程序")}


@blueprint.get("/manage/messages")
@allowed(Permission.GOVERN)
def list_messages() -> Response | str:
    """Messages, the latest first; recipients are masked, in the file as well."""
    listing = show(_table(), EVERYTHING)
    if listing.format:
        file = listing.file(_("发出的消息"))
        if listing.names_people:
            with transaction():
                audit.record(
                    "messages.reveal", "outbox_message", "all", by=the_person().id, rows=listing.found
                )
        return file
    return _page(listing)


def _page(listing: Shown) -> str:
    return render_template(
        "pages/list_messages.html",
        listing=listing,
        state=dict(listing.asked.filters).get("state", ""),
        counts=inbox.count_messages(),
        states=STATES,
        reasons=unsent.NOT_SENT_LABELS,
        now=clock.now(),
        last_beat=timekeeping.last_beat(),
        worker_is_late=timekeeping.is_late(),
    )


def _recipient(message: OutboxMessage) -> str:
    return "" if message.channel in ORGANISERS else mask_contact(message.recipient)


def _why(message: OutboxMessage) -> str | None:
    label = unsent.NOT_SENT_LABELS.get(NotSent(message.reason)) if message.reason else None
    return " ".join(filter(None, (_(label) if label else "", message.error))) or None


def _since(value: str) -> ColumnElement[bool]:
    return OutboxMessage.created_at >= clock.start_of_day(day_of(value) or clock.today())


MESSAGES = Table(
    columns=[
        Column("subject", N_("消息"), lambda one: one.subject, kind="head"),
        Column("state", N_("状态"), lambda one: _(STATES[one.state]), order=OutboxMessage.state),
        Column(
            "channel",
            N_("方式"),
            lambda one: _(CHANNELS.get(one.channel, one.channel)),
            order=OutboxMessage.channel,
        ),
        Column("to", N_("发给"), _recipient, kind="nowrap", of_person=True),
        Column(
            "made",
            N_("写好的时间"),
            lambda one: one.created_at,
            order=OutboxMessage.created_at,
            kind="nowrap",
        ),
        Column(
            "left",
            N_("发出的时间"),
            lambda one: one.sent_at,
            order=OutboxMessage.sent_at,
            kind="nowrap",
            shown=False,
        ),
        Column("why", N_("没有发出的原因"), _why, on_page=False),
        Column("again", "", lambda one: None, kind="tight", in_file=False),
    ],
    filters=[
        Filter(
            "state",
            N_("状态"),
            list(STATES.items()),
            where=lambda value: OutboxMessage.state == value,
            offered=False,
        ),
        Filter(
            "channel", N_("方式"), list(CHANNELS.items()), where=lambda value: OutboxMessage.channel == value
        ),
        Filter("since", N_("从哪天起"), where=_since),
    ],
    search=holding(OutboxMessage.subject, OutboxMessage.body),
    acts=[Act("again", N_("再发一次"), "send")],
    seen=OutboxMessage,
    find_by=N_("标题或内容里的字"),
    size=25,  # a card of a message is tall on a phone
)
EVERYTHING = Query(select(OutboxMessage), OutboxMessage.id, (OutboxMessage.id.desc(),))


def _table() -> Table:
    return replace(MESSAGES, acts_at=url_for("pages.send_chosen_again"))


@blueprint.post("/manage/messages/chosen")
@allowed(Permission.GOVERN)
def send_chosen_again() -> Any:
    """Try the chosen ones once more; those of which nothing comes are named, and the others go on."""
    try:
        with transaction():
            outcomes = _send_again(chosen_rows(MESSAGES, EVERYTHING), by=the_person().id)
    except Refusal as refusal:
        refused = show(_table(), EVERYTHING, at="pages.list_messages", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    say(outcomes, lambda n: _("已放回待发 %(n)s 条。夜里不打扰人的，早上再发。", n=n))
    return redirect(back_to("pages.list_messages"), 303)


def _send_again(ids: list[str], *, by: str) -> list[Outcome]:
    found = {one.id: one for one in inbox.messages_of(ids)}

    def left_house(message_id: str) -> str:
        state = found[message_id].state
        return "" if state in unsent.UNSENT else _("现在是“%(now)s”，不用再发", now=_(STATES[state]))

    def again(message_id: str) -> None:
        unsent.send_again(message_id)
        audit.record("message.again", "outbox_message", message_id, by=by)

    return each_of(list(found), again, name=lambda one: found[one].subject, by=by, unless=left_house)


@blueprint.post("/manage/messages/<string(length=18):message_id>/again")
@allowed(Permission.GOVERN)
@decides(OutboxMessage)
def send_again(message_id: str) -> Response:
    """Try once more: the address was put right at the gateway, or there is a gateway now."""
    with transaction():
        message = unsent.send_again(message_id)
        audit.record("message.again", "outbox_message", message_id, by=the_person().id)
    is_later = message.state == "waiting" and not waking_hours().next(clock.now()) <= clock.now()
    flash(
        _("已放回待发，夜里不打扰人，早上再发。") if is_later else _("已放回待发，一分钟内会再发一次。"),
        "success",
    )
    return redirect(url_for("pages.list_messages", state="waiting"))
