"""What of plans and their periods waits for someone: a plan that ends, and what lies outside every plan."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession, EventTask
from webapp.events.queries.carrying import going_along, plans_reached_beyond
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import is_office, own_of
from webapp.plan import queries as plans
from webapp.plan.models import PlanTask

LAST_MONTHS = timedelta(days=184)  # a city needs half a year to make its next plan


def plan_to_follow(viewer: Viewer) -> Iterator[Todo]:
    """For the office: a plan's last months while none follows it, and the days after them. Two statements."""
    plan = plans.last_to_end() if is_office(viewer) else None
    today = clock.today()
    if plan is None or plan.ends_on - today > LAST_MONTHS:
        return
    after = clock.start_of_day(plan.ends_on + timedelta(days=1))
    is_over = plan.ends_on < today
    yield Todo(
        N_("“%(plan)s”已在%(day)s到期，没有接着的计划：现在的活动不计入任何计划")
        if is_over
        else N_("“%(plan)s”%(day)s到期，还没有接着的计划"),
        N_("做下一期计划"),
        "events.next_plan",
        {"code": plan.code},
        {"plan": plan.title, "day": plan.ends_on},
        after,
    )


def events_to_take_along(viewer: Viewer) -> Iterator[Todo]:
    """For the office: events bound to a plan that has a successor in whose days they lie. Two statements, and some
    for each plan that has any.
    """
    if not is_office(viewer):
        return
    every = plans.list_plans()
    follows = [(old, new) for old in every if (new := plans.successor_among(old, every)) is not None]
    for old, new in plans_reached_beyond(follows):
        codes = plans.task_codes(new.id)
        found = going_along(old, (new.starts_on, new.ends_on), codes=codes, new_id=new.id)
        going = [one for one in found if one.codes and not one.is_done]
        if going:
            yield Todo(
                N_("%(n)s 场活动还挂在“%(plan)s”上，日期已经在下一期里"),
                N_("带过去"),
                "events.next_plan",
                {"code": old.code},
                {"n": len(going), "plan": old.title},
                going[0].starts_at,
            )


def outside_their_plans(viewer: Viewer) -> Iterator[Todo]:
    """Coming sessions that will count for nothing, for who manages their event; due when they begin."""
    own = own_of(viewer, Permission.MANAGE_EVENTS, Permission.GOVERN)
    rows = _coming_outside(own) if own else []
    for event_id, title, starts_at in rows:
        yield Todo(
            N_("“%(title)s”%(when)s的场次不在计划的期限内，不会计入"),
            N_("去选任务"),
            "events.edit_event",
            {"event_id": event_id},
            {"title": title, "when": starts_at},
            starts_at,
        )


def _coming_outside(organisation_ids: Collection[str]) -> list[tuple[str, str, datetime]]:
    """Events with the first coming session of theirs of which no linked plan holds the beginning or the end."""
    rows = session().execute(
        select(Event.id, Event.title, EventSession.starts_at)
        .join(EventSession, EventSession.event_id == Event.id)
        .where(
            Event.organisation_id.in_(organisation_ids),
            Event.status.in_((EventStatus.DRAFT, EventStatus.SUBMITTED, EventStatus.PUBLISHED)),
            EventSession.cancelled_at.is_(None),
            EventSession.ends_at > clock.now(),
            exists().where(EventTask.event_id == Event.id),
            _is_outside(),
        )
        .order_by(EventSession.starts_at, Event.id)
    )
    firsts: dict[str, tuple[str, str, datetime]] = {}
    for event_id, title, starts_at in rows:
        firsts.setdefault(event_id, (event_id, title, starts_at))
    return list(firsts.values())


def _is_outside() -> ColumnElement[bool]:
    """Whether no plan holds the first moment of a session, or none its last, of those its event serves.

    The days of a plan are given as moments: a column of days says nothing of the city's midnight.
    """
    periods = [
        (
            plan.id,
            clock.start_of_day(plan.starts_on),
            clock.start_of_day(plan.ends_on + timedelta(days=1)),
        )
        for plan in plans.list_plans()
    ]

    def held(moment: InstrumentedAttribute[datetime], *, is_end: bool) -> ColumnElement[bool]:
        serving = (
            select(EventTask.event_id)
            .join(PlanTask, PlanTask.id == EventTask.task_id)
            .where(
                EventTask.event_id == EventSession.event_id,
                or_(
                    false(),
                    *(
                        (PlanTask.plan_id == plan_id)
                        & (moment > first if is_end else moment >= first)
                        & (moment <= after if is_end else moment < after)
                        for plan_id, first, after in periods
                    ),
                ),
            )
        )
        return serving.exists()

    starts, ends = EventSession.starts_at, EventSession.ends_at
    return ~held(starts, is_end=False) | ~held(ends, is_end=True)
