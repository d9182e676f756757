"""The plan as the office knows it from paper, each line with its figures; one task with what stands behind them."""

from flask import render_template, request, url_for

from webapp.attendance.queries import ledger_as_of, progress
from webapp.core import clock
from webapp.core.auth import public
from webapp.core.forms import keepable
from webapp.core.words import QUERY_LIMIT
from webapp.pages import queries
from webapp.pages.queries import Stand, Tally
from webapp.pages.views import blueprint
from webapp.plan.domain import MODE_LABELS, SECTION_KIND_LABELS, ProgressMode
from webapp.plan.models import Plan
from webapp.plan.queries import (
    current_plan,
    find_tasks,
    get_plan,
    get_task,
    inferred_units,
    list_plans,
    list_results,
    list_targets,
)


def _chosen() -> Plan | None:
    """The plan named in the address, else today's; raises NotFound for a name nobody has."""
    named = request.args.get("plan", "")
    return get_plan(named[:60]) if named else current_plan()


def _page(name: str) -> int:
    """Which page of a list is asked for; what is no number is the first."""
    asked = request.args.get(name, "")
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else 1


@blueprint.get("/plan/")
@public
def show_plan() -> str:
    """The tree with progress; two plans can stand side by side and are chosen by their period."""
    plan = _chosen()
    if plan is None:
        return render_template("pages/show_plan.html", plan=None)
    words = " ".join(keepable(request.args.get("q", "")).split())[:QUERY_LIMIT]
    lines, total = queries.plan_lines(plan)
    targets = list_targets(plan.id)
    return render_template(
        "pages/show_plan.html",
        plan=plan,
        q=words,
        found=find_tasks(plan.id, words) if words else (),
        plans=list_plans(),
        parts=[(label, [one for one in lines if one.section.kind == kind]) for kind, label in _kinds()],
        modes=MODE_LABELS,
        total=total,
        breakdowns=queries.plan_breakdowns(plan),
        targets=[(target, list_results([target.id])) for target in targets],
        grades=queries.GRADES,
    )


def _kinds() -> list[tuple[str, str]]:
    return list(SECTION_KIND_LABELS.items())


@blueprint.get("/plan/tasks/<code>")
@public
def show_task(code: str) -> str:
    """What was promised, figures by grade and metric, and the sessions behind them."""
    task = get_task(code, _chosen())
    return render_template(
        "pages/show_task.html",
        task=task,
        plans=list_plans(),
        inferred=inferred_units(task.id),
        mode=MODE_LABELS[ProgressMode(task.progress_mode)],
        tally=Tally.of(progress([task.id]).get(task.id, ())),
        breakdowns=queries.breakdowns(task),
        grades=queries.GRADES,
        as_of=ledger_as_of(task.id),
        now=clock.now(),
        coming=queries.task_sessions(task, Stand.COMING, page=_page("coming")),
        past=queries.task_sessions(task, Stand.COUNTED, page=_page("past")),
        unrecorded=queries.task_sessions(task, Stand.UNRECORDED),
        feed=url_for("calendars.task_feed", code=task.code, plan=task.plan.code),
    )
