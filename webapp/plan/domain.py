"""Progress modes, limits, refusals, and what a plan file says once it has been read. Plain Python."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from webapp.core.deeds import Deed
from webapp.core.errors import Conflict, N_, NotFound, RuleBroken

TITLE_LIMIT, SECTION_TITLE_LIMIT, CODE_LIMIT, TEXT_LIMIT = 200, 120, 10, 4000
FILE_LIMIT = 4 * 1024 * 1024  # bytes; the first city's plan is 60 KB
SECTIONS_MAX, TASKS_MAX, UNITS_MAX, LIST_MAX, DEPTH_MAX = 100, 200, 400, 60, 8
SURVEY_AREA_LIMIT, SURVEY_SOURCE_LIMIT, VOID_REASON_LIMIT = 60, 200, 300
LITERACY = "公民具备科学素质的比例"

_PLAN_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


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


class BadPlanCode(RuleBroken):
    """A plan's code stands in addresses and commands."""

    sentence = N_(
        "计划代码“%(code)s”不合格式：只用小写字母、数字和连字符，最多 60 个字符，如 jiamusi-2021-2025。"
    )
    code = "bad_plan_code"
    field = "code"


class NoSuchPlan(NotFound):
    """No plan has this code."""

    sentence = N_("没有代码为“%(code)s”的计划。")
    code = "no_such_plan"


class PlanInUse(Conflict):
    """A task that events serve, or another plan, stands in the way."""

    sentence = N_("计划“%(code)s”没有改动：已有活动或记录关联的任务（%(task)s）不能由导入删除。")
    code = "plan_in_use"


class PlanExists(Conflict):
    """A roll-over makes a new plan and never writes over one."""

    sentence = N_("已经有代码为“%(code)s”的计划。")
    code = "plan_exists"
    field = "code"


class PlanPeriodReversed(RuleBroken):
    """A plan ends after it begins."""

    sentence = N_("计划的截止日期要晚于起始日期，也要晚于上一期的截止日期。")
    code = "plan_period_reversed"
    field = "ends_on"


class AlreadyVoided(Conflict):
    """A survey figure is voided once."""

    sentence = N_("这条调查结果已经作废。")
    code = "already_voided"


class ResultTooEarly(RuleBroken):
    """A survey of a year that has not begun."""

    sentence = N_("调查年份不能晚于今年。")
    code = "year_in_future"
    field = "year"


@dataclass(frozen=True)
class NextPlan:
    """What is said of the plan to be."""

    code: str
    title: str
    starts_on: date
    ends_on: date
    is_demo: bool = False


@dataclass(frozen=True)
class SurveyDraft:
    """A survey's figure as the office enters it, with where it comes from."""

    year: int
    area: str
    value: Decimal
    sample_size: int | None
    source: str


@dataclass(frozen=True)
class TargetDraft:
    """A figure only a survey can show; `value` None means still to be set."""

    indicator: str
    value: Decimal | None
    unit: str
    year: int
    text: str


@dataclass(frozen=True)
class TaskDraft:
    """One task as the file has it."""

    code: str
    title: str
    text: str
    progress_mode: str
    units: tuple[str, ...]
    inferred: tuple[str, ...]  # phrases of ours where the plan's text names no unit
    suggested_types: tuple[str, ...]
    audiences: tuple[str, ...]
    dates: tuple[dict[str, Any], ...]
    title_is_ours: bool


@dataclass(frozen=True)
class SectionDraft:
    """One section as the file has it."""

    code: str
    kind: str
    number: str
    title: str
    goal_text: str
    leads: tuple[str, ...]
    tasks: tuple[TaskDraft, ...]


@dataclass(frozen=True)
class PlanDraft:
    """A whole, valid plan file."""

    title: str
    starts_on: date
    ends_on: date
    target: TargetDraft | None
    texts: dict[str, Any]
    types: dict[str, str]
    units: dict[str, str | None]  # name → full name
    sections: tuple[SectionDraft, ...] = field(default=())


def check_plan_code(code: str) -> str:
    """The code, if a plan may have it; raises BadPlanCode."""
    if not _PLAN_CODE.fullmatch(code):
        raise BadPlanCode(code=code[:80])
    return code


def literacy_reached(value: Decimal, target: Decimal) -> bool:
    """Whether a surveyed figure reaches what was promised."""
    return value >= target


# --- how what was done reads in the history (core/deeds.py) ----------------------------------------------------------

DEEDS = {
    "plan.import": Deed(N_("%(who)s导入了%(it)s，文件：%(file)s")),
    "survey_result.record": Deed(N_("%(who)s记下调查结果：%(it)s，%(area)s %(year)s 年 %(value)s")),
    "survey_result.void": Deed(N_("%(who)s作废了一个调查结果：%(it)s")),
}
