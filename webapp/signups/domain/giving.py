"""What someone says when signing up beyond who they are: answers, age band, guardian, companions. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.core.spelling import name_key
from webapp.people.domain import GuardianIsChild
from webapp.volunteers.domain import AgeDisagrees, Company, company_for, needs_guardian

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
    course_id: str | None = None  # taken with a whole course
    company: str | None = None  # who comes along with a child; "" nobody; None: not said
    with_guardian: bool = False  # it is the guardian who comes along
    age_confirmed: bool = False  # staff were asked about a disagreement, and mean what they say
    can_ask: bool = True  # whoever signs up can still be asked: a page, a program


UNASKED = Given(can_ask=False)  # nobody is there any more who could say


@dataclass(frozen=True)
class Companion:
    """Someone who comes along, with their own sign-up and pass."""

    name: str
    age_band: str | None = None


class AboutMinor(RuleBroken):
    """The family of refusals about a minor: what is lacking can be given, and the same sent again."""


class GuardianNeeded(AboutMinor):
    """A minor takes part when a guardian agrees (PIPL art. 31 below 14; this house asks below 18)."""

    sentence = N_("不满 18 岁参加活动，要有监护人的姓名、电话和同意。")
    code = "guardian_needed"
    field = "guardian_name"


class GuardianNeededAsKnown(GuardianNeeded):
    """The same of someone who did not say it this time."""

    sentence = N_(
        "以前说过不满 18 岁，参加活动要有监护人的姓名、电话和同意。现在已满 18 岁的，请在年龄里选。"
    )


class GuardianIsMinor(AboutMinor):
    """A guardian is of age."""

    sentence = N_("监护人要年满 18 岁。这位以前说过不满 18 岁，请写父母或其他监护人。")
    code = "guardian_is_minor"
    field = "guardian_name"


class ConsentWithdrawn(AboutMinor):
    """The guardian took the consent back: only the guardian or staff give it anew."""

    sentence = N_("监护人撤回过同意。要再参加，请监护人打开自己的链接重新同意，或联系组织者。")
    code = "consent_withdrawn"
    field = "guardian_name"


class CompanyNeeded(AboutMinor):
    """A child under ten does not come alone."""

    sentence = N_("不满 10 岁要有大人陪着来，请写谁陪同。")
    code = "company_needed"
    field = "company"


class CompanyNotSaid(AboutMinor):
    """Under fourteen it is asked who comes along or fetches them."""

    sentence = N_("不满 14 岁，请写谁陪同或接送；自己来回的，也请选上。")
    code = "company_not_said"
    field = "company"


# All that may be said against a minor's sign-up.
ABOUT_MINORS = (AboutMinor, AgeDisagrees, GuardianIsChild)


class ChildrenOnList(Conflict):
    """Of a list: minors who lack something or whose age disagrees, all of them at once."""

    sentence = N_("名单里有未成年人还不能报：%(reasons)s请在名单里补上，或去掉后单独代报名。")
    code = "minors_lack"
    field = "people"


class ChildCannot(Conflict):
    """One of them, and why."""

    sentence = N_("%(name)s还不能报（%(reason)s）。")
    code = "minor_cannot"


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


def check_company(band: str | None, company: str | None, *, can_ask: bool) -> None:
    """Raise CompanyNeeded for a child under ten without an adult, CompanyNotSaid where that can still be asked."""
    wanted = company_for(band)
    if wanted == Company.NEEDED and not company:
        raise CompanyNeeded
    if wanted == Company.ASKED and company is None and can_ask:
        raise CompanyNotSaid


def adult_of(name: str, band: str | None, companions: Sequence[Companion]) -> str | None:
    """An adult of the party, who comes along with its children: the one who signs up, else the first of the others."""
    grown = [
        one
        for one, said in ((name, band), *((one.name, one.age_band) for one in companions))
        if not needs_guardian(said)
    ]
    return grown[0] if grown else None


def accompanied(given: Given, companions: Sequence[Companion]) -> Given:
    """What is said of a child who brings an adult along: that adult comes with them, unless another was named."""
    if given.company is not None or not companions:
        return given
    grown = adult_of("", given.age_band, companions) if needs_guardian(given.age_band) else None
    return replace(given, company=grown) if grown else given
