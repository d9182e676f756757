"""BaseForm, and the fields and checks several areas share. Shape and wording only; rules live in domain.py."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import phonenumbers
from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice, SelectFieldBase  # type: ignore[attr-defined]
from wtforms.fields.core import UnboundField
from wtforms.validators import Length

from webapp.core import clock, spelling
from webapp.core.errors import Refusal
from webapp.core.looking import only_looks

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


_DOTS = re.compile(r"[·•‧∙・_~]")  # between the groups of a number, as some write it
_LINE_ENDS = re.compile(r"[ \t]*[\n\r\x0b\x0c\x85\u2028\u2029]+[ \t]*")


_LARGEST = 2**31 - 1


def has_unkeepable_characters(text: str) -> bool:
    """Whether the text holds characters no keyboard types and no database or calendar keeps."""
    return _NOT_TEXT.search(text) is not None


def clean(value: str | None) -> str | None:
    """Strip, unify line ends, take out marks nobody sees; leave everything else as typed."""
    if value is None:
        return None
    return spelling.visible(value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def in_one_line(text: str) -> str:
    """Text of a field that has one line: no keyboard puts a line end there, but programs and copied texts do."""
    return _LINE_ENDS.sub(" ", text)


def cleaned(value: Any) -> Any:
    """The same for a field that may be given what is no text, such as the day a hidden field carries."""
    return clean(value) if isinstance(value, str) else value


def _line(value: Any) -> Any:
    return in_one_line(value) if isinstance(value, str) else value


def keepable(value: Any) -> Any:
    """What nobody typed: ids in hidden fields and of choices. What no database can be asked about is left out."""
    if isinstance(value, list):
        return [keepable(one) for one in value]
    return _NOT_TEXT.sub("", value) if isinstance(value, str) else value


def countable(number: Any) -> Any:
    """A number of hundreds of digits as the largest a column holds: the field's own range then refuses it in words."""
    return min(max(number, -_LARGEST), _LARGEST) if isinstance(number, int) else number


def no_control_characters(_form: Any, field: Field) -> None:
    """Refuse what cannot be kept."""
    if isinstance(field.data, str) and has_unkeepable_characters(field.data):
        field.data = _NOT_TEXT.sub("", field.data)  # what is shown again must be a page a browser can read
        raise ValidationError(_l("这里有无法保存的特殊字符，已经去掉，请检查后再提交。"))


class BaseForm(FlaskForm):
    """Every form: CSRF, text stripped, control characters refused."""

    class Meta(FlaskForm.Meta):
        """How fields are bound."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Forms are filled by forms: a body of JSON is none, and what it holds may not even have names."""
            return super().wrap_formdata(form, None if request.is_json else formdata)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Give text fields the common filter and check."""
            kind = unbound_field.field_class
            if (
                isinstance(kind, type)
                and issubclass(kind, StringField)
                and not getattr(kind, "raw_text", False)
            ):
                own = unbound_field.kwargs.get("filters", ())
                one_line = () if issubclass(kind, (TextAreaField, HiddenField)) else (_line,)
                options = options | {"filters": [cleaned, *one_line, *own]}
            if isinstance(kind, type) and issubclass(kind, (HiddenField, SelectFieldBase)):
                options = options | {"filters": [*options.get("filters", ()), keepable]}
            if isinstance(kind, type) and issubclass(kind, IntegerField):
                options = options | {"filters": [*unbound_field.kwargs.get("filters", ()), countable]}
            choices = unbound_field.kwargs.get("choices")
            if isinstance(choices, list):  # (value, label) is how a choice is written here
                made = [one if isinstance(one, SelectChoice) else SelectChoice(*one) for one in choices]
                options = options | {"choices": made}
            field: Field = unbound_field.bind(form=form, **options)
            if isinstance(field, StringField):
                field.validators = [*field.validators, no_control_characters]
            if condition := getattr(field.flags, "needed_when", None):
                field.is_needed = lambda: condition.holds(form)  # type: ignore[attr-defined]
            return field

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Whether it may be acted upon: not where it was sent to be shown again (core/looking.py)."""
        is_good = super().validate(*args, **kwargs)
        g.form_looked_at = True
        return is_good and not only_looks()

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read what was sent. Of what holds only blanks and marks nobody sees nothing was entered; days and numbers are
        shown again as typed, in a page a browser can read.
        """
        super().process(*args, **kwargs)
        for field in self:
            if not field.raw_data:
                continue
            if not isinstance(field, StringField):
                field.raw_data = keepable(list(field.raw_data))
            elif field.data == "":
                field.raw_data = [""]


def too_long(limit: int) -> Length:
    """At most `limit` characters, said in a sentence."""
    return Length(max=limit, message=_l("最多 %(max)d 个字。"))


def obeys(check: Callable[[str], Any]) -> Callable[[Any, Field], None]:
    """A field whose text, if there is any, passes a rule of the domain; its refusal is said beside the field."""

    def validate(_form: Any, field: Field) -> None:
        if field.data:
            try:
                check(field.data)
            except Refusal as refusal:
                # Said now: a lazy sentence passes for markup, and this one may hold what was typed.
                raise ValidationError(gettext(refusal.sentence, **refusal.params)) from refusal

    return validate


def normal_phone(text: str) -> str | None:
    """A Chinese telephone number in E.164, or None when it is not one."""
    try:
        number = phonenumbers.parse(_DOTS.sub(" ", spelling.plain(text)), "CN")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 86 or not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class RawPasswordField(PasswordField):
    """A password is taken as typed: a space at its end is part of it."""

    raw_text = True


class PhoneField(StringField):
    """A telephone number, kept as typed on the form and in E.164 in `.normal`."""

    normal: str | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Say what a number looks like."""
        if validation_stopped or not self.data:
            return
        self.normal = normal_phone(self.data)
        if self.normal is None:
            raise ValidationError(_l("请填写 11 位手机号，或带区号的座机号，如 0454-8888888。"))


class CityDateTimeField(DateTimeLocalField):
    """A wall-clock time in the city, given to services as aware UTC in `.moment`."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("format", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
        super().__init__(label, validators, **kwargs)

    def process_formdata(self, valuelist: Any) -> None:
        """Read the text; a wrong one keeps what was typed and gets a sentence."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(self.gettext("请填写日期和时间，如 2026-11-28 09:00。")) from error
        if self.data is not None and not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(self.gettext("年份须在 2000 至 2100 之间。"))

    def process_data(self, value: datetime | None) -> None:
        """Show a stored moment on the city's clock."""
        self.data = clock.local(value).replace(tzinfo=None) if value and value.tzinfo else value

    @property
    def moment(self) -> datetime | None:
        """What was entered, as aware UTC."""
        return clock.from_local(self.data) if self.data else None


def secret_names() -> frozenset[str]:
    """What all forms call the fields that hide what is typed into them."""
    return frozenset(name for form in _all_forms(BaseForm) for name in _secrets_of(form))


def _all_forms(form: type[BaseForm]) -> Iterator[type[BaseForm]]:
    yield form
    for below in form.__subclasses__():
        yield from _all_forms(below)


def _secrets_of(form: type[BaseForm]) -> Iterator[str]:
    for name, field in vars(form).items():
        # a title in the reader's language may not be asked for anything where there is no reader
        kind = field.field_class if isinstance(field, UnboundField) else None
        if kind is not None and issubclass(kind, PasswordField):
            yield name
