"""The outbox as the office reads it: what was sent, what waits to be told by phone, what did not leave."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import audit, clock, inbox, timekeeping, unsent
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.outbox import ORGANISERS, OutboxMessage, waking_hours
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.people.domain import mask_contact

PAGE = 50
STATES = ("kept", "waiting", "sent", "failed", "lapsed")


@blueprint.get("/manage/messages")
@allowed(Permission.GOVERN)
def list_messages() -> str:
    """Messages by state, the latest first; recipients are masked."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    before = request.args.get("before", "")[:18] or None
    found = inbox.list_messages(state or None, before=before, limit=PAGE + 1)
    following = None
    if len(found) > PAGE:
        following = url_for("pages.list_messages", state=state or None, before=found[PAGE - 1].id)
    return render_template(
        "pages/list_messages.html",
        messages=[(message, _recipient(message)) for message in found[:PAGE]],
        counts=inbox.count_messages(),
        state=state,
        states=STATES,
        next_url=following,
        reasons=unsent.NOT_SENT_LABELS,
        now=clock.now(),
        last_beat=timekeeping.last_beat(),
        worker_is_late=timekeeping.is_late(),
    )


def _recipient(message: OutboxMessage) -> str:
    return "" if message.channel in ORGANISERS else mask_contact(message.recipient)


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
