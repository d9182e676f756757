"""Figures put together for pages: what was promised beside what was done; what speaks for those who ask."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select

from webapp.attendance.domain import Grade, Metric
from webapp.attendance.models import LedgerEntry
from webapp.attendance.queries import (
    DIMENSIONS,
    Figure,
    plan_breakdown,
    plan_progress,
    progress,
    section_progress,
    task_breakdown,
)
from webapp.attendance.queries.turnout import pasts_of_people
from webapp.core import clock, erasing, timekeeping
from webapp.core.db import session
from webapp.core.errors import N_, Words
from webapp.core.inbox import messages_failed
from webapp.core.todo import Todo, Viewer
from webapp.events.domain import COUNTING_STATUSES
from webapp.events.models import Event, EventSession, EventTask
from webapp.events.queries.seats import Seats, seats_of
from webapp.organisations.queries import list_organisations
from webapp.organisations.queries.viewing import is_office
from webapp.plan.models import Plan, PlanSection, PlanTask
from webapp.plan.queries import tree
from webapp.recognition.queries.hours import final_minutes
from webapp.signups.domain.turnout import Past
from webapp.signups.queries.answers import GivenAnswer, answers_to
from webapp.signups.queries.offers import Line
from webapp.venues.queries import list_districts
from webapp.volunteers.queries.holdings import Holdings, holdings_of

GRADES = (Grade.SCAN, Grade.ROSTER, Grade.HEADCOUNT)


@dataclass(frozen=True)
class Tally:
    """Figures of a task, a part of one, a section or a plan. Metrics and grades are never added together, and
    neither are tallies: what serves two tasks of a section is counted once in the section's own.
    """

    numbers: Mapping[tuple[Metric, Grade], int] = field(default_factory=dict)
    coming: int = 0  # sessions published inside the plan's period that have not begun

    @classmethod
    def of(cls, figures: Iterable[Figure], coming: int = 0) -> "Tally":
        """From the ledger's figures."""
        return cls({(one.metric, one.grade): one.quantity for one in figures}, coming)

    @property
    def held(self) -> int:
        """Sessions that took place (场次)."""
        return self.numbers.get((Metric.SESSIONS, Grade.HELD), 0)

    def visits(self, grade: Grade) -> int:
        """Turns of the public (人次) known in this way."""
        return self.numbers.get((Metric.VISITS, grade), 0)

    def volunteers(self, grade: Grade) -> int:
        """Turns of volunteers known in this way."""
        return self.numbers.get((Metric.VOLUNTEERS, grade), 0)

    @property
    def has_figures(self) -> bool:
        """Whether anything was held or counted."""
        return any(self.numbers.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was held, counted or arranged."""
        return not self.coming and not self.has_figures


@dataclass(frozen=True)
class SectionLine:
    """A section of the plan with its own figures and its tasks'."""

    section: PlanSection
    total: Tally  # each session and attendance once
    tallies: Mapping[str, Tally]


def plan_lines(plan: Plan) -> tuple[list[SectionLine], Tally]:
    """The plan's tree with figures, and the plan's own: each session and attendance once in section and plan.

    Eight statements, however large the plan and whatever was counted.
    """
    sections = tree(plan.id)
    figures = progress([task.id for section in sections for task in section.tasks])
    once, coming = section_progress(plan.id), _coming(plan)
    lines = [
        SectionLine(
            section,
            Tally.of(once.get(section.id, ()), len(coming[section.id])),
            {task.id: Tally.of(figures.get(task.id, ()), len(coming[task.id])) for task in section.tasks},
        )
        for section in sections
    ]
    return lines, Tally.of(plan_progress(plan.id), len(coming[plan.id]))


class Stand(StrEnum):
    """How a session of a task stands: in exactly one of these ways, from its publishing on."""

    COUNTED = "counted"  # somebody came, or was counted: it is in the figures
    COMING = "coming"  # not over yet, nobody has come
    UNRECORDED = "unrecorded"  # over, and nothing is known of it


def _serving(plan: Plan, stand: Stand) -> Select[str, str, str]:
    """Task, section and session, for every session of published events inside the plan's period that stands so."""
    counted = (
        select(func.coalesce(func.sum(LedgerEntry.quantity), 0))
        .where(
            LedgerEntry.session_id == EventSession.id,
            LedgerEntry.task_id == EventTask.task_id,
            LedgerEntry.source_id == EventSession.id,
            LedgerEntry.metric == Metric.SESSIONS,
        )
        .correlate(EventSession, EventTask)
        .scalar_subquery()
    )
    rules = {
        Stand.COUNTED: [counted > 0],
        Stand.COMING: [EventSession.ends_at > clock.now(), counted <= 0],
        Stand.UNRECORDED: [EventSession.ends_at <= clock.now(), counted <= 0],
    }
    return (
        select(EventTask.task_id, PlanTask.section_id, EventSession.id)
        .join(PlanTask, PlanTask.id == EventTask.task_id)
        .join(Event, Event.id == EventTask.event_id)
        .join(EventSession, EventSession.event_id == Event.id)
        .where(
            PlanTask.plan_id == plan.id,
            Event.status.in_(COUNTING_STATUSES),
            EventSession.cancelled_at.is_(None),
            EventSession.starts_at >= clock.start_of_day(plan.starts_on),
            EventSession.starts_at < clock.start_of_day(plan.ends_on + timedelta(days=1)),
            *rules[stand],
        )
    )


def _coming(plan: Plan) -> dict[str, set[str]]:
    """By id of task, section and plan: the sessions to come."""
    found: dict[str, set[str]] = defaultdict(set)
    for task_id, section_id, session_id in session().execute(_serving(plan, Stand.COMING)):
        for key in (task_id, section_id, plan.id):
            found[key].add(session_id)
    return found


@dataclass(frozen=True)
class TaskSessions:
    """A page of a task's sessions that stand in one way, and how many there are: the figure above the list."""

    sessions: Sequence[EventSession]
    total: int
    next: int | None
    prev: int | None
    seats: Mapping[str, Seats] = field(default_factory=dict)  # of those to come: the first kind of places


def task_sessions(task: PlanTask, stand: Stand, *, page: int = 1, limit: int = 20) -> TaskSessions:
    """Those to come soonest first, the others latest first."""
    ids = _serving(task.plan, stand).where(EventTask.task_id == task.id).with_only_columns(EventSession.id)
    total = session().scalar(select(func.count()).select_from(ids.subquery())) or 0
    at = EventSession.starts_at
    rows = (
        select(EventSession)
        .where(EventSession.id.in_(ids))
        .order_by(at if stand == Stand.COMING else at.desc(), EventSession.id)
        .limit(limit)
        .offset((page - 1) * limit)
    )
    found = session().scalars(rows).all()
    seats = seats_of([one.id for one in found]) if stand == Stand.COMING else {}
    return TaskSessions(
        found,
        int(total),
        page + 1 if page * limit < total else None,
        page - 1 if page > 1 else None,
        {key: some[0] for key, some in seats.items()},
    )


@dataclass(frozen=True)
class Breakdown:
    """One task's figures by one dimension; every part with its name, in reading order."""

    dimension: str
    rows: Sequence[tuple[str, Tally]]


def breakdowns(task: PlanTask) -> list[Breakdown]:
    """The task by district (all of them, so that gaps show), month, audience and unit."""
    return _named(DIMENSIONS, {one: task_breakdown(task.id, one) for one in DIMENSIONS})


def plan_breakdowns(plan: Plan) -> list[Breakdown]:
    """The plan by district and unit: each session and attendance once, however many tasks it serves."""
    wanted = ("district", "unit")
    return _named(wanted, {one: plan_breakdown(plan.id, one) for one in wanted})


def _named(dimensions: Sequence[str], found: Mapping[str, Mapping[str, Sequence[Figure]]]) -> list[Breakdown]:
    districts = {row.code: row.name for row in list_districts()}
    units = {row.id: row.name for row in list_organisations()}
    made = []
    for dimension in dimensions:
        parts = {key: Tally.of(figures) for key, figures in found[dimension].items()}
        if dimension == "district":
            parts = {
                code: parts.get(code, Tally()) for code in [*districts, *sorted(parts.keys() - districts)]
            }
        names = {"district": districts, "unit": units}.get(dimension, {})
        made.append(Breakdown(dimension, [(names.get(key, key), tally) for key, tally in parts.items()]))
    return made


@dataclass(frozen=True)
class Grounds:
    """What there is to know of someone who asks for a place, to say yes or no by."""

    holdings: Holdings
    minutes: int  # of service that are final
    past: Past  # of the last year
    answers: Sequence[GivenAnswer]


def grounds_of(lines: Sequence[Line]) -> dict[str, Grounds]:
    """By sign-up; a constant number of statements, however many ask."""
    people = [one.person_id for one in lines]
    holdings = holdings_of(people, on=clock.today())
    minutes, pasts = final_minutes(people), pasts_of_people(people)
    answers = answers_to([one.signup_id for one in lines])
    return {
        one.signup_id: Grounds(
            holdings[one.person_id],
            minutes.get(one.person_id, 0),
            pasts.get(one.person_id, Past()),
            answers.get(one.signup_id, ()),
        )
        for one in lines
    }


def messages_not_sent(viewer: Viewer) -> Iterator[Todo]:
    """Messages that were given up, for the office."""
    number, since = messages_failed() if is_office(viewer) else (0, None)
    if number:
        yield Todo(
            N_("%(n)s 条消息没有发出"),
            N_("看看原因，再发一次或打电话告知"),
            "pages.list_messages",
            {"state": "failed"},
            {"n": number},
            since=since,
        )


def clock_to_check(viewer: Viewer) -> Iterator[Todo]:
    """A clock that is not believed, so that what erases, ends, tells and settles waits, for the office."""
    found = timekeeping.trouble() if is_office(viewer) else None
    if found is not None and not found.is_confirmed:
        yield Todo(
            N_("电脑的时间对不上：它说现在是 %(says)s"),
            N_("看一看，对的就确认"),
            "pages.show_upkeep",
            {"_anchor": "clock"},
            {"says": found.says},
            found.agreed,
        )


def erasures_to_note(viewer: Viewer) -> Iterator[Todo]:
    """What will be erased within a week and nobody of the office has seen, and what somebody holds back."""
    for one in erasing.list_open() if is_office(viewer) else ():
        values = {"n": one.count, "what": Words(erasing.kind_of(one).label)}
        if one.held_at is not None:
            text, act = N_("到期没有删：%(what)s，%(n)s 条，有人停下来了"), N_("查清楚，放行")
        elif one.seen_at is None:
            text, act = N_("到时自动删除：%(what)s，%(n)s 条"), N_("看一看，不对就先停")
        else:
            continue
        yield Todo(text, act, "pages.show_upkeep", {"_anchor": "erasing"}, values, one.due_at)
