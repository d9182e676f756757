"""Photos sent as evidence, and what people decide about flagged scans."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError

from webapp.attendance.domain import NOTE_LIMIT
from webapp.attendance.domain.phones import SETTLEMENT_LABELS
from webapp.attendance.service.photos import PHOTOS_AT_ONCE
from webapp.core.forms import BaseForm, too_long
from webapp.core.needed import Needed


class PhotosForm(BaseForm):
    """Several photos with one caption."""

    photos = MultipleFileField(
        _l("照片"), [Needed()], render_kw={"accept": "image/jpeg,image/png,image/webp", "required": True}
    )
    caption = StringField(_l("说明"), [too_long(NOTE_LIMIT)])

    def validate_photos(self, field: MultipleFileField) -> None:
        """At least one, and not too many."""
        field.data = [one for one in field.data or [] if one and one.filename]
        if not field.data:
            raise ValidationError(_l("请选照片。"))
        if len(field.data) > PHOTOS_AT_ONCE:
            raise ValidationError(_l("一次最多 10 张，请分几次上传。"))


class SettleForm(BaseForm):
    """One decision about the scans that were ticked."""

    scans = SelectMultipleField(_l("记录"), validate_choice=False)
    settlement = RadioField(
        _l("怎么算"),
        [InputRequired(_l("请选怎么算。"))],
        choices=[(key.value, _l(label)) for key, label in SETTLEMENT_LABELS.items()],
    )
    note = StringField(_l("说明"), [too_long(NOTE_LIMIT)])

    def validate_scans(self, field: SelectMultipleField) -> None:
        """At least one."""
        if not field.data:
            raise ValidationError(_l("请勾选要处理的记录。"))


class ScansFileForm(BaseForm):
    """The file a phone made of its scans."""

    file = FileField(
        _l("记录文件"),
        [FileRequired(_l("请选签到手机存的文件。"))],
        render_kw={"accept": ".json,application/json", "required": True},
    )
