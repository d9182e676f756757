"""Fields of events' forms: choices with our own sentences, counts, rows, times that belong together."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired

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
from webapp.core.forms import BaseForm, CityDateTimeField
from webapp.core.http import sentence_of
from webapp.events.domain import check_session

REQUIRED = DataRequired(_l("请填写这一项。"))
CHOSEN = InputRequired(_l("请从列表里选一项。"))
Venues = dict[str, list[tuple[str, str]]]  # by the name of their district: (id, name)


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


def venue_field() -> Choice:
    """A venue that must be chosen."""
    return Choice(_l("地点"), [CHOSEN], choices=[])


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
    "Revision",
    "Rows",
    "Ticks",
    "Venues",
    "WhenForm",
    "drop_row",
    "key_of",
    "offer_venues",
    "revision_of",
    "time_field",
    "venue_field",
]
