"""Reads: who comes along with whom."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, contains_eager

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import SetTimes, window_open
from webapp.signups.domain.giving import COMPANIONS_MAX
from webapp.signups.models import Signup

Line = TypeVar("Line", bound=Any)  # a line of a list, with `along_with`


def companions_of(signup: Signup) -> list[Signup]:
    """The sign-ups that came along with this one, also those that ended, with person, position and session."""
    return list(
        session().scalars(
            select(Signup)
            .join(Signup.position)
            .join(Position.session)
            .join(EventSession.event)
            .join(Signup.person)
            .options(
                contains_eager(Signup.position)
                .contains_eager(Position.session)
                .contains_eager(EventSession.event),
                contains_eager(Signup.person),
            )
            .where(Signup.with_signup_id == signup.id)
            .order_by(Signup.created_at, Signup.id)
        )
    )


def living_companions_of(signup: Signup) -> list[Signup]:
    """Those of them that still stand."""
    return [one for one in companions_of(signup) if one.is_living]


def may_bring(signup: Signup) -> bool:
    """Whether more people can come along with it; its position, session and event are loaded."""
    position = signup.position
    held = position.session
    return (
        signup.is_living
        and signup.with_signup_id is None
        and position.kind == PositionKind.AUDIENCE
        and window_open(
            event_status=held.event.status,
            session_cancelled=held.cancelled_at is not None,
            period=Period(held.starts_at, held.ends_at),
            is_volunteer=False,
            now=clock.now(),
            times=SetTimes(position.opens_at, position.closes_at),
        )
        and len(living_companions_of(signup)) < COMPANIONS_MAX
    )


def party_ids(signup_id: str) -> list[str]:
    """Ids of a sign-up and of those that came along with it."""
    wanted = select(Signup.id).where(or_(Signup.id == signup_id, Signup.with_signup_id == signup_id))
    return list(session().scalars(wanted.order_by(Signup.id)))


def together(lines: Sequence[Line], session_id: str, key: Callable[[Line], str]) -> list[Line]:
    """The lines of a session's list, in their order, but who came along stands below whom they came with.

    `key` gives the sign-up of a line. Each line of somebody who came along says with whom. One statement.
    """
    main = aliased(Signup)
    rows = session().execute(
        select(Signup.id, main.id.label("main"), Person.name)
        .join(main, main.id == Signup.with_signup_id)
        .join(Person, Person.id == main.person_id)
        .where(Signup.session_id == session_id)
    )
    led = {row.id: row for row in rows}
    known = {key(one) for one in lines}
    below: dict[str, list[Line]] = {}
    first: list[Line] = []
    for one in lines:
        row = led.get(key(one))
        if row is None or row.main not in known:
            first.append(one)
        else:
            below.setdefault(row.main, []).append(replace(one, along_with=row.name))
    return [each for one in first for each in (one, *below.get(key(one), ()))]
