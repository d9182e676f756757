"""Tables as files: rows out to CSV and XLSX, and in from what someone uploads. Nothing in a cell is ever evaluated."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from webapp.core.errors import N_, RuleBroken

BYTES_MAX = 1024 * 1024
_UNPACKED_MAX = 30 * 1024 * 1024  # a sheet of 500 names needs a fraction of it
_CELLS_MAX = 12
_ROWS_MAX = 2000  # read at most; how many people may be in them is another rule
_LEADS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NotASheet(RuleBroken):
    """Neither an .xlsx nor a text table."""

    sentence = N_("这个文件打不开。请用 .xlsx 或 .csv 表格，不要加密码。")
    code = "not_a_sheet"
    field = "file"


class SheetTooLarge(RuleBroken):
    """More than a list of people can be."""

    sentence = N_("文件太大，最多 1 MB。请只留姓名和手机号等几列。")
    code = "sheet_too_large"
    field = "file"


# --- out ----------------------------------------------------------------------------------------------------------


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with a mark, as office programs here expect; a cell that would be read as a formula gets a ' before it."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(_LEADS_A_FORMULA) else cell


def xlsx_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook with one sheet of texts."""
    import xlsxwriter  # noqa: PLC0415  (slow to import, and rarely needed)

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell[:32_000])
    return out.getvalue()


# --- in -----------------------------------------------------------------------------------------------------------


def read_sheet(data: bytes) -> list[list[str]]:
    """The rows of an uploaded table as texts, told apart by content; raises NotASheet, SheetTooLarge."""
    if len(data) > BYTES_MAX:
        raise SheetTooLarge
    if data.startswith(b"PK\x03\x04"):
        return _read_xlsx(data)
    return _read_text(data)


def _read_xlsx(data: bytes) -> list[list[str]]:
    import openpyxl  # noqa: PLC0415  (slow to import, and rarely needed)

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _UNPACKED_MAX:
                raise SheetTooLarge
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size need not be true
        rows = sheet.iter_rows(max_row=_ROWS_MAX, max_col=_CELLS_MAX, values_only=True)
        read = [[_cell(value) for value in row] for row in rows]
        book.close()
    except SheetTooLarge:
        raise
    except Exception as error:  # a damaged or hostile file fails in the library in any way there is
        raise NotASheet from error
    return read


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a telephone number kept as a number
    return str(value)[:500]


def _read_text(data: bytes) -> list[list[str]]:
    text = _decode(data)
    if "\x00" in text:
        raise NotASheet
    first = text.splitlines()[0] if text.strip() else ""
    mark = next((mark for mark in "\t;" if mark in first), ",")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise NotASheet from error
    return [[cell[:500] for cell in row[:_CELLS_MAX]] for row in rows[:_ROWS_MAX]]


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotASheet
