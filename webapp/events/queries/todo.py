"""What of the events waits for someone."""

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission

SHOWN = 50


def events_to_review(viewer: Viewer) -> Iterator[Todo]:
    """Events handed in for approval, for the office; due when the first session begins."""
    if not viewer.may(Permission.GOVERN):
        return
    first = func.min(EventSession.starts_at)
    wanted = (
        select(Event.id, Event.title, first)
        .outerjoin(EventSession, EventSession.event_id == Event.id)
        .where(Event.status == EventStatus.SUBMITTED)
        .group_by(Event.id)
        .order_by(first, Event.id)
        .limit(SHOWN)
    )
    for event_id, title, starts_at in session().execute(wanted):
        yield Todo(
            N_("“%(title)s”等审核后发布"),
            N_("去审核"),
            "events.show_managed",
            {"event_id": event_id},
            {"title": title},
            starts_at,
        )
