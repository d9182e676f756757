"""The next plan from an old one: same sections, tasks and units; promises and words to be set anew."""

from typing import Any

from webapp.core.db import session
from webapp.core.hooks import Hook
from webapp.plan import queries
from webapp.plan.domain import (
    NextPlan,
    NoSuchPlan,
    PlanExists,
    PlanPeriodReversed,
    check_plan_code,
)
from webapp.plan.models import Plan
from webapp.plan.service.exporting import export_plan
from webapp.plan.service.importing import import_plan

# Words that name the old period and its figures; the new plan's own must be written by people.
_OWN_WORDS = ("preamble", "guiding_thought", "overall_goal", "part_intros", "counts")


# Told as rolled_over(old_id, new_id, by): what lies in the new plan's days serves its tasks from now on.
rolled_over = Hook()


def check_next(old: Plan, asked: NextPlan) -> None:
    """Raise PlanExists, PlanPeriodReversed, BadPlanCode unless the plan may be made."""
    if queries.find_plan(check_plan_code(asked.code)) is not None:
        raise PlanExists(code=asked.code)
    if asked.ends_on <= asked.starts_on or asked.ends_on <= old.ends_on:
        raise PlanPeriodReversed


def roll_over(plan_code: str, asked: NextPlan, *, by: str | None) -> Plan:
    """Make the next plan from the sections, tasks and units of `plan_code`; events in its days go along.

    Its target has no value yet, and its general texts are absent: the page says that they are to be set. Dates in
    tasks that name years of the old period are left out. Raises NoSuchPlan, PlanExists, PlanPeriodReversed,
    BadPlanCode, BadPlanFile.
    """
    old = queries.find_plan(plan_code)
    if old is None:
        raise NoSuchPlan(code=plan_code[:80])
    check_next(old, asked)
    data = {name: value for name, value in export_plan(old.code).items() if name not in _OWN_WORDS}
    period = {"start": asked.starts_on.isoformat(), "end": asked.ends_on.isoformat()}
    data |= {"title": asked.title, "period": period}
    if "target" in data:
        data["target"] = data["target"] | {"value": None, "year": asked.ends_on.year, "text": ""}
    if "report" in data:
        data["report"] = {name: value for name, value in data["report"].items() if name != "inspection_years"}
    data["sections"] = [
        section | {"tasks": [_renewed(task) for task in section["tasks"]]} for section in data["sections"]
    ]
    file = f"{asked.code}.json"
    new = import_plan(data, file=file, code=asked.code, is_demo=asked.is_demo, predecessor=old).plan
    session().flush()  # followers read it
    rolled_over(old.id, new.id, by)
    return new


def _renewed(task: dict[str, Any]) -> dict[str, Any]:
    return task | {"dates": [one for one in task["dates"] if one["kind"] != "years"]}
