"""Forms: a thing, and which one a session gets."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from webapp.core.forms import BaseForm, too_long
from webapp.resources.domain import KINDS, NAME_LIMIT, NOTE_LIMIT, ResourceDetails


class ResourceForm(BaseForm):
    """Name and kind are enough."""

    name = StringField(
        _l("名称"),
        [InputRequired(_l("请填写名称。")), too_long(NAME_LIMIT)],
        description=_l("写得出是哪一辆、哪一套，如“科普大篷车 黑D·K1234”。"),
    )
    kind = SelectField(
        _l("类别"),
        [InputRequired(_l("请选择类别。"))],
        choices=[(slug, _l(label)) for slug, label in KINDS.items()],
    )
    note = StringField(
        _l("备注"), [too_long(NOTE_LIMIT)], description=_l("谁保管、怎么领取。只有本单位的人看得到。")
    )

    def details(self) -> ResourceDetails:
        """What was entered."""
        return ResourceDetails(self.name.data or "", self.kind.data, self.note.data or "")


class NewResourceForm(ResourceForm):
    """And whose it is: choices are given by the view."""

    organisation_id = SelectField(_l("单位"), [InputRequired(_l("请选择单位。"))])


class BookingForm(BaseForm):
    """Choices are given by the view."""

    resource_id = SelectField(_l("用哪一件"), [InputRequired(_l("请选择车辆或器材。"))])
