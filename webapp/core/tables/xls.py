"""Workbooks of Excel 97 to 2003, and of what still writes them."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from webapp.core.tables.pages import COLUMNS_LIMIT, PAGES_LIMIT, Limits, Marks, Page, page_of


def read(content: bytes, limits: Limits) -> list[Page]:
    """Its sheets, in their order."""
    import xlrd  # noqa: PLC0415  (start-up time)

    silent = io.StringIO()
    with xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=silent) as book:
        return [_page(sheet, book, limits) for sheet in book.sheets()[:PAGES_LIMIT]]


def _page(sheet: Any, book: Any, limits: Limits) -> Page:
    marks = Marks(
        merges=[(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells],
        rows={number for number, info in sheet.rowinfo_map.items() if info.hidden},
        columns={number for number, info in sheet.colinfo_map.items() if info.hidden},
    )
    page = page_of(sheet.name, _rows(sheet, book.datemode), marks=marks, limits=limits)
    page.is_hidden = sheet.visibility != 0
    page.since_1904 = book.datemode == 1
    return page


def _rows(sheet: Any, datemode: int) -> Iterator[list[Any]]:
    for number in range(sheet.nrows):
        width = min(sheet.row_len(number), COLUMNS_LIMIT)
        yield [_value(sheet.cell(number, place), datemode) for place in range(width)]


def _value(cell: Any, datemode: int) -> Any:
    kind, value = cell.ctype, cell.value
    if kind == 3:  # a date
        if 0 <= value < 1:
            return (datetime(2000, 1, 1) + timedelta(days=value)).time()  # noqa: DTZ001  (a time of day)
        since = datetime(1904, 1, 1) if datemode else datetime(1899, 12, 30)  # noqa: DTZ001
        try:
            return since + timedelta(days=value)
        except OverflowError:
            return value
    if kind == 5:  # a fault, such as #N/A
        return None
    return bool(value) if kind == 4 else value
