"""Kinds of values the API takes: text of a length, telephone numbers, moments, days, codes."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from webapp.core import spelling
from webapp.core.forms import has_unkeepable_characters, in_one_line, normal_phone


def _plain(text: str) -> str:
    if has_unkeepable_characters(text):
        raise PydanticCustomError("control_characters", "text holds control characters")
    return text


def _visible(text: Any) -> Any:
    """Without the marks nobody sees, as on every form."""
    return spelling.visible(text) if isinstance(text, str) else text


def _in_one_line(text: str) -> str:
    if in_one_line(text) != text:
        raise PydanticCustomError("one_line", "the text must be of one line")
    return text


def _written(value: Any) -> Any:
    """A number is no moment, though it could be read as seconds since 1970."""
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", "not written as a moment")
    return value


def _written_day(value: Any) -> Any:
    """No day at all is none; a number is no day."""
    if value and not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value).strip()):
        raise PydanticCustomError("date_parsing", "not written as a day")
    return value or None


def _phone(text: str) -> str:
    normal = normal_phone(text)
    if normal is None:
        raise PydanticCustomError("phone", "not a telephone number of mainland China")
    return normal


def _year(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise PydanticCustomError("year", "the year must be from 2000 to 2100")
    return moment


def _as_read(code: Any) -> Any:
    """What a camera read may be anything, a shop's barcode too: it is told and kept as unknown, not refused."""
    return _NO_TEXT.sub("\ufffd", code) if isinstance(code, str) else code


def _phones_moment(moment: datetime) -> datetime:
    """In UTC. A clock may be years wrong, but every zone must have a name for the moment."""
    year = min(max(moment.year, _FIRST_YEAR), _LAST_YEAR)
    return (moment if year == moment.year else moment.replace(year=year, day=1)).astimezone(UTC)


def text(limit: int, *, least: int = 0) -> Any:
    """Text of at most this many characters, without marks nobody sees."""
    return Annotated[
        str,
        BeforeValidator(_visible),
        StringConstraints(strip_whitespace=True, min_length=least, max_length=limit, strict=True),
        AfterValidator(_plain),
    ]


def line(limit: int, *, least: int = 0) -> Any:
    """Text of one line: what ends a line would end a line of every list, mail and calendar it stands in."""
    return Annotated[text(limit, least=least), AfterValidator(_in_one_line)]


def tag(limit: int, *, least: int = 0) -> Any:
    """The same for what a phone calls itself: no scan is refused for that."""
    return Annotated[text(limit, least=least), AfterValidator(in_one_line)]


_FIRST_YEAR, _LAST_YEAR = 2, 9998
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
Identifier = line(40, least=1)
Phone = Annotated[line(30, least=1), AfterValidator(_phone)]  # type: ignore[valid-type]
Moment = Annotated[AwareDatetime, AfterValidator(_year), BeforeValidator(_written)]
# As much as the largest QR holds.
Code = Annotated[
    str,
    BeforeValidator(_as_read),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=8000, strict=True),
]
PhonesMoment = Annotated[AwareDatetime, AfterValidator(_phones_moment), BeforeValidator(_written)]
Day = Annotated[date | None, BeforeValidator(_written_day)]
