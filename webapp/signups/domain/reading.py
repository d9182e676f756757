"""Read a list of people as it was pasted or came from a sheet. Plain Python; never an exception, whatever is pasted.

A line holds a name and, mostly, a telephone number, in any order. A heading row makes columns of it; then there may
also be an age band and a guardian.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from webapp.core import spelling
from webapp.core.errors import N_
from webapp.core.tables.draft import CellFault
from webapp.core.tables.draft import Row as TableRow
from webapp.people.domain import BadName, normal_name, same_name
from webapp.signups.domain.bands import band_of
from webapp.signups.domain.listing import COLUMNS, TEXT_LIMIT, Listing, listing_of
from webapp.signups.domain.rows import Named, Reading, Row, RowFault
from webapp.volunteers.domain import Company, company_for, needs_guardian

ROWS_MAX = 500
LINE_LIMIT = 300

__all__ = ["TEXT_LIMIT", "read_listing", "read_people"]

Phone = Callable[[str], str | None]  # a number in its one spelling (E.164), None for what is none

BAD_PHONE = N_("第 %(row)s 行：手机号应为 11 位。")
CUT_PHONE = N_("第 %(row)s 行：表格把手机号当成了数，后几位已经丢了，请重新填写。")
IS_TITLE = N_("第 %(row)s 行是标题，没有读。")
BAD_NAME = N_("第 %(row)s 行：没有看到姓名，或姓名里有不能用的字。")
BAD_CHARACTER = N_("第 %(row)s 行：“%(character)s”不能用在姓名里。")
TWO_PHONES = N_("第 %(row)s 行：有两个号码，请每行只写一个人。")
LINE_TOO_LONG = N_("第 %(row)s 行：太长了，请每行只写一个人。")
SAME_TWICE = N_("第 %(row)s 行：和第 %(first)s 行是同一个人。")
BAD_BAND = N_("第 %(row)s 行：年龄段看不懂，请写岁数，或“不满10岁”“10至13岁”“14至15岁”“16至17岁”“成人”。")
NO_GUARDIAN = N_("第 %(row)s 行：不满 18 岁，要写监护人姓名和电话。")
WHICH_NAME = N_(
    "第 %(row)s 行：“%(first)s”和“%(other)s”，看不出哪个是姓名。请只留姓名和电话，或加上一行表头。"
)
BAD_REST = N_("第 %(row)s 行：除了姓名和电话，还有“%(rest)s”，没有看懂。请去掉，或加上一行表头。")
BAD_GUARDIAN = N_("第 %(row)s 行：监护人的姓名或电话不对。")
OWN_GUARDIAN = N_("第 %(row)s 行：监护人不能是参加者自己。")
NO_COMPANY = N_("第 %(row)s 行：不满 10 岁的要写谁陪同；满 10 岁的，年龄段写“10至13岁”。")
TOO_MANY = N_("一次最多报 %(limit)s 人，第 %(row)s 行起没有读，请分几次。")


_HARD = re.compile(r"[\t,;、|]")  # after NFKC, which turns ，；： into their narrow forms
# 1. 张三 …, as in a group's sign-up chain; and the first cell of a copied row
_ORDINAL = re.compile(r"^\s*\(?\d{1,3}(?:\s*[.、)）:,\t|]|\s+(?=[^\W\d]))\s*")
_NUMBER = re.compile(r"\+?\d[\d\-() ]{3,}\d")
_MOBILE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[- ]?)?1[3-9]\d{9}(?!\d)"
)  # whole, whatever number stands beside it
_COUNTRY = re.compile(r"\(\s*(\+?86|0086)\s*\)")
_LABELS = re.compile(
    r"(?:姓名|名字|联系电话|手机号码?|电话号码?|联系方式|手机|电话|name|phone|mobile|tel)\s*:\s*",
    re.IGNORECASE,
)
_SEX = re.compile(r"\(\s*[男女]\s*\)|(?<![^\s\t,;、|])[男女](?![^\s\t,;、|\d])")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d{4}")
_BLANK = " \t\u3000,，、;；|"
_CHAIN = re.compile(r"\s*#?接龙")
# What stands above a list without headings; nobody is called so.
_TITLE = re.compile(
    r"名单|花名册|报名表|登记表|签到表|统计表|汇总|接龙|^.{4,}表$|^(?:附件|备注|注|合计|总计|共\d+人)"
    r"|姓名|电话|手机|联系方式|\bname\b|\bphone\b",
    re.IGNORECASE,
)
_KEYS = tuple(one.key for one in COLUMNS)
_DIGITS_MAX = 15  # of the longest telephone number (E.164)


class _Fault(Exception):
    def __init__(self, sentence: str, **params: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, params


def read_people(given: str | Iterable[Sequence[str]], *, phone: Phone) -> Reading:
    """People and faults by row. `given` is pasted text, or the rows of a sheet as lists of texts.

    Empty lines are skipped and counted. `phone` brings a number into its one spelling.
    """
    if not isinstance(given, str):
        given = "\n".join("\t".join(" ".join(cell.split()) for cell in cells) for cells in given)
    return read_listing(listing_of(given), phone=phone)


def read_listing(listing: Listing, *, phone: Phone) -> Reading:
    """The same of a list whose columns are known."""
    found, passed = _found(listing)
    rows: list[Row] = []
    faults: list[RowFault] = []
    seen: dict[tuple[str, str], int] = {}
    for row in found:
        typed = " ".join(cell for cell in listing.lines[row.number - 1].split() if cell)
        if len(rows) + len(faults) >= ROWS_MAX:
            fault = CellFault("name", TOO_MANY, {"row": row.number, "limit": ROWS_MAX})
            faults.append(RowFault(row.number, typed[:LINE_LIMIT], (fault,)))
            break
        person, wrong = _person(row, phone)
        first = (
            seen.setdefault((person.phone, spelling.name_key(person.name)), row.number)
            if person and person.phone
            else row.number
        )
        if first != row.number:  # the same name on the same telephone; without one nobody can know
            wrong = [CellFault(_first_key(row), SAME_TWICE, {"first": first})]
        if person and not wrong:
            rows.append(Row(row.number, typed, person))
        else:
            told = (CellFault(one.key, one.sentence, {"row": row.number, **one.params}) for one in wrong)
            faults.append(RowFault(row.number, typed[:LINE_LIMIT], tuple(told)))
    return Reading(tuple(rows), tuple(faults), tuple(passed))


def _first_key(row: TableRow) -> str:
    return next(iter(row.cells))


def _found(listing: Listing) -> tuple[list[TableRow], list[tuple[str, dict[str, Any]]]]:
    """Rows that may be people, and words about titles, sums and notes."""
    if listing.draft:
        rows, passed = listing.draft.read()
        above = listing.lines[: listing.draft.head]
        titles = [number for number, line in enumerate(above, 1) if line.strip(_BLANK)]
        return rows, [*((IS_TITLE, {"row": number}) for number in titles), *passed]
    found, told = [], []
    chain = any(_CHAIN.match(line) for line in listing.lines[:3])
    for number, line in enumerate(listing.lines, 1):
        if not line.strip(_BLANK):
            continue
        chain = chain and not _ORDINAL.match(line)
        if chain or (not _DIGITS.search(line) and _TITLE.search(_LABELS.sub("", line).strip(_BLANK))):
            told.append((IS_TITLE, {"row": number}))
        else:
            found.append(TableRow(number, {"line": line}))
    return found, told


def _person(row: TableRow, phone: Phone) -> tuple[Named | None, list[CellFault]]:
    """The person, or all that is wrong."""
    if sum(map(len, row.cells.values())) > LINE_LIMIT:
        return None, [CellFault(_first_key(row), LINE_TOO_LONG)]
    wrong: list[CellFault] = []

    def take(key: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except _Fault as fault:
            wrong.append(CellFault(key, fault.sentence, fault.params))
            return None

    if "line" in row.cells:
        return take("line", lambda: _from_line(row.cells["line"], phone)), wrong
    got = {key: row.cells.get(key, "").strip() for key in _KEYS}
    name = take("name", lambda: _name(got["name"]))
    number = take("phone", lambda: _phone(got["phone"], phone))
    band = take("band", lambda: _band(got["band"]))
    if needs_guardian(band):
        guardian = take("guardian", lambda: _guardian(got["guardian"], name))
        reach = take("guardian_phone", lambda: _guardian_phone(got["guardian_phone"], phone))
        company = take("company", lambda: _company(got["company"], band))
        return (None if wrong else Named(name, number, band, guardian, reach, company)), wrong
    return (None if wrong else Named(name, number, band)), wrong


def _from_line(line: str, phone: Phone) -> Named:
    """A name and perhaps a number, in any order."""
    line = _COUNTRY.sub("+86 ", _LABELS.sub(" ", _ORDINAL.sub("", line.strip())))
    without_sex = _SEX.sub(" ", line)
    if len(re.sub(r"[^\w]|[\d_]", "", without_sex)) > 1:  # 李 男 may be called so
        line = without_sex
    # a tab or comma inside never belongs to a number, so look for numbers part by part
    parts = _HARD.split(line)
    numbers = [found for part in parts for found in _MOBILE.findall(part)]
    parts = [_MOBILE.sub(" | ", part) for part in parts]
    numbers += [found for part in parts for found in _NUMBER.findall(part)]
    if len(numbers) > 1 or len(_DIGIT.findall("".join(numbers))) > _DIGITS_MAX:
        raise _Fault(TWO_PHONES)
    cells = [" ".join(_NUMBER.sub(" ", part).replace("|", " ").split()).strip(" :：-—./") for part in parts]
    cells = [cell for cell in cells if cell]
    words = [cell for cell in cells if not _DIGIT.search(cell)]
    if len(words) > 1:
        raise _Fault(WHICH_NAME, first=words[0][:20], other=words[1][:20])
    rest = " ".join(cells)
    number = _phone(numbers[0], phone) if numbers else None
    if _DIGIT.search(rest):  # what is left of a number too short, or an age
        left = " ".join(re.findall(r"\S*\d\S*", rest))
        raise _Fault(BAD_REST, rest=left[:20]) if number else _Fault(BAD_PHONE)
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
    text = spelling.visible(text).strip()
    if not text.strip("-—/无"):
        return None
    if re.fullmatch(r"\d(?:\.\d+)?[Ee]\+?\d+", text):  # 1.38E+10: a spreadsheet took it for an amount
        exact = len(text.split("E")[0].split("e")[0]) >= 12
        if not exact:
            raise _Fault(CUT_PHONE)
        text = str(round(float(text)))
    normal = phone(_COUNTRY.sub("+86 ", text.removesuffix(".0")))
    if normal is None:
        raise _Fault(TWO_PHONES if len(_DIGIT.findall(text)) > _DIGITS_MAX else BAD_PHONE)
    return normal


def _guardian(text: str, child: str | None) -> str:
    """PIPL art. 31: below 14 a guardian's consent; this house asks for it below 18. Nobody is their own guardian."""
    if not text:
        raise _Fault(NO_GUARDIAN)
    try:
        name = _name(text)
    except _Fault:
        raise _Fault(BAD_GUARDIAN) from None
    if child and same_name(child, name):
        raise _Fault(OWN_GUARDIAN)
    return name


def _company(text: str, band: str | None) -> str | None:
    """The adult who comes along; empty where nobody does, None where nothing is written."""
    if not text or re.fullmatch(r"自己.*|独自.*|无|没有|不用|alone", text):
        if company_for(band) == Company.NEEDED:
            raise _Fault(NO_COMPANY)
        return "" if text else None
    return _name(text)


def _guardian_phone(text: str, phone: Phone) -> str:
    try:
        number = _phone(text, phone)
    except _Fault:
        raise _Fault(BAD_GUARDIAN) from None
    if number is None:
        raise _Fault(NO_GUARDIAN)
    return number


def _band(text: str) -> str | None:
    try:
        return band_of(text)
    except ValueError:
        raise _Fault(BAD_BAND) from None
