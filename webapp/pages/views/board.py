"""For staff, while people come: the board of a session, and a number to call when someone is missing."""

from typing import Any

from flask import render_template, request, url_for

from webapp.attendance.queries.board import board
from webapp.attendance.queries.wall import patterns
from webapp.attendance.service.calling import reveal_phone
from webapp.core import clock, live
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import permissions_at
from webapp.pages.views import blueprint
from webapp.pages.views.manage import RUNNERS

CALLERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
DOORKEEPERS = (Permission.SCAN, *CALLERS)
MISSING_SHOWN = 60


@blueprint.get("/manage/sessions/<session_id>/board")
@allowed(*RUNNERS, Permission.GOVERN)
def show_board(session_id: str) -> Any:
    """Arrivals as they come; the part with the figures asks for itself every few seconds."""
    event_session = events.get_session_for(the_person().id, session_id, *RUNNERS)
    shown = _shown(event_session)
    tag = live.tag_of(shown)
    if live.is_wanted():
        return live.part("pages/_board.html", tag=tag, event_session=event_session, **shown)
    return render_template("pages/show_board.html", tag=tag, event_session=event_session, **shown)


def _shown(event_session: EventSession) -> dict[str, Any]:
    held = permissions_at(the_person().id, event_session.event.organisation_id)
    return {
        "board": board(event_session.id),
        "is_over": event_session.ends_at <= clock.now(),  # nobody is inside any more
        "patterns": patterns(event_session.id),
        "may_call": bool(held & set(CALLERS)),
        "may_scan": event_session.is_held and bool(held & set(DOORKEEPERS)),
        "missing_shown": MISSING_SHOWN,
    }


@blueprint.post("/manage/sessions/<session_id>/call/<signup_id>")
@allowed(*CALLERS)
def call_missing(session_id: str, signup_id: str) -> Any:
    """Show whom to call, with a link that dials."""
    person = the_person()
    event_session = events.get_session_for(person.id, session_id, *CALLERS)
    with transaction():
        reached = reveal_phone(session_id, signup_id, by=person.id)
    template = "pages/_reached.html" if "HX-Request" in request.headers else "pages/call_missing.html"
    back = url_for("pages.show_board", session_id=session_id)
    return render_template(template, reached=reached, event_session=event_session, back=back)
