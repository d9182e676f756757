"""Forms: what to export, the office's headings, the confirmation sheet."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from webapp.core import clock
from webapp.core.fields import CityDateField
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import Needed, NeededWhen
from webapp.core.uploads import ACCEPT
from webapp.pages.domain.exchange import HEAD_LIMIT, REASON_LIMIT, Column, Kind, Wanted, doubled

_A_DAY = _l("请填写日期，如 2026-11-28。")


class ExportForm(BaseForm):
    """Which days, and how much of people; this year until today unless told otherwise."""

    from_on = CityDateField(
        _l("从哪一天"),
        validators=[InputRequired(_A_DAY)],
        default=lambda: clock.today().replace(month=1, day=1),
    )
    until_on = CityDateField(_l("到哪一天"), validators=[InputRequired(_A_DAY)], default=clock.today)
    with_open = BooleanField(_l("时长表也列出还没入账的（待确认、待复核、公示中），另有状态列"))
    full = BooleanField(_l("导出完整手机号"))
    reason = StringField(
        _l("用途"), validators=[too_long(REASON_LIMIT), NeededWhen(_l("导出完整手机号时必填"), "full")]
    )

    def wanted(self, kind: Kind) -> Wanted:
        """What was asked for; call it on a valid form."""
        if self.from_on.data is None or self.until_on.data is None:
            raise ValueError("wanted() on a form that is not valid")
        return Wanted(
            kind,
            self.from_on.data,
            self.until_on.data,
            with_open=self.with_open.data,
            full=self.full.data,
            reason=self.reason.data or "",
        )


class CompareForm(BaseForm):
    """The sheet that came back."""

    file = FileField(_l("回执表格"), [Needed()], render_kw={"accept": ACCEPT})
    step = StringField()  # which of the two buttons


class HeadingsForm(BaseForm):
    """A heading and a tick for each column of each kind; made by headings_form()."""

    kinds: Mapping[Kind, Sequence[Column]]

    def rows(self, kind: Kind) -> list[tuple[Column, Any, Any]]:
        """Columns of a kind with their two fields."""
        return [(one, self[f"{kind}_{one.key}"], self[f"{kind}_{one.key}_on"]) for one in self.kinds[kind]]

    def columns(self) -> dict[Kind, list[Column]]:
        """As entered; an empty heading is the default one."""
        return {
            kind: [
                Column(one.key, one.default, head.data or one.default, bool(tick.data))
                for one, head, tick in self.rows(kind)
            ]
            for kind in self.kinds
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """No heading twice in a table, and no table without a column."""
        is_good = super().validate(extra_validators)
        for kind, columns in self.columns().items():
            twice = doubled(columns)
            for one, head, tick in self.rows(kind):
                if one.key in twice:
                    head.errors = [*head.errors, _("这个表头和前面的一列重复。")]
                if not any(column.is_on for column in columns):
                    tick.errors = [_("每张表至少要有一列。")]
                    break
            is_good = is_good and not twice and any(column.is_on for column in columns)
        return is_good


def headings_form(kinds: Mapping[Kind, Sequence[Column]]) -> HeadingsForm:
    """A form with what holds now."""
    fields: dict[str, Any] = {"kinds": kinds}
    for kind, columns in kinds.items():
        for one in columns:
            fields[f"{kind}_{one.key}"] = StringField(
                _(one.default), [too_long(HEAD_LIMIT)], default=one.head, render_kw={"maxlength": HEAD_LIMIT}
            )
            fields[f"{kind}_{one.key}_on"] = BooleanField(_("导出这一列"), default=one.is_on)
    made: HeadingsForm = type("HeadingsOfNow", (HeadingsForm,), fields)()
    return made
