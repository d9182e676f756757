"""Beginning and ending every change: locks in the order event → session → position, rights, revision, traces."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select, update

from webapp.core import clock
from webapp.core.db import lock_row, session
from webapp.core.errors import ChangedMeanwhile, NotFound, Words
from webapp.events.domain import (
    OPEN_STATUSES,
    STATUS_LABELS,
    EventStatus,
    Readiness,
    SessionWasCancelled,
    WouldBeIncomplete,
    WrongState,
    missing_to_publish,
)
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.events.service import hooks
from webapp.organisations.domain import Permission
from webapp.organisations.queries import require
from webapp.plan import queries as plans


def take_event(event_id: str, *, by: str | None, revision: int | None = None) -> Event:
    """The locked event; raises NotFound, NotAllowed, and ChangedMeanwhile when it is not at this revision."""
    event = lock_row(Event, event_id)
    if by is not None:
        require(by, Permission.MANAGE_EVENTS, event.organisation_id)
    if revision is not None and revision != event.revision:
        raise ChangedMeanwhile
    return event


def take_session(session_id: str, *, by: str | None, revision: int | None = None) -> EventSession:
    """The locked session of a locked event that may still change."""
    event_id = session().scalar(select(EventSession.event_id).where(EventSession.id == session_id))
    if event_id is None:
        raise NotFound
    require_open(take_event(event_id, by=by, revision=revision))
    event_session = lock_row(EventSession, session_id)
    if event_session.cancelled_at is not None:
        raise SessionWasCancelled
    return event_session


def take_position(position_id: str, *, by: str | None, revision: int | None = None) -> Position:
    """The locked position of a locked session of a locked event that may still change."""
    session_id = session().scalar(select(Position.session_id).where(Position.id == position_id))
    if session_id is None:
        raise NotFound
    take_session(session_id, by=by, revision=revision)
    return lock_row(Position, position_id)


def require_open(event: Event) -> None:
    """Raise WrongState for events that are over or cancelled."""
    if EventStatus(event.status) not in OPEN_STATUSES:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus(event.status)]))


def mark_changed(event: Event, *, shown: bool = True, counts: bool = False) -> None:
    """End a change: raise the revision; where feeds show the change, say so on the sessions; let figures follow.

    What feeds show of the event itself (title, summary, status) is news for every one of its sessions.
    """
    now = clock.now()
    event.revision += 1
    event.updated_at = now
    if shown:
        session().flush()
        session().execute(
            update(EventSession).where(EventSession.event_id == event.id).values(updated_at=now)
        )
    if counts and event.published_at is not None:
        session().flush()  # the followers recount from the tables
        hooks.counting_changed(event.id)


def raise_sequence(event: Event) -> None:
    """The event's status changed: the calendar SEQUENCE of every session not cancelled before rises."""
    session().flush()
    session().execute(
        update(EventSession)
        .where(EventSession.event_id == event.id, EventSession.cancelled_at.is_(None))
        .values(sequence=EventSession.sequence + 1)
    )


def readiness_of(event: Event) -> Readiness:
    """What is known of the event when someone wants to publish it."""
    current = session()
    current.flush()
    kinds: dict[str, set[str]] = {}
    spans: dict[str, tuple[datetime, datetime]] = {}
    now = clock.now()
    for session_id, starts_at, ends_at, kind in current.execute(
        select(EventSession.id, EventSession.starts_at, EventSession.ends_at, Position.kind)
        .outerjoin(Position, Position.session_id == EventSession.id)
        .where(EventSession.event_id == event.id, EventSession.cancelled_at.is_(None))
    ):
        kinds.setdefault(session_id, set()).update({kind} if kind else ())
        spans[session_id] = (starts_at, ends_at)
    has_tasks = current.scalar(select(EventTask.task_id).where(EventTask.event_id == event.id).limit(1))
    needs_tasks = has_tasks is not None or _is_planned(list(spans.values()))
    return Readiness(
        has_summary=bool(event.summary.strip()),
        has_tasks=has_tasks is not None,
        recruits=any("volunteer" in some for some in kinds.values()),
        has_risk_statement=bool(event.risk_statement.strip()),
        sessions=len(kinds),
        sessions_without_position=sum(not some for some in kinds.values()),
        all_sessions_past=all(end <= now for _, end in spans.values()),
        sessions_fallen_due=sum(end <= now for _, end in spans.values() if _was_put_off(event, end)),
        needs_tasks=needs_tasks,
    )


def _is_planned(spans: Sequence[tuple[datetime, datetime]]) -> bool:
    """Whether any plan holds a day of these sessions; where there are none yet, whether one holds today."""
    days = [(clock.local_date(first), clock.local_date(last)) for first, last in spans]
    return plans.holds_any(days or [(clock.today(), clock.today())])


def _was_put_off(event: Event, ends_at: datetime) -> bool:
    """Whether a session with this end lost its date by the event's postponement."""
    return event.postponed_at is not None and ends_at > event.postponed_at


def same_dates(event: Event) -> list[EventSession]:
    """Sessions of a postponed event that are still to come at the time they had before, by start."""
    if event.postponed_at is None:
        return []
    wanted = select(EventSession).where(
        EventSession.event_id == event.id,
        EventSession.cancelled_at.is_(None),
        EventSession.ends_at > clock.now(),
        or_(EventSession.moved_at.is_(None), EventSession.moved_at < event.postponed_at),
    )
    return list(session().scalars(wanted.order_by(EventSession.starts_at, EventSession.id)))


def require_still_complete(event: Event) -> None:
    """Raise WouldBeIncomplete when a published event would lack what publishing needs."""
    if EventStatus(event.status) in {EventStatus.PUBLISHED, EventStatus.POSTPONED}:
        known = replace(readiness_of(event), all_sessions_past=False, sessions_fallen_due=0)
        if missing := missing_to_publish(known):
            raise WouldBeIncomplete(missing=tuple(map(Words, missing)))
