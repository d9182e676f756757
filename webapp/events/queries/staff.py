"""What staff work with: lists of their events and sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import lazyload, selectinload

from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.venues.models import Venue

SOON = timedelta(hours=3)
SCANNERS = (Permission.SCAN, Permission.MANAGE_EVENTS)


def _theirs(organisations: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if organisations is None else [Event.organisation_id.in_(organisations)]


def list_sessions(  # whose, when, where, in which state: the questions of a working day
    organisations: Collection[str] | None,
    *,
    since: datetime,
    until: datetime,
    statuses: Collection[EventStatus] = (EventStatus.PUBLISHED,),
    venues_of: Collection[str] | None = None,
    tasks_of: Collection[str] | None = None,
) -> list[EventSession]:
    """Sessions that run between two moments, by start, with their positions; at most 200.

    `organisations` None means all; `venues_of` keeps those at venues of these organisations, `tasks_of` those
    that serve one of these tasks.
    """
    found = (
        select(EventSession)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            *_theirs(organisations),
            Event.status.in_([str(status) for status in statuses]),
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at > since,
            EventSession.starts_at < until,
        )
        .options(selectinload(EventSession.positions).options(lazyload(Position.session)))
        .order_by(EventSession.starts_at, EventSession.id)
        .limit(200)
    )
    if venues_of is not None:
        found = found.where(
            EventSession.venue_id.in_(select(Venue.id).where(Venue.organisation_id.in_(venues_of)))
        )
    if tasks_of is not None:
        serving = select(EventTask.event_id).where(EventTask.task_id.in_(tasks_of))
        found = found.where(EventSession.event_id.in_(serving))
    return list(session().scalars(found))


def sessions_to_scan(person_id: str, now: datetime) -> list[EventSession]:
    """Sessions the person checks people in for: today's, and shortly before midnight those after it."""
    begin = clock.start_of_day(clock.local_date(now))
    until = max(begin + timedelta(days=1), now + SOON)
    return list_sessions(organisations_seen(person_id, *SCANNERS), since=begin, until=until)


def understaffed(
    organisations: Collection[str] | None, *, until: datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Volunteer positions of published sessions to come that still have places, with how many, soonest first."""
    lacking = (Position.capacity - Position.taken).label("lacking")
    return (
        session()
        .execute(
            select(EventSession.id, Event.title, EventSession.starts_at, Position.name, lacking)
            .select_from(Position)
            .join(EventSession, EventSession.id == Position.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(
                *_theirs(organisations),
                Event.status == EventStatus.PUBLISHED,
                EventSession.cancelled_at.is_(None),
                EventSession.starts_at > clock.now(),
                EventSession.starts_at < until,
                Position.kind == PositionKind.VOLUNTEER,
                Position.taken < Position.capacity,
            )
            .order_by(EventSession.starts_at, EventSession.id, Position.rank, Position.id)
        )
        .all()
    )


def list_unpublished(organisations: Collection[str] | None, *statuses: EventStatus) -> list[Event]:
    """Events in these states, the one last worked on first; at most 50."""
    return list(
        session().scalars(
            select(Event)
            .where(*_theirs(organisations), Event.status.in_([str(status) for status in statuses]))
            .order_by(Event.updated_at.desc(), Event.id)
            .limit(50)
        )
    )
