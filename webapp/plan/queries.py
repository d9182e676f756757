"""Reads of plans. Nothing here is computed from events: figures come from attendance."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from webapp.core import clock
from webapp.core.config import current_settings
from webapp.core.db import ID_LENGTH, get_row, session
from webapp.core.errors import NotFound
from webapp.core.words import OWN_FILE, Query, lexicon, understood
from webapp.plan.domain import LITERACY
from webapp.plan.models import (
    EventType,
    Plan,
    PlanSection,
    PlanTask,
    SurveyResult,
    Target,
    TaskUnit,
)


def list_plans() -> list[Plan]:
    """Every plan, the newest period first."""
    return list(session().scalars(select(Plan).order_by(Plan.starts_on.desc(), Plan.code)))


# What a code may be made of; anything else was typed into an address and is not asked of the database.
_PLAIN = re.compile(r"[\w-]{1,60}")


def find_plan(code_or_id: str) -> Plan | None:
    """The plan with this code, or this id."""
    if not _PLAIN.fullmatch(code_or_id):
        return None
    found = session().scalar(select(Plan).where(Plan.code == code_or_id))
    return found or (session().get(Plan, code_or_id) if len(code_or_id) == ID_LENGTH else None)


def get_plan(code_or_id: str) -> Plan:
    """The same; raises NotFound."""
    found = find_plan(code_or_id)
    if found is None:
        raise NotFound
    return found


def plan_on(day: date) -> Plan | None:
    """The plan whose period holds the day; where there are two, a real one before a demonstration."""
    return session().scalar(
        select(Plan)
        .where(Plan.starts_on <= day, Plan.ends_on >= day)
        .order_by(Plan.is_demo, Plan.starts_on.desc(), Plan.code)
        .limit(1)
    )


def holds_any(spans: Sequence[tuple[date, date]]) -> bool:
    """Whether any plan holds a day of any of these spans. One statement."""
    periods = session().execute(select(Plan.starts_on, Plan.ends_on)).all()
    return any(first <= one.ends_on and last >= one.starts_on for first, last in spans for one in periods)


def latest_plan() -> Plan | None:
    """The plan that begins last."""
    return session().scalar(select(Plan).order_by(Plan.starts_on.desc(), Plan.is_demo, Plan.code).limit(1))


def successor_of(plan: Plan) -> Plan | None:
    """The plan that goes on after this one's last day; a real one before a demonstration."""
    return session().scalar(
        select(Plan)
        .where(Plan.ends_on > plan.ends_on, Plan.id != plan.id)
        .order_by(Plan.is_demo, Plan.starts_on, Plan.code)
        .limit(1)
    )


def successor_among(plan: Plan, every: Sequence[Plan]) -> Plan | None:
    """The same among plans that were read."""
    later = [one for one in every if one.ends_on > plan.ends_on and one.id != plan.id]
    return min(later, key=lambda one: (one.is_demo, one.starts_on, one.code), default=None)


def last_to_end() -> Plan | None:
    """The plan that ends last; a real one where two end together."""
    return session().scalar(select(Plan).order_by(Plan.ends_on.desc(), Plan.is_demo, Plan.code).limit(1))


def task_codes(plan_id: str) -> list[str]:
    """Codes of a plan's tasks, in its order."""
    wanted = select(PlanTask.code).where(PlanTask.plan_id == plan_id).order_by(PlanTask.position)
    return list(session().scalars(wanted))


def titles_of(plan_id: str) -> list[tuple[str, str]]:
    """Code and title of a plan's tasks, in its order."""
    wanted = select(PlanTask.code, PlanTask.title).where(PlanTask.plan_id == plan_id)
    return [(row.code, row.title) for row in session().execute(wanted.order_by(PlanTask.position))]


def current_plan() -> Plan | None:
    """The plan to show to someone who named none: today's, else the latest."""
    return plan_on(clock.today()) or latest_plan()


@dataclass(frozen=True)
class FoundTask:
    """A task that fits what was looked for, with the sentence of its text that fits best."""

    task: PlanTask
    sentence: str


_SENTENCE = re.compile(r"[^。；\n]+[。；]?")


def find_tasks(plan_id: str, q: str) -> list[FoundTask]:
    """Tasks by code, title, text and units, best first: a plan has some dozens, so they are looked through."""
    query = understood(q, lexicon(current_settings().data_dir / OWN_FILE))
    tasks = session().scalars(
        _with_units(select(PlanTask))
        .where(PlanTask.plan_id == plan_id)
        .order_by(PlanTask.position, PlanTask.id)
    )
    rated = []
    for place, task in enumerate(tasks.unique()):
        units = " ".join(one.name for one in task.units)
        rating = query.rate([(f"{task.code} {task.title}", 6), (task.text, 3), (units, 1)])
        if rating:
            rated.append((-rating[0], -rating[1], place, task))
    best = min((one[0] for one in rated), default=0)
    return [
        FoundTask(one[3], _fitting(query, one[3].text))
        for one in sorted(rated, key=itemgetter(0, 1, 2))
        if one[0] == best
    ]


def _fitting(query: Query, text: str) -> str:
    """The sentence of a text that fits best; the first where none does."""
    sentences = [one.strip() for one in _SENTENCE.findall(text)] or [""]
    return max(sentences, key=lambda one: query.rate([(one, 1)]) or (-1, 0))


def get_task(code: str, plan: Plan | str | None = None) -> PlanTask:
    """A task with its section, leads and units, of the named plan (object, code or id), else of the current one.

    Raises NotFound.
    """
    chosen = get_plan(plan) if isinstance(plan, str) else plan or current_plan()
    if chosen is None or not _PLAIN.fullmatch(code):
        raise NotFound
    found = session().scalar(
        _with_units(select(PlanTask)).where(PlanTask.plan_id == chosen.id, PlanTask.code == code)
    )
    if found is None:
        raise NotFound
    return found


def _with_units(wanted: Select[PlanTask]) -> Select[PlanTask]:
    return wanted.options(
        joinedload(PlanTask.section).selectinload(PlanSection.leads), selectinload(PlanTask.units)
    )


def tree(plan_id: str) -> list[PlanSection]:
    """Sections with their leads, tasks and the tasks' units, in the plan's order. Four queries."""
    return list(
        session().scalars(
            select(PlanSection)
            .where(PlanSection.plan_id == plan_id)
            .options(
                selectinload(PlanSection.leads),
                selectinload(PlanSection.tasks).selectinload(PlanTask.units),
            )
            .order_by(PlanSection.position)
        )
    )


def inferred_units(task_id: str) -> frozenset[str]:
    """Ids of the task's organisations that the plan's own text does not name."""
    return frozenset(
        session().scalars(
            select(TaskUnit.organisation_id).where(TaskUnit.task_id == task_id, TaskUnit.inferred)
        )
    )


def list_event_types() -> list[EventType]:
    """Kinds of events, in the order of the vocabulary."""
    return list(session().scalars(select(EventType).order_by(EventType.position, EventType.slug)))


def tasks_by_ids(ids: Collection[str]) -> list[PlanTask]:
    """These tasks, in plan order; unknown ids are left out."""
    if not ids:
        return []
    return list(
        session().scalars(
            select(PlanTask)
            .join(PlanTask.plan)
            .where(PlanTask.id.in_(ids))
            .options(contains_eager(PlanTask.plan))
            .order_by(Plan.starts_on.desc(), Plan.code, PlanTask.position)
        )
    )


def open_tasks() -> list[PlanTask]:
    """Tasks of plans that are not over yet, with their plan and section: what a new event may serve."""
    return list(
        session().scalars(
            select(PlanTask)
            .join(PlanTask.plan)
            .where(Plan.ends_on >= clock.today())
            .options(contains_eager(PlanTask.plan), joinedload(PlanTask.section))
            .order_by(Plan.starts_on.desc(), Plan.code, PlanTask.position)
        )
    )


def tasks_of_units(organisation_ids: Collection[str]) -> list[PlanTask]:
    """Tasks of plans that are not over yet for which one of these organisations answers, in plan order."""
    answering = select(TaskUnit.task_id).where(TaskUnit.organisation_id.in_(organisation_ids))
    return list(
        session().scalars(
            select(PlanTask)
            .join(PlanTask.plan)
            .where(Plan.ends_on >= clock.today(), PlanTask.id.in_(answering))
            .options(contains_eager(PlanTask.plan))
            .order_by(Plan.starts_on.desc(), Plan.code, PlanTask.position)
        )
    )


def list_targets(plan_id: str) -> list[Target]:
    """Figures the plan promises that only a survey can show."""
    return list(
        session().scalars(
            select(Target)
            .where(Target.plan_id == plan_id)
            .order_by(Target.indicator != LITERACY, Target.indicator)
        )
    )


def get_target(target_id: str) -> Target:
    """The target; raises NotFound."""
    return get_row(Target, target_id)


def list_results(target_ids: Collection[str], *, with_void: bool = False) -> list[SurveyResult]:
    """Survey figures of these targets, the latest year first."""
    wanted = select(SurveyResult).where(SurveyResult.target_id.in_(target_ids))
    if not with_void:
        wanted = wanted.where(SurveyResult.voided_at.is_(None))
    order = (SurveyResult.year.desc(), SurveyResult.area, SurveyResult.created_at, SurveyResult.id)
    return list(session().scalars(wanted.order_by(*order)))
