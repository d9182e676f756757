"""What the organiser's board shows while people come: by position, who is missing, who came last."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from webapp.attendance.domain import ANNUL_WINDOW, Grade, Method
from webapp.attendance.domain.counting import ADDING, AddingRule
from webapp.attendance.models import Attendance, HeadCount, Scan
from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import show_phone
from webapp.people.models import Person
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.turnout import need_of
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import NO_MINOR, MinorFacts, minor_columns, minor_from
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row

LATEST = 12  # arrivals shown
Named = Callable[[str], str]


@dataclass(frozen=True)
class BoardLine:
    """Someone with a place, as staff see them on the board."""

    signup_id: str
    display_name: str
    position_id: str
    position: str
    is_volunteer: bool
    phone: str  # E.164; empty where there is none
    in_at: datetime | None
    out_at: datetime | None
    grade: str | None
    entered_late: bool
    walked_in: bool
    minor: MinorFacts = NO_MINOR
    state: str = "confirmed"  # signups.domain.standing.State, now

    @property
    def shown_phone(self) -> str:
        """13812345678, once it was asked for."""
        return show_phone(self.phone)


@dataclass(frozen=True)
class PositionLine:
    """How one position stands. Named people alone: heads that were counted are shown beside, never added."""

    name: str
    is_volunteer: bool
    needed: int  # its minimum, else its places
    confirmed: int
    came: int
    gone: int

    @property
    def here(self) -> int:
        """In and not out."""
        return self.came - self.gone

    @property
    def missing(self) -> int:
        """Confirmed and not come."""
        return self.confirmed - self.came


@dataclass(frozen=True)
class Board:
    """A session as it stands now. Its `repr` changes when anything shown changes."""

    positions: Sequence[PositionLine]
    scanned: int  # who came, by grade
    ticked: int
    missing: Sequence[BoardLine]  # volunteers first
    latest: Sequence[BoardLine]  # the last to come first
    heads: Sequence[tuple[str, int]]  # by audience
    to_settle: int  # scans made without network that people should look at

    @property
    def rule(self) -> AddingRule:
        """By which `came` adds those scanned and those ticked."""
        return ADDING

    @property
    def confirmed(self) -> int:
        """Everyone with a place."""
        return sum(one.confirmed for one in self.positions)

    @property
    def came(self) -> int:
        """Who came, still here or gone."""
        return sum(one.came for one in self.positions)

    @property
    def here(self) -> int:
        """Who is inside now."""
        return sum(one.here for one in self.positions)


def board(session_id: str, named: Named = str) -> Board:
    """The board of a session in four statements; `named` says how its reader sees a name."""
    lines = _lines(session_id, named)
    confirmed = Counter(one.position_id for one in lines)
    came = Counter(one.position_id for one in lines if one.in_at)
    gone = Counter(one.position_id for one in lines if one.out_at)
    positions = [
        PositionLine(
            name=one.name,
            is_volunteer=one.kind == PositionKind.VOLUNTEER,
            needed=need_of(min_count=one.min_count, capacity=one.capacity),
            confirmed=confirmed[one.id],
            came=came[one.id],
            gone=gone[one.id],
        )
        for one in _positions(session_id)
    ]
    arrived = sorted(
        ((one.in_at, one.signup_id, one) for one in lines if one.in_at), key=lambda one: one[:2], reverse=True
    )
    missing = [one for one in lines if one.in_at is None]
    return Board(
        positions=positions,
        scanned=sum(one.grade == Grade.SCAN for one in lines),
        ticked=sum(one.grade == Grade.ROSTER for one in lines),
        missing=sorted(missing, key=lambda one: not one.is_volunteer),
        latest=[one for _at, _id, one in arrived[:LATEST]],
        heads=_heads(session_id),
        to_settle=count_open_flags(session_id),
    )


def inside(session_id: str) -> list[BoardLine]:
    """Who came and has not left, by position."""
    return [one for one in _lines(session_id) if one.in_at and not one.out_at]


@dataclass(frozen=True)
class Sweep:
    """Everyone was checked out at once: when, and how many of them are out because of it."""

    at: datetime
    count: int


def last_sweep(session_id: str) -> Sweep | None:
    """The last one that may still be taken back."""
    wanted = (
        select(Scan.received_at, func.count())
        .where(
            Scan.session_id == session_id,
            Scan.method == Method.SWEEP,
            Scan.annulled_at.is_(None),
            Scan.received_at >= clock.now() - ANNUL_WINDOW,
        )
        .group_by(Scan.received_at)
        .order_by(Scan.received_at.desc())
        .limit(1)
    )
    row = session().execute(wanted).one_or_none()
    return Sweep(row[0], row[1]) if row else None


def _positions(session_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    wanted = select(Position.id, Position.name, Position.kind, Position.min_count, Position.capacity)
    return (
        session()
        .execute(wanted.where(Position.session_id == session_id).order_by(Position.rank, Position.id))
        .all()
    )


def _lines(session_id: str, named: Named = str) -> list[BoardLine]:
    """Who has a place or came, by position and in the order they signed up."""
    return [
        BoardLine(
            signup_id=row.id,
            display_name=named(row.name),
            position_id=row.position_id,
            position=row.position,
            is_volunteer=row.kind == PositionKind.VOLUNTEER,
            phone=row.phone or "",
            in_at=row.in_at,
            out_at=row.out_at,
            grade=row.grade,
            entered_late=bool(row.entered_late),
            walked_in=row.source == "walk_in",
            state=state_of_row(row),
            minor=minor_from(row),
        )
        for row in session().execute(_on_the_board(session_id))
    ]


def _on_the_board(session_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Signup.id,
            Person.name,
            Position.id.label("position_id"),
            Position.name.label("position"),
            Position.kind,
            Person.phone,
            Attendance.in_at,
            Attendance.out_at,
            Attendance.grade,
            Attendance.entered_late,
            Signup.source,
            *STANDING_COLUMNS,
            *minor_columns(),
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(
            Signup.session_id == session_id,
            or_(Signup.status == SignupStatus.CONFIRMED, Attendance.id.is_not(None)),
        )
        .order_by(Position.rank, Position.id, Signup.created_at, Signup.id)
    )


def _heads(session_id: str) -> list[tuple[str, int]]:
    rows = session().execute(
        select(HeadCount.audience, func.sum(HeadCount.count))
        .where(HeadCount.session_id == session_id, HeadCount.annulled_at.is_(None))
        .group_by(HeadCount.audience)
        .order_by(HeadCount.audience)
    )
    return [(audience, int(count)) for audience, count in rows]


def count_open_flags(session_id: str) -> int:
    """Scans of a session that were flagged and not settled yet."""
    wanted = (
        select(func.count())
        .select_from(Scan)
        .where(
            Scan.session_id == session_id,
            Scan.flag.is_not(None),
            Scan.rehearsal.is_(False),
            Scan.settled_at.is_(None),
        )
    )
    return session().scalar(wanted) or 0
