"""The forms behind a new pass, and behind finding one again."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from webapp.core.forms import BaseForm, PhoneField, too_long
from webapp.signups.domain import HIGHEST_SERIAL


class NewPassForm(BaseForm):
    """Which pass was looked at: pressed twice, it is replaced once."""

    seen = IntegerField(widget=HiddenInput(), validators=[NumberRange(0, HIGHEST_SERIAL)])


class FindForm(BaseForm):
    """What somebody still knows who has no longer the page with the pass."""

    phone = PhoneField(
        _l("报名时填的手机号"),
        validators=[InputRequired(_l("请填写手机号。")), too_long(30)],
        render_kw={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
    )
    code = StringField(
        _l("六位编号"),
        validators=[InputRequired(_l("请填写编号。")), too_long(30)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
