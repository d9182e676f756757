"""Figures of tasks: totals and the ledger rows no total includes yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, func, literal, select, union_all

from webapp.attendance.domain import Grade, Metric
from webapp.attendance.models import Attendance, HeadCount, LedgerEntry, LedgerTotal
from webapp.core.db import session
from webapp.events.models import EventSession

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
