"""Forms where shifts are shared: a whole course, a hand-over, a team's members, a call."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.forms import BaseForm, PhoneField, too_long
from webapp.core.needed import Needed, NeededWhen
from webapp.people.domain import NAME_LIMIT
from webapp.signups.domain import REASON_LIMIT
from webapp.signups.domain.giving import Companion
from webapp.signups.forms import TICK_RISK, GuestForm, OnceForm
from webapp.signups.forms.giving import BOTH, TEL

_POSITION = "position_"
_UNLESS_CHOSEN = NeededWhen(_l("没有选队友时必填"), "teammate", [""])


class Members(SelectMultipleField):
    """Members of a team, drawn as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Refuse who is not on the list."""
        try:
            super().pre_validate(form)
        except ValueError as error:
            raise ValidationError(_("有一项不在列表里，请重新选。")) from error


class CourseGuestForm(GuestForm):
    """A visitor takes a whole course; whoever comes along takes it alone, since each may drop other dates."""

    companions = None  # type: ignore[assignment]  # so a field of the parent is left out

    def bands(self) -> list[str]:
        """Of the one person named."""
        return [self.age_band.data or ""]

    def party(self) -> list[Companion]:
        """Nobody."""
        return []


class HandOverForm(BaseForm):
    """Whom one asks: a member of one's own team, or anyone whose name and telephone one knows."""

    teammate = RadioField(_l("请谁接手"), validators=[Optional()])
    name = StringField(
        _l("对方姓名"), validators=[too_long(NAME_LIMIT), _UNLESS_CHOSEN], render_kw={"autocomplete": "off"}
    )
    phone = PhoneField(_l("对方手机号"), validators=[too_long(30), _UNLESS_CHOSEN], render_kw=TEL)
    note = TextAreaField(_l("附言"), validators=[too_long(REASON_LIMIT)], render_kw={"rows": 2})

    def validate_name(self, field: StringField) -> None:
        """Needed unless a member of the team is chosen."""
        if not self.teammate.data and not field.data:
            raise ValidationError(_l("请填写对方姓名，或从队友里选一位。"))

    def validate_phone(self, field: StringField) -> None:
        """The same."""
        if not self.teammate.data and not field.data:
            raise ValidationError(_l("请填写对方手机号，或从队友里选一位。"))


class TakeOverForm(BaseForm):
    """Take a shift another gives away."""

    both = BooleanField(BOTH)


class RiskyTakeOverForm(TakeOverForm):
    """The same, knowing the risks (志愿服务条例 2017 art. 12 and 21)."""

    risk = BooleanField(_l("我看过上面的说明，知道可能的风险"), validators=[InputRequired(TICK_RISK)])


class TeamForm(BaseForm):
    """Members to tick for each position."""

    both = BooleanField(BOTH)
    members = Members(
        _l("队员"), choices=[], validators=[Optional()]
    )  # names them where positions are several
    position_ids: Sequence[str] = ()

    def ticks(self, position_id: str) -> Any:
        """The field of one position."""
        return self[_POSITION + position_id]

    def picks(self) -> dict[str, list[str]]:
        """Position id → persons ticked."""
        return {one: list(self.ticks(one).data or ()) for one in self.position_ids}


def team_form(positions: Sequence[tuple[str, str]], members: Sequence[tuple[str, str]]) -> type[TeamForm]:
    """The form's class for these positions (id and name), each with the same members (id and name)."""
    fields: dict[str, Any] = {
        _POSITION + position_id: Members(name, choices=list(members), validators=[Optional()])
        for position_id, name in positions
    }
    return type("TeamForm", (TeamForm,), fields | {"position_ids": tuple(one for one, _name in positions)})


class CallForm(OnceForm):
    """A line from the organiser, and how many to call."""

    note = TextAreaField(_l("写一句话"), validators=[too_long(REASON_LIMIT)], render_kw={"rows": 3})
    most = IntegerField(_l("最多请几位"), validators=[Needed()], render_kw={"inputmode": "numeric"})
    limit: int = 1

    def validate_most(self, field: IntegerField) -> None:
        """From one to what the office allows."""
        if field.data is None or not 1 <= field.data <= self.limit:
            raise ValidationError(_("请填 1 到 %(limit)s 之间的数。", limit=self.limit))
