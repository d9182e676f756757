"""Fields of events' forms: choices with our own sentences, counts, rows, times that belong together."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FormField,
    HiddenField,
    RadioField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Optional

from webapp.core.db import ID_LENGTH, new_id
from webapp.core.errors import Refusal
from webapp.core.fields import (
    Choice,
    Count,
    PartForm,
    Revision,
    Rows,
    Ticks,
    revision_of,
)
from webapp.core.forms import BaseForm, CityDateTimeField, too_long
from webapp.core.i18n import sentence_of
from webapp.core.needed import NeededWhen
from webapp.events.domain import check_session
from webapp.events.domain.periods import OUTSIDE_LABELS
from webapp.venues.domain import ADDRESS_LIMIT, NAME_LIMIT, VENUE_KINDS, VenueDetails

REQUIRED = DataRequired(_l("请填写这一项。"))
CHOSEN = InputRequired(_l("请从列表里选一项。"))
Venues = dict[str, list[tuple[str, str]]]  # by the name of their district: (id, name)


class NewVenueForm(PartForm):
    """A place that is not on the list yet, entered where it is needed; empty where the list has it."""

    name = StringField(
        _l("新地点的名称"), [too_long(NAME_LIMIT), NeededWhen(_l("加新地点时必填"), "address")]
    )
    kind = Choice(
        _l("类别"), choices=[(slug, _l(label)) for slug, label in VENUE_KINDS.items()], validate_choice=False
    )
    district_code = Choice(
        _l("县（市）区"), [NeededWhen(_l("加新地点时必选"), "name")], choices=[], validate_choice=False
    )
    address = StringField(_l("地址"), [too_long(ADDRESS_LIMIT), NeededWhen(_l("加新地点时必填"), "name")])

    def details(self) -> VenueDetails:
        """What was entered."""
        return VenueDetails(
            name=self.name.data or "",
            kind=self.kind.data or "",
            district_code=self.district_code.data or "",
            address=self.address.data or "",
        )

    def is_empty(self) -> bool:
        """Whether nothing was written here."""
        return not (self.name.data or self.address.data)


class WhereForm(BaseForm):
    """A venue of the list, or a new one in a few words."""

    venue_id = Choice(_l("地点"), [CHOSEN], choices=[])
    new_venue = FormField(NewVenueForm, _l("新地点"))

    def offer_places(self, venues: Venues, districts: list[tuple[str, str]]) -> None:
        """What can be chosen here."""
        offer_venues(self.venue_id, venues)
        self.new_venue.form.district_code.choices = [("", _("请选择")), *districts]

    def choose_venue(self, venue_id: str) -> None:
        """Take this one; what was written of a new one has done its work."""
        self.venue_id.process(None, venue_id)
        self.venue_id.raw_data = [venue_id]
        self.new_venue.process(None, {})


class PeriodForm(BaseForm):
    """What to do with what lies outside the plans' periods; asked only of whom it concerns."""

    outside_plan = RadioField(
        _l("不在计划期限内的怎么办"),
        [Optional()],
        choices=[(one.value, _l(label)) for one, label in OUTSIDE_LABELS.items()],
    )


class WhenForm(BaseForm):
    """Start and end, and the rule between them."""

    def validate_ends_at(self, field: CityDateTimeField) -> None:
        """The end against the start."""
        starts_at = self["starts_at"].moment
        if starts_at and field.moment:
            try:
                check_session(starts_at, field.moment)
            except Refusal as refusal:
                raise ValidationError(sentence_of(refusal)) from refusal


def time_field(label: Any) -> CityDateTimeField:
    """A moment that must be given."""
    return CityDateTimeField(label, [InputRequired(_l("请填写日期和时间，如 2026-11-28 09:00。"))])


def offer_venues(field: Choice, venues: Venues) -> None:
    """Venues to choose from, by district, and first none of them."""
    field.choices = {_("请选择"): [("", _("先选地点"))]} | venues


def drop_row(rows: Rows, number: str) -> None:
    """Take a row out; a number nobody has is no row."""
    if number.isascii() and number.isdigit() and len(number) <= 6 and int(number) < len(rows.entries):
        rows.pop_entry(int(number))  # type: ignore[call-arg]  # the stubs are older than WTForms 3.3


def key_of(field: HiddenField) -> str:
    """The id a form carries for what it makes; a fresh one when it is none of ours."""
    text = field.data or ""
    return (
        text if len(text) == ID_LENGTH and text.isascii() and text.isalnum() and text.islower() else new_id()
    )


__all__ = [
    "CHOSEN",
    "REQUIRED",
    "Choice",
    "Count",
    "PartForm",
    "PeriodForm",
    "Revision",
    "Rows",
    "Ticks",
    "Venues",
    "WhenForm",
    "WhereForm",
    "drop_row",
    "key_of",
    "offer_venues",
    "revision_of",
    "time_field",
]
