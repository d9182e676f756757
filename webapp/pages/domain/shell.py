"""The staff's side by work: eight sections, the pages of each, and where every other page belongs. Plain Python.

Who sees what is not said here: a page is listed for whoever its own access rule lets in.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from webapp.core.errors import N_
from webapp.organisations.domain import Permission

STAFF = (
    Permission.MANAGE_EVENTS,
    Permission.SCAN,
    Permission.SIGN_UP_OTHERS,
    Permission.REPORT,
    Permission.GOVERN,
    Permission.INSPECT,
)


@dataclass(frozen=True)
class Place:
    """A page of the navigation."""

    endpoint: str
    label: str
    needs: frozenset[Permission] = frozenset()  # of a public page: listed for who holds one of these


@dataclass(frozen=True)
class Section:
    """One kind of work. Its first page that a person may open is where the section leads."""

    key: str
    label: str
    icon: str
    places: tuple[Place, ...]


# Whom the staff's side is for.
STAFF = (
    Permission.MANAGE_EVENTS,
    Permission.SCAN,
    Permission.SIGN_UP_OTHERS,
    Permission.REPORT,
    Permission.GOVERN,
    Permission.INSPECT,
)

_SCANS = frozenset({Permission.SCAN, Permission.MANAGE_EVENTS, Permission.GOVERN})

SECTIONS = (
    Section("today", N_("今天"), "home", (Place("pages.manage_home", N_("今天")),)),
    Section("todo", N_("待办"), "check-circle", (Place("pages.list_todo", N_("待办")),)),
    Section(
        "events",
        N_("活动"),
        "calendar",
        (
            Place("events.list_managed", N_("全部活动和草稿")),
            Place("attendance.scan_home", N_("签到"), _SCANS),
            Place("signups.list_elders", N_("我的老人")),
            Place("signups.list_calls", N_("请电话告知")),
            Place("attendance.list_reviews", N_("要核对的记录")),
            Place("pages.list_turnout", N_("人手够不够")),
            Place("venues.list_venues", N_("场所")),
            Place("calendars.list_centres", N_("社区的日历")),
        ),
    ),
    Section(
        "people",
        N_("人员"),
        "people",
        (
            Place("recognition.manage_hours", N_("服务时长")),
            Place("recognition.manage_certificates", N_("服务证明")),
            Place("volunteers.list_hosted_teams", N_("团队")),
            Place("volunteers.list_trainings", N_("培训")),
            Place("volunteers.list_papers", N_("技能证书")),
            Place("signups.list_unmet", N_("不再符合要求的人")),
            Place("recognition.manage_stars", N_("星级")),
            Place("recognition.commendation_lists", N_("表彰名单")),
            Place("organisations.own_unit", N_("我们单位")),
            Place("organisations.list_organisations", N_("单位和人员")),
        ),
    ),
    Section("plan", N_("计划"), "tree", (Place("pages.show_plan", N_("计划")),)),
    Section(
        "things",
        N_("物资"),
        "van",
        (
            Place("resources.list_resources", N_("车辆和器材")),
            Place("attendance.list_devices", N_("签到手机")),
        ),
    ),
    Section("reports", N_("报告"), "chart", (Place("pages.exchange", N_("数据交换")),)),
    Section(
        "settings",
        N_("设置"),
        "gear",
        (
            Place("people.account", N_("我的账号")),
            Place("pages.change_settings", N_("全市设置")),
            Place("pages.show_upkeep", N_("保存和清理")),
            Place("recognition.change_rule", N_("时长规则")),
            Place("volunteers.list_skills", N_("技能和培训目录")),
            Place("pages.list_messages", N_("发出的消息")),
            Place("pages.list_audit", N_("操作记录")),
        ),
    ),
)
# At the foot of a phone there is room for these and 更多.
DAILY = ("today", "todo", "events", "people")

# Pages below those of the navigation: by route, else by area.
_ROUTES = {
    "attendance.show_pairing": "things",
    "people.change_password": "settings",
    "people.create_token": "settings",
    "events.next_plan": "plan",
    "plan.list_results": "plan",
    "pages.show_task": "plan",
    "pages.jump": "today",
    "pages.jump_at_once": "today",
    "pages.show_person": "people",
    "pages.choose_todo_mail": "settings",
    "pages.hold_erasure": "settings",
    "pages.exchange_compare": "reports",
    "pages.exchange_headings": "reports",
    "recognition.set_workdays": "settings",
    "recognition.save_rule": "settings",
    "volunteers.add_skill": "settings",
    "volunteers.change_skill": "settings",
    "volunteers.add_course": "settings",
    "volunteers.change_course": "settings",
}
_AREAS = {
    "events": "events",
    "signups": "events",
    "attendance": "events",
    "venues": "events",
    "calendars": "events",
    "pages": "events",
    "recognition": "people",
    "volunteers": "people",
    "organisations": "people",
    "resources": "things",
    "plan": "plan",
}
# What a page of the navigation turns into, for who has one unit.
_TURNS_INTO = frozenset({"organisations.show_unit"})
_LISTED = {place.endpoint: section.key for section in SECTIONS for place in section.places}


def section_of(endpoint: str) -> str:
    """The section a page of the staff's side belongs to; empty for one that belongs to none."""
    area = endpoint.partition(".")[0]
    return _LISTED.get(endpoint) or _ROUTES.get(endpoint) or _AREAS.get(area, "")


def is_place(endpoint: str) -> bool:
    """Whether the page is one of the navigation."""
    return endpoint in _LISTED or endpoint in _TURNS_INTO


def is_named(endpoint: str) -> bool:
    """Whether the page is one of the navigation or named below it: it has the shell also where it is public."""
    return endpoint in _LISTED or endpoint in _ROUTES


def sections_for(held: AbstractSet[str], may_open: Callable[[str], bool]) -> list[Section]:
    """The sections with the pages somebody may open; a section without any is left out."""

    def is_listed(place: Place) -> bool:
        return may_open(place.endpoint) and (not place.needs or not place.needs.isdisjoint(held))

    kept = (replace(one, places=tuple(filter(is_listed, one.places))) for one in SECTIONS)
    return [one for one in kept if one.places]
