"""Forms of certificates: asking for one, issuing it, saying why not, checking a number."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from webapp.core.fields import CityDateField
from webapp.core.forms import BaseForm, too_long
from webapp.recognition.domain import NOTE_LIMIT
from webapp.recognition.domain.certificates import SIGNER_LIMIT, Application, Issuing

_A_DAY = _l("请填写日期，如 2026-11-28。")


class ApplyForm(BaseForm):
    """Which organisation, which days, what for."""

    organisation = RadioField(_l("向哪个单位申请"), validators=[InputRequired(_l("请选一个单位。"))])
    from_on = CityDateField(_l("从哪一天"), validators=[InputRequired(_A_DAY)])
    until_on = CityDateField(_l("到哪一天"), validators=[InputRequired(_A_DAY)])
    purpose = StringField(_l("用途"), validators=[Optional(), too_long(100)])

    def asked(self) -> Application:
        """What was asked for; call it on a valid form."""
        if self.from_on.data is None or self.until_on.data is None:
            raise ValueError("asked() on a form that is not valid")
        return Application(
            str(self.organisation.data), self.from_on.data, self.until_on.data, self.purpose.data or ""
        )


class IssueForm(BaseForm):
    """Who answers for the certificate, as printed on it."""

    head = StringField(
        _l("负责人"), validators=[InputRequired(_l("请填写负责人姓名。")), too_long(SIGNER_LIMIT)]
    )
    handler = StringField(
        _l("经办人"), validators=[InputRequired(_l("请填写经办人姓名。")), too_long(SIGNER_LIMIT)]
    )
    contact = StringField(
        _l("联系方式"), validators=[InputRequired(_l("请填写单位的联系方式。")), too_long(SIGNER_LIMIT)]
    )
    remarks = TextAreaField(
        _l("需要说明的事项"), validators=[Optional(), too_long(150)], render_kw={"rows": 3}
    )

    def details(self) -> Issuing:
        """What was entered."""
        return Issuing(
            self.head.data or "", self.handler.data or "", self.contact.data or "", self.remarks.data or ""
        )


class StepForm(BaseForm):
    """A button: accept."""


class ReasonForm(BaseForm):
    """Why it is rejected or revoked."""

    reason = TextAreaField(
        _l("原因"),
        validators=[InputRequired(_l("请写明原因，本人会看到。")), too_long(NOTE_LIMIT)],
        render_kw={"rows": 3},
    )
