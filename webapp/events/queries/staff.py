"""What staff work with: lists of their events and sessions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import lazyload, selectinload

from webapp.core import clock
from webapp.core.db import is_id, session
from webapp.core.errors import BadCursor
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.events.queries.found import matching
from webapp.events.queries.public import PAGE, Page
from webapp.events.queries.seats import Seats, seats_of_events
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.venues.models import Venue

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEARLY = "~"  # before the cursor of a list that holds some of what was looked for
SOON = timedelta(hours=3)
SCANNERS = (Permission.SCAN, Permission.MANAGE_EVENTS)


@dataclass(frozen=True)
class ManagedFilter:
    """What staff look for among their events."""

    q: str = ""
    status: str = ""
    organisation: str = ""


@dataclass(frozen=True)
class ManagedRow:
    """An event on the staff's list."""

    event: Event
    sessions: int
    first_at: datetime | None
    last_at: datetime | None
    seats: Sequence[Seats]


def _theirs(organisations: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if organisations is None else [Event.organisation_id.in_(organisations)]


def list_managed(
    person_id: str,
    wanted: ManagedFilter,
    *,
    cursor: str | None = None,
    limit: int = PAGE,
    within: str | None = None,
) -> Page[ManagedRow]:
    """Events the person manages or inspects, in every state; the one whose last session is latest comes first.

    With `within` those of that one of their organisations. Where no event has every word looked for, those that
    have some of it.
    """
    seen = organisations_seen(person_id, Permission.MANAGE_EVENTS, Permission.INSPECT, within=within)
    if not (cursor or "").startswith(_NEARLY):
        page = _managed(seen, wanted, cursor=cursor, limit=limit, nearly=False)
        if page.items or cursor or not wanted.q.strip():
            return page
    page = _managed(seen, wanted, cursor=(cursor or "").removeprefix(_NEARLY), limit=limit, nearly=True)
    return Page(page.items, next=_NEARLY + page.next if page.next else None)


def _managed(
    seen: Collection[str] | None, wanted: ManagedFilter, *, cursor: str | None, limit: int, nearly: bool
) -> Page[ManagedRow]:
    at = func.coalesce(func.max(EventSession.starts_at), Event.created_at).label("at")
    found = (
        select(Event.id, at, func.count(EventSession.id), func.min(EventSession.starts_at))
        .outerjoin(EventSession, and_(EventSession.event_id == Event.id, EventSession.cancelled_at.is_(None)))
        .where(*_theirs(seen), *matching(wanted.q, nearly=nearly))
        .group_by(Event.id, Event.created_at)
        .order_by(at.desc(), Event.id.desc())
        .limit(limit + 1)
    )
    if wanted.status:
        found = found.where(Event.status == wanted.status)
    if wanted.organisation:
        found = found.where(Event.organisation_id == wanted.organisation)
    if (edge := _read_cursor(cursor)) is not None:
        found = found.having(or_(at < edge[0], and_(at == edge[0], Event.id < edge[1])))
    keys = session().execute(found).all()
    shown = keys[:limit]
    ids = [key.id for key in shown]
    events = {event.id: event for event in session().scalars(select(Event).where(Event.id.in_(ids)))}
    seats = seats_of_events(ids)
    rows = [
        ManagedRow(events[key.id], key[2], key[3], key.at if key[2] else None, seats.get(key.id, ()))
        for key in shown
    ]
    return Page(rows, next=_cursor(shown[-1]) if len(keys) > limit else None)


def _cursor(key: Sequence[object]) -> str:
    at = key[1]
    assert isinstance(at, datetime)
    return f"{(at - _EPOCH) // _MICROSECOND}.{key[0]}"


def _read_cursor(text: str | None) -> tuple[datetime, str] | None:
    if not text:
        return None
    number, _, event_id = text.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) <= 16 and is_id(event_id)):
        raise BadCursor
    return _EPOCH + int(number) * _MICROSECOND, event_id


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


def understaffed(organisations: Collection[str] | None, *, until: datetime) -> list[Position]:
    """Volunteer positions of published sessions to come that still have places, soonest first; at most 50."""
    return list(
        session().scalars(
            select(Position)
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
            .order_by(EventSession.starts_at, Position.rank, Position.id)
            .limit(50)
        )
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
