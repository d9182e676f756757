"""How the sessions of a day stand while people come, each in one line."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, func, select

from webapp.attendance.domain import Grade
from webapp.attendance.domain.counting import ADDING
from webapp.attendance.models import Attendance, HeadCount
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Position
from webapp.people.models import Person
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup

_AT_ONCE = 500


@dataclass(frozen=True)
class Arrivals:
    """How a session that is on stands, in one line."""

    expected: int = 0
    missing: int = 0  # confirmed and not come
    scanned: int = 0  # who came, by grade
    ticked: int = 0
    heads: int = 0
    last_name: str = ""
    last_at: datetime | None = None

    @property
    def came(self) -> int:
        """Named people who came, by the rule that adds them."""
        return ADDING.total({Grade.SCAN: self.scanned, Grade.ROSTER: self.ticked})


def arrivals(session_ids: Collection[str]) -> dict[str, Arrivals]:
    """Arrivals of several sessions, each in one line. Three statements, however many sessions."""
    heads = _heads_of(session_ids)
    last = _last_of(session_ids)
    promised = session().execute(
        select(
            Signup.session_id,
            func.count(case((Signup.status == SignupStatus.CONFIRMED, 1))),
            func.count(case(((Signup.status == SignupStatus.CONFIRMED) & Attendance.id.is_(None), 1))),
            func.count(case((Attendance.grade == Grade.SCAN, 1))),
            func.count(case((Attendance.grade == Grade.ROSTER, 1))),
        )
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(Signup.session_id.in_(session_ids))
        .group_by(Signup.session_id)
    )
    counted = {row[0]: tuple(row[1:]) for row in promised}
    found = {}
    for one in session_ids:
        expected, missing, scanned, ticked = counted.get(one, (0, 0, 0, 0))
        name, at = last.get(one, ("", None))
        found[one] = Arrivals(expected, missing, scanned, ticked, heads.get(one, 0), name, at)
    return found


@dataclass(frozen=True)
class Absent:
    """Somebody who has a place at a session and has not come."""

    name: str
    position: str


def absent(session_ids: Collection[str], *, each: int) -> dict[str, list[Absent]]:
    """Who has not come, volunteers first, by name; so many of each session at most. One statement."""
    is_volunteer = case((Position.kind == PositionKind.VOLUNTEER, 0), else_=1)
    place = func.row_number().over(
        partition_by=Signup.session_id, order_by=(is_volunteer, Position.rank, Person.name_key, Signup.id)
    )
    ranked = (
        select(Signup.session_id, Person.name, Position.name.label("position"), place.label("place"))
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(
            Signup.session_id.in_(session_ids),
            Signup.status == SignupStatus.CONFIRMED,
            Attendance.id.is_(None),
        )
        .subquery()
    )
    found: dict[str, list[Absent]] = {one: [] for one in session_ids}
    rows = session().execute(
        select(ranked).where(ranked.c.place <= each).order_by(ranked.c.session_id, ranked.c.place)
    )
    for session_id, name, position, _place in rows:
        found[session_id].append(Absent(name, position))
    return found


def _heads_of(session_ids: Collection[str]) -> dict[str, int]:
    rows = session().execute(
        select(HeadCount.session_id, func.sum(HeadCount.count))
        .where(HeadCount.session_id.in_(session_ids), HeadCount.annulled_at.is_(None))
        .group_by(HeadCount.session_id)
    )
    return {one: int(count) for one, count in rows}


def _last_of(session_ids: Collection[str]) -> dict[str, tuple[str, datetime]]:
    """The last who came to each session."""
    place = func.row_number().over(
        partition_by=Attendance.session_id, order_by=(Attendance.in_at.desc(), Attendance.id.desc())
    )
    ranked = (
        select(Attendance.session_id, Attendance.signup_id, Attendance.in_at, place.label("place"))
        .where(Attendance.session_id.in_(session_ids), Attendance.annulled_at.is_(None))
        .subquery()
    )
    rows = session().execute(
        select(ranked.c.session_id, Person.name, ranked.c.in_at)
        .join(Signup, Signup.id == ranked.c.signup_id)
        .join(Person, Person.id == Signup.person_id)
        .where(ranked.c.place == 1)
    )
    return {one: (name, at) for one, name, at in rows}


@dataclass(frozen=True)
class AtDoor:
    """When somebody came and left."""

    in_at: datetime
    out_at: datetime | None
    grade: str


def at_door(signup_ids: Sequence[str]) -> dict[str, AtDoor]:
    """Those of these sign-ups who came; one statement for 500."""
    found: dict[str, AtDoor] = {}
    for first in range(0, len(signup_ids), _AT_ONCE):
        rows = session().execute(
            select(Attendance.signup_id, Attendance.in_at, Attendance.out_at, Attendance.grade).where(
                Attendance.signup_id.in_(signup_ids[first : first + _AT_ONCE]),
                Attendance.annulled_at.is_(None),
            )
        )
        found |= {row.signup_id: AtDoor(row.in_at, row.out_at, row.grade) for row in rows}
    return found


def came() -> ColumnElement[bool]:
    """Of a sign-up: its person came."""
    return exists().where(Attendance.signup_id == Signup.id, Attendance.annulled_at.is_(None))
