"""Reads for an event's workspace: of many sessions only their dates, whole ones only where they are shown."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import Dates
from webapp.events.domain.desk import DatedSession
from webapp.events.models import Event, EventSession
from webapp.events.queries.one import POSITIONS, require_any
from webapp.organisations.domain import Permission


def get_desk_for(person_id: str, event_id: str, *permissions: Permission) -> Event:
    """The event with its tasks and without its sessions, under the rule of get_event_for."""
    event = session().scalar(select(Event).where(Event.id == event_id).options(selectinload(Event.tasks)))
    if event is None:
        raise NotFound
    require_any(person_id, event, permissions)
    return event


def dated_sessions(event: Event) -> list[DatedSession]:
    """All of its sessions, by start; one statement, however many."""
    rows = session().execute(
        select(EventSession.id, EventSession.starts_at, EventSession.ends_at, EventSession.cancelled_at)
        .where(EventSession.event_id == event.id)
        .order_by(EventSession.starts_at, EventSession.id)
    )
    off_at = event.postponed_at or event.cancelled_at
    return [
        DatedSession(
            row.id,
            row.starts_at,
            Dates(event.status, row.cancelled_at is not None, Period(row.starts_at, row.ends_at), off_at),
        )
        for row in rows
    ]


def load_sessions(ids: Sequence[str]) -> list[EventSession]:
    """These sessions with their places, by start."""
    wanted = select(EventSession).where(EventSession.id.in_(ids)).options(POSITIONS)
    return list(session().scalars(wanted.order_by(EventSession.starts_at, EventSession.id)))
