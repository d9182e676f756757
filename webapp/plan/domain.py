"""Progress modes, kinds of sections, refusals of plan files. Plain Python."""

from enum import StrEnum
from typing import Any

from webapp.core.errors import Conflict, N_, RuleBroken


class ProgressMode(StrEnum):
    """How a task's progress can be shown."""

    EVENT = "event"
    MIXED = "mixed"
    MILESTONE = "milestone"
    REPORT = "report"


MODE_LABELS = {
    ProgressMode.EVENT: N_("由活动累计"),
    ProgressMode.MIXED: N_("活动加里程碑"),
    ProgressMode.MILESTONE: N_("里程碑，不以活动次数计"),
    ProgressMode.REPORT: N_("定期报送"),
}

SECTION_KIND_LABELS = {
    "action": N_("提升行动"),
    "project": N_("重点工程"),
    "implementation": N_("组织实施"),
}


class BadPlanFile(RuleBroken):
    """The file is refused whole: which file, where in it, and why."""

    sentence = N_("%(file)s：%(place)s：%(reason)s。整个文件没有导入。")
    code = "bad_plan_file"

    def __init__(self, file: str, place: str, reason: str) -> None:
        super().__init__(file=file, place=place, reason=reason)


class PlanInUse(Conflict):
    """The same code already names a plan with other content that cannot be replaced."""

    sentence = N_("计划“%(code)s”已经存在，而且内容不同；已有活动关联的任务不能由导入改写。")
    code = "plan_in_use"


def period_years(plan: dict[str, Any]) -> tuple[int, int]:
    """First and last year of a plan file's period."""
    return int(plan["period"]["start"]), int(plan["period"]["end"])
