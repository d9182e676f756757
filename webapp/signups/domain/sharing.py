"""Refusals where people share shifts: courses, hand-overs, teams that come together, calls. Plain Python."""

from enum import StrEnum

from webapp.core.errors import Conflict, N_, NotAllowed, Refusal, RuleBroken, Words
from webapp.signups.domain import AlreadySignedUp
from webapp.signups.domain.presence import SAME_HOUR, SAME_SESSION, SameHour


class HandOverState(StrEnum):
    """How a hand-over stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


HAND_OVER_LABELS = {
    HandOverState.ASKED: N_("等对方答复"),
    HandOverState.ACCEPTED: N_("对方已接手"),
    HandOverState.DECLINED: N_("对方来不了"),
    HandOverState.WITHDRAWN: N_("已收回"),
}

# Kept as the reason of a sign-up whose shift someone else took.
HANDED_OVER = N_("转交给别人")
LEFT_COURSE = N_("退出整个系列")


# --- courses ----------------------------------------------------------------------------------------------------


class AlreadyInCourse(AlreadySignedUp):
    """One living course sign-up per person, event and name of the position."""

    sentence = N_("这个人已经报过整个系列，不用再报。")
    code = "already_in_course"


class NothingLeftOfCourse(Conflict):
    """No date of the course could be taken."""

    sentence = N_("没有能报上的日期：%(reasons)s请看看别的课程。")
    code = "closed"


class NoCourseHere(RuleBroken):
    """The event has no two coming sessions with such a position."""

    sentence = N_("这个活动没有名叫“%(name)s”的系列岗位。")
    code = "no_course"


class DateLeftOut(Conflict):
    """One date of a course that could not be taken, and why."""

    sentence = N_("%(date)s这一场没有报上（%(reason)s）。")
    code = "date_left_out"


class DateToAsk(Conflict):
    """One date of a course at whose hour they have something else."""

    sentence = N_("%(date)s这一场。")
    code = "overlap"


class SameHourInCourse(SameHour):
    """Of a course those dates; where the person goes is told to nobody."""

    sentence = N_(
        "有 %(count)s 场同一时间还报了别的活动：%(reasons)s两个都要吗？都要，请勾选“两个都要”再提交。"
    )


# --- hand-overs -------------------------------------------------------------------------------------------------


class HandOverNeedsStaff(RuleBroken):
    """Whoever takes the place must be approved, so staff do it."""

    sentence = N_("这个岗位要审核报名的人，不能自己转交，请联系组织者。")
    code = "hand_over_needs_staff"


class NotToHandOver(Conflict):
    """Only a confirmed shift that has not begun can be handed over."""

    sentence = N_("只有已报上、还没开始的志愿岗位可以转交。")
    code = "closed"


class AlreadyHandingOver(Conflict):
    """One open hand-over per shift."""

    sentence = N_("这个岗位已经请了一位接手，请先收回，再请别人。")
    code = "already_handing_over"


class NobodyMatches(RuleBroken):
    """Name and telephone do not belong to one account; which of them is wrong is never said."""

    sentence = N_("没有找到姓名和手机号都相符的志愿者账号，请和对方核对。")
    code = "nobody_matches"
    field = "name"


class HandOverToSelf(RuleBroken):
    """The other one is oneself."""

    sentence = N_("不能转交给自己。")
    code = "hand_over_to_self"
    field = "name"


class HandOverSettled(Conflict):
    """Answered, taken back, or the shift is gone."""

    sentence = N_("这次转交已经答复、收回，或岗位已经取消。")
    code = "hand_over_settled"


# --- teams ------------------------------------------------------------------------------------------------------


class PickSomebody(RuleBroken):
    """Nobody was ticked."""

    sentence = N_("请至少选一位队员。")
    code = "nobody_chosen"


class NotAMember(NotAllowed):
    """Only members are signed up by their leader."""

    sentence = N_("有人已经不在队里，请看过新的名单再选。")
    code = "not_a_member"


class TeamNotSignedUp(Conflict):
    """All or nothing: what stands in the way, all of it."""

    sentence = N_("这次一位也没有报上：%(reasons)s请改好再提交。")
    code = "team_not_signed_up"


class PlacesLeft(Conflict):
    """Fewer places than members chosen."""

    sentence = N_("“%(position)s”还有 %(free)s 个名额，您选了 %(chosen)s 位。")
    code = "too_few_places"


class MemberCannot(Conflict):
    """A member who cannot take the shift, and why."""

    sentence = N_("队员%(name)s不能报（%(reason)s）。")
    code = "member_cannot"


_OF_SOMEONE_ELSE = {
    SAME_SESSION: N_("在这一场已有名额"),
    SAME_HOUR: N_("同一时间还报了别的活动"),
    "overlap": N_("同一时间已有别的岗位"),
    "already_signed_up": N_("已经报了这个岗位"),
    "account": N_("没有可用的账号"),
    "age": N_("年龄不够，或还没有填年龄段"),
    "team": N_("不是要求的团队的队员"),
    "skill": N_("没有要求的技能，或证书没有核对、已经过期"),
    "training": N_("没有要求的培训，或培训已经过期"),
}


def why(refusal: Refusal) -> Words | Refusal:
    """A refusal as said of someone else: their other shifts are named to nobody but themselves."""
    words = _OF_SOMEONE_ELSE.get(refusal.extra.get("rule", "")) or _OF_SOMEONE_ELSE.get(refusal.code)
    return Words(words) if words else refusal


# --- calls ------------------------------------------------------------------------------------------------------


class ShiftIsStaffed(Conflict):
    """Every place is taken."""

    sentence = N_("这个岗位已经满员，不用再请人。")
    code = "staffed"


class NobodyToCall(Conflict):
    """Nobody who fits, is free and may be asked."""

    sentence = N_("现在没有合适、有空又可以请的志愿者。")
    code = "nobody_to_call"
