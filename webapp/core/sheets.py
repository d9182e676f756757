"""Tables for WPS and Excel: XLSX and CSV written so that no cell becomes a formula and no number another one."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.core import clock
from webapp.core.tables.opening import open_pages
from webapp.core.tables.pages import BYTES_LIMIT, RISKY, ROWS_LIMIT, Limits

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_A_NAME = re.compile(r"\+?\d{11,}|0\d+|\d+[Ee]\d+|\d{1,2}[-/]\d{1,2}(?:[-/]\d{1,2})?")
_NO_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Sheet:
    """One table: its name, headings and rows. None is an empty cell."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def plain(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe stands before what might be one."""
    return "'" + text if RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def kept(text: str) -> str:
    """Text that no spreadsheet program changes either: a tab stands before digits that are a name and no amount.

    23080300012345678 would be shown as 2.30803E+16 and saved with zeros at its end, 0454 as 454, 1-2 as a day. Nobody
    sees the tab, and readers of tables leave it out; no formula can follow it, for only such digits get it.
    """
    return "\t" + text if _A_NAME.fullmatch(text) else plain(text)


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """A workbook to be read and printed: columns as wide as what stands in them, long texts in several lines.

    On paper A4 across, as many pages down as it takes, the headings on each. Days and moments are real ones, moments on
    the city's clock; a bold first row stays in sight.
    """
    import xlsxwriter  # noqa: PLC0415  (start-up time)

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        looks = {name: book.add_format(look | {"valign": "top"}) for name, look in _LOOKS.items()}
        for number, sheet in enumerate(sheets):
            page = book.add_worksheet(_NO_NAME.sub(" ", sheet.name)[:28].strip() or f"{number + 1}")
            _set_up(page)
            widths = [_width(head) for head in sheet.heads]
            for column, head in enumerate(sheet.heads):
                page.write_string(0, column, head, looks["head"])
            for line, row in enumerate(sheet.rows, start=1):
                for column, value in enumerate(row):
                    _write(page, (line, column), value, looks)
                    if column < len(widths):
                        widths[column] = max(widths[column], _width(value))
            for column, width in enumerate(widths):
                page.set_column(column, column, min(max(width, _NARROWEST), _WIDEST) + 1)
    return made.getvalue()


_LOOKS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "text_wrap": True, "bottom": 1},
    "text": {"text_wrap": True},
    "number": {},
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}
_NARROWEST, _WIDEST = 6, 44  # columns, in digits
_A4 = 9


def _set_up(page: Any) -> None:
    page.freeze_panes(1, 0)
    page.set_paper(_A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(0.4, 0.4, 0.5, 0.6)
    page.set_footer("&C&P / &N")


def _width(value: Any) -> int:
    """How many digits its longest line is wide; a Chinese character is as wide as two."""
    if isinstance(value, datetime):
        return 16
    if isinstance(value, date):
        return 10
    lines = "" if value is None else str(value)[:500]
    return max((sum(1 + (ord(one) > 0x2E7F) for one in line) for line in lines.split("\n")), default=0)


def _write(page: Any, at: tuple[int, int], value: Any, looks: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | float):
        page.write_number(*at, value, looks["number"])
    elif isinstance(value, datetime):
        moment = clock.local(value) if value.tzinfo else value
        page.write_datetime(*at, moment.replace(tzinfo=None, second=0, microsecond=0), looks["moment"])
    elif isinstance(value, date):
        page.write_datetime(*at, datetime(value.year, value.month, value.day), looks["day"])  # noqa: DTZ001
    else:
        page.write_string(*at, str(value)[:32_000], looks["text"])


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{clock.local(value) if value.tzinfo else value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def comma_separated(sheet: Sheet) -> bytes:
    """UTF-8 with its mark, so that Excel reads Chinese, and CRLF."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    for row in [sheet.heads, *sheet.rows]:
        writer.writerow([_as_text(value) for value in row])
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def _as_text(value: Any) -> str:
    return kept(value) if isinstance(value, str) else plain(_said(value))


def read(content: bytes, *, most_bytes: int = BYTES_LIMIT, most_rows: int = ROWS_LIMIT) -> list[list[str]]:
    """The first sheet in sight, as texts, without empty rows at its end. Raises UnreadableSheet, SheetTooLarge."""
    limits = Limits(most_bytes, most_rows)
    pages = open_pages(content, limits)
    page = next((one for one in pages if one.rows and not one.is_hidden), pages[0])
    if page.is_cut:
        raise limits.too_large()
    return page.rows
