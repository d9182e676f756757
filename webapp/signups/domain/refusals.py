"""Why a sign-up is refused, cannot be taken back or answered. Plain Python.

`rule` tells programs which of several rules that share a code said no.
"""

from typing import Any, ClassVar

from webapp.core.errors import Conflict, Expired, N_, NotAllowed, RuleBroken


class AlreadySignedUp(Conflict):
    """One living sign-up per person and position."""

    sentence = N_("这个人已经报过名，不用再报。凭证找不到了也不要紧，到现场说姓名就能签到。")
    code = "already_signed_up"


class Closed(Conflict):
    """Not now: the family of refusals with the code `closed`."""

    code = "closed"
    rule: ClassVar[str] = "closed"

    def __init__(self, **params: Any) -> None:
        super().__init__(extra={"rule": self.rule}, **params)


class SignupClosed(Closed):
    """Over, begun, cancelled, not published, or after the time set for signing up."""

    sentence = N_("这个场次的报名已经结束。")


class NotYetOpen(Closed):
    """Sign-up opens later."""

    sentence = N_("还没到报名时间，%(when)s开始报名。")
    rule = "not_yet"


class PositionFull(Closed):
    """Full, and no waitlist is kept."""

    sentence = N_("名额已满，这个岗位不设候补。")
    rule = "full"


class CancelTooLate(Closed):
    """So near the start only staff take a sign-up back."""

    sentence = N_("%(until)s以后不能自己取消。来不了请尽快告诉主办方%(organisation)s。")
    rule = "cancel_too_late"


class CancelTooLateCall(CancelTooLate):
    """The same, where the organiser has a telephone."""

    sentence = N_("%(until)s以后不能自己取消。来不了请尽快打电话给%(organisation)s：%(phone)s。")


class AlreadyOver(Closed):
    """A sign-up that is no longer living, or whose session is over, cannot be cancelled."""

    sentence = N_("这个报名已经取消或活动已经结束，不能再取消。")
    rule = "over"


class OverlappingShift(Conflict):
    """No two shifts at the same time."""

    sentence = N_("您在“%(event)s”已有同一时间的岗位，时间重叠，不能同时报名。")
    code = "overlap"


class NoPlaceToSwap(Conflict):
    """A shift is given up for a sure one alone."""

    sentence = N_("这个岗位现在没有空名额，没有换成。您原来的岗位还在。")
    code = "no_place_to_swap"


class NoCardsYet(Conflict):
    """Cards are the passes of people who may come; nobody here has one."""

    sentence = N_(
        "这一场没有可以打印的报名卡：现在能凭码签到的人才有。候补、待审核、没有监护人同意的没有，活动延期、取消和结束以后也没有。"
    )
    code = "no_cards"


class OverlapsForAnother(OverlappingShift):
    """The same, as said to whoever signs someone else up: where that person serves is not told to them."""

    sentence = N_("这位志愿者在同一时间已有别的岗位，时间重叠，不能再报这一个。")


class NotEligible(NotAllowed):
    """The position asks for something this person does not have."""

    sentence = N_("这个岗位有要求，您还不符合。")
    code = "not_eligible"
    rule: ClassVar[str] = "account"

    def __init__(self, **params: Any) -> None:
        super().__init__(extra={"rule": self.rule}, **params)


class NeedsAccount(NotEligible):
    """Volunteer positions are for people with an account: hours need someone to belong to."""

    sentence = N_("志愿者岗位需要先注册账号，再报名。")


class TooYoung(NotEligible):
    """The position has a minimum age, and the person is below it or did not say how old they are."""

    sentence = N_("这个岗位要求年满 %(age)s 岁。年龄段还没填的，请先在“我的资料”里填上。")
    rule = "age"


class NotInTeam(NotEligible):
    """The position is for members of certain teams."""

    sentence = N_("这个岗位只给%(names)s的队员报名，您还不是队员。")
    rule = "team"


class LacksSkill(NotEligible):
    """A skill is missing, or its certificate has run out or was not looked at."""

    sentence = N_("这个岗位需要会%(names)s，您的资料里还没有，或证书没有核对、已经过期。")
    rule = "skill"


class NotTrained(NotEligible):
    """A training is missing or too long ago."""

    sentence = N_("这个岗位要先参加“%(names)s”，您还没有有效的培训记录。")
    rule = "training"


class MayNotSignUpOthers(NotAllowed):
    """Only staff sign up others."""

    sentence = N_("您没有替别人报这个名的权限。")
    code = "not_allowed"


class ReasonMissing(RuleBroken):
    """Who takes something from someone else says why."""

    sentence = N_("请写明原因。")
    code = "reason_missing"
    field = "reason"


class OfferExpired(Expired):
    """The place was held until a moment that is past."""

    sentence = N_("确认的时间已经过了，名额让出去了。还想参加，可以再报一次名。")
    code = "offer_expired"


class NoOffer(Conflict):
    """Nothing is offered to this sign-up now."""

    sentence = N_("这个报名现在没有等您确认的名额，请刷新看看最新情况。")
    code = "no_offer"


class NotWaiting(Conflict):
    """Only who waits has a place in the queue."""

    sentence = N_("这个人已经不在候补里了，请看看最新的名单。")
    code = "not_waiting"
    field = "signup"


class BadPlace(RuleBroken):
    """There is no such place in the queue."""

    sentence = N_("请填 1 到 %(last)s 之间的位次。")
    code = "bad_place"
    field = "place"


class NoPass(Conflict):
    """Only who has a place has a pass."""

    sentence = N_("这个报名现在没有名额，也就没有可换的码。")
    code = "no_pass"


class TooManyPasses(Conflict):
    """The serial has no letters left."""

    sentence = N_("这张码换过太多次，不能再换了。请取消后重新报名。")
    code = "too_many_passes"


class PassReplaced(Expired):
    """The pass is genuine, and void: a newer one was given, or its key was retired."""

    sentence = N_("这张码已作废，请打开自己的报名，出示新码。")
    code = "pass_replaced"
