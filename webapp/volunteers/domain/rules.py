"""Kinds of teams, age bands, limits, what a position asks for and who meets it. Plain Python."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from webapp.core.errors import N_

NAME_LIMIT = 60
NOTE_LIMIT = 300
ABOUT_LIMIT = 1000
NUMBER_LIMIT = 30
TRAINING_MINUTES_MAX = 60_000  # a thousand hours: more is a slip of the pen
VALID_MONTHS_MAX = 600
WARN_DAYS = 60  # so long before it runs out a certificate is spoken of

PARTS_OF_DAY = {"am": N_("上午"), "pm": N_("下午"), "eve": N_("晚上")}
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
TIMES = tuple(f"{day}-{part}" for day in range(1, 8) for part in PARTS_OF_DAY)  # "1-am" … "7-eve"
LANGUAGES = (
    N_("普通话"),
    N_("英语"),
    N_("俄语"),
    N_("日语"),
    N_("朝鲜语"),
    N_("赫哲语"),
    N_("手语"),
)


class TeamKind(StrEnum):
    """Kinds of teams the plan names (I3-1, I3-2, P1-2, P4-1)."""

    SERVICE = "service"
    ELDER_EXPERTS = "elder_experts"
    EMERGENCY = "emergency"
    COUNSELLORS = "counsellors"
    ELDERS = "elders"


TEAM_KIND_LABELS = {
    TeamKind.SERVICE: N_("科技志愿服务队"),
    TeamKind.ELDER_EXPERTS: N_("老专家科普团体"),
    TeamKind.EMERGENCY: N_("应急科普专家团队"),
    TeamKind.COUNSELLORS: N_("科技辅导员队伍"),
    TeamKind.ELDERS: N_("老年志愿者团队"),
}


class MemberState(StrEnum):
    """How someone stands to a team."""

    ASKED = "asked"
    MEMBER = "member"
    DECLINED = "declined"
    LEFT = "left"


MEMBER_STATE_LABELS = {
    MemberState.ASKED: N_("等答复"),
    MemberState.MEMBER: N_("已是队员"),
    MemberState.DECLINED: N_("没有同意"),
    MemberState.LEFT: N_("已退出"),
}
REQUEST_STATE_LABELS = {"asked": N_("等答复"), "accepted": N_("已派人"), "declined": N_("来不了")}


class AgeBand(StrEnum):
    """How old someone said they are; the birthday is never asked."""

    UNDER_10 = "under_10"
    FROM_10 = "10_13"
    UNDER_14 = "under_14"  # said by lists and programs that know no better
    FROM_14 = "14_15"
    FROM_16 = "16_17"
    ADULT = "adult"


AGE_BAND_LABELS = {
    AgeBand.UNDER_10: N_("不满 10 岁"),
    AgeBand.FROM_10: N_("10 至 13 岁"),
    AgeBand.UNDER_14: N_("不满 14 岁"),
    AgeBand.FROM_14: N_("14 至 15 岁"),
    AgeBand.FROM_16: N_("16 至 17 岁"),
    AgeBand.ADULT: N_("18 岁及以上"),
}
_AT_LEAST = {
    AgeBand.UNDER_10: 0,
    AgeBand.FROM_10: 10,
    AgeBand.UNDER_14: 0,
    AgeBand.FROM_14: 14,
    AgeBand.FROM_16: 16,
    AgeBand.ADULT: 18,
}


def is_old_enough(band: str | None, min_age: int | None) -> bool:
    """Whether someone of this band is certainly that old; unknown is not enough where an age is asked for."""
    if min_age is None:
        return True
    return band is not None and _AT_LEAST[AgeBand(band)] >= min_age


def needs_guardian(band: str | None) -> bool:
    """Whether a parent or guardian must agree: everyone under 18 who said so (PIPL art. 31 below 14)."""
    return band is not None and band != AgeBand.ADULT


class Lacks(StrEnum):
    """Which requirement of a position someone does not meet; `rule` in an answer of the API."""

    SKILL = "skill"
    TRAINING = "training"
    TEAM = "team"
    AGE = "age"


@dataclass(frozen=True)
class Requirements:
    """What a position asks for beyond a free place. Ids of skills and courses; all skills and courses are asked
    for, and membership in one of the teams.
    """

    skills: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    min_age: int | None = None


@dataclass(frozen=True)
class Qualifications:
    """What someone has on a day: skills and courses whose certificate has not expired, teams they are in."""

    skills: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    age_band: str | None = None


def first_lack(wanted: Requirements, has: Qualifications) -> Lacks | None:
    """The first requirement not met, or None."""
    if not is_old_enough(has.age_band, wanted.min_age):
        return Lacks.AGE
    if wanted.teams and not wanted.teams & has.teams:
        return Lacks.TEAM
    if wanted.skills - has.skills:
        return Lacks.SKILL
    return Lacks.TRAINING if wanted.courses - has.courses else None


def still_valid(expires_on: date | None, on: date) -> bool:
    """Whether a certificate is good on that day; its last day counts."""
    return expires_on is None or on <= expires_on


def part_of_day(hour: int) -> str:
    """am until noon, pm until five, then eve."""
    return "am" if hour < 12 else "pm" if hour < 17 else "eve"


def valid_until(held_on: date, months: int | None) -> date | None:
    """The last day a training of that day counts; None is for ever. The 31st becomes the month's last day."""
    if months is None:
        return None
    year, month = divmod(held_on.year * 12 + held_on.month - 1 + months, 12)
    return date(year, month + 1, min(held_on.day, monthrange(year, month + 1)[1]))


def runs_out_soon(expires_on: date | None, on: date) -> bool:
    """Whether a certificate is to be renewed: it has run out, or will within 60 days."""
    return expires_on is not None and expires_on <= on + timedelta(days=WARN_DAYS)
