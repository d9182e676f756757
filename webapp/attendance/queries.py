"""Reads of attendance: figures of tasks, who is at a session, recount of the ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, case, func, literal, select, union_all

from webapp.attendance.domain import Grade, Metric
from webapp.attendance.models import Attendance, HeadCount, LedgerEntry, LedgerTotal, Scan
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.models import Signup

DIMENSIONS = ("district", "audience", "unit", "month")


@dataclass(frozen=True)
class Figure:
    """One number with what it counts and how it is known."""

    metric: Metric
    grade: Grade
    quantity: int


def _month_of(column: Any) -> Any:
    if session().get_bind().dialect.name == "postgresql":
        return func.to_char(column, "YYYY-MM")
    return func.strftime("%Y-%m", column)


def _all_rows(task_ids: Sequence[str], dimension: str | None) -> Select[*tuple[Any, ...]]:
    """Totals and the rows no total includes yet, as one statement and so of one moment."""

    def named(table: Any, month: Any) -> Any:
        return {
            None: literal("", String),
            "district": table.district_code,
            "audience": table.audience,
            "unit": table.organisation_id,
            "month": month,
        }[dimension].label("part")

    parts = [
        select(
            table.task_id, table.metric, table.grade, named(table, month), table.quantity.label("quantity")
        ).where(table.task_id.in_(task_ids), *more)
        for table, month, more in (
            (LedgerTotal, LedgerTotal.month, ()),
            (LedgerEntry, _month_of(LedgerEntry.occurred_on), (LedgerEntry.folded_at.is_(None),)),
        )
    ]
    rows = union_all(*parts).subquery()
    total = func.sum(rows.c.quantity)
    return (
        select(rows.c.task_id, rows.c.metric, rows.c.grade, rows.c.part, total.label("quantity"))
        .group_by(rows.c.task_id, rows.c.metric, rows.c.grade, rows.c.part)
        .having(total != 0)
        .order_by(rows.c.task_id, rows.c.part, rows.c.metric, rows.c.grade)
    )


def progress(task_ids: Sequence[str]) -> dict[str, list[Figure]]:
    """Figures of each task by metric and grade; tasks without any are left out. Its cost does not grow with scans."""
    found: dict[str, list[Figure]] = {}
    if not task_ids:
        return found
    for row in session().execute(_all_rows(task_ids, None)):
        found.setdefault(row.task_id, []).append(
            Figure(Metric(row.metric), Grade(row.grade), int(row.quantity))
        )
    return found


def task_breakdown(task_id: str, by: str) -> dict[str, list[Figure]]:
    """Figures of one task by 'district', 'audience', 'unit' or 'month': code or name of the part → figures."""
    found: dict[str, list[Figure]] = {}
    for row in session().execute(_all_rows([task_id], by)):
        found.setdefault(row.part, []).append(Figure(Metric(row.metric), Grade(row.grade), int(row.quantity)))
    return found


def ledger_as_of(task_id: str) -> datetime | None:
    """When the ledger of a task last changed."""
    return session().scalar(select(func.max(LedgerEntry.created_at)).where(LedgerEntry.task_id == task_id))


@dataclass(frozen=True)
class SessionCounts:
    """How a session stands: people confirmed, here now, gone, waiting for a place, and heads counted."""

    expected: int
    came: int
    inside: int
    waiting: int
    heads: int


def session_counts(session_id: str) -> SessionCounts:
    """Counts of one session in two statements."""
    promised = (
        session()
        .execute(
            select(
                func.count(case((Signup.status == SignupStatus.CONFIRMED, 1))),
                func.count(case((Signup.status == SignupStatus.WAITLISTED, 1))),
                func.count(Attendance.id),
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
    return SessionCounts(promised[0], promised[2], promised[3], promised[1], int(heads or 0))


@dataclass(frozen=True)
class RosterRow:
    """One living sign-up as a scanner may see it."""

    signup: str
    display_name: str
    position: str
    kind: str
    status: str
    short_code: str
    in_at: datetime | None
    out_at: datetime | None
    grade: str | None
    attendance_id: str | None


def roster(session_id: str) -> list[RosterRow]:
    """Living sign-ups of a session with masked names, in and out; by position, then by the order they came in."""
    rows = session().execute(
        select(
            Signup.id,
            Signup.status,
            Signup.short_code,
            Person.name,
            Position.name.label("position"),
            Position.kind,
            Attendance.in_at,
            Attendance.out_at,
            Attendance.grade,
            Attendance.id.label("attendance_id"),
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(Signup.session_id == session_id, Signup.status.in_(LIVING))
        .order_by(Position.rank, Position.id, Signup.created_at, Signup.id)
    )
    return [
        RosterRow(
            signup=row.id,
            display_name=mask_name(row.name),
            position=row.position,
            kind=row.kind,
            status=row.status,
            short_code=row.short_code,
            in_at=row.in_at,
            out_at=row.out_at,
            grade=row.grade,
            attendance_id=row.attendance_id,
        )
        for row in rows
    ]


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


def attendance_of(signup_ids: Sequence[str]) -> dict[str, Attendance]:
    """Standing attendance by sign-up."""
    rows = session().scalars(
        select(Attendance).where(Attendance.signup_id.in_(signup_ids), Attendance.annulled_at.is_(None))
    )
    return {row.signup_id: row for row in rows}


def scans_of(session_id: str, *, limit: int = 200) -> list[Scan]:
    """The latest attempts at a session."""
    return list(
        session()
        .scalars(
            select(Scan)
            .where(Scan.session_id == session_id)
            .order_by(Scan.received_at.desc(), Scan.id.desc())
            .limit(limit)
        )
        .all()
    )


def counted_sessions() -> Iterator[str]:
    """Every session that has attendance, head-counts or ledger rows."""
    some = union_all(
        select(Attendance.session_id), select(HeadCount.session_id), select(LedgerEntry.session_id)
    ).subquery()
    yield from (
        session().scalars(select(EventSession.id).where(EventSession.id.in_(select(some.c.session_id)))).all()
    )


def totals_differ() -> list[tuple[str, str, str, int, int]]:
    """Tasks whose page figure (totals and open rows) is not the sum of all ledger rows."""
    ledger = {
        (task, metric, grade): int(total)
        for task, metric, grade, total in session().execute(
            select(
                LedgerEntry.task_id, LedgerEntry.metric, LedgerEntry.grade, func.sum(LedgerEntry.quantity)
            ).group_by(LedgerEntry.task_id, LedgerEntry.metric, LedgerEntry.grade)
        )
        if total
    }
    shown = {
        (task, str(figure.metric), str(figure.grade)): figure.quantity
        for task, figures in progress(list({key[0] for key in ledger})).items()
        for figure in figures
    }
    return [
        (*key, ledger.get(key, 0), shown.get(key, 0))
        for key in sorted(ledger.keys() | shown.keys())
        if ledger.get(key, 0) != shown.get(key, 0)
    ]


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
