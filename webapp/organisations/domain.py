"""Kinds of organisations and permissions. Plain Python."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from webapp.core.deeds import Deed, Field
from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.core.timing import Night, Until, declare

# The message that nobody holds a right any more that somebody has to hold.
NOBODY_ACTS = declare("organisation.nobody", until=Until.FORTNIGHT, night=Night.MORNING)
# The message that somebody may check people in for an organisation.
HELPER_ADDED = declare("organisation.helper", until=Until.FORTNIGHT, night=Night.MORNING)


NAME_LIMIT = 80


class OrganisationKind(StrEnum):
    """What an organisation is."""

    OFFICE = "office"  # 市科协: keeps the plan
    UNIT = "unit"  # 责任单位
    CENTRE = "centre"  # 社区服务中心 / 党群服务中心
    HOSPITAL = "hospital"  # 社区卫生服务中心 / 乡镇卫生院
    SCHOOL = "school"
    ASSOCIATION = "association"  # 学会、协会、研究会、老科协


KIND_LABELS = {
    OrganisationKind.OFFICE: N_("市科协"),
    OrganisationKind.UNIT: N_("责任单位"),
    OrganisationKind.CENTRE: N_("社区（党群）服务中心"),
    OrganisationKind.HOSPITAL: N_("社区卫生服务中心、乡镇卫生院"),
    OrganisationKind.SCHOOL: N_("学校"),
    OrganisationKind.ASSOCIATION: N_("学会、协会、老科协"),
}


class Permission(StrEnum):
    """What a membership allows."""

    MANAGE_EVENTS = "manage_events"  # make, publish, change, cancel; see who comes
    SCAN = "scan"  # check people in
    SIGN_UP_OTHERS = "sign_up_others"  # sign up people who have no phone
    REPORT = "report"  # a unit's tasks, milestones, summary
    GOVERN = "govern"  # the office: plans, units, every organisation
    INSPECT = "inspect"  # read everything, change nothing


PERMISSION_LABELS = {
    Permission.MANAGE_EVENTS: N_("组织活动"),
    Permission.SCAN: N_("签到"),
    Permission.SIGN_UP_OTHERS: N_("代报名"),
    Permission.REPORT: N_("填报任务进展"),
    Permission.GOVERN: N_("全市统筹"),
    Permission.INSPECT: N_("督查（只读）"),
}

PERMISSION_HINTS = {
    Permission.MANAGE_EVENTS: N_("办活动，改活动，取消活动，看报名的人"),
    Permission.SCAN: N_("在现场签到和签退"),
    Permission.SIGN_UP_OTHERS: N_("替没有手机的人报名"),
    Permission.REPORT: N_("写本单位的任务进展和年度总结"),
    Permission.GOVERN: N_("管计划、单位、人员，能做所有的事"),
    Permission.INSPECT: N_("看全部内容，什么也不能改"),
}

# The office may do everything; the inspector may look at what an organiser sees.
EVERYWHERE = frozenset({Permission.GOVERN, Permission.INSPECT})


# Who works with the people of an organisation's events, and is told their names (promise 8).
WORKS_WITH_PEOPLE = frozenset({Permission.MANAGE_EVENTS, Permission.SCAN, Permission.GOVERN})


# Who checks people in for an organisation's events.
MAY_SCAN = frozenset({Permission.SCAN, Permission.MANAGE_EVENTS, Permission.GOVERN})


@dataclass(frozen=True)
class OrganisationDetails:
    """What the office enters about an organisation."""

    name: str
    kind: str
    full_name: str | None = None
    phone: str | None = None
    needs_approval: bool = False


# Somebody's memberships: organisations and the permissions held there.
Held = Iterable[tuple[str, Iterable[str]]]


def counting_at(organisation_id: str, held: Held) -> frozenset[str]:
    """What memberships come to at this organisation."""
    return with_implied(
        name for where, names in held for name in names if where == organisation_id or name in EVERYWHERE
    )


def seen_through(held: Held, permissions: Collection[str], within: str | None = None) -> list[str] | None:
    """Ids of the organisations memberships let one see with one of the permissions (with none named: all of these);
    None means all there are. `within` leaves one of them, or none.
    """
    each, wanted = [(where, frozenset(names)) for where, names in held], frozenset(permissions)
    if EVERYWHERE & {Permission.GOVERN, *wanted} & {name for _, names in each for name in names}:
        return None if within is None else [within]
    ids = [where for where, names in each if not wanted or wanted & names]
    return ids if within is None else [one for one in ids if one == within]


def with_implied(held: Iterable[str]) -> frozenset[str]:
    """What the permissions held come to: `govern` includes every other."""
    held = frozenset(held)
    return frozenset(Permission) if Permission.GOVERN in held else held


def grants(held: frozenset[str], wanted: Permission) -> bool:
    """Whether permissions held for an organisation include the wanted one."""
    return wanted in with_implied(held)


class NameTaken(Conflict):
    """Another organisation is called so."""

    sentence = N_("已有同名的单位，请用列表里的那一个，或换个名称。")
    code = "organisation_name_taken"
    field = "name"


class BadOrganisationName(RuleBroken):
    """Empty or too long."""

    sentence = N_("请填写单位名称，1 至 80 个字。")
    code = "bad_organisation_name"
    field = "name"


class UnknownPermission(RuleBroken):
    """Not one of the permissions there are."""

    sentence = N_("没有“%(name)s”这项权限。")
    code = "unknown_permission"
    field = "permissions"


class NoSuchAccount(RuleBroken):
    """Nobody signs in with this."""

    sentence = N_("没有找到用这个手机号或邮箱登录的账号。请先让本人注册，再来添加。")
    code = "no_such_account"
    field = "login"


class NoSuchHelper(RuleBroken):
    """Nobody of this name signs in with this."""

    sentence = N_(
        "没有找到这个姓名、用这个手机号或邮箱登录的账号。请核对姓名；没有账号的，请本人先注册，或者直接配对他的手机。"
    )
    code = "no_such_helper"
    field = "login"


class AlreadyHelper(Conflict):
    """May do it already."""

    sentence = N_("这个人已经可以签到了。")
    code = "already_helper"
    field = "login"


class AlreadyMember(Conflict):
    """One membership per person and organisation."""

    sentence = N_("这个人已经在名单里。要改权限，请点名单里的“改”。")
    code = "already_member"
    field = "login"


class LastGovernor(RuleBroken):
    """Someone must be left who can give permissions."""

    sentence = N_("这是最后一位有“全市统筹”权限的人，请先把这项权限交给另一个人。")
    code = "last_governor"
    field = "permissions"


# --- how what was done reads in the history (core/deeds.py) ----------------------------------------------------------

_HELD = Field(words=PERMISSION_LABELS)

DEEDS = {
    "organisation.make": Deed(N_("%(who)s新建了单位“%(name)s”")),
    "organisation.change": Deed(
        N_("%(who)s改了单位%(it)s"),
        name=Field(N_("名称")),
        kind=Field(N_("类型"), words=KIND_LABELS),
        phone=Field(N_("电话")),
        needs_approval=Field(N_("活动要市科协审核")),
    ),
    "membership.set": Deed(
        N_("%(who)s把%(person)s在%(it)s的权限由%(before)s改为%(after)s"),
        person=Field(of="person"),
        before=_HELD,
        after=_HELD,
    ),
}
