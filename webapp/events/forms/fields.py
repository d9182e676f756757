"""Fields of events' forms: choices with our own sentences, counts, rows, times that belong together."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    FieldList,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    ValidationError,
    widgets,
)
from wtforms.validators import DataRequired, InputRequired

from webapp.core.db import ID_LENGTH, new_id
from webapp.core.errors import Refusal
from webapp.core.forms import BaseForm, CityDateTimeField
from webapp.core.http import sentence_of
from webapp.events.domain import check_session

REQUIRED = DataRequired(_l("请填写这一项。"))
CHOSEN = InputRequired(_l("请从列表里选一项。"))
Venues = dict[str, list[tuple[str, str]]]  # by the name of their district: (id, name)


class Choice(SelectField):
    """One of a list; anything else gets our own sentence."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not on the list."""
        try:
            super().pre_validate(form)
        except ValueError as error:
            raise ValidationError(_("没有这一项，请从列表里选。")) from error


class Ticks(SelectMultipleField):
    """Several of a list, drawn as boxes to tick."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not on the list."""
        try:
            super().pre_validate(form)
        except ValueError as error:
            raise ValidationError(_("有一项不在列表里，请重新选。")) from error


class Revision(HiddenField):
    """The number a page was made from."""

    def process_data(self, value: object) -> None:
        """Hidden fields are texts."""
        self.data = "" if value is None else str(value)


class Rows(FieldList):  # type: ignore[type-arg]  # not generic when it runs
    """Rows of a form, whatever numbers a browser or a program puts into their names.

    Rows beyond what an event may have are shown again with a sentence; beyond `kept` they are not even read.
    """

    def __init__(self, row: Any, label: Any, *, kept: int, **kwargs: Any) -> None:
        self._kept = kept
        super().__init__(row, label, **kwargs)
        self.type = "FieldList"  # what the form macros ask for

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        start = prefix + "-"
        seen: set[int] = set()
        for key in formdata:
            number = key[len(start) :].split("-", 1)[0] if key.startswith(start) else ""
            if number.isascii() and number.isdigit() and len(number) <= 6 and len(seen) < self._kept:
                seen.add(int(number))
        yield from seen


class PartForm(BaseForm):
    """A form inside a form: the outer one carries the token."""

    class Meta(BaseForm.Meta):
        """No token of its own."""

        csrf = False


class Count(IntegerField):
    """A whole number; what is none keeps what was typed and gets our sentence."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read it; more digits than any number here has are not read at all."""
        if valuelist and len(valuelist[0]) > 12:
            self.data = None
            raise ValueError(_("请填写整数。"))
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("请填写整数。")) from error


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


def revision_of(field: HiddenField) -> int | None:
    """The revision a page was made from; None when it says none."""
    text = field.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
