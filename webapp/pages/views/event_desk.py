"""For staff: the pages of an event's workspace that put several areas together."""

import base64
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from flask import render_template, request, url_for

from webapp.attendance.queries.of_event import Outcome, outcomes
from webapp.core import clock, qr
from webapp.core.auth import allowed, the_person
from webapp.core.http import base_url
from webapp.core.listing import listed
from webapp.events.domain.desk import SHOW_LABELS, choose_sessions
from webapp.events.models import Event, EventSession
from webapp.events.queries.desk import get_desk_for, load_sessions
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.pages.views.manage import MANAGERS
from webapp.pages.views.workspace import workspace_of
from webapp.recognition.domain.certificates import hours_text
from webapp.recognition.queries.of_event import Hours
from webapp.signups.domain.sent import SENT_LABELS
from webapp.signups.queries.of_event import Promised, promised, sent_to_people_of

DESK = "/manage/events/<event_id>"
READERS = (*MANAGERS, Permission.GOVERN)
_PICTURES = (("svg", qr.svg), ("png", qr.png))


@dataclass(frozen=True)
class Sums:
    """An event in figures."""

    promised: Promised
    outcome: Outcome
    hours: Hours

    @property
    def hours_text(self) -> str:
        """Measured hours; what was added by hand stands beside it."""
        return hours_text(self.hours.minutes)


def _event(event_id: str) -> Event:
    return get_desk_for(the_person().id, event_id, *MANAGERS)


@blueprint.app_template_global("event_sums")
def event_sums(event: Event) -> Sums:
    """Figures of all its sessions together, those that were called off too: who signed up, came and served."""
    of = workspace_of(event)
    ids = [one.id for one in of.sessions]
    return Sums(
        reduce(add, promised(ids).values(), Promised()),
        reduce(add, outcomes(ids).values(), Outcome()),
        reduce(add, of.hours.values(), Hours()),
    )


@blueprint.app_template_global("next_session_of")
def next_session_of(event: Event) -> EventSession | None:
    """The session that is on or comes next, with its places."""
    following = workspace_of(event).next
    return next(iter(load_sessions([following.id])), None) if following else None


@blueprint.get(DESK + "/sessions")
@allowed(*READERS)
def event_sessions(event_id: str) -> str:
    """Its sessions of a kind and a month; each opens in place."""
    event = _event(event_id)
    asked = {name: request.args.get(name, "") for name in ("show", "month")}
    choice = choose_sessions(workspace_of(event).sessions, now=clock.now(), **asked)
    rows = listed(choice.chosen, None)
    ids = [one.id for one in rows.rows]
    return render_template(
        "pages/event_sessions.html",
        event=event,
        choice=choice,
        labels=SHOW_LABELS,
        rows=rows,
        sessions=load_sessions(ids),
        promised=promised(ids),
        outcomes=outcomes(ids),
        now=clock.now(),
    )


@blueprint.get(DESK + "/messages")
@allowed(*READERS)
def event_messages(event_id: str) -> str:
    """What was sent to its people, by kind, and how it went; whom to ring up."""
    event = _event(event_id)
    return render_template(
        "pages/event_messages.html", event=event, sent=sent_to_people_of(event_id), labels=SENT_LABELS
    )


@blueprint.get(DESK + "/print")
@allowed(*READERS)
def event_print(event_id: str) -> Any:
    """What can be given to others and printed: the public address and its code, paper for a session."""
    event = _event(event_id)
    address = base_url() + url_for("pages.show_event", event_id=event_id)
    pictures = {kind: base64.b64encode(draw(address)).decode() for kind, draw in _PICTURES}
    return render_template(
        "pages/event_print.html",
        event=event,
        session=next_session_of(event),
        address=address,
        pictures=pictures,
    )


@blueprint.get(DESK + "/outcome")
@allowed(*READERS)
def event_outcome(event_id: str) -> str:
    """What came of it, by session: who signed up, who came and how that is known, hours, photos."""
    event = _event(event_id)
    of, now = workspace_of(event), clock.now()
    rows = listed([one for one in of.sessions if one.starts_at <= now], None)
    ids = [one.id for one in rows.rows]
    return render_template(
        "pages/event_outcome.html",
        event=event,
        rows=rows,
        sessions={one.id: one for one in load_sessions(ids)},
        outcomes=outcomes(ids),
        hours=of.hours,
        no_hours=Hours(),
        sums=event_sums(event),
        text=hours_text,
        now=now,
    )
