"""The words of the history: kinds of acts, and through what something was done. Plain Python."""

from webapp.core.errors import N_

# By the area that tells of them (webapp/areas.py), in the order in which they are offered.
KIND_LABELS = {
    "events": N_("活动和场次"),
    "signups": N_("报名"),
    "attendance": N_("签到"),
    "recognition": N_("时长和证明"),
    "volunteers": N_("团队和技能"),
    "resources": N_("车辆和器材"),
    "venues": N_("场所"),
    "plan": N_("计划"),
    "organisations": N_("单位和权限"),
    "people": N_("账号和电话"),
    "calendars": N_("日历"),
    "pages": N_("名单和导出"),
    "core": N_("设置和系统"),
}
# By core.audit.Via; what is older was not noted.
VIA_LABELS = {
    "page": N_("网页"),
    "list": N_("网页，一批"),
    "api": N_("外部程序"),
    "system": N_("系统自动"),
}
