"""The outbox as the office reads it: what was sent, and what waits to be told by phone."""

from flask import render_template, request, url_for

from webapp.core import inbox, jobs
from webapp.core.auth import allowed
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.people.domain import mask_contact

PAGE = 50
STATES = ("kept", "waiting", "sent", "failed")


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
        messages=[(message, mask_contact(message.recipient)) for message in found[:PAGE]],
        counts=inbox.count_messages(),
        state=state,
        states=STATES,
        next_url=following,
        last_beat=jobs.last_beat(),
        worker_is_late=jobs.is_late(),
    )
