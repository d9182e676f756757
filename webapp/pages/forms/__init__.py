"""Forms: correct one's own details, close one's account."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from webapp.core.forms import BaseForm, PhoneField, RawPasswordField, obeys, too_long
from webapp.core.needed import NeededWhen
from webapp.people.domain import EMAIL_LIMIT, PASSWORD_MAX, normal_name


def _password() -> RawPasswordField:
    return RawPasswordField(
        _l("现在的密码"),
        validators=[
            InputRequired(_l("请填写现在的密码。")),
            Length(max=PASSWORD_MAX, message=_l("密码最多 %(max)d 个字。")),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class CorrectForm(BaseForm):
    """Name and the ways to sign in; the password, because whoever changes them takes the account."""

    name = StringField(
        _l("姓名"), validators=[InputRequired(_l("请填写姓名。"))], render_kw={"autocomplete": "name"}
    )
    phone = PhoneField(
        _l("手机号"),
        validators=[Optional(), too_long(30), NeededWhen(_l("没有邮箱时必填"), "email", [""])],
        render_kw={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
    )
    email = StringField(
        _l("邮箱"),
        validators=[Optional(), too_long(EMAIL_LIMIT), NeededWhen(_l("没有手机号时必填"), "phone", [""])],
        render_kw={"autocomplete": "email", "type": "email", "autocapitalize": "none"},
    )
    password = _password()

    def validate_name(self, field: StringField) -> None:
        """A name as the domain knows it."""
        obeys(normal_name)(self, field)

    def validate_phone(self, field: Any) -> None:
        """One way to sign in must be left; judged here, so that the sentence stands with the first of the two."""
        if not field.data and not self.email.data:
            raise ValidationError(_l("手机号和邮箱至少留一个，登录和联系您要用。"))


class CloseForm(BaseForm):
    """Closing is for good, so it asks for a tick and the password."""

    understood = BooleanField(
        _l("我知道注销后不能恢复"), validators=[InputRequired(_l("请看过说明后打勾。"))]
    )
    password = _password()
