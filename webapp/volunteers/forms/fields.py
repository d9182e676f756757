"""Fields the forms of this area are made of."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import InputRequired

from webapp.core.forms import too_long
from webapp.volunteers.domain import NAME_LIMIT

REQUIRED = InputRequired(_l("请填写这一项。"))
CHOSEN = InputRequired(_l("请从列表里选一项。"))


class DayField(DateField):
    """A day of the calendar; what is none keeps what was typed and gets our sentence."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read it; nothing is no day."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("请填写日期，如 2026-11-28。")) from error
        if self.data is not None and not 1950 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(_("年份须在 1950 至 2100 之间。"))


def name_field(label: Any) -> StringField:
    """A name that must be given."""
    return StringField(label, [REQUIRED, too_long(NAME_LIMIT)])
