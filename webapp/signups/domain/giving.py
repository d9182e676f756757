"""What someone says when signing up beyond who they are: answers, age band, guardian, companions. Plain Python."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.core.spelling import name_key
from webapp.volunteers.domain import needs_guardian

COMPANIONS_MAX = 4


@dataclass(frozen=True)
class GuardianGiven:
    """A parent or guardian who agrees; the telephone in E.164."""

    name: str
    phone: str


@dataclass(frozen=True)
class Given:
    """Beside name and telephone. Answers by question id."""

    answers: Mapping[str, str] = field(default_factory=dict)
    age_band: str | None = None
    guardian: GuardianGiven | None = None
    both: bool = False  # beside what they have elsewhere at that hour


@dataclass(frozen=True)
class Companion:
    """Someone who comes along, with their own sign-up and pass."""

    name: str
    age_band: str | None = None


class GuardianNeeded(RuleBroken):
    """A minor takes part when a guardian agrees (PIPL art. 31 below 14; this house asks below 18)."""

    sentence = N_("不满 18 岁参加活动，要有监护人的姓名、电话和同意。")
    code = "guardian_needed"
    field = "guardian_name"


class TooManyCompanions(RuleBroken):
    """More are a group, and a unit signs groups up."""

    sentence = N_("一次最多带 4 个人，更多的人请联系组织者集体报名。")
    code = "too_many_companions"


class SameNameTwice(RuleBroken):
    """Two of one name on one telephone cannot be told apart at the door."""

    sentence = N_("一起来的人姓名要各不相同，“%(name)s”写了两次。")
    code = "same_name_twice"


class NotEnoughPlaces(Conflict):
    """All together or not at all, where no waitlist is kept."""

    sentence = N_("剩下的名额不够 %(count)s 个人一起报，这次一个也没有报上。可以少报几位再试。")
    code = "closed"


class CompanionSignedUp(Conflict):
    """One living sign-up per person and position."""

    sentence = N_("%(name)s已经报过这个名，不用再报。请去掉这一位再提交。")
    code = "already_signed_up"


class NobodyComesAlong(RuleBroken):
    """No name."""

    sentence = N_("请填写一起来的人的姓名。")
    code = "nobody_comes_along"


class NotWithYou(Conflict):
    """Who has no place themselves, or whose sign-up is over, brings nobody."""

    sentence = N_("这个报名现在不能再加人：报名已经结束、已取消，或已经带满了人。")
    code = "closed"


class NotForMany(RuleBroken):
    """Hours need an account to belong to."""

    sentence = N_("志愿者岗位需要本人有账号，不能成批代报。请选观众的岗位。")
    code = "not_eligible"
    field = "position"


class NobodyToSignUp(RuleBroken):
    """An empty list."""

    sentence = N_("名单里还没有人，请先粘贴或上传。")
    code = "nobody"
    field = "people"


def check_party(name: str, companions: Sequence[Companion]) -> None:
    """Raise TooManyCompanions or SameNameTwice."""
    if len(companions) > COMPANIONS_MAX:
        raise TooManyCompanions
    names = [name, *(one.name for one in companions)]
    keys = [name_key(one) for one in names]
    double = next((names[place] for place, key in enumerate(keys) if key in keys[:place]), None)
    if double is not None:
        raise SameNameTwice(name=double)


def check_guardian(bands: Collection[str | None], *, is_given: bool) -> None:
    """Raise GuardianNeeded when one of these says they are a minor and no guardian agrees."""
    if not is_given and any(needs_guardian(band) for band in bands):
        raise GuardianNeeded
