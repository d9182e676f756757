"""Kinds of organisations and permissions. Plain Python."""

from enum import StrEnum

from webapp.core.errors import N_

NAME_LIMIT = 80


class OrganisationKind(StrEnum):
    """What an organisation is."""

    OFFICE = "office"  # 市科协: keeps the plan
    UNIT = "unit"  # 责任单位
    CENTRE = "centre"  # 社区服务中心 / 党群服务中心
    HOSPITAL = "hospital"  # 社区卫生服务中心 / 乡镇卫生院
    SCHOOL = "school"
    ASSOCIATION = "association"  # 学会、协会、研究会、老科协


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

# The office may do everything; the inspector may look at what an organiser sees.
EVERYWHERE = frozenset({Permission.GOVERN, Permission.INSPECT})


def grants(held: frozenset[str], wanted: Permission) -> bool:
    """Whether permissions held for an organisation include the wanted one; `govern` includes all."""
    return Permission.GOVERN in held or wanted in held
