"""Forms: register, sign in, change the password, name a token."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from webapp.core.forms import BaseForm, RawPasswordField, obeys, too_long
from webapp.people.domain import EMAIL_LIMIT, PASSWORD_MAX, TOKEN_NAME_LIMIT, check_password, normal_name


def _password_length() -> Length:
    return Length(max=PASSWORD_MAX, message=_l("密码最多 %(max)d 个字。"))


class SignInForm(BaseForm):
    """Telephone or e-mail in one field, and the password."""

    login = StringField(
        _l("手机号或邮箱"),
        validators=[InputRequired(_l("请填写手机号或邮箱。")), too_long(EMAIL_LIMIT)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = RawPasswordField(
        _l("密码"),
        validators=[InputRequired(_l("请填写密码。")), _password_length()],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField(_l("在这台手机或电脑上保持登录 30 天"), default=True)


class RegisterForm(BaseForm):
    """What an account needs, and not more: name, one way to sign in, password, consent."""

    name = StringField(
        _l("姓名"),
        validators=[InputRequired(_l("请填写姓名。")), obeys(normal_name)],
        render_kw={"autocomplete": "name"},
    )
    login = StringField(
        _l("手机号或邮箱"),
        validators=[InputRequired(_l("请填写手机号或邮箱。")), too_long(EMAIL_LIMIT)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = RawPasswordField(
        _l("设一个密码"),
        validators=[InputRequired(_l("请设一个密码。")), obeys(check_password)],
        render_kw={"autocomplete": "new-password"},
    )
    agree = BooleanField(
        _l("我看过并同意隐私说明"), validators=[InputRequired(_l("请先看隐私说明，同意后才能注册。"))]
    )


class PasswordForm(BaseForm):
    """The old password and the new one."""

    old = RawPasswordField(
        _l("现在的密码"),
        validators=[InputRequired(_l("请填写现在的密码。")), _password_length()],
        render_kw={"autocomplete": "current-password"},
    )
    new = RawPasswordField(
        _l("新密码"),
        validators=[InputRequired(_l("请填写新密码。")), obeys(check_password)],
        render_kw={"autocomplete": "new-password"},
    )


class TokenForm(BaseForm):
    """What a program's key is for."""

    name = StringField(
        _l("给什么程序用"),
        validators=[InputRequired(_l("请写清给什么程序用。")), too_long(TOKEN_NAME_LIMIT)],
        render_kw={"autocomplete": "off"},
    )
