"""Tables for WPS and Excel: XLSX and CSV written so that no cell becomes a formula, and read so that nothing runs."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from webapp.core import clock
from webapp.core.errors import N_, RuleBroken

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTES_LIMIT, ROWS_LIMIT, COLUMNS_LIMIT, CELL_LIMIT = 2_000_000, 5_001, 60, 2_000  # one row is the headings
_UNPACKED_LIMIT = 64 * 1024 * 1024  # a file of 2 MB must not become a heap of gigabytes
_RISKY = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_NO_NAME = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Sheet:
    """One table: its name, headings and rows. None is an empty cell."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


class UnreadableSheet(RuleBroken):
    """Neither XLSX nor CSV."""

    sentence = N_("这个文件打不开。请用 Excel 或 WPS 另存为 .xlsx 或 .csv 再试，不要加密码。")
    code = "unreadable_sheet"
    field = "file"


class SheetTooLarge(RuleBroken):
    """More than a page can answer for."""

    sentence = N_("表太大：最多 %(rows)d 行、%(mb)d MB。请只留要用的列，或分几次上传。")
    code = "sheet_too_large"
    field = "file"


def plain(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe stands before what might be one."""
    return "'" + text if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


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
        writer.writerow([plain(_said(value)) for value in row])
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def read(content: bytes, *, most_bytes: int = BYTES_LIMIT, most_rows: int = ROWS_LIMIT) -> list[list[str]]:
    """The first table of an XLSX, or a text table (UTF-8 or GB 18030; comma, semicolon or tab), as text.

    Told apart by content, not by name; empty rows at the end are left out. Raises UnreadableSheet, SheetTooLarge.
    """
    too_large = SheetTooLarge(rows=most_rows - 1, mb=max(1, most_bytes // 1_000_000))
    if len(content) > most_bytes:
        raise too_large
    read_rows = _read_xlsx if content.startswith(b"PK\x03\x04") else _read_text
    rows = read_rows(content, too_large, most_rows)
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _read_text(content: bytes, too_large: SheetTooLarge, most_rows: int) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        first = text.splitlines()[0] if text.strip() else ""
        mark = next((mark for mark in "\t;" if mark in first), ",")
        try:
            return _bounded(csv.reader(io.StringIO(text, newline=""), delimiter=mark), too_large, most_rows)
        except csv.Error:
            break
    raise UnreadableSheet


def _read_xlsx(content: bytes, too_large: SheetTooLarge, most_rows: int) -> list[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415  (start-up time)

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED_LIMIT:
                raise too_large
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            page = book.worksheets[0]
            page.reset_dimensions()  # what the file says of its size need not be true
            return _bounded(page.iter_rows(values_only=True), too_large, most_rows)
        finally:
            book.close()
    except SheetTooLarge:
        raise
    except Exception as error:  # whatever is inside a file someone made, it is the file that is at fault
        raise UnreadableSheet from error


def _bounded(rows: Iterable[Iterable[Any]], too_large: SheetTooLarge, most_rows: int) -> list[list[str]]:
    """Rows as texts; an empty one far below counts as little as one at the end."""
    found: list[list[str]] = []
    for number, row in enumerate(rows):
        cells = [_text(value) for _, value in zip(range(COLUMNS_LIMIT), row, strict=False)]
        if number >= most_rows:
            if any(cells) or number > 20 * most_rows:
                raise too_large
            continue
        found.append(cells)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date() if value.time().isoformat() == "00:00:00" else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", str(value))[:CELL_LIMIT]
    text = text.strip()
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text
