"""What lies outside the plan it serves: which sessions, and which events a roll-over takes along."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import EventStatus
from webapp.events.domain.desk import DatedSession
from webapp.events.domain.periods import Span, days_of, first_day_outside, holds_any
from webapp.events.models import Event, EventSession, EventTask
from webapp.plan.models import Plan, PlanTask


@dataclass(frozen=True)
class Going:
    """An event that serves a plan with sessions in the next one's days, and what becomes of it."""

    event_id: str
    title: str
    starts_at: datetime  # of the first session that goes along
    sessions: int  # that go along
    stays: bool  # it has sessions in the old plan's days too, and goes on serving it
    codes: tuple[str, ...]  # of the tasks it is to serve in the new plan
    lacking: tuple[str, ...]  # of the tasks that the new plan does not have
    is_done: bool = False  # it serves them already, and the old plan no more than it must


def uncounted(event: Event, sessions: Iterable[DatedSession]) -> list[DatedSession]:
    """Sessions of which a day lies outside every plan the event serves, coming and past; none where it serves none.

    The event has come with its tasks.
    """
    periods = [(task.plan.starts_on, task.plan.ends_on) for task in event.tasks]
    return [
        one
        for one in sessions
        if periods and not one.dates.session_cancelled and first_day_outside(_span(one), periods) is not None
    ]


def going_along(old: Plan, period: Span, *, codes: Collection[str], new_id: str | None = None) -> list[Going]:
    """Events bound to the old plan with sessions outside it and in this period, the soonest first.

    `codes` are those of the new plan's tasks, `new_id` is the plan itself where it is there already. Three statements,
    whose cost grows with the events found and not with the plan.
    """
    found = _sessions_beyond(old, period)
    ids = [event.id for event in found]
    served = _codes_of(ids, [old.id, *([new_id] if new_id else [])])
    staying = _with_sessions_in(ids, old)
    going = []
    for event, sessions in found.items():
        own = served.get((event.id, old.id), [])
        wanted = tuple(code for code in own if code in codes)
        lacking = tuple(code for code in own if code not in codes)
        there = set(wanted) <= set(served.get((event.id, new_id or ""), []))
        stays = event.id in staying or bool(lacking)
        first = sessions[0].starts_at
        is_done = there and stays
        going.append(Going(event.id, event.title, first, len(sessions), stays, wanted, lacking, is_done))
    return sorted(going, key=lambda one: (one.starts_at, one.event_id))


def plans_reached_beyond(follows: Collection[tuple[Plan, Plan]]) -> list[tuple[Plan, Plan]]:
    """Those of the plans with their successors whose events reach into the successor's days. One statement."""
    if not follows:
        return []
    reaches = [
        (PlanTask.plan_id == old.id) & _beyond((old.starts_on, old.ends_on), (new.starts_on, new.ends_on))
        for old, new in follows
    ]
    wanted = (
        select(PlanTask.plan_id)
        .join(EventTask, EventTask.task_id == PlanTask.id)
        .join(Event, Event.id == EventTask.event_id)
        .join(EventSession, EventSession.event_id == Event.id)
        .where(*_standing(), or_(*reaches))
        .distinct()
    )
    found = set(session().scalars(wanted))
    return [(old, new) for old, new in follows if old.id in found]


def _beyond(own: Span, period: Span) -> ColumnElement[bool]:
    """Sessions that reach out of one period into the other."""
    (first, after), (new_first, new_after) = _moments(own), _moments(period)
    return and_(
        or_(EventSession.ends_at > after, EventSession.starts_at < first),
        EventSession.starts_at < new_after,
        EventSession.ends_at > new_first,
    )


def _span(held: EventSession | DatedSession) -> Span:
    return days_of(held.starts_at, held.ends_at)


def _moments(period: Span) -> tuple[datetime, datetime]:
    return clock.start_of_day(period[0]), clock.start_of_day(period[1] + timedelta(days=1))


def _standing() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Event.status != EventStatus.CANCELLED, EventSession.cancelled_at.is_(None)


def _sessions_beyond(old: Plan, period: Span) -> dict[Event, list[EventSession]]:
    """Events bound to the plan, with those of their sessions that reach out of it into the period."""
    own = (old.starts_on, old.ends_on)
    bound = select(EventTask.event_id).join(PlanTask, PlanTask.id == EventTask.task_id)
    rows = session().execute(
        select(Event, EventSession)
        .join(EventSession, EventSession.event_id == Event.id)
        .where(
            *_standing(),
            _beyond(own, period),
            Event.id.in_(bound.where(PlanTask.plan_id == old.id)),
        )
        .order_by(EventSession.starts_at, EventSession.id)
    )
    found: dict[Event, list[EventSession]] = {}
    for event, held in rows:
        if first_day_outside(_span(held), [own]) is not None and holds_any(period, [_span(held)]):
            found.setdefault(event, []).append(held)
    return found


def _codes_of(event_ids: Collection[str], plan_ids: Collection[str]) -> dict[tuple[str, str], list[str]]:
    """By event and plan the codes of the tasks it serves, in the plan's order."""
    rows = session().execute(
        select(EventTask.event_id, PlanTask.plan_id, PlanTask.code)
        .join(PlanTask, PlanTask.id == EventTask.task_id)
        .where(EventTask.event_id.in_(event_ids), PlanTask.plan_id.in_(plan_ids))
        .order_by(PlanTask.position)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for event_id, plan_id, code in rows if event_ids else ():
        found.setdefault((event_id, plan_id), []).append(code)
    return found


def _with_sessions_in(event_ids: Collection[str], plan: Plan) -> set[str]:
    """Those of the events with a session on a day of the plan."""
    first, after = _moments((plan.starts_on, plan.ends_on))
    wanted = select(EventSession.event_id).where(
        EventSession.event_id.in_(event_ids),
        EventSession.cancelled_at.is_(None),
        EventSession.starts_at < after,
        EventSession.ends_at > first,
    )
    return set(session().scalars(wanted)) if event_ids else set()
