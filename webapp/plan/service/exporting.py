"""A plan as a file again: importing it changes nothing."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from webapp.core.db import session
from webapp.plan import queries
from webapp.plan.domain import LITERACY, NoSuchPlan
from webapp.plan.models import Plan, PlanSection, PlanTask, Target, TaskUnit


def export_plan(code: str) -> dict[str, Any]:
    """The plan with this code as its file says it, in the file's order; raises NoSuchPlan."""
    plan = queries.find_plan(code)
    if plan is None:
        raise NoSuchPlan(code=code[:80])
    sections = queries.tree(plan.id)
    made: dict[str, Any] = {"title": plan.title, "period": _period(plan)}
    targets = queries.list_targets(plan.id)
    if targets:
        made["target"] = _target(targets[0])
    for name in ("preamble", "guiding_thought", "overall_goal", "part_intros", "report"):
        if name in plan.texts:
            made[name] = plan.texts[name]
    made["event_type_vocabulary"] = plan.texts["vocabulary"]
    if "progress_modes" in plan.texts:
        made["progress_modes"] = plan.texts["progress_modes"]
    inferred = _inferred(sections)
    made["sections"] = [_section(section, plan, inferred) for section in sections]
    made["units"] = _units(plan, sections, inferred)
    if "counts" in plan.texts:
        made["counts"] = plan.texts["counts"] | _counts(made)
    return made


def _period(plan: Plan) -> dict[str, Any]:
    whole = plan.starts_on == date(plan.starts_on.year, 1, 1) and plan.ends_on == date(
        plan.ends_on.year, 12, 31
    )
    if whole:
        return {"start": plan.starts_on.year, "end": plan.ends_on.year}
    return {"start": plan.starts_on.isoformat(), "end": plan.ends_on.isoformat()}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _target(target: Target) -> dict[str, Any]:
    made: dict[str, Any] = {
        "value": _number(target.value),
        "year": target.year,
        "unit": target.unit,
        "text": target.text,
    }
    return made if target.indicator == LITERACY else made | {"indicator": target.indicator}


def _inferred(sections: list[PlanSection]) -> set[tuple[str, str]]:
    """(task id, organisation id) of what the plan's own text does not name."""
    ids = [task.id for section in sections for task in section.tasks]
    rows = session().query(TaskUnit).filter(TaskUnit.task_id.in_(ids), TaskUnit.inferred)
    return {(row.task_id, row.organisation_id) for row in rows}


def _section(section: PlanSection, plan: Plan, inferred: set[tuple[str, str]]) -> dict[str, Any]:
    return {
        "kind": section.kind,
        "number": section.number,
        "title": section.title,
        "goal_text": section.goal_text,
        "lead_units": [unit.name for unit in section.leads],
        "tasks": [_task(task, plan, inferred) for task in section.tasks],
        "id": section.code,
    }


def _named_units(task: PlanTask, inferred: set[tuple[str, str]]) -> list[str]:
    return [unit.name for unit in task.units if (task.id, unit.id) not in inferred]


def _task(task: PlanTask, plan: Plan, inferred: set[tuple[str, str]]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "title": task.title,
        "text": task.text,
        "responsible_units": _named_units(task, inferred),
    }
    if task.title_is_ours:
        made["title_is_ours"] = True
    phrases = plan.texts.get("inferred_units", {}).get(task.code)
    if phrases:
        made["responsible_units_inferred"] = phrases
    return made | {
        "id": task.code,
        "suggested_event_types": task.suggested_types,
        "audiences": task.audiences,
        "dates": task.dates,
        "progress_mode": task.progress_mode,
    }


def _units(plan: Plan, sections: list[PlanSection], inferred: set[tuple[str, str]]) -> list[dict[str, Any]]:
    tasks = [task for section in sections for task in section.tasks]
    full = {unit.name: unit.full_name for section in sections for unit in section.leads}
    full |= {unit.name: unit.full_name for task in tasks for unit in task.units}
    made = []
    for name in plan.texts["units"]:
        leads = [section.code for section in sections if name in [unit.name for unit in section.leads]]
        answers = [task.code for task in tasks if name in _named_units(task, inferred)]
        made.append(
            {
                "name": name,
                "full_name_unverified": full.get(name),
                "lead_sections": leads,
                "lead_section_count": len(leads),
                "responsible_tasks": answers,
                "responsible_task_count": len(answers),
            }
        )
    return made


def _counts(made: dict[str, Any]) -> dict[str, Any]:
    """The figures of a file that its tree decides."""
    sections = made["sections"]
    tasks = [task for section in sections for task in section["tasks"]]
    modes = Counter(task["progress_mode"] for task in tasks)
    kinds = Counter(section["kind"] for section in sections)
    by_kind: Counter[str] = Counter()
    for section in sections:
        by_kind[section["kind"]] += len(section["tasks"])
    return {
        "sections": len(sections),
        "sections_by_kind": dict(kinds),
        "tasks": len(tasks),
        "tasks_by_kind": dict(by_kind),
        "distinct_units": len(made["units"]),
        "responsible_assignments": sum(len(task["responsible_units"]) for task in tasks),
        "lead_assignments": sum(len(section["lead_units"]) for section in sections),
        "tasks_without_unit_list": [task["id"] for task in tasks if not task["responsible_units"]],
        "progress_modes": dict(modes),
    }
