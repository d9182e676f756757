"""Forms of the office: an organisation, and what a person may do for it."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.core.forms import BaseForm, PhoneField, too_long
from webapp.organisations.domain import (
    KIND_LABELS,
    NAME_LIMIT,
    PERMISSION_HINTS,
    PERMISSION_LABELS,
    OrganisationDetails,
)
from webapp.people.domain import EMAIL_LIMIT

PHONE_LIMIT = 20
_AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class OrganisationForm(BaseForm):
    """An organisation as the public and its organisers see it."""

    name = StringField(_l("名称"), validators=[InputRequired(_l("请填写单位名称。")), too_long(NAME_LIMIT)])
    full_name = StringField(_l("全称"), validators=[too_long(NAME_LIMIT)])
    kind = SelectField(
        _l("类别"),
        choices=[("", _l("请选择")), *((kind.value, _l(label)) for kind, label in KIND_LABELS.items())],
        validators=[InputRequired(_l("请选择类别。"))],
    )
    phone = PhoneField(
        _l("对外的电话"), validators=[too_long(PHONE_LIMIT)], render_kw={"type": "tel", "inputmode": "tel"}
    )
    needs_approval = BooleanField(_l("这个单位的活动要经市科协审核才能发布"))

    def details(self) -> OrganisationDetails:
        """What was entered."""
        return OrganisationDetails(
            name=self.name.data or "",
            kind=self.kind.data,
            full_name=self.full_name.data or None,
            phone=self.phone.data or None,
            needs_approval=self.needs_approval.data,
        )


class UnitPhoneForm(BaseForm):
    """The telephone under which the public reaches a unit."""

    phone = PhoneField(
        _l("对外的电话"),
        validators=[InputRequired(_l("请填写电话。")), too_long(PHONE_LIMIT)],
        render_kw={"type": "tel", "inputmode": "tel"},
    )


class HelperForm(BaseForm):
    """Someone who has an account may check people in for the unit."""

    name = StringField(
        _l("姓名"), validators=[InputRequired(_l("请填写姓名。")), too_long(NAME_LIMIT)], render_kw=_AS_TYPED
    )
    login = StringField(
        _l("本人的手机号或邮箱"),
        validators=[InputRequired(_l("请填写本人登录用的手机号或邮箱。")), too_long(EMAIL_LIMIT)],
        render_kw=_AS_TYPED,
    )


class PermissionsField(SelectMultipleField):
    """Tick boxes, one for each permission."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _permissions() -> PermissionsField:
    return PermissionsField(
        _l("可以做什么"),
        choices=[
            (
                permission.value,
                _l("%(what)s：%(hint)s", what=_l(label), hint=_l(PERMISSION_HINTS[permission])),
            )
            for permission, label in PERMISSION_LABELS.items()
        ],
        validators=[InputRequired(_l("请至少选一项。"))],
    )


class MemberForm(BaseForm):
    """Someone who has an account begins to work for the organisation."""

    login = StringField(
        _l("本人的手机号或邮箱"),
        validators=[InputRequired(_l("请填写本人登录用的手机号或邮箱。")), too_long(EMAIL_LIMIT)],
        render_kw=_AS_TYPED,
    )
    permissions = _permissions()


class PermissionsForm(BaseForm):
    """What someone may do from now on."""

    permissions = _permissions()
