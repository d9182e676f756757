"""Who is at a session, who was, and what a scanner is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, case, func, or_, select

from webapp.attendance.domain import NO_GUARDIAN, Answer, Grade, sentence_of
from webapp.attendance.domain.counting import ADDING, AddingRule
from webapp.attendance.models import Attendance, HeadCount
from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import PositionKind, periods
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import PHONE_TAIL
from webapp.people.models import Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.companions import together
from webapp.signups.queries.gone import CANCELLED_WITH_SESSION
from webapp.signups.queries.guardians import NO_MINOR, MinorFacts, minor_columns, minor_from
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row


@dataclass(frozen=True)
class SessionCounts:
    """How a session stands: people confirmed, come, in and not out, waiting for a place, and heads counted.

    `scanned` and `ticked` are the parts of `came`, which `rule` adds.
    """

    expected: int
    came: int
    inside: int
    waiting: int
    heads: int
    scanned: int = 0
    ticked: int = 0

    @property
    def rule(self) -> AddingRule:
        """By which `came` is added."""
        return ADDING


def session_counts(session_id: str) -> SessionCounts:
    """Counts of one session in two statements."""
    promised = (
        session()
        .execute(
            select(
                func.count(
                    case(((Signup.status == SignupStatus.CONFIRMED) & Signup.counts_with_id.is_(None), 1))
                ),
                func.count(case((Signup.status == SignupStatus.WAITLISTED, 1))),
                func.count(case((Attendance.grade == Grade.SCAN, 1))),
                func.count(case((Attendance.grade == Grade.ROSTER, 1))),
                func.count(case((Attendance.id.is_not(None) & Attendance.out_at.is_(None), 1))),
            )
            .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
            .where(Signup.session_id == session_id)
        )
        .one()
    )
    heads = session().scalar(
        select(func.coalesce(func.sum(HeadCount.count), 0)).where(
            HeadCount.session_id == session_id, HeadCount.annulled_at.is_(None)
        )
    )
    expected, waiting, scanned, ticked, inside = promised
    came = ADDING.total({Grade.SCAN: scanned, Grade.ROSTER: ticked})
    return SessionCounts(expected, came, inside, waiting, int(heads or 0), scanned, ticked)


@dataclass(frozen=True)
class RosterRow:
    """One sign-up as a scanner may see it."""

    signup: str
    display_name: str
    phone_tail: str  # the last four digits: what people say when several are called alike
    position: str
    kind: str
    status: str
    state: str  # signups.domain.standing.State, now
    short_code: str
    in_at: datetime | None
    out_at: datetime | None
    grade: str | None
    attendance_id: str | None
    entered_late: bool = False  # from the signed sheet, after the session
    minor: MinorFacts = NO_MINOR
    along_with: str = ""  # whom they came along with; they stand below

    def as_json(self) -> dict[str, Any]:
        """The row as scanners and programs read it."""
        return {
            "signup": self.signup,
            "display_name": self.display_name,
            "phone_tail": self.phone_tail,
            "position": self.position,
            "kind": self.kind,
            "status": self.status,
            "state": self.state,
            "in_at": clock.local(self.in_at).isoformat(timespec="seconds") if self.in_at else None,
            "out_at": clock.local(self.out_at).isoformat(timespec="seconds") if self.out_at else None,
            "short_code": self.short_code,
            "grade": self.grade,
            "entered_late": self.entered_late,
            "minor": self.minor.mark,
            "lacks": NO_GUARDIAN if self.minor.lacks_consent else None,
            "company": self.minor.company,
            "along_with": self.along_with or None,
        }


def roster(session_id: str) -> list[RosterRow]:
    """Living sign-ups of a session, and whoever came, in and out, for those whose work is to let them in.

    By position, then by the order they came in. Someone who had cancelled and was let in stays on the list, and so does
    everyone a session was cancelled for.
    """
    rows = session().execute(_on_the_list(session_id))
    listed = [
        RosterRow(
            signup=row.id,
            display_name=row.name,
            phone_tail=(row.phone or "")[-PHONE_TAIL:],
            position=row.position,
            kind=row.kind,
            status=row.status,
            state=state_of_row(row),
            short_code=row.short_code,
            in_at=row.in_at,
            out_at=row.out_at,
            grade=row.grade,
            attendance_id=row.attendance_id,
            entered_late=bool(row.entered_late),
            minor=minor_from(row),
        )
        for row in rows
    ]
    return together(listed, session_id, lambda row: row.signup)


def _on_the_list(session_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Signup.id,
            *STANDING_COLUMNS,
            Signup.short_code,
            Person.name,
            Person.phone,
            Position.name.label("position"),
            Position.kind,
            Attendance.in_at,
            Attendance.out_at,
            Attendance.grade,
            Attendance.id.label("attendance_id"),
            Attendance.entered_late,
            *minor_columns(),
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Signup.session_id == session_id,
            or_(Signup.status.in_(LIVING), Attendance.id.is_not(None), CANCELLED_WITH_SESSION),
        )
        .order_by(Position.rank, Position.id, Signup.created_at, Signup.id)
    )


def headcounts(session_id: str) -> list[HeadCount]:
    """Head-counts of a session, annulled ones too, in the order made."""
    return list(
        session()
        .scalars(
            select(HeadCount)
            .where(HeadCount.session_id == session_id)
            .order_by(HeadCount.created_at, HeadCount.id)
        )
        .all()
    )


def days_come(held: EventSession) -> list[date]:
    """The days of a session that have come, the first one in any case."""
    first, last = periods.days_of(held.starts_at, held.ends_at)
    last = min(last, clock.today())
    return [first + timedelta(days=n) for n in range(max(0, (last - first).days) + 1)]


def attendance_of(signup_ids: Sequence[str]) -> dict[str, Attendance]:
    """Standing attendance by sign-up."""
    rows = session().scalars(
        select(Attendance).where(Attendance.signup_id.in_(signup_ids), Attendance.annulled_at.is_(None))
    )
    return {row.signup_id: row for row in rows}


def spoken(answer: Answer, *, whole_names: bool = False) -> dict[str, Any]:
    """The body of an answer with its sentence in the reader's language.

    `whole_names` for those whose work is to let these people in; a screen a crowd can read keeps the mask.
    """
    body = answer.body
    if whole_names and answer.name and "person" in body:
        body = body | {"person": {"display_name": answer.name}}
    if "detail" not in body:
        return body
    return body | {"detail": str(_(sentence_of(body)))}


@dataclass(frozen=True)
class ShiftServed:
    """One attendance of a volunteer."""

    session_id: str
    event_id: str
    title: str
    position: str
    in_at: datetime
    out_at: datetime | None

    @property
    def minutes(self) -> int | None:
        """Whole minutes between in and out, None while the out is missing."""
        return int((self.out_at - self.in_at).total_seconds()) // 60 if self.out_at else None


def shifts_served(person_id: str) -> list[ShiftServed]:
    """Standing attendances of a volunteer's shifts, the latest first."""
    rows = session().execute(
        select(
            EventSession.id,
            EventSession.event_id,
            Event.title,
            Position.name,
            Attendance.in_at,
            Attendance.out_at,
        )
        .join(Signup, Signup.id == Attendance.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Attendance.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Signup.person_id == person_id,
            Position.kind == PositionKind.VOLUNTEER,
            Attendance.annulled_at.is_(None),
        )
        .order_by(Attendance.in_at.desc(), Attendance.id)
    )
    return [ShiftServed(*row) for row in rows]
