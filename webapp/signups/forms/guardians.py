"""Forms about a minor's guardian: whom staff ask and why, consent on the person's own page."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from webapp.core.forms import BaseForm, PhoneField, obeys, too_long
from webapp.people.domain import NAME_LIMIT, normal_name
from webapp.signups.domain import REASON_LIMIT
from webapp.signups.forms.giving import TEL, AgeField, all_bands, minor_bands


class RevealForm(BaseForm):
    """Why someone must know (未成年人网络保护条例 art. 36): kept with who asked, and when."""

    what = HiddenField(default="reveal")
    reason = TextAreaField(
        _l("为什么要看"),
        validators=[InputRequired(_l("请写明原因。")), too_long(REASON_LIMIT)],
        render_kw={"rows": 2},
    )


class WithdrawForm(BaseForm):
    """The guardian no longer agrees."""

    what = HiddenField(default="withdraw")
    reason = TextAreaField(
        _l("监护人怎么提出的"),
        validators=[InputRequired(_l("请写明监护人何时、怎样提出。")), too_long(REASON_LIMIT)],
        render_kw={"rows": 2},
    )


class GuardianForm(BaseForm):
    """A guardian agrees."""

    what = HiddenField(default="record")
    age_band = AgeField(_l("参加者的年龄"), choices=minor_bands(_l("以前说过的年龄")), default="")
    guardian_name = StringField(
        _l("监护人姓名"),
        validators=[InputRequired(_l("请填写监护人姓名。")), too_long(NAME_LIMIT), obeys(normal_name)],
        render_kw={"autocomplete": "off"},
    )
    guardian_phone = PhoneField(
        _l("监护人手机号"),
        validators=[InputRequired(_l("请填写监护人手机号。")), too_long(30)],
        render_kw=TEL,
    )
    guardian_consent = BooleanField(
        _l("监护人同意参加活动，同意为此使用上面的姓名和手机号"),
        validators=[InputRequired(_l("要有监护人的同意，请打勾。"))],
    )


class AgeForm(BaseForm):
    """Staff asked, and say how old someone is: it goes before everything that was said."""

    what = HiddenField(default="age")
    age_band = AgeField(
        _l("核实过的年龄"),
        choices=all_bands(_l("请选一个")),
        default="",
        validators=[InputRequired(_l("请选一个。"))],
    )


class RenewForm(BaseForm):
    """The guardian behind their own link agrees to what is planned now."""

    age_band = AgeField(_l("孩子的年龄"), choices=all_bands(_l("不用改")), default="")
