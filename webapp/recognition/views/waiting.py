"""Staff: the records of service that wait for a word, in one list, and what is said of several at once."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
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
    say,
    show,
    taken,
)
from webapp.core.working import working_for
from webapp.organisations.queries import names_for
from webapp.recognition import queries, service
from webapp.recognition.domain import Turnout
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.models import ServiceRecord
from webapp.recognition.queries.waiting import WAITS, Readable, Wait, Waiting, named_records, waiting
from webapp.recognition.views import blueprint
from webapp.recognition.views.sessions import DECIDERS, READERS, WORDS

AT_ONCE = 100  # records decided on in one transaction
WAIT_LABELS = {
    Wait.ANSWER: N_("有异议"),
    Wait.SECOND: N_("补录，等复核"),
    Wait.LEFT: N_("没有签退"),
    Wait.ABSENT: N_("没有签到"),
}
ACTS = (
    Act("left", N_("按结束时间确认签退"), "check"),
    Act("second", N_("同意补录"), "check"),
    Act("absent", N_("记为未到"), "circle-minus"),
)
_SAID = {
    "left": N_("%(n)s 条已按结束时间确认签退，开始公示。"),
    "second": N_("已同意 %(n)s 条补录，开始公示。"),
    "absent": N_("%(n)s 条已记为未到，会写进本人的“我的消息”。"),
}


def _source() -> Query:
    return waiting(the_person().id, within=working_for())


def _since(value: str) -> ColumnElement[bool]:
    return ServiceRecord.served_on >= (day_of(value) or clock.today())


def _until(value: str) -> ColumnElement[bool]:
    return ServiceRecord.served_on < (day_of(value) or clock.today()) + timedelta(days=1)


def _table() -> Table:
    person_id = the_person().id
    decides, readable = bool(current_permissions() & set(DECIDERS)), Readable(person_id)
    return Table(
        columns=_columns(names_for(person_id), readable.name),
        filters=[
            Filter("wait", N_("等什么"), list(WAIT_LABELS.items()), where=lambda value: WAITS[Wait(value)]),
            Filter("from", N_("从哪天"), where=_since),
            Filter("to", N_("到哪天"), where=_until),
        ],
        search=readable.search,
        acts=ACTS if decides else (),
        acts_at=url_for("recognition.act_on_hours"),
        seen=ServiceRecord,
        find_by=N_("姓名、拼音首字母、手机后四位、活动"),
    )


def _columns(shown_name: Callable[[str, str], str], by_name: Any) -> Sequence[Column]:
    def name(one: Waiting) -> str:
        return shown_name(one.record.person.name, one.record.organisation_id)

    return [
        Column("name", N_("姓名"), name, order=by_name, kind="head", of_person=True),
        Column("event", N_("活动"), lambda one: one.record.session.event.title, is_plain=True),
        Column(
            "day", N_("日期"), lambda one: one.record.served_on, order=ServiceRecord.served_on, is_plain=True
        ),
        Column("wait", N_("等什么"), lambda one: _(WAIT_LABELS[one.wait]), is_plain=True),
        Column("about", N_("情况"), _about, is_plain=True),
        Column(
            "unit", N_("单位"), lambda one: one.record.session.event.organisation.name, shown=False
        ),
        Column(
            "since",
            N_("等到现在"),
            lambda one: one.record.created_at,
            order=ServiceRecord.created_at,
            kind="nowrap",
            shown=False,
        ),
        Column("acts", "", lambda _one: None, kind="tight", in_file=False),
    ]  # fmt: skip


def _about(one: Waiting) -> str:
    record = one.record
    parts = [_("补录 %(n)s 分钟", n=record.added_minutes)] if record.added_minutes else []
    parts += [clock.local(at).strftime("%H:%M") for at in (record.in_at, record.out_at) if at]
    parts += [record.reason, *(each.text for each in one.objections)]
    return " ".join(filter(None, parts))


@blueprint.get("/manage/hours")
@allowed(*READERS)
def manage_hours() -> Response | str:
    """Objections, added time to approve, records that wait for a word."""
    listing = show(_table(), _source())
    if listing.format:
        return taken(listing, _("等确认的时长"), subject="service_record", by=the_person().id)
    return _page(listing)


def _page(listing: Shown) -> str:
    return render_template(
        "recognition/manage_hours.html",
        listing=listing,
        rule=queries.current_rule(),
        shown_name=names_for(the_person().id),
        words=WAIT_LABELS,
        **WORDS,
    )


def _first_chosen() -> Any:
    """Of the chosen records, one that stands for what was done with all of them."""
    return queries.get_record_for(the_person().id, chosen_rows(_table(), _source())[0], *DECIDERS)


@blueprint.post("/manage/hours/chosen")
@allowed(*DECIDERS)
@can_undo(N_("处理了选上的时长"), _first_chosen)
def act_on_hours() -> Any:
    """One word on several records; those of which nothing comes are named, and the others go on."""
    table, source, act = _table(), _source(), asked_act()
    try:
        with transaction():
            outcomes = decide_each(act, chosen_rows(table, source, most=AT_ONCE), by=the_person().id)
    except Refusal as refusal:
        refused = show(table, source, at="recognition.manage_hours", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    say_done(act, outcomes)
    return redirect(back_to("recognition.manage_hours"), 303)


def asked_act() -> str:
    """What is to be said of the chosen records."""
    act = request.form.get("act", "")
    if act not in _SAID:
        raise BadRequest
    return act


def say_done(act: str, outcomes: Sequence[Outcome]) -> None:
    """On the next page."""
    say(outcomes, lambda n: _(_SAID[act], n=n))


def decide_each(act: str, ids: Sequence[str], *, by: str) -> list[Outcome]:
    """Say it of each of these records."""
    names, shown_name = named_records(ids), names_for(by)

    def decide(record_id: str) -> None:
        record = queries.get_record_for(by, record_id, *DECIDERS)
        if act == "left":
            service.confirm_out(record_id, record.session.ends_at, by=by, seen=seen_as(record))
        elif act == "second":
            service.approve_added(record_id, by=by)
        else:
            service.mark(record_id, Turnout.NO_SHOW, by=by, seen=seen_as(record))

    return each_of(ids, decide, name=lambda one: shown_name(*names[one]) if one in names else "", by=by)
