"""The form of a venue: name, kind, district and address are enough."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from webapp.core.forms import BaseForm, too_long
from webapp.venues.domain import ADDRESS_LIMIT, NAME_LIMIT, VENUE_KINDS, VenueDetails


class VenueForm(BaseForm):
    """A place where events happen. Choices of districts and organisations are given by the view."""

    name = StringField(
        _l("名称"),
        validators=[InputRequired(_l("请填写场所名称。")), too_long(NAME_LIMIT)],
        description=_l("写全，让没来过的人也找得到，如“桥南街道长安社区党群服务中心”。"),
    )
    kind = SelectField(
        _l("类别"),
        choices=[(slug, _l(label)) for slug, label in VENUE_KINDS.items()],
        validators=[InputRequired(_l("请选择类别。"))],
    )
    district_code = SelectField(_l("县（市）区"), validators=[InputRequired(_l("请选择县（市）区。"))])
    township_code = SelectField(_l("街道、乡镇"), default="")
    address = StringField(
        _l("地址"),
        validators=[InputRequired(_l("请填写地址。")), too_long(ADDRESS_LIMIT)],
        description=_l("路名、门牌、几楼。会写进活动页和日历。"),
    )
    organisation_id = SelectField(
        _l("由谁管理"), description=_l("选了以后，这个单位能看到来这里的活动。"), default=""
    )

    def details(self) -> VenueDetails:
        """What was entered."""
        return VenueDetails(
            name=self.name.data or "",
            kind=self.kind.data,
            district_code=self.district_code.data,
            address=self.address.data or "",
            township_code=self.township_code.data or None,
            organisation_id=self.organisation_id.data or None,
        )
