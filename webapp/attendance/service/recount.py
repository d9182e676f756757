"""Recounting: what the ledger of a session should say, what it says, and the rows that make up the difference."""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from webapp.attendance.domain import RULE_VERSION
from webapp.attendance.models import LedgerEntry
from webapp.attendance.service.ledger import facts_of, place_of, row_of
from webapp.core import clock, options
from webapp.core.db import lock_row, new_id, session
from webapp.core.errors import N_
from webapp.events.domain.periods import days_of
from webapp.events.models import EventSession, EventTask
from webapp.plan.models import PlanTask

counted_by_day = options.hidden("ledger_by_day", False, label=N_("台账按天统计"))
_DIMENSIONS = (
    "task_id",
    "source_id",
    "metric",
    "grade",
    "reach",
    "occurred_on",
    "district_code",
    "organisation_id",
    "audience",
)


def _key(row: Any) -> tuple[Any, ...]:
    """What must be equal for a ledger row to say the same as an expected one."""
    return tuple(row[name] for name in _DIMENSIONS)


def _wanted(session_id: str) -> Counter[tuple[Any, ...]]:
    """What the ledger of a session should say, by dimension."""
    place = place_of(session_id)
    wanted: Counter[tuple[Any, ...]] = Counter()
    if place is not None:
        for fact in facts_of(session_id, place.audience):
            for counted in place.counted(fact):
                wanted[_key(row_of(place, counted, fact, step=0))] += fact.quantity
    return wanted


def reconcile_session(session_id: str) -> int:
    """Write rows until the ledger of a session says what its facts say; returns how many were written.

    Takes the session's row, so check-ins wait.
    """
    lock_row(EventSession, session_id)
    wanted = _wanted(session_id)
    standing: Counter[tuple[Any, ...]] = Counter()
    steps: Counter[tuple[Any, ...]] = Counter()
    columns = [getattr(LedgerEntry, name) for name in (*_DIMENSIONS, "quantity")]
    for entry in session().execute(select(*columns).where(LedgerEntry.session_id == session_id)).mappings():
        standing[_key(entry)] += entry["quantity"]
        steps[_key(entry)[:3]] += 1
    rows = []
    # Reversals first, so that the steps of one fact alternate: counted, reversed, counted again.
    for key in sorted(standing.keys() | wanted.keys(), key=lambda key: (wanted[key] - standing[key], key)):
        missing = wanted[key] - standing[key]
        if missing == 0:
            continue
        rows.append(
            dict(zip(_DIMENSIONS, key, strict=True))
            | {
                "id": new_id(),
                "session_id": session_id,
                "quantity": missing,
                "rule_version": RULE_VERSION,
                "step": steps[key[:3]],
                "created_at": clock.now(),
            }
        )
        steps[key[:3]] += 1
    if rows:
        session().execute(insert(LedgerEntry), rows)
    return len(rows)


def reconcile_event(event_id: str) -> int:
    """Recount every session of an event; a follower of events' `counting_changed`."""
    ids = session().scalars(
        select(EventSession.id).where(EventSession.event_id == event_id).order_by(EventSession.id)
    )
    return sum(reconcile_session(session_id) for session_id in ids.all())


def reconcile_plan(plan_id: str) -> int:
    """Recount what serves a plan's tasks; a follower of plans' `period_changed`, since only its period counts."""
    serving = select(EventTask.event_id).join(PlanTask, PlanTask.id == EventTask.task_id)
    ids = session().scalars(
        serving.where(PlanTask.plan_id == plan_id).distinct().order_by(EventTask.event_id)
    )
    return sum(reconcile_event(event_id) for event_id in ids.all())


def count_by_day_once() -> int:
    """Recount sessions of several days, which counted on their first day before each day did; how many changed.

    Once per installation; the caller gives the transaction.
    """
    if counted_by_day.get():
        return 0
    rows = session().execute(
        select(EventSession.id, EventSession.starts_at, EventSession.ends_at)
        .where(EventSession.id.in_(select(LedgerEntry.session_id)))
        .order_by(EventSession.id)
    )
    several = [row.id for row in rows.all() if len(set(days_of(row.starts_at, row.ends_at))) > 1]
    changed = sum(bool(reconcile_session(session_id)) for session_id in several)
    counted_by_day.set(True, by=None)
    return changed


def differences(session_id: str) -> list[tuple[str, str, str, int, int]]:
    """Where the ledger of a session and a recount from its facts disagree: task, metric, grade, ledger, recount.

    A figure that is right for the task, but not for section, plan or city, or on another day, is another one too.
    """
    recount: Counter[tuple[str, str, str, int, date]] = Counter()
    for key, quantity in _wanted(session_id).items():
        recount[(key[0], str(key[2]), str(key[3]), int(key[4]), key[5])] += quantity
    written: Counter[tuple[str, str, str, int, date]] = Counter()
    names = ("task_id", "metric", "grade", "reach", "occurred_on", "quantity")
    columns = [getattr(LedgerEntry, name) for name in names]
    for row in session().execute(select(*columns).where(LedgerEntry.session_id == session_id)):
        written[(row.task_id, row.metric, row.grade, row.reach, row.occurred_on)] += row.quantity
    return [
        (*key[:3], written[key], recount[key])
        for key in sorted(written.keys() | recount.keys())
        if written[key] != recount[key]
    ]
