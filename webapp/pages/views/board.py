"""For staff, while people come: the board of a session, with the numbers of those who are missing once asked for."""

from typing import Any

from flask import render_template

from webapp.attendance.queries.board import board
from webapp.attendance.queries.wall import patterns
from webapp.core import clock, live
from webapp.core.auth import allowed, the_person
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import WORKS_WITH_PEOPLE, Permission
from webapp.organisations.queries import permissions_at
from webapp.pages.views import blueprint
from webapp.pages.views.day_sheet import CALLERS, LIST
from webapp.pages.views.manage import RUNNERS
from webapp.people.domain import mask_name
from webapp.people.queries import are_phones_shown

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
    person_id = the_person().id
    held = permissions_at(person_id, event_session.event.organisation_id)
    may_call = bool(held & set(CALLERS))
    return {
        "board": board(event_session.id, str if held & WORKS_WITH_PEOPLE else mask_name),
        "is_over": event_session.ends_at <= clock.now(),  # nobody is inside any more
        "patterns": patterns(event_session.id),
        "may_call": may_call,
        "phones_shown": may_call and are_phones_shown(LIST, event_session.id, to=person_id),
        "may_scan": event_session.is_held and bool(held & set(DOORKEEPERS)),
        "missing_shown": MISSING_SHOWN,
    }
