"""Shifts whose holders no longer have what they ask for, as those see them who decide."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select

from webapp.core import clock
from webapp.core.db import session
from webapp.core.listing import Query
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.unmet import UnmetState
from webapp.signups.models import Signup, Unmet


def _open(organisation_ids: Sequence[str] | None, *columns: Any) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(*columns)
        .select_from(Unmet)
        .join(Signup, Signup.id == Unmet.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Unmet.state == UnmetState.OPEN,
            Signup.status == SignupStatus.CONFIRMED,
            EventSession.ends_at > clock.now(),
        )
    )
    return wanted if organisation_ids is None else wanted.where(Event.organisation_id.in_(organisation_ids))


def count_open_unmet(organisation_ids: Sequence[str] | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """By session of these organisations (None: of all): title, start, how many; by start."""
    wanted = _open(
        organisation_ids, Event.title, EventSession.starts_at, func.count(Unmet.id).label("number")
    )
    return (
        session()
        .execute(
            wanted.group_by(EventSession.id, Event.title, EventSession.starts_at).order_by(
                EventSession.starts_at
            )
        )
        .all()
    )


def open_unmet(organisation_ids: Sequence[str] | None) -> Query:
    """The shifts themselves with their holders, by start."""
    wanted = _open(
        organisation_ids,
        Unmet.id,
        Unmet.names,
        Unmet.lack,
        Unmet.found_at,
        Signup.id.label("signup_id"),
        Person.id.label("person_id"),
        Person.name.label("person"),
        Position.name.label("position"),
        Event.id.label("event_id"),
        Event.title,
        EventSession.starts_at,
        EventSession.ends_at,
    ).join(Person, Person.id == Signup.person_id)
    return Query(wanted, Unmet.id, (EventSession.starts_at, Event.id, Person.name, Unmet.id))


def holders(unmet_ids: Sequence[str]) -> dict[str, str]:
    """Names of the holders of these shifts."""
    rows = session().execute(
        select(Unmet.id, Person.name)
        .join(Signup, Signup.id == Unmet.signup_id)
        .join(Person, Person.id == Signup.person_id)
        .where(Unmet.id.in_(unmet_ids))
    )
    return {row.id: row.name for row in rows}
