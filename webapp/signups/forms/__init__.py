"""Forms: a guest's name and telephone, a volunteer's word on the risks, someone signed up by staff, a reason."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Optional

from webapp.core.db import new_id
from webapp.core.forms import BaseForm, PhoneField, obeys, too_long
from webapp.core.needed import NeededWhen
from webapp.people.domain import normal_name
from webapp.signups.domain import REASON_LIMIT
from webapp.signups.domain.giving import Given, GuardianGiven
from webapp.signups.forms.giving import GivingForm, PartyForm

TICK_RISK = _l("请看过风险说明后打勾。")


class OnceForm(BaseForm):
    """A form that does its work once, however often it is sent: the nonce came with the page."""

    nonce = HiddenField(default=new_id, validators=[too_long(60)])


class InsteadForm(GivingForm):
    """In the place of what is in the way, where something is."""

    instead = BooleanField(_l("放下它，换成这一个"))
    seen = HiddenField(validators=[too_long(400)])  # what is in the way, as it stood on the page


class SeatForm(InsteadForm, PartyForm):
    """Someone signed in takes a seat: nothing that must be filled in."""


class EasyShiftForm(InsteadForm):
    """A volunteer takes a shift without any risk to speak of."""


class ShiftForm(EasyShiftForm):
    """A volunteer takes a shift, knowing the risks (志愿服务条例 2017 art. 12 and 21)."""

    risk = BooleanField(_l("我看过上面的说明，知道可能的风险"), validators=[InputRequired(TICK_RISK)])


class GuestForm(OnceForm, PartyForm):
    """A visitor without an account: name and telephone are enough (promise 9)."""

    name = StringField(
        _l("姓名"),
        validators=[InputRequired(_l("请填写姓名。")), obeys(normal_name)],
        render_kw={"autocomplete": "name"},
    )
    phone = PhoneField(
        _l("手机号"),
        validators=[InputRequired(_l("请填写手机号。")), too_long(30)],
        render_kw={"autocomplete": "tel", "inputmode": "tel", "type": "tel"},
    )
    consent = BooleanField(
        _l("我同意为报名和签到使用姓名和手机号"), validators=[InputRequired(_l("请看过隐私说明后打勾。"))]
    )

    def full_name(self) -> str:
        """The name in its one spelling; the form has been validated."""
        return normal_name(self.name.data or "")


class MoreForm(OnceForm, PartyForm):
    """People who come along after all; whoever brings them is signed up already."""

    age_band = None  # type: ignore[assignment]  # so a field of the parent is left out
    consent = BooleanField(
        _l("他们知道，也同意为报名和签到使用姓名"), validators=[InputRequired(_l("请先告诉他们，再打勾。"))]
    )

    def bands(self) -> list[str]:
        """Of those named."""
        return [one.age_band or "" for one in self.party()]

    def given(self) -> Given:
        """A guardian, where one agrees, and whether they want both."""
        guardian = None
        if self.guardian_name.data and self.guardian_phone.normal:
            guardian = GuardianGiven(normal_name(self.guardian_name.data), self.guardian_phone.normal)
        return Given(
            guardian=guardian,
            company=self._company(),
            with_guardian=self.company.data == "guardian",
            both=bool(self.both.data),
        )


class OtherForm(OnceForm, GivingForm):
    """Staff sign up someone who stands before them or is on the telephone."""

    position = RadioField(_l("报哪一个"), validators=[InputRequired(_l("请选一个。"))])
    name = StringField(
        _l("姓名"),
        validators=[InputRequired(_l("请填写姓名。")), obeys(normal_name)],
        render_kw={"autocomplete": "off"},
    )
    phone = PhoneField(
        _l("手机号"),
        validators=[Optional(), too_long(30)],
        render_kw={"autocomplete": "off", "inputmode": "tel", "type": "tel"},
    )
    consent = BooleanField(
        _l("已口头说明并征得本人同意：为报名和签到使用姓名和手机号"),
        validators=[InputRequired(_l("请先征得本人同意，再打勾。"))],
    )


class CancelForm(BaseForm):
    """The reason is asked of staff, who take away someone else's place; they are told it."""

    reason = TextAreaField(
        _l("原因"),
        validators=[
            too_long(REASON_LIMIT),
            NeededWhen(_l("替别人取消时必填"), now=lambda form: form.is_required),
        ],
        render_kw={"rows": 3},
    )
    whole = RadioField(
        _l("取消谁的"),
        choices=[("own", _l("只取消这一位")), ("all", _l("一起来的人全部取消"))],
        default="own",
        validators=[Optional()],
    )
    is_required: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether those who come along are cancelled, too."""
        return bool(self.whole.data == "all")

    def validate_reason(self, field: TextAreaField) -> None:
        """Staff give one."""
        if self.is_required and not field.data:
            raise ValidationError(_l("请写明原因，本人会看到。"))
