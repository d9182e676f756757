"""Folding ledger rows into totals, so that a page costs the same after a million check-ins (decision 0004)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from webapp.attendance.models import LedgerEntry, LedgerTotal
from webapp.core import clock
from webapp.core.db import on_conflict_do_nothing, session

FOLD_AT_ONCE = 20_000


def fold() -> int:
    """Add open rows to the totals and mark them, all in the caller's transaction; returns how many.

    Rows written meanwhile by others stay open: only rows seen by the UPDATE are marked and added.
    """
    ids = (
        select(LedgerEntry.id)
        .where(LedgerEntry.folded_at.is_(None))
        .order_by(LedgerEntry.id)
        .limit(FOLD_AT_ONCE)
    )
    marked = session().execute(
        update(LedgerEntry)
        .where(LedgerEntry.id.in_(ids), LedgerEntry.folded_at.is_(None))
        .values(folded_at=clock.now())
        .returning(
            LedgerEntry.task_id,
            LedgerEntry.reach,
            LedgerEntry.metric,
            LedgerEntry.grade,
            LedgerEntry.occurred_on,
            LedgerEntry.district_code,
            LedgerEntry.organisation_id,
            LedgerEntry.audience,
            LedgerEntry.quantity,
        )
        .execution_options(synchronize_session=False)
    )
    sums: Counter[tuple[Any, ...]] = Counter()
    count = 0
    for row in marked:
        count += 1
        key = (*row[:4], f"{row.occurred_on:%Y-%m}", *row[5:8])
        sums[key] += row.quantity
    _add_to_totals(sums.items())
    return count


def _add_to_totals(sums: Iterable[tuple[tuple[Any, ...], int]]) -> None:
    names = ("task_id", "reach", "metric", "grade", "month", "district_code", "organisation_id", "audience")
    columns = [getattr(LedgerTotal, name) for name in names]
    rows = [dict(zip(names, key, strict=True)) for key, _ in sums]
    if not rows:
        return
    session().execute(on_conflict_do_nothing(LedgerTotal), [row | {"quantity": 0} for row in rows])
    for key, quantity in sorted(sums):  # one order everywhere, so two folds cannot wait for each other
        session().execute(
            update(LedgerTotal)
            .where(*(column == part for column, part in zip(columns, key, strict=True)))
            .values(quantity=LedgerTotal.quantity + quantity)
            .execution_options(synchronize_session=False)
        )
