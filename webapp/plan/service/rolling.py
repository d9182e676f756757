"""The next plan from an old one: same sections, tasks and units; promises and words to be set anew."""

from datetime import date
from typing import Any

from webapp.plan import queries
from webapp.plan.domain import (
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


def roll_over(
    plan_code: str, *, code: str, title: str, starts_on: date, ends_on: date, is_demo: bool = False
) -> Plan:
    """Make plan `code` from the sections, tasks and units of `plan_code`.

    Its target has no value yet, and its general texts are absent: the page says that they are to be set. Dates in
    tasks that name years of the old period are left out. Raises NoSuchPlan, PlanExists, PlanPeriodReversed,
    BadPlanCode, BadPlanFile.
    """
    old = queries.find_plan(plan_code)
    if old is None:
        raise NoSuchPlan(code=plan_code[:80])
    if queries.find_plan(check_plan_code(code)) is not None:
        raise PlanExists(code=code)
    if ends_on <= starts_on:
        raise PlanPeriodReversed
    data = {name: value for name, value in export_plan(old.code).items() if name not in _OWN_WORDS}
    data |= {"title": title, "period": {"start": starts_on.isoformat(), "end": ends_on.isoformat()}}
    if "target" in data:
        data["target"] = data["target"] | {"value": None, "year": ends_on.year, "text": ""}
    if "report" in data:
        data["report"] = {name: value for name, value in data["report"].items() if name != "inspection_years"}
    data["sections"] = [
        section | {"tasks": [_renewed(task) for task in section["tasks"]]} for section in data["sections"]
    ]
    return import_plan(data, file=f"{code}.json", code=code, is_demo=is_demo, predecessor=old).plan


def _renewed(task: dict[str, Any]) -> dict[str, Any]:
    return task | {"dates": [one for one in task["dates"] if one["kind"] != "years"]}
