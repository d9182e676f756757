"""Figures put together for pages: what was promised beside what was done; what speaks for those who ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from webapp.attendance.domain import Grade, Metric
from webapp.attendance.queries import DIMENSIONS, Figure, progress, task_breakdown
from webapp.attendance.queries.turnout import pasts_of_people
from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import COUNTING_STATUSES
from webapp.events.models import Event, EventSession, EventTask
from webapp.organisations.queries import list_organisations
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
    """Figures of a task, a part of one, a section or a plan. Metrics and grades are never added together."""

    numbers: Mapping[tuple[Metric, Grade], int] = field(default_factory=dict)
    scheduled: int = 0  # sessions published inside the plan's period, held or to come

    @classmethod
    def of(cls, figures: Iterable[Figure], scheduled: int = 0) -> "Tally":
        """From the ledger's figures."""
        return cls({(one.metric, one.grade): one.quantity for one in figures}, scheduled)

    def __add__(self, other: "Tally") -> "Tally":
        keys = [*self.numbers, *(key for key in other.numbers if key not in self.numbers)]
        numbers = {key: self.numbers.get(key, 0) + other.numbers.get(key, 0) for key in keys}
        return Tally(numbers, self.scheduled + other.scheduled)

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
        return not self.scheduled and not self.has_figures


@dataclass(frozen=True)
class SectionLine:
    """A section of the plan with its tasks' figures."""

    section: PlanSection
    tallies: Mapping[str, Tally]

    @property
    def total(self) -> Tally:
        """Sum over tasks: what served two tasks counts for each."""
        return sum(self.tallies.values(), Tally())


def plan_lines(plan: Plan) -> list[SectionLine]:
    """The plan's tree with figures. Six statements, however large the plan and whatever was counted."""
    sections = tree(plan.id)
    ids = [task.id for section in sections for task in section.tasks]
    figures, scheduled = progress(ids), scheduled_sessions(ids, plan)
    return [
        SectionLine(
            section,
            {
                task.id: Tally.of(figures.get(task.id, ()), scheduled.get(task.id, 0))
                for task in section.tasks
            },
        )
        for section in sections
    ]


def scheduled_sessions(task_ids: Sequence[str], plan: Plan) -> dict[str, int]:
    """How many sessions of published events serve each task inside the plan's period, cancelled ones aside."""
    first = clock.start_of_day(plan.starts_on)
    after = clock.start_of_day(plan.ends_on + timedelta(days=1))
    rows = session().execute(
        select(EventTask.task_id, func.count(EventSession.id))
        .join(Event, Event.id == EventTask.event_id)
        .join(EventSession, EventSession.event_id == Event.id)
        .where(
            EventTask.task_id.in_(task_ids),
            Event.status.in_(COUNTING_STATUSES),
            EventSession.cancelled_at.is_(None),
            EventSession.starts_at >= first,
            EventSession.starts_at < after,
        )
        .group_by(EventTask.task_id)
    )
    return {task_id: int(count) for task_id, count in rows}


@dataclass(frozen=True)
class Breakdown:
    """One task's figures by one dimension; every part with its name, in reading order."""

    dimension: str
    rows: Sequence[tuple[str, Tally]]


def breakdowns(task: PlanTask) -> list[Breakdown]:
    """The task by district (all of them, so that gaps show), month, audience and unit."""
    districts = {row.code: row.name for row in list_districts()}
    units = {row.id: row.name for row in list_organisations()}
    made = []
    for dimension in DIMENSIONS:
        parts = {key: Tally.of(figures) for key, figures in task_breakdown(task.id, dimension).items()}
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
