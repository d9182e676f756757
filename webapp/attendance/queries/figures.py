"""Figures of tasks: totals and the ledger rows no total includes yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select, union_all

from webapp.attendance.domain import Grade, Metric
from webapp.attendance.domain.counting import Reach
from webapp.attendance.models import Attendance, HeadCount, LedgerEntry, LedgerTotal
from webapp.core.db import session
from webapp.events.models import EventSession
from webapp.plan.models import PlanTask

DIMENSIONS = ("district", "audience", "unit", "month")
_KEPT = (LedgerEntry.task_id, LedgerEntry.metric, LedgerEntry.grade, LedgerEntry.reach)


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


def _all_rows(
    key: Any, dimension: str | None, *which: Any, reach: Reach = Reach.TASK
) -> Select[*tuple[Any, ...]]:
    """Totals and the rows no total includes yet, as one statement and so of one moment.

    `key` is what a figure belongs to: a column of PlanTask, which `which` restricts; `reach` leaves out the rows that
    would count a fact a second time there.
    """

    def named(table: Any, month: Any) -> Any:
        return {
            None: literal("", String),
            "district": table.district_code,
            "audience": table.audience,
            "unit": table.organisation_id,
            "month": month,
            "reach": cast(table.reach, String),
        }[dimension].label("part")

    parts = [
        select(
            key.label("key"), table.metric, table.grade, named(table, month), table.quantity.label("quantity")
        )
        .join(PlanTask, PlanTask.id == table.task_id)
        .where(table.reach >= reach, *which, *more)
        for table, month, more in (
            (LedgerTotal, LedgerTotal.month, ()),
            (LedgerEntry, _month_of(LedgerEntry.occurred_on), (LedgerEntry.folded_at.is_(None),)),
        )
    ]
    rows = union_all(*parts).subquery()
    total = func.sum(rows.c.quantity)
    return (
        select(rows.c.key, rows.c.metric, rows.c.grade, rows.c.part, total.label("quantity"))
        .group_by(rows.c.key, rows.c.metric, rows.c.grade, rows.c.part)
        .having(total != 0)
        .order_by(rows.c.key, rows.c.part, rows.c.metric, rows.c.grade)
    )


def _by(name: str, statement: Select[*tuple[Any, ...]]) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {}
    for row in session().execute(statement):
        figure = Figure(Metric(row.metric), Grade(row.grade), int(row.quantity))
        found.setdefault(getattr(row, name), []).append(figure)
    return found


def progress(task_ids: Sequence[str]) -> dict[str, list[Figure]]:
    """Figures of each task by metric and grade; tasks without any are left out. Its cost does not grow with scans."""
    return _by("key", _all_rows(PlanTask.id, None, PlanTask.id.in_(task_ids))) if task_ids else {}


def task_breakdown(task_id: str, by: str) -> dict[str, list[Figure]]:
    """Figures of one task by 'district', 'audience', 'unit' or 'month': code or name of the part → figures."""
    return _by("part", _all_rows(PlanTask.id, by, PlanTask.id == task_id))


def section_progress(plan_id: str) -> dict[str, list[Figure]]:
    """Figures of each section: every session and attendance once, however many of its tasks it serves."""
    return _by("key", _all_rows(PlanTask.section_id, None, PlanTask.plan_id == plan_id, reach=Reach.SECTION))


def plan_progress(plan_id: str) -> list[Figure]:
    """Figures of a plan: every session and attendance once."""
    found = _all_rows(PlanTask.plan_id, None, PlanTask.plan_id == plan_id, reach=Reach.PLAN)
    return _by("key", found).get(plan_id, [])


def plan_breakdown(plan_id: str, by: str) -> dict[str, list[Figure]]:
    """Figures of a plan by 'district', 'audience', 'unit' or 'month': every session and attendance once."""
    return _by("part", _all_rows(PlanTask.plan_id, by, PlanTask.plan_id == plan_id, reach=Reach.PLAN))


def city_breakdown(by: str) -> dict[str, list[Figure]]:
    """Figures over all plans by one dimension: what serves two plans that hold at a time counts once."""
    return _by("part", _all_rows(literal("", String), by, reach=Reach.CITY))


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
    """Tasks whose page figure (totals and open rows) is not the sum of all ledger rows, by how far it counts too."""
    ledger = {
        (task, metric, grade, str(reach)): int(total)
        for task, metric, grade, reach, total in session().execute(
            select(*_KEPT, func.sum(LedgerEntry.quantity)).group_by(*_KEPT)
        )
        if total
    }
    shown = {
        (row.key, row.metric, row.grade, row.part): int(row.quantity)
        for row in session().execute(_all_rows(PlanTask.id, "reach"))
    }
    return [
        (*key[:3], ledger.get(key, 0), shown.get(key, 0))
        for key in sorted(ledger.keys() | shown.keys())
        if ledger.get(key, 0) != shown.get(key, 0)
    ]
