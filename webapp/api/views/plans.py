"""Plans, tasks, progress."""

from typing import Any

from flask import request

from webapp.api import queries
from webapp.api.forms.given import PlanOut, PlanProgressOut, ProgressOut, TaskOut, listing
from webapp.api.views import answer, blueprint, problems
from webapp.attendance import queries as attendance
from webapp.core.auth import token_optional
from webapp.core.errors import N_, RuleBroken
from webapp.organisations import queries as organisations
from webapp.plan import queries as plans
from webapp.venues import queries as venues


class BadPlanDimension(RuleBroken):
    """A plan's progress cannot be cut that way."""

    sentence = N_("by 只能是 section、district、audience、unit 或 month。")
    code = "bad_dimension"


class BadDimension(RuleBroken):
    """Progress cannot be cut that way."""

    sentence = N_("by 只能是 district、audience、unit 或 month。")
    code = "bad_dimension"


@blueprint.get("/plans")
@token_optional
@blueprint.output(listing(PlanOut))
@blueprint.doc(tags=["plan"])
def list_plans() -> Any:
    """All plans."""
    return answer({"items": [queries.plan_body(plan) for plan in plans.list_plans()], "next": None})


@blueprint.get("/plans/<plan_id>/tasks")
@token_optional
@blueprint.output(listing(TaskOut))
@blueprint.doc(tags=["plan"], responses=problems(404))
def list_tasks(plan_id: str) -> Any:
    """The tasks of a plan (its id or code) with units and progress."""
    plan = plans.get_plan(plan_id)
    sections = plans.tree(plan.id)
    progress = attendance.progress([task.id for section in sections for task in section.tasks])
    items = [
        queries.task_body(task, plan, section=section, progress=progress.get(task.id, []))
        for section in sections
        for task in section.tasks
    ]
    return answer({"items": items, "next": None})


@blueprint.get("/plans/<plan_id>/progress")
@token_optional
@blueprint.output(PlanProgressOut)
@blueprint.doc(tags=["plan"], responses=problems(404, 422))
def plan_progress(plan_id: str) -> Any:
    """A plan's figures, every session and attendance once; ?by=section|district|audience|unit|month cuts them.

    What serves two sections counts once in each and once in the total: do not add sections, or tasks, yourself.
    """
    plan, by = plans.get_plan(plan_id), request.args.get("by") or None
    if by not in {None, "section", *attendance.DIMENSIONS}:
        raise BadPlanDimension
    if by == "section":
        parts, names = (
            attendance.section_progress(plan.id),
            {one.id: one.title for one in plans.tree(plan.id)},
        )
    else:
        parts, names = attendance.plan_breakdown(plan.id, by) if by else {}, _names(by)
    total = queries.figures(attendance.plan_progress(plan.id))
    return answer({"plan": plan.code, "by": by, "total": total, "parts": queries.parts(parts, names)})


@blueprint.get("/tasks/<code>")
@token_optional
@blueprint.output(TaskOut)
@blueprint.doc(tags=["plan"], responses=problems(404))
def get_task(code: str) -> Any:
    """One task; ?plan= takes a plan's code or id, default the plan of today."""
    task = plans.get_task(code, plan=request.args.get("plan") or None)
    progress = attendance.progress([task.id]).get(task.id, [])
    return answer(queries.task_body(task, task.plan, section=task.section, progress=progress))


@blueprint.get("/tasks/<code>/progress")
@token_optional
@blueprint.output(ProgressOut)
@blueprint.doc(tags=["plan"], responses=problems(404, 422))
def task_progress(code: str) -> Any:
    """Figures by metric and grade; ?by=district|audience|unit|month cuts them. `as_of`: last change of the ledger."""
    task = plans.get_task(code, plan=request.args.get("plan") or None)
    by = request.args.get("by") or None
    if by is not None and by not in attendance.DIMENSIONS:
        raise BadDimension
    parts = attendance.task_breakdown(task.id, by) if by else {}
    names = _names(by)
    return answer(
        {
            "task": task.code,
            "plan": task.plan.code,
            "by": by,
            "as_of": queries.moment(attendance.ledger_as_of(task.id)),
            "total": queries.figures(attendance.progress([task.id]).get(task.id, [])),
            "parts": queries.parts(parts, names),
        }
    )


def _names(by: str | None) -> dict[str, str]:
    """Names of districts and units by code or id."""
    if by == "district":
        return {district.code: district.name for district in venues.list_districts()}
    if by == "unit":
        return {one.id: one.name for one in organisations.list_organisations()}
    return {}
