"""Reads for "one person once": what someone has in a session, and elsewhere at its hour."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import HOLDS_PLACE, SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.asking import shifts_at

_AT_ONCE = 400


def places_here(session_id: str, person_id: str, *, apart_from: str = "") -> list[Signup]:
    """Places the person has in this session, but for the one of the position `apart_from`."""
    wanted = select(Signup).where(
        Signup.session_id == session_id,
        Signup.person_id == person_id,
        Signup.status == SignupStatus.CONFIRMED,
        Signup.position_id != apart_from,
    )
    ordered = wanted.order_by(Signup.created_at, Signup.id)
    return list(session().scalars(ordered.execution_options(populate_existing=True)))


def who_has_place_here(session_id: str, person_ids: Collection[str], *, apart_from: str) -> dict[str, str]:
    """Person id → the sign-up of those that have a place in this session at another position."""
    found: dict[str, str] = {}
    ids = list(person_ids)
    for first in range(0, len(ids), _AT_ONCE):
        rows = session().execute(
            select(Signup.person_id, Signup.id).where(
                Signup.session_id == session_id,
                Signup.person_id.in_(ids[first : first + _AT_ONCE]),
                Signup.status == SignupStatus.CONFIRMED,
                Signup.position_id != apart_from,
            )
        )
        found |= {row.person_id: row.id for row in rows}
    return found


def in_the_way(position: Position, person_id: str) -> list[Signup]:
    """What somebody gives up for this place: all they have in its session, and for a shift the shifts it overlaps."""
    held = position.session
    here = places_here(held.id, person_id, apart_from=position.id)
    if position.kind != PositionKind.VOLUNTEER:
        return here
    shifts = shifts_at(person_id, Period(held.starts_at, held.ends_at))
    ids = {one.id for one in shifts}
    return [*shifts, *(one for one in here if one.id not in ids)]


def _elsewhere(kind: str, session_id: str, period: Period) -> ColumnElement[bool]:
    """Condition on Signup with position, session and event: a place elsewhere at that hour, one of the two a seat.

    What is put off has no hour now.
    """
    seat = Position.kind == PositionKind.AUDIENCE
    return and_(
        Signup.status.in_(HOLDS_PLACE),
        Signup.session_id != session_id,
        EventSession.starts_at < period.end,
        EventSession.ends_at > period.start,
        EventSession.cancelled_at.is_(None),
        Event.status == EventStatus.PUBLISHED,
        seat if kind == PositionKind.VOLUNTEER else or_(seat, Position.kind == PositionKind.VOLUNTEER),
    )


def at_that_hour(position_id: str, person_id: str) -> list[Row[*tuple[Any, ...]]]:
    """What a person has elsewhere at the hour of this position and has to be asked about: title, times, its sign-up."""
    held, kind = _session_of(position_id)
    wanted = (
        select(Signup.id, Event.title, EventSession.starts_at, EventSession.ends_at)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.person_id == person_id, _elsewhere(kind, held.id, Period(held.starts_at, held.ends_at)))
        .order_by(EventSession.starts_at, Signup.id)
    )
    return list(session().execute(wanted))


def who_is_elsewhere(position_id: str, person_ids: Collection[str]) -> list[str]:
    """Names of those of these people who have something else at the hour of this position."""
    held, kind = _session_of(position_id)
    found: dict[str, str] = {}
    ids = list(person_ids)
    for first in range(0, len(ids), _AT_ONCE):
        rows = session().execute(
            select(Person.id, Person.name)
            .join(Signup, Signup.person_id == Person.id)
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(
                Person.id.in_(ids[first : first + _AT_ONCE]),
                _elsewhere(kind, held.id, Period(held.starts_at, held.ends_at)),
            )
        )
        found |= {row.id: row.name for row in rows}
    return [found[one] for one in ids if one in found]


def _session_of(position_id: str) -> tuple[EventSession, str]:
    position = session().get_one(Position, position_id)
    return position.session, position.kind
