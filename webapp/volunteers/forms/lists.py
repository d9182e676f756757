"""Forms of staff: skills, courses, a certificate looked at, trainings held."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, HiddenField, StringField, ValidationError
from wtforms.validators import Optional

from webapp.core.fields import Choice, Count, Ticks
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import Needed
from webapp.volunteers.domain import NAME_LIMIT, TrainingDraft
from webapp.volunteers.forms.fields import CHOSEN, REQUIRED, DayField, name_field
from webapp.volunteers.models import Course


class SkillForm(BaseForm):
    """A skill on the office's list."""

    name = name_field(_l("技能"))
    needs_certificate = BooleanField(_l("要有证书，核对过才算"))


class OpenSkillForm(SkillForm):
    """The same, with whether it is still offered."""

    is_open = BooleanField(_l("列在志愿者的资料里"))


class CourseForm(BaseForm):
    """A training that is given again and again."""

    name = name_field(_l("培训名称"))
    valid_months = Count(_l("有效几个月"), [Optional()])


class OpenCourseForm(CourseForm):
    """The same, with whether it is still offered."""

    is_open = BooleanField(_l("可以登记、可以作为岗位要求"))


class PaperForm(BaseForm):
    """Someone looked at a certificate; what they looked at."""

    certificate = HiddenField()
    expires_on = HiddenField()


class Hours(DecimalField):
    """Hours with a decimal point; what are none keep what was typed and get our sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read them; more digits than any length has are not read at all."""
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
            return
        try:
            if len(text) > 8:
                raise ValueError(text)
            super().process_formdata([text])
            if self.data is not None and not self.data.is_finite():
                raise ValueError(text)
        except ValueError as error:
            self.data = None
            raise ValueError(_("请填写小时数，如 1.5。")) from error


class TrainingForm(BaseForm):
    """A training, and who took part."""

    course_id = Choice(_l("培训"), [CHOSEN], choices=[])
    held_on = DayField(_l("日期"), [REQUIRED])
    hours = Hours(_l("时长"), [REQUIRED])
    place = StringField(_l("地点"), [too_long(NAME_LIMIT)])
    people = Ticks(_l("参加的人"), [Needed()], choices=[])

    def validate_people(self, field: Ticks) -> None:
        """Somebody must have come."""
        if not field.data:
            raise ValidationError(_("请至少选一个人。"))

    def offer(self, courses: Sequence[Course], people: Sequence[tuple[str, str]]) -> None:
        """What may be chosen."""
        self.course_id.choices = [("", _("请选择")), *((one.id, one.name) for one in courses)]
        self.people.choices = list(people)

    def draft(self, organisation_id: str) -> TrainingDraft:
        """What was entered."""
        assert self.held_on.data is not None
        minutes = round(float(self.hours.data or 0) * 60)
        return TrainingDraft(
            self.course_id.data or "", organisation_id, self.held_on.data, minutes, self.place.data or ""
        )
