"""Tables exchanged with other systems: their kinds, columns and headings. Plain Python.

The columns follow the groups of a volunteer's record in 民政部令 67号 (2020): who, what service, trainings, awards.
They are not the data elements of any standard; the office gives them the headings the other system asks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from webapp.core import spelling
from webapp.core.errors import N_, RuleBroken

HEAD_LIMIT, REASON_LIMIT = 40, 200


class Kind(StrEnum):
    """What may be exported."""

    VOLUNTEERS = "volunteers"
    TEAMS = "teams"
    ACTIVITIES = "activities"
    HOURS = "hours"


KIND_LABELS = {
    Kind.VOLUNTEERS: N_("志愿者"),
    Kind.TEAMS: N_("团队"),
    Kind.ACTIVITIES: N_("活动"),
    Kind.HOURS: N_("时长"),
}

# By kind: the key of each column and its heading, unless the office gave it another.
COLUMNS: Mapping[Kind, Mapping[str, str]] = {
    Kind.VOLUNTEERS: {
        "number": N_("全国志愿者编号"),
        "name": N_("姓名"),
        "phone": N_("联系方式"),
        "age_band": N_("年龄段"),
        "districts": N_("服务区域"),
        "skills": N_("专业技能"),
        "languages": N_("语言"),
        "teams": N_("所在团队"),
        "trainings": N_("培训情况"),
        "awards": N_("表彰情况"),
        "stars": N_("星级"),
        "sessions": N_("服务次数"),
        "hours": N_("服务时长（小时）"),
        "added_hours": N_("补录时长（小时）"),
    },
    Kind.TEAMS: {
        "name": N_("团队名称"),
        "kind": N_("团队类别"),
        "organisation": N_("主管单位"),
        "leader": N_("队长"),
        "phone": N_("联系方式"),
        "made_on": N_("登记日期"),
        "closed_on": N_("停用日期"),
        "members": N_("现有队员"),
        "sessions": N_("服务场次"),
        "people": N_("服务人数"),
        "hours": N_("服务时长（小时）"),
        "added_hours": N_("补录时长（小时）"),
    },
    Kind.ACTIVITIES: {
        "session_id": N_("场次编号"),
        "title": N_("活动名称"),
        "session_title": N_("场次"),
        "organisation": N_("组织单位"),
        "type": N_("活动类型"),
        "date": N_("活动日期"),
        "starts": N_("开始时间"),
        "ends": N_("结束时间"),
        "district": N_("区县"),
        "place": N_("活动地点"),
        "address": N_("地址"),
        "audiences": N_("服务对象"),
        "volunteers_planned": N_("计划志愿者"),
        # Each grade in its own column: no sum is exported that a reader could not take apart.
        "volunteers_came": N_("实名签到志愿者"),
        "volunteers_ticked": N_("名册勾到志愿者"),
        "audience_planned": N_("计划观众"),
        "audience_came": N_("实名签到观众"),
        "audience_ticked": N_("名册勾到观众"),
        "counted": N_("现场计数观众"),
    },
    Kind.HOURS: {
        "session_id": N_("场次编号"),
        "number": N_("全国志愿者编号"),
        "name": N_("姓名"),
        "phone": N_("联系方式"),
        "title": N_("活动名称"),
        "session_title": N_("场次"),
        "date": N_("服务日期"),
        "place": N_("服务地点"),
        "audiences": N_("服务对象"),
        "position": N_("服务内容"),
        "organisation": N_("组织单位"),
        "team": N_("服务团队"),
        "in_at": N_("签到时间"),
        "out_at": N_("签退时间"),
        "hours": N_("服务时长（小时）"),
        "added_hours": N_("补录时长（小时）"),
        "reason": N_("补录理由"),
        "source": N_("记录方式"),
        "status": N_("状态"),
    },
}


@dataclass(frozen=True)
class Column:
    """One column as the office has it."""

    key: str
    default: str
    head: str
    is_on: bool = True


Kept = Mapping[str, Mapping[str, Mapping[str, Any]]]  # kind → column → {"head": …, "off": …}: what differs


def columns_of(kind: Kind, kept: Kept) -> list[Column]:
    """The columns of a kind, in their order, with the headings that hold now."""
    changed = kept.get(kind, {})
    return [
        Column(key, default, changed.get(key, {}).get("head") or default, not changed.get(key, {}).get("off"))
        for key, default in COLUMNS[kind].items()
    ]


def to_keep(columns: Sequence[Column]) -> dict[str, dict[str, Any]]:
    """What of these columns differs from the default."""
    found: dict[str, dict[str, Any]] = {}
    for one in columns:
        if one.head != one.default:
            found.setdefault(one.key, {})["head"] = one.head
        if not one.is_on:
            found.setdefault(one.key, {})["off"] = True
    return found


def same_heading(text: str) -> str:
    """A heading as headings are compared: without spaces, in one width, without regard to case."""
    return "".join(spelling.compact(text).split()).casefold()


def doubled(columns: Sequence[Column]) -> set[str]:
    """Keys of the exported columns that share their heading with an earlier one."""
    seen: set[str] = set()
    found = set()
    for one in columns:
        if one.is_on and same_heading(one.head) in seen:
            found.add(one.key)
        if one.is_on:
            seen.add(same_heading(one.head))
    return found


def recognise(cells: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    """Which column of a sheet is which: by the office's headings first, by the default ones where these are free."""
    places: dict[str, int] = {}
    for number, cell in enumerate(cells):
        places.setdefault(same_heading(cell), number)
    found: dict[str, int] = {}
    for name in ("head", "default"):
        for one in columns:
            place = places.get(same_heading(getattr(one, name)))
            if one.key not in found and place is not None and place not in found.values():
                found[one.key] = place
    return found


class ReasonMissing(RuleBroken):
    """Whole telephone numbers were asked for without saying why."""

    sentence = N_("导出完整手机号要写明用途。")
    code = "exchange_reason_missing"
    field = "reason"


class NotForYou(RuleBroken):
    """Whole telephone numbers were asked for by someone other than the office."""

    sentence = N_("完整手机号只能由主管部门导出。")
    code = "exchange_office_only"  # no field: others' page has none for it


class PeriodTurned(RuleBroken):
    """The first day is after the last."""

    sentence = N_("结束日期不能早于开始日期。")
    code = "exchange_period"
    field = "until_on"


class HeadingsMissing(RuleBroken):
    """A confirmation sheet without a column that is needed."""

    sentence = N_("表里没有找到“%(heads)s”。表头要和“表头”页上的一样，可以先导出一份对照。")
    code = "exchange_headings_missing"
    field = "file"


@dataclass(frozen=True)
class Wanted:
    """What to export: both days count."""

    kind: Kind
    from_on: date
    until_on: date
    with_open: bool = False  # hours that are not final yet, too
    full: bool = False  # whole telephone numbers
    reason: str = ""


def check(wanted: Wanted, *, governs: bool) -> None:
    """Raises PeriodTurned, NotForYou, ReasonMissing."""
    if wanted.until_on < wanted.from_on:
        raise PeriodTurned
    if wanted.full and not governs:
        raise NotForYou
    if wanted.full and not wanted.reason.strip():
        raise ReasonMissing
