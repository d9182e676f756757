"""Read a list of people as it was pasted or came from a sheet. Plain Python; never an exception, whatever is pasted.

A line holds a name and, mostly, a telephone number, in any order. A heading row makes columns of it; then there may
also be an age band and a guardian.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.core import spelling
from webapp.core.errors import N_
from webapp.people.domain import BadName, normal_name
from webapp.volunteers.domain import AgeBand, needs_guardian

ROWS_MAX = 500
TEXT_LIMIT = 60_000  # characters of a pasted list
LINE_LIMIT = 300

Phone = Callable[[str], str | None]  # a number in its one spelling (E.164), None for what is none

BAD_PHONE = N_("第 %(row)s 行：手机号应为 11 位。")
BAD_NAME = N_("第 %(row)s 行：没有看到姓名，或姓名里有不能用的字。")
BAD_CHARACTER = N_("第 %(row)s 行：“%(character)s”不能用在姓名里。")
TWO_PHONES = N_("第 %(row)s 行：有两个号码，请每行只写一个人。")
LINE_TOO_LONG = N_("第 %(row)s 行：太长了，请每行只写一个人。")
SAME_TWICE = N_("第 %(row)s 行：和第 %(first)s 行是同一个人。")
BAD_BAND = N_("第 %(row)s 行：年龄段看不懂，请写“不满14岁”“14至15岁”“16至17岁”或“成人”。")
NO_GUARDIAN = N_("第 %(row)s 行：不满 18 岁，要写监护人姓名和电话。")
BAD_GUARDIAN = N_("第 %(row)s 行：监护人的姓名或电话不对。")
TOO_MANY = N_("一次最多报 %(limit)s 人，第 %(row)s 行起没有读，请分几次。")


@dataclass(frozen=True)
class Named:
    """Someone to be signed up. Telephones are in E.164."""

    name: str
    phone: str | None = None
    age_band: str | None = None
    guardian_name: str = ""
    guardian_phone: str | None = None
    person_id: str | None = None  # chosen among those known, and so not looked for by name


@dataclass(frozen=True)
class Row:
    """A row that can be used, with its number as the one who typed it counts."""

    number: int
    typed: str
    person: Named


@dataclass(frozen=True)
class RowFault:
    """A row that cannot be used: a marked sentence with its parameters, beside what was typed."""

    number: int
    typed: str
    sentence: str
    params: dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What was understood, and what was not."""

    rows: tuple[Row, ...] = ()
    faults: tuple[RowFault, ...] = ()


_HEADINGS = {
    "name": {"姓名", "名字", "name"},
    "phone": {"手机号", "手机", "电话", "手机号码", "联系电话", "联系方式", "电话号码", "phone", "mobile"},
    "band": {"年龄段", "年龄", "age"},
    "guardian": {"监护人", "监护人姓名", "家长", "家长姓名", "guardian"},
    "guardian_phone": {"监护人电话", "监护人手机", "监护人手机号", "家长电话", "家长手机", "guardian phone"},
}
_COLUMNS = {word: column for column, words in _HEADINGS.items() for word in words}
_HARD = re.compile(r"[\t,;、|]")  # after NFKC, which turns ，；： into their narrow forms
_ORDINAL = re.compile(r"^\s*\d{1,3}\s*[.、)）:]\s*")  # 1. 张三 …, as in a group's sign-up chain
_NUMBER = re.compile(r"\+?\d[\d\-() ]{3,}\d")
_DIGIT = re.compile(r"\d")
_DIGITS_MAX = 15  # of the longest telephone number (E.164)


class _Fault(Exception):
    def __init__(self, sentence: str, **params: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, params


def read_people(given: str | Iterable[Sequence[str]], *, phone: Phone) -> Reading:
    """People and faults by row. `given` is pasted text, or the rows of a sheet as lists of texts.

    Empty lines are skipped and counted. `phone` brings a number into its one spelling.
    """
    lines = _lines(given)
    columns, split = _heading(lines)
    rows: list[Row] = []
    faults: list[RowFault] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in lines[1:] if columns else lines:
        typed = line.strip()
        if len(rows) + len(faults) >= ROWS_MAX:
            faults.append(RowFault(number, typed[:LINE_LIMIT], TOO_MANY, {"row": number, "limit": ROWS_MAX}))
            break
        try:
            person = _person(line, columns, split, phone=phone)
            _once(person, number, seen)
        except _Fault as fault:
            faults.append(
                RowFault(number, typed[:LINE_LIMIT], fault.sentence, {"row": number} | fault.params)
            )
        else:
            rows.append(Row(number, typed, person))
    return Reading(tuple(rows), tuple(faults))


def _lines(given: str | Iterable[Sequence[str]]) -> list[tuple[int, str]]:
    if isinstance(given, str):
        lines: list[str] = re.split(r"\r\n|\r|\n|\u2028|\x0b|\x0c", given)
    else:
        lines = ["\t".join(" ".join(cell.split()) for cell in cells) for cells in given]
    return [
        (number, spelling.plain(line))
        for number, line in enumerate(lines, 1)
        if line.strip(" \t\u3000,，、;；|")
    ]


def _heading(lines: list[tuple[int, str]]) -> tuple[dict[str, int], str | None]:
    """Column → place of a heading row, and what separates the cells; empty where the list has no heading."""
    if not lines:
        return {}, None
    first = lines[0][1]
    separator = next((mark for mark in "\t,、;|" if mark in first), None)
    cells = [cell.strip().lower() for cell in first.split(separator)]
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        column = _COLUMNS.get(cell)
        if column is not None:
            columns.setdefault(column, place)
    return (columns, separator) if "name" in columns else ({}, None)


def _person(line: str, columns: dict[str, int], separator: str | None, *, phone: Phone) -> Named:
    if len(line) > LINE_LIMIT:
        raise _Fault(LINE_TOO_LONG)
    if not columns:
        return _from_line(line, phone)
    cells = [cell.strip() for cell in line.split(separator)]
    # A telephone that cannot be split off by spaces stands last: "138 0013 8000" is one number.
    got = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
    person = Named(_name(got["name"]), _phone(got.get("phone", ""), phone), _band(got.get("band", "")))
    return _with_guardian(person, got.get("guardian", ""), _opt_phone(got.get("guardian_phone", ""), phone))


def _from_line(line: str, phone: Phone) -> Named:
    """A name and perhaps a number, in any order."""
    line = _ORDINAL.sub("", line.strip())
    # a tab or comma inside never belongs to a number, so look for numbers part by part
    parts = _HARD.split(line)
    numbers = [found for part in parts for found in _NUMBER.findall(part)]
    if len(numbers) > 1 or len(_DIGIT.findall("".join(numbers))) > _DIGITS_MAX:
        raise _Fault(TWO_PHONES)
    rest = " ".join(" ".join(_NUMBER.sub(" ", part) for part in parts).split())
    number = _phone(numbers[0], phone) if numbers else None
    if _DIGIT.search(rest):  # what is left of a number too short
        raise _Fault(BAD_PHONE)
    return Named(_name(rest.strip(" :：-—.")), number)


def _name(text: str) -> str:
    try:
        return normal_name(text)
    except BadName as refusal:
        wrong = refusal.params.get("character")
        if wrong is None:
            raise _Fault(BAD_NAME) from None
        raise _Fault(BAD_CHARACTER, character=wrong) from None


def _phone(text: str, phone: Phone) -> str | None:
    """E.164, None where nothing was written; a fault for what is no number."""
    text = text.strip()
    if not text:
        return None
    normal = phone(text)
    if normal is None:
        raise _Fault(BAD_PHONE)
    return normal


def _opt_phone(text: str, phone: Phone) -> str | None:
    try:
        return _phone(text, phone)
    except _Fault:
        raise _Fault(BAD_GUARDIAN) from None


def _band(text: str) -> str | None:
    """An age band as people write it: 不满14岁, 14-15, 9, 成人."""
    text = re.sub(r"[岁周\s]", "", text)
    if not text:
        return None
    if text in {"成人", "成年", "18岁及以上", "18及以上", "18以上", "18+", "满18", "adult"}:
        return AgeBand.ADULT.value
    if re.fullmatch(r"(不满|未满|<|小于)14|14以下|under_14", text):
        return AgeBand.UNDER_14.value
    if re.fullmatch(r"14[-~至到–—_]15", text):
        return AgeBand.FROM_14.value
    if re.fullmatch(r"16[-~至到–—_]17", text):
        return AgeBand.FROM_16.value
    if re.fullmatch(r"[0-9]{1,3}", text):
        return _band_of_age(int(text)).value
    raise _Fault(BAD_BAND)


def _band_of_age(age: int) -> AgeBand:
    if age < 14:
        return AgeBand.UNDER_14
    if age < 16:
        return AgeBand.FROM_14
    return AgeBand.FROM_16 if age < 18 else AgeBand.ADULT


def _with_guardian(person: Named, guardian: str, phone: str | None) -> Named:
    """PIPL art. 31: below 14 a guardian's consent; this house asks for it below 18."""
    if not needs_guardian(person.age_band):
        return person
    if not guardian or phone is None:
        raise _Fault(NO_GUARDIAN)
    try:
        name = _name(guardian)
    except _Fault:
        raise _Fault(BAD_GUARDIAN) from None
    return Named(person.name, person.phone, person.age_band, name, phone)


def _once(person: Named, number: int, seen: dict[tuple[str, str], int]) -> None:
    """The same name on the same telephone is the same person; without a telephone nobody can know."""
    if person.phone is None:
        return
    first = seen.setdefault((person.phone, spelling.name_key(person.name)), number)
    if first != number:
        raise _Fault(SAME_TWICE, first=first)
