"""The periods of plans: what lies outside them counts for nothing, so whoever makes it is asked what to do.

Every use case that gives an event sessions or tasks ends with `check`. The answer of whoever was asked is given
around it: `with answered("keep"): service.reschedule(…)`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from webapp.core import audit
from webapp.core.db import session
from webapp.events.domain import UnknownChoice
from webapp.events.domain.periods import (
    NoPlanThen,
    Outside,
    OutsidePlan,
    Span,
    days_of,
    first_day_outside,
    holds_any,
)
from webapp.events.models import Event, EventSession, EventTask
from webapp.plan.models import Plan, PlanTask
from webapp.plan.queries import plan_on

_answer: ContextVar[Outside | None] = ContextVar("outside_plan", default=None)


@contextmanager
def answered(choice: str | None) -> Iterator[None]:
    """What is to be done with what lies outside the plans, in the use cases inside; None: they ask."""
    if choice and choice not in set(Outside):
        raise UnknownChoice(field="outside_plan")
    token = _answer.set(Outside(choice) if choice else None)
    try:
        yield
    finally:
        _answer.reset(token)


@dataclass(frozen=True)
class _Linked:
    """A plan the event serves, and the tasks by which it does."""

    plan: Plan
    tasks: dict[str, str]  # code → id

    @property
    def period(self) -> Span:
        return self.plan.starts_on, self.plan.ends_on


def check(event: Event, sessions: Sequence[EventSession] | None = None) -> bool:
    """Ask, or do as answered, where these sessions (all of the event's) lie outside the plans it serves.

    Returns whether the event serves other tasks by it. Raises OutsidePlan, NoPlanThen.
    """
    linked = _linked(event.id)
    if not linked:
        return False
    standing = select(EventSession).where(
        EventSession.event_id == event.id, EventSession.cancelled_at.is_(None)
    )
    every = [days_of(one.starts_at, one.ends_at) for one in session().scalars(standing)]
    spans = every if sessions is None else [days_of(one.starts_at, one.ends_at) for one in sessions]
    periods = [one.period for one in linked]
    days = sorted({day for span in spans if (day := first_day_outside(span, periods)) is not None})
    idle = [one for one in linked if every and not holds_any(one.period, every)]
    if not days and (sessions is not None or not idle):
        return False
    choice = _answer.get()
    if choice is None:
        plan = (idle or linked)[0].plan
        day = days[0] if days else spans[0][0]
        raise OutsidePlan(
            plan=plan.title,
            first=plan.starts_on,
            last=plan.ends_on,
            day=day,
            extra={"day": day.isoformat(), "confirm": "outside_plan", "choices": [*Outside]},
        )
    if choice == Outside.KEEP:
        return False
    added = _follow(event, linked, days) if choice == Outside.FOLLOW else set()
    _unlink(event, [task for one in idle for task in one.tasks.values() if task not in added])
    return bool(added or idle)


def _linked(event_id: str) -> list[_Linked]:
    """The plans an event serves, the one that ends last first."""
    rows = session().execute(
        select(Plan, PlanTask.code, PlanTask.id)
        .join(PlanTask, PlanTask.plan_id == Plan.id)
        .join(EventTask, EventTask.task_id == PlanTask.id)
        .where(EventTask.event_id == event_id)
        .order_by(Plan.ends_on.desc(), Plan.id)
    )
    found: dict[str, _Linked] = {}
    for plan, code, task_id in rows:
        found.setdefault(plan.id, _Linked(plan, {})).tasks[code] = task_id
    return list(found.values())


def _follow(event: Event, linked: Sequence[_Linked], days: Sequence[date]) -> set[str]:
    """Serve the tasks of the same codes in the plans that hold these days; ids of those added."""
    codes = {code for one in linked for code in one.tasks}
    added: set[str] = set()
    for day in days:
        plan = plan_on(day)
        wanted = select(PlanTask.id).where(
            PlanTask.plan_id == (plan.id if plan else ""), PlanTask.code.in_(codes)
        )
        found = set(session().scalars(wanted))
        if not found:
            raise NoPlanThen(day=day)
        added |= found
    known = {task for one in linked for task in one.tasks.values()}
    session().add_all(EventTask(event_id=event.id, task_id=one) for one in sorted(added - known))
    session().flush()
    return added


def _unlink(event: Event, task_ids: Sequence[str]) -> None:
    if not task_ids:
        return
    session().execute(
        delete(EventTask).where(EventTask.event_id == event.id, EventTask.task_id.in_(task_ids))
    )
    session().expire(event, ["tasks"])
    audit.record("event.unlink", "event", event.id, by=None, tasks=sorted(task_ids))
