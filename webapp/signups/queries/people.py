"""Everybody of an event, or of one of its sessions, for the one table: searched, narrowed and cut in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from webapp.core.db import session
from webapp.core.indexed import stands
from webapp.core.listing import Query
from webapp.core.matching import Sought
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Person, PersonWords
from webapp.signups.domain import LIVING, SHORT_CODE_LENGTH, SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import is_minor, lacks_consent, minor_columns, minor_from
from webapp.signups.queries.rosters import LINE_COLUMNS, RosterLine
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row
from webapp.signups.queries.waitlists import places_of
from webapp.volunteers.models import Team

_CODE_LEAST = 3  # signs of a short code; fewer find too many


@dataclass(frozen=True)
class PersonLine(RosterLine):
    """One sign-up of an event with its session, and how it ended where it did."""

    session_id: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    session_title: str = ""
    team: str = ""
    cancelled_at: datetime | None = None
    why_gone: str = ""


_OWN = frozenset(one.name for one in fields(PersonLine))

_COLUMNS: tuple[Any, ...] = (
    *LINE_COLUMNS,
    Signup.session_id,
    EventSession.title.label("session_title"),
    Signup.cancelled_at,
    Signup.cancel_reason,
    Signup.decline_reason,
    Team.name.label("team"),
)


def people_of(*, event_id: str = "", session_id: str = "", living: bool = True) -> Query:
    """Sign-ups of an event or of one session: those that stand, or those that ended. By session, position and time.

    Two statements more than the list's own for a page, however many there are.
    """
    main, leader = aliased(Signup), aliased(Person)
    of = EventSession.event_id == event_id if event_id else Signup.session_id == session_id
    wanted: Any = (
        select(
            *_COLUMNS,
            leader.name.label("led_by"),
            *STANDING_COLUMNS,
            *minor_columns(),
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .outerjoin(PersonWords, PersonWords.person_id == Signup.person_id)
        .outerjoin(Team, Team.id == Signup.team_id)
        .outerjoin(main, main.id == Signup.with_signup_id)
        .outerjoin(leader, leader.id == main.person_id)
        .where(of, Signup.status.in_(LIVING) if living else Signup.status.not_in(LIVING))
    )
    usual = (
        EventSession.starts_at,
        EventSession.id,
        Position.rank,
        Position.id,
        Signup.created_at,
        Signup.id,
    )
    return Query(wanted, Signup.id, usual, _lines)


def _lines(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[PersonLine]:
    places = places_of([row.signup_id for row in rows if row.status == SignupStatus.WAITLISTED])
    return [
        PersonLine(
            **{name: value for name, value in row._asdict().items() if name in _OWN - {"team"}},
            state=state_of_row(row),
            place=places.get(row.signup_id),
            minor=minor_from(row),
            along_with=row.led_by or "",
            team=row.team or "",
            why_gone=row.cancel_reason or row.decline_reason or "",
        )
        for row in rows
    ]


def called(word: str) -> ColumnElement[bool]:
    """Whose name, pinyin, first letters or end of the phone begins so, or whose short code holds it."""
    node, ways = Sought(word).node, list[ColumnElement[bool]]()
    if node is not None:
        ways.append(stands(PersonWords, node))
    if _CODE_LEAST <= len(word) <= SHORT_CODE_LENGTH and word.isascii():
        ways.append(func.lower(Signup.short_code).contains(word, autoescape=True))
    return or_(false(), *ways)


# What the company of a minor can be asked for, by the value in the address.
MINORS: dict[str, ColumnElement[bool]] = {
    "minor": is_minor(),
    "with": and_(is_minor(), Signup.company.is_not(None), Signup.company != ""),
    "alone": and_(is_minor(), Signup.company == ""),
    "unasked": and_(is_minor(), Signup.company.is_(None)),
    "no_consent": lacks_consent(),
}


def positions_of_event(event_id: str) -> list[tuple[str, str]]:
    """Kind and name of its positions, each once, in the order of its sessions."""
    rows = session().execute(
        select(Position.kind, Position.name)
        .join(EventSession, EventSession.id == Position.session_id)
        .where(EventSession.event_id == event_id)
        .group_by(Position.kind, Position.name)
        .order_by(Position.kind, func.min(Position.rank), Position.name)
    )
    return [(row.kind, row.name) for row in rows]


def count_people(event_id: str) -> dict[bool, int]:
    """How many sign-ups of the event stand (True), and how many ended (False)."""
    is_living = Signup.status.in_(LIVING)
    rows = session().execute(
        select(is_living.label("living"), func.count())
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(EventSession.event_id == event_id)
        .group_by(is_living)
    )
    return {bool(living): number for living, number in rows}


def has_pending(event_id: str) -> bool:
    """Whether somebody waits for an answer."""
    waits = (
        select(Signup.id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(EventSession.event_id == event_id, Signup.status == SignupStatus.PENDING)
    )
    return session().scalar(waits.limit(1)) is not None


def names_within(event_id: str, signup_ids: Collection[str]) -> dict[str, str]:
    """Sign-up → name, of those that belong to the event."""
    rows = session().execute(
        select(Signup.id, Person.name)
        .join(Person, Person.id == Signup.person_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(Signup.id.in_(list(signup_ids)), EventSession.event_id == event_id)
    )
    return {row.id: row.name for row in rows}
