"""What a position asks for, on one page."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from webapp.core.fields import Choice, Count, Revision, Ticks
from webapp.core.forms import BaseForm, CityDateTimeField
from webapp.events.domain import MIN_AGES, PositionRules
from webapp.events.models import Position
from webapp.volunteers.domain import Requirements
from webapp.volunteers.forms.fields import REQUIRED


class RulesForm(BaseForm):
    """Numbers, age, times; skills, trainings, teams."""

    min_count = Count(_l("至少需要"), [REQUIRED])
    min_age = Choice(
        _l("最低年龄"),
        choices=[("", _l("不限")), *((str(age), _l("满 %(age)s 岁", age=age)) for age in MIN_AGES)],
    )
    needs_approval = BooleanField(_l("报名要先审核"))
    opens_at = CityDateTimeField(_l("开始报名"))
    closes_at = CityDateTimeField(_l("截止报名"))
    cancel_hours = Count(_l("开始前多少小时以内不能自己取消"), [REQUIRED])
    skills = Ticks(_l("要会的"), choices=[])
    courses = Ticks(_l("要参加过的培训"), choices=[])
    teams = Ticks(_l("只要这些团队的队员"), choices=[])
    revision = Revision()

    def offer(self, choices: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """What may be ticked, by the field's name."""
        for name, pairs in choices.items():
            self[name].choices = list(pairs)

    def rules(self) -> PositionRules:
        """What was entered, but for skills, trainings and teams."""
        return PositionRules(
            min_count=self.min_count.data or 0,
            min_age=int(self.min_age.data) if self.min_age.data else None,
            needs_approval=self.needs_approval.data,
            opens_at=self.opens_at.moment,
            closes_at=self.closes_at.moment,
            cancel_hours=self.cancel_hours.data or 0,
        )

    def requirements(self) -> Requirements:
        """The skills, trainings and teams ticked."""
        return Requirements(
            skills=frozenset(self.skills.data or ()),
            courses=frozenset(self.courses.data or ()),
            teams=frozenset(self.teams.data or ()),
        )


def rules_of(position: Position, wanted: Requirements) -> dict[str, Any]:
    """What the form begins with."""
    return {
        "min_count": position.min_count,
        "min_age": str(position.min_age or ""),
        "needs_approval": position.needs_approval,
        "opens_at": position.opens_at,
        "closes_at": position.closes_at,
        "cancel_hours": position.cancel_hours,
        "skills": sorted(wanted.skills),
        "courses": sorted(wanted.courses),
        "teams": sorted(wanted.teams),
        "revision": position.session.event.revision,
    }
