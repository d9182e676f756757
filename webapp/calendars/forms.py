"""Naming a calendar address and choosing what it shows."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.calendars import queries
from webapp.calendars.domain import ALARMS, NAME_LIMIT, Scope, Wishes
from webapp.calendars.models import Subscription
from webapp.calendars.service import Choice
from webapp.core.forms import BaseForm, too_long
from webapp.core.terms import term

_BEFORE = {15: _l("提前 15 分钟"), 60: _l("提前 1 小时"), 180: _l("提前 3 小时"), 1440: _l("提前 1 天")}


class ManyField(SelectMultipleField):
    """Tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _as_shown(owner: Scope, kept: Subscription, wishes: Wishes) -> dict[str, object]:
    """An address as the form's fields have it: what such an owner would choose stands in `own`."""
    shown = queries.as_kept(wishes) | {"name": kept.name, "language": kept.language}
    shown["alarm"] = str(kept.alarm_minutes or "")
    if owner.kind != "person":
        shown["own"] = owner.id in wishes.organisations
        shown["organisations"] = [one for one in wishes.organisations if one != owner.id]
    return shown


class SubscriptionForm(BaseForm):
    """One address per device, so that one can be cut off alone."""

    name = StringField(
        _l("给谁用、在哪台设备上用"),
        [DataRequired(_l("请写一个名字，如“前台电脑”。")), too_long(NAME_LIMIT)],
    )
    own = BooleanField(_l("要显示的内容"), default=True)
    venues = ManyField(_l("这些地点的活动"))
    districts = ManyField(_l("这些区县的活动"))
    organisations = ManyField(_l("这些单位的活动"))
    types = ManyField(_l("只要这些类型"))
    audiences = ManyField(_l("只要适合这些人的"))
    tasks = ManyField(_l("只要服务这些任务的"))
    alarm = RadioField(
        _l("到时提醒"),
        choices=[("", _l("不提醒")), *((str(one), _BEFORE[one]) for one in ALARMS)],
        default="",
    )
    language = RadioField(_l("日历里的文字"), choices=[("zh", "中文"), ("en", "English")], default="zh")

    def __init__(self, owner: Scope, kept: Subscription | None = None, **given: object) -> None:
        """Offer what there is to choose from, to this owner; with what an address showed until now, if there is one."""
        wishes = queries.wishes_of(kept) if kept else None
        super().__init__(**(_as_shown(owner, kept, wishes) if kept and wishes else {}) | given)
        self.owner = owner
        for name, choices in queries.choices(wishes).items():
            self[name].choices = [
                (key, _(label) if name == "audiences" else term(label)) for key, label in choices
            ]

    @property
    def groups(self) -> list[ManyField]:
        """The fields in which several may be chosen."""
        return [
            self[name] for name in ("venues", "districts", "organisations", "types", "audiences", "tasks")
        ]

    @property
    def has_choice(self) -> bool:
        """Whether something beside the usual was chosen, to be shown again."""
        return (
            any(field.data or field.errors for field in self.groups)
            or bool(self.alarm.data)
            or not self.own.data
        )

    def choice(self) -> Choice:
        """What was chosen; the owner's usual where it is no more than that."""
        chosen = {field.name: tuple(field.data or ()) for field in self.groups}
        is_usual = self.own.data and not any(chosen.values())
        is_person = self.owner.kind == "person"
        if self.own.data and not is_person:
            chosen["organisations"] = tuple(dict.fromkeys((*chosen["organisations"], self.owner.id)))
        wishes = None if is_usual else Wishes(**chosen, own=bool(self.own.data and is_person))
        return Choice(wishes, int(self.alarm.data) if self.alarm.data else None, self.language.data or "zh")
