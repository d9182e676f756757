"""Someone at the door who had not signed up, as staff enter them. Plain Python."""

from dataclasses import dataclass
from datetime import datetime

from webapp.attendance.domain import EARLY, LATE
from webapp.core.clock import Period
from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.signups.domain.giving import UNASKED, Given


@dataclass(frozen=True)
class Arrival:
    """What was asked at the door; without a name it is one head that was counted."""

    name: str
    phone: str | None  # E.164
    position_id: str
    nonce: str  # of the page: sent twice, it counts once
    given: Given = UNASKED  # what was said of a minor
    sure: bool = False  # asked whether they are one of the list of that name, they said no


class NameMissing(RuleBroken):
    """A telephone belongs to someone."""

    sentence = N_("填了手机号，请把姓名也写上；不愿留姓名的，两样都不填，只记一个人头。")
    code = "name_missing"
    field = "name"


class PositionMissing(RuleBroken):
    """A place is taken somewhere."""

    sentence = N_("请选择安排在哪里。")
    code = "position_missing"
    field = "position"


class SomeoneSoNamed(Conflict):
    """The list has that name: perhaps they did sign up. Asked again with `sure`, they are entered."""

    sentence = N_("名单上有同名的人。是名单上的这位吗？请看下面，核对后再登记。")
    code = "same_name"
    field = "name"


class DoorsNotOpen(Conflict):
    """Nobody has come yet."""

    sentence = N_("还没到签到时间（活动开始前 2 小时），不能登记来的人。")
    code = "too_early"


class DoorsOver(Conflict):
    """Whoever is remembered afterwards is counted, not checked in."""

    sentence = N_("签到时间已过，没有报名的人现在只能按人群登记人数。")
    code = "too_late"


def check_arrival(arrival: Arrival, period: Period, now: datetime) -> None:
    """Raises DoorsNotOpen, DoorsOver, NameMissing, PositionMissing."""
    if now < period.start - EARLY:
        raise DoorsNotOpen
    if now >= period.end + LATE:
        raise DoorsOver
    if not arrival.name and arrival.phone:
        raise NameMissing
    if arrival.name and not arrival.position_id:
        raise PositionMissing
