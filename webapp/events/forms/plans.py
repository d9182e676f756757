"""The next plan, as the office asks for it."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from webapp.core.fields import CityDateField
from webapp.core.forms import BaseForm, too_long
from webapp.events.forms.fields import REQUIRED
from webapp.plan.domain import TITLE_LIMIT, NextPlan

_A_DAY = InputRequired(_l("请填写日期，如 2031-01-01。"))


class NextPlanForm(BaseForm):
    """Title, code and days. `previewed` is what the preview was made of: only that is confirmed."""

    title = StringField(_l("计划的名称"), [REQUIRED, too_long(TITLE_LIMIT)])
    code = StringField(_l("代码"), [REQUIRED, too_long(60)])
    starts_on = CityDateField(_l("从哪天起"), [_A_DAY])
    ends_on = CityDateField(_l("到哪天止（含当天）"), [_A_DAY])
    previewed = HiddenField()

    def asked(self) -> NextPlan:
        """What was entered; the form has been validated."""
        starts_on, ends_on = self.starts_on.data, self.ends_on.data
        assert starts_on is not None
        assert ends_on is not None
        return NextPlan(self.code.data or "", self.title.data or "", starts_on, ends_on)

    def what(self) -> str:
        """The days in one line."""
        return f"{self.starts_on.data}|{self.ends_on.data}"
