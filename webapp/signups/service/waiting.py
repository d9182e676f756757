"""Reads that decide who moves up: who is busy, who waits where, where something can be given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Account
from webapp.people.queries import contact_of
from webapp.signups.domain import HOLDS_PLACE, SignupStatus, Waiting, can_answer, window_open
from webapp.signups.models import Signup
from webapp.signups.queries import waiting_order


@dataclass(frozen=True)
class Place:
    """A locked position with places to give."""

    id: str
    is_volunteer: bool
    free: int
    period: Period


def places_to_give(position_ids: Iterable[str]) -> list[Place]:
    """Those of the locked positions that have places free and whose session can still be joined."""
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


def queue_of(place: Place) -> list[Waiting]:
    """Who waits for it, in order, as far back as it can matter."""
    wanted = (
        select(Signup.id, Signup.person_id)
        .where(Signup.position_id == place.id, Signup.status == SignupStatus.WAITLISTED)
        .order_by(*waiting_order())
    )
    if not place.is_volunteer:  # nobody is passed over, so those further back need not be read
        wanted = wanted.limit(place.free)
    return [Waiting(signup_id, person_id) for signup_id, person_id in session().execute(wanted)]


def who_can_answer(signup_ids: Iterable[str]) -> set[str]:
    """Those of these sign-ups whose person can be asked whether they still want the place."""
    has_account = exists().where(Account.person_id == Signup.person_id, Account.disabled_at.is_(None))
    rows = session().execute(
        select(Signup.id, Signup.person_id, Signup.source, has_account).where(Signup.id.in_(list(signup_ids)))
    )
    return {
        row[0]
        for row in rows.all()
        if can_answer(is_reachable=contact_of(row[1]) is not None, source=row[2], has_account=row[3])
    }


def who_has_another(signup_ids: Iterable[str]) -> set[str]:
    """Those of these sign-ups whose person has a place of the same session already."""
    other = aliased(Signup)
    wanted = (
        select(Signup.id)
        .join(other, (other.session_id == Signup.session_id) & (other.person_id == Signup.person_id))
        .where(Signup.id.in_(list(signup_ids)), other.status == SignupStatus.CONFIRMED)
    )
    return set(session().scalars(wanted))


def held_shifts() -> ColumnElement[bool]:
    """Condition on Signup joined with Position: it holds a volunteer's place."""
    return and_(Signup.status.in_(HOLDS_PLACE), Position.kind == PositionKind.VOLUNTEER)


def busy_persons(
    period: Period, person_ids: list[str], *, apart_from: str | None = None, since: datetime | None = None
) -> set[str]:
    """Which of these persons hold a shift that overlaps the period, in a session other than `apart_from`; only those
    taken `since`, if that is said.
    """
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
    if since is not None:
        wanted = wanted.where(or_(Signup.confirmed_at.is_(None), Signup.confirmed_at >= since))
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
