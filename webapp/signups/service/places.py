"""Places of positions: locked, given back, handed to the next on the waitlist.

Every change of a sign-up's status holds the lock of its position. A transaction takes all its positions first, by
id, then all its persons, by id: so two of them never wait for each other. Row locks are PostgreSQL's; on SQLite
transaction() already holds the one write lock of the file.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import (
    HOLDS_PLACE,
    REASON_LIMIT,
    SignupStatus,
    Waiting,
    next_from_waitlist,
    window_open,
)
from webapp.signups.models import Signup
from webapp.signups.queries import waiting_order
from webapp.signups.service import notices
from webapp.signups.service.ending import end_hand_overs


@dataclass(frozen=True)
class Place:
    """A locked position with places to give."""

    id: str
    is_volunteer: bool
    free: int
    period: Period


def lock_positions(position_ids: Iterable[str]) -> None:
    """Lock these positions. Only statements begun afterwards see what those who held them before have done."""
    ids = sorted(set(position_ids))
    session().flush()  # what the caller changed of events and positions must be in what is read from here on
    session().execute(
        select(Position.id).where(Position.id.in_(ids)).order_by(Position.id).with_for_update(key_share=True)
    ).all()


def lock_persons(person_ids: Iterable[str]) -> None:
    """Lock these persons, so that nobody else gives them a shift meanwhile."""
    ids = sorted(set(person_ids))
    if ids:
        session().execute(
            select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
        ).all()


def promote(position_id: str) -> list[str]:
    """Give free places of a position to those who wait; returns the ids of the sign-ups that moved up."""
    lock_positions([position_id])
    return fill([position_id])


def fill(position_ids: Iterable[str], *, lock_too: Iterable[str] = ()) -> list[str]:
    """Give the free places of locked positions to those who wait, tell them, return their sign-ups' ids.

    Volunteers with another shift at that time are passed over and go on waiting. `lock_too` are persons the
    caller needs locked from here on.
    """
    places = _places_to_give(position_ids)
    queues = {place.id: _queue(place) for place in places}
    volunteers = [one.person_id for place in places if place.is_volunteer for one in queues[place.id]]
    lock_persons([*lock_too, *volunteers])
    moved: list[str] = []
    for place in places:
        queue = queues[place.id]
        busy = busy_persons(place.period, [one.person_id for one in queue]) if place.is_volunteer else set()
        chosen = [one.signup_id for one in next_from_waitlist(queue, free=place.free, clashing=busy)]
        _confirm(place.id, chosen)
        moved += chosen
    notices.moved_up(moved)
    return moved


def _places_to_give(position_ids: Iterable[str]) -> list[Place]:
    """Those of the positions that have places free and are still open for signing up."""
    rows = session().execute(
        select(
            Position.id,
            Position.kind,
            (Position.capacity - Position.taken).label("free"),
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.cancelled_at,
            Event.status,
        )
        .join(EventSession, EventSession.id == Position.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Position.id.in_(list(position_ids)), Position.taken < Position.capacity)
        .order_by(Position.id)
    )
    places = []
    for row in rows:
        is_volunteer, period = row.kind == PositionKind.VOLUNTEER, Period(row.starts_at, row.ends_at)
        if window_open(
            event_status=row.status,
            session_cancelled=row.cancelled_at is not None,
            period=period,
            is_volunteer=is_volunteer,
            now=clock.now(),
        ):
            places.append(Place(row.id, is_volunteer, row.free, period))
    return places


def _queue(place: Place) -> list[Waiting]:
    wanted = (
        select(Signup.id, Signup.person_id)
        .where(Signup.position_id == place.id, Signup.status == SignupStatus.WAITLISTED)
        .order_by(*waiting_order())
    )
    if not place.is_volunteer:  # nobody is passed over, so those further back need not be read
        wanted = wanted.limit(place.free)
    return [Waiting(signup_id, person_id) for signup_id, person_id in session().execute(wanted)]


def mark_cancelled(signup_ids: list[str], reason: str, *, keep_hand_overs: bool = False) -> None:
    """Cancel sign-ups of locked positions; their places are given back with release(). Open hand-overs end."""
    if not keep_hand_overs:
        end_hand_overs(signup_ids)
    now = clock.now()
    session().execute(
        update(Signup)
        .where(Signup.id.in_(signup_ids))
        .values(
            status=SignupStatus.CANCELLED,
            cancelled_at=now,
            cancel_reason=reason[:REASON_LIMIT] or None,
            updated_at=now,
        )
    )


def _confirm(position_id: str, signup_ids: list[str]) -> None:
    if not signup_ids:
        return
    now = clock.now()
    session().execute(
        update(Signup)
        .where(Signup.id.in_(signup_ids))
        .values(status=SignupStatus.CONFIRMED, confirmed_at=now, updated_at=now)
    )
    session().execute(
        update(Position).where(Position.id == position_id).values(taken=Position.taken + len(signup_ids))
    )


def release(position_id: str, count: int) -> None:
    """Give back places of a locked position."""
    if count:
        session().execute(
            update(Position).where(Position.id == position_id).values(taken=Position.taken - count)
        )


def held_shifts() -> ColumnElement[bool]:
    """Condition on Signup joined with Position: it holds a volunteer's place."""
    return and_(Signup.status.in_(HOLDS_PLACE), Position.kind == PositionKind.VOLUNTEER)


def busy_persons(period: Period, person_ids: list[str], *, apart_from: str | None = None) -> set[str]:
    """Which of these persons hold a shift that overlaps the period, in a session other than `apart_from`."""
    if not person_ids:
        return set()
    wanted = (
        select(Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(Signup.person_id.in_(person_ids), held_shifts(), _overlaps(period))
    )
    if apart_from is not None:
        wanted = wanted.where(Signup.session_id != apart_from)
    return set(session().scalars(wanted.order_by(Signup.person_id)))


def _overlaps(period: Period) -> ColumnElement[bool]:
    """Half-open, as core.clock.Period defines it: shifts that touch do not overlap."""
    return and_(EventSession.starts_at < period.end, EventSession.ends_at > period.start)


def waited_elsewhere(person_ids: Iterable[str]) -> list[str]:
    """Volunteer positions with a free place for which one of these persons waits: they may be able to take it now."""
    ids = list(person_ids)
    if not ids:
        return []
    return list(
        session().scalars(
            select(Position.id)
            .join(Signup, Signup.position_id == Position.id)
            .where(
                Signup.person_id.in_(ids),
                Signup.status == SignupStatus.WAITLISTED,
                Position.kind == PositionKind.VOLUNTEER,
                Position.taken < Position.capacity,
            )
            .distinct()
            .order_by(Position.id)
        )
    )


def waiting_persons(position_ids: Iterable[str]) -> list[str]:
    """Who waits for one of these volunteer positions."""
    return list(
        session().scalars(
            select(Signup.person_id)
            .join(Position, Position.id == Signup.position_id)
            .where(
                Signup.position_id.in_(list(position_ids)),
                Signup.status == SignupStatus.WAITLISTED,
                Position.kind == PositionKind.VOLUNTEER,
            )
            .order_by(Signup.person_id)
        )
    )


def positions_to_fill() -> list[str]:
    """Positions of coming sessions where a place is free and someone waits."""
    waiting = aliased(Signup)
    return list(
        session().scalars(
            select(Position.id)
            .join(EventSession, EventSession.id == Position.session_id)
            .where(
                Position.taken < Position.capacity,
                EventSession.ends_at > clock.now(),
                exists().where(waiting.position_id == Position.id, waiting.status == SignupStatus.WAITLISTED),
            )
            .order_by(Position.id)
        )
    )
