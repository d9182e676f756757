"""The form behind a new pass."""

from wtforms import IntegerField
from wtforms.validators import NumberRange
from wtforms.widgets import HiddenInput

from webapp.core.forms import BaseForm
from webapp.signups.domain import HIGHEST_SERIAL


class NewPassForm(BaseForm):
    """Which pass was looked at: pressed twice, it is replaced once."""

    seen = IntegerField(widget=HiddenInput(), validators=[NumberRange(0, HIGHEST_SERIAL)])
