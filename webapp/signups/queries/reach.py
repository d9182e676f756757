"""Whom somebody may find by name in all there is, and what they see of each: the search at the top of the staff's side.

The office finds everybody. Who organises or checks in finds whoever signed up for events of their organisation, who
signs others up finds whom their centre signed up. Who only inspects or reports reads masks, and finds nobody: finding
by a real name would tell it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, and_, func, literal, or_, select, union
from sqlalchemy.orm import contains_eager

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.core.indexed import hold, newest
from webapp.core.matching import Sought
from webapp.core.words import Node
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.people.models import Person, PersonWords
from webapp.signups.models import Signup
from webapp.signups.queries.centres import centres_of

# Sessions whose people are meant first, and in which a short code is looked for.
BEHIND, AHEAD = timedelta(days=14), timedelta(days=30)
OFFICE_FINDS, NEAR, NEWEST, CODES, SHOWN = 200, 500, 500, 5, 50


@dataclass(frozen=True)
class Reach:
    """By what somebody may see a person; with neither they see nobody."""

    organisations: Sequence[str] | None  # whose sign-ups; None: everybody's
    centres: Sequence[str] = ()  # whose staff they belong to

    @property
    def is_nobody(self) -> bool:
        """Whether they see no person by name."""
        return self.organisations is not None and not self.organisations and not self.centres

    def has(self, organisation_id: str) -> bool:
        """Whether the people of this organisation's events are theirs to see."""
        return self.organisations is None or organisation_id in self.organisations


def reach_of(person_id: str) -> Reach:
    """Of whoever is signed in. Two statements; one for the office."""
    organisations = organisations_seen(person_id, Permission.MANAGE_EVENTS, Permission.SCAN)
    return Reach(organisations, () if organisations is None else [one.id for one in centres_of(person_id)])


@dataclass(frozen=True)
class Found:
    """A person found."""

    id: str
    name: str
    phone: str | None
    by_event: bool  # by sign-ups of an organisation's events; else their centre signed them up
    centre: str = ""


def find_people(sought: Sought, reach: Reach) -> list[Found]:
    """Those meant whom they may see: of sessions about now first, then the newest. Two statements at most."""
    node = sought.node
    if node is None or reach.is_nobody:
        return []
    if reach.organisations is None:
        last = _newest(node, OFFICE_FINDS)
        rows = session().execute(_people().join(last, last.c.person_id == Person.id))
        return [Found(row.id, row.name, row.phone, by_event=True) for row in rows]
    found: dict[str, Found] = {}
    for row in [*_near(node, reach), *_newest_seen(node, reach)]:
        known = found.get(row.id)
        found[row.id] = Found(
            row.id,
            row.name,
            row.phone,
            bool(row.by_event) or (known is not None and known.by_event),
            row.centre or (known.centre if known else ""),
        )
    return list(found.values())


def _people(*more: Any) -> Any:
    return (
        select(Person.id, Person.name, Person.phone, *more)
        .where(Person.closed_at.is_(None))
        .order_by(Person.id.desc())
    )


def _newest(node: Node, limit: int) -> CTE:
    """Of all who are meant those made last: their words are numbered as they were made."""
    numbers = newest(PersonWords, node, limit)
    return (
        select(PersonWords.person_id)
        .join(numbers, numbers.c.number == PersonWords.number)
        .cte("newest_people")
    )


def _near(node: Node, reach: Reach) -> Sequence[Row[*tuple[Any, ...]]]:
    """Of their sessions about now, and all whom their centre signed up: some people, each asked by their own words."""
    at, halves = clock.now(), list[Any]()
    if reach.organisations:
        halves.append(
            select(Signup.person_id, literal(1).label("by_event"), literal("").label("centre"))
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(
                Event.organisation_id.in_(reach.organisations),
                EventSession.starts_at.between(at - BEHIND, at + AHEAD),
            )
        )
    if reach.centres:
        halves.append(
            select(Signup.person_id, literal(0).label("by_event"), Signup.centre_id.label("centre")).where(
                Signup.centre_id.in_(reach.centres)
            )
        )
    both = union(*halves).subquery()
    near = (
        select(both, PersonWords.words)
        .join(PersonWords, PersonWords.person_id == both.c.person_id)
        .cte("near")
    )
    near = near.prefix_with("MATERIALIZED", dialect="postgresql")
    wanted = _people(near.c.by_event, near.c.centre).join(near, near.c.person_id == Person.id)
    return session().execute(wanted.where(hold(near.c.words, node)).limit(NEAR)).all()


def _newest_seen(node: Node, reach: Reach) -> Sequence[Row[*tuple[Any, ...]]]:
    """Among the newest of all those who signed up for anything of theirs, whenever that was."""
    last = _newest(node, NEWEST)
    by_event = (  # not EXISTS: PostgreSQL would gather everybody of these organisations for it
        select(literal(1))
        .where(
            Signup.person_id == Person.id,
            EventSession.id == Signup.session_id,
            Event.id == EventSession.event_id,
            Event.organisation_id.in_(reach.organisations or ()),
        )
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    centre = (
        select(func.max(Signup.centre_id))
        .where(Signup.person_id == Person.id, Signup.centre_id.in_(reach.centres))
        .correlate(Person)
        .scalar_subquery()
    )
    wanted = _people(by_event.label("by_event"), centre.label("centre"))
    return (
        session()
        .execute(
            wanted.join(last, last.c.person_id == Person.id).where(
                or_(by_event.is_not(None), centre.is_not(None))
            )
        )
        .all()
    )


# --- one person -----------------------------------------------------------------------------------------------------


def signups_seen(person_id: str, reach: Reach) -> tuple[Person, list[Signup]]:
    """The person with those of their sign-ups that may be seen, the newest first, 50 at most; raises NotFound."""
    person = session().get(Person, person_id)
    if person is None or person.closed_at is not None or reach.is_nobody:
        raise NotFound
    seen: list[ColumnElement[bool]] = [Signup.person_id == person_id]
    if reach.organisations is not None:
        own = Event.organisation_id.in_(reach.organisations)
        seen.append(or_(own, Signup.centre_id.in_(reach.centres)))
    rows = session().scalars(
        select(Signup)
        .join(Signup.position)
        .join(Position.session)
        .join(EventSession.event)
        .where(and_(*seen))
        .options(
            contains_eager(Signup.position)
            .contains_eager(Position.session)
            .contains_eager(EventSession.event)
        )
        .order_by(EventSession.starts_at.desc(), Signup.id.desc())
        .limit(SHOWN)
    )
    made = list(rows)
    if not made and reach.organisations is not None:
        raise NotFound
    return person, made


# --- a short code -----------------------------------------------------------------------------------------------------


def sessions_of_code(code: str, organisations: Sequence[str] | None) -> Sequence[tuple[EventSession, str]]:
    """Sessions about now of these organisations (None: of all) in which somebody has this code, with their name."""
    at = clock.now()
    wanted = (
        select(EventSession, Person.name)
        .join(EventSession.event)
        .join(Signup, Signup.session_id == EventSession.id)
        .join(Person, Person.id == Signup.person_id)
        .where(EventSession.starts_at.between(at - BEHIND, at + AHEAD), Signup.short_code == code)
        .options(contains_eager(EventSession.event))
        .order_by(EventSession.starts_at)
        .limit(CODES)
    )
    if organisations is not None:
        wanted = wanted.where(Event.organisation_id.in_(organisations))
    return [(row[0], row[1]) for row in session().execute(wanted)]
