"""Reads for what a message asks: shifts that overlap, and the signed link by which one answers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from webapp.core import clock, tokens
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import HOLDS_PLACE
from webapp.signups.domain.telling import ANSWER_PURPOSE, Ask
from webapp.signups.models import Signup


def answer_path(ask: Ask, subject_id: str, person_id: str) -> str:
    """Where this person answers this, without signing in: whoever has the message may."""
    return "/answer/" + tokens.sign(ANSWER_PURPOSE, [ask, subject_id, person_id])


def read_answer_token(token: str) -> tuple[Ask, str, str]:
    """What is asked, of what, and whom; raises NotFound for a link we did not write."""
    ask, subject_id, person_id = tokens.unsign(ANSWER_PURPOSE, token)
    return Ask(ask), str(subject_id), str(person_id)


def clashing_shifts(
    period: Period, person_ids: list[str], *, apart_from: str
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Shifts these persons hold in other sessions that overlap the period, with name and title."""
    if not person_ids:
        return []
    return (
        session()
        .execute(
            select(
                Signup.person_id,
                Person.name,
                Event.title,
                EventSession.starts_at,
                EventSession.ends_at,
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .join(Person, Person.id == Signup.person_id)
            .where(
                Signup.person_id.in_(person_ids),
                Signup.session_id != apart_from,
                Signup.status.in_(HOLDS_PLACE),
                Position.kind == PositionKind.VOLUNTEER,
                EventSession.starts_at < period.end,
                EventSession.ends_at > period.start,
            )
            .order_by(Person.name, Signup.person_id, EventSession.starts_at)
        )
        .all()
    )


def two_shifts_in(held: EventSession) -> Sequence[Row[*tuple[Any, ...]]]:
    """Volunteers of a coming session who hold another shift at that time, with that one."""
    if held.ends_at <= clock.now() or not held.is_held:
        return []
    wanted = (
        select(Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .where(
            Signup.session_id == held.id,
            Signup.status.in_(HOLDS_PLACE),
            Position.kind == PositionKind.VOLUNTEER,
        )
    )
    people = list(session().scalars(wanted))
    return clashing_shifts(Period(held.starts_at, held.ends_at), people, apart_from=held.id)


def clashes_of(signup_id: str) -> list[Signup]:
    """The holder's other shifts that overlap this one and are still to come; empty where this one is none."""
    own = session().get(Signup, signup_id)
    if own is None or own.status not in HOLDS_PLACE or own.position.kind != PositionKind.VOLUNTEER:
        return []
    held = own.position.session
    if held.ends_at <= clock.now():
        return []
    return shifts_at(own.person_id, Period(held.starts_at, held.ends_at), apart_from=own.session_id)


def shifts_at(person_id: str, period: Period, *, apart_from: str = "") -> list[Signup]:
    """Shifts the person holds that overlap the period and are still to come, in sessions other than `apart_from`."""
    wanted = (
        select(Signup)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Signup.person_id == person_id,
            Signup.session_id != apart_from,
            Signup.status.in_(HOLDS_PLACE),
            Position.kind == PositionKind.VOLUNTEER,
            EventSession.starts_at < period.end,
            EventSession.ends_at > period.start,
            EventSession.ends_at > clock.now(),
            EventSession.cancelled_at.is_(None),
            Event.status != EventStatus.CANCELLED,
        )
    )
    return list(session().scalars(wanted.order_by(EventSession.starts_at, Signup.id)))


def seen_of(others: list[Signup]) -> str:
    """The shifts on a page, as a form carries them: which, and at which of their times."""
    return ".".join(sorted(f"{one.id}-{one.position.session.sequence}" for one in others))
