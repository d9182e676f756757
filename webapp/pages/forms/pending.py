"""The form of those who ask for a place that needs approval."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import NeededWhen
from webapp.signups.domain import REASON_LIMIT


class DecideForm(BaseForm):
    """Say yes or no to several at once; a no has a reason they are told."""

    signup = SelectMultipleField(_l("选择报名的人"), validators=[DataRequired(_l("请先在名单里打勾。"))])
    decision = RadioField(
        _l("怎么处理"),
        choices=[("approve", _l("通过")), ("decline", _l("婉拒"))],
        validators=[InputRequired(_l("请选一个。"))],
    )
    reason = TextAreaField(
        _l("婉拒的原因"),
        validators=[too_long(REASON_LIMIT), NeededWhen(_l("婉拒时必填"), "decision", ["decline"])],
        render_kw={"rows": 3},
    )

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever is declined learns why."""
        if self.decision.data == "decline" and not field.data:
            raise ValidationError(_l("请写明原因，本人会看到。"))
