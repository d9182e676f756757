"""Forms: yes or no to an offer, another place of the waitlist."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired

from webapp.core.forms import BaseForm, too_long
from webapp.signups.domain import REASON_LIMIT
from webapp.signups.forms.giving import BOTH


class OfferForm(BaseForm):
    """Take the place that is held, or let it go."""

    answer = RadioField(
        _l("您的决定"),
        choices=[("yes", _l("我参加，名额给我")), ("no", _l("我不去了，让给后面的人"))],
        validators=[InputRequired(_l("请选一个。"))],
    )


class AnswerForm(BaseForm):
    """What a message asks; `seen` is what the page showed of it."""

    answer = RadioField(_l("您的决定"), choices=[], validators=[InputRequired(_l("请选一个。"))])
    risk = BooleanField(_l("我看过上面的说明，知道可能的风险"))
    both = BooleanField(BOTH)  # drawn once it is asked
    seen = HiddenField()
    has_risk = False

    def validate_risk(self, field: BooleanField) -> None:
        """Who comes knows the risks (志愿服务条例 2017 art. 12 and 21)."""
        if self.has_risk and self.answer.data == "yes" and not field.data:
            raise ValidationError(_l("请看过风险说明，再打勾。"))


class MoveForm(BaseForm):
    """Put someone at another place of a waitlist."""

    signup = SelectField(_l("调整谁"), validators=[InputRequired(_l("请选一个。"))])
    place = IntegerField(
        _l("调到第几位"),
        validators=[InputRequired(_l("请填位次。"))],
        render_kw={"inputmode": "numeric", "min": 1},
    )
    reason = TextAreaField(
        _l("原因"),
        validators=[InputRequired(_l("请写明原因。")), too_long(REASON_LIMIT)],
        render_kw={"rows": 3},
    )
