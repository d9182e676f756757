"""Fields of several areas' forms: choices and days with our own sentences, counts, rows, the revision of a page."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    ValidationError,
    widgets,
)

from webapp.core.forms import BaseForm


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


def revision_of(field: HiddenField) -> int | None:
    """The revision a page was made from; None when it says none."""
    text = field.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


class CityDateField(DateField):
    """A day; what is no day is said in our own sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_l("请填写日期，如 2026-11-28。"))) from error
        if self.data is not None and not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(str(_l("年份须在 2000 至 2100 之间。")))
