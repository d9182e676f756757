"""Workbooks of Excel and WPS since 2007."""

import io
import re
import zipfile
from typing import Any

from webapp.core.tables.pages import CELLS_LIMIT, PAGES_LIMIT, Limits, Marks, Page, page_of

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CELL = re.compile(rb"<(?:\w+:)?c\b")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_SPAN = re.compile(rb'\b(min|max)="(\d{1,5})"')


def read(content: bytes, limits: Limits) -> list[Page]:
    """Its sheets, in their order."""
    from openpyxl import load_workbook  # noqa: PLC0415  (start-up time)

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            pages, cells = [], 0
            for sheet in book.worksheets[:PAGES_LIMIT]:
                path = vars(sheet).get("_worksheet_path", "").lstrip("/")
                xml = parts.read(path) if path in parts.namelist() else b""
                cells += len(_CELL.findall(xml))
                if cells > CELLS_LIMIT:
                    pages.append(Page(sheet.title, [["…"]], sheet.sheet_state != "visible", is_cut=True))
                else:
                    pages.append(_page(sheet, xml, book, limits))
            return pages
    finally:
        book.close()


def _page(sheet: Any, xml: bytes, book: Any, limits: Limits) -> Page:
    sheet.reset_dimensions()  # what the file says of its size need not be true
    page = page_of(sheet.title, sheet.iter_rows(values_only=True), marks=_marks(xml), limits=limits)
    page.is_hidden = sheet.sheet_state != "visible"
    page.since_1904 = book.epoch.year == 1904
    return page


def _marks(xml: bytes) -> Marks:
    """The library's quick reading leaves these out; its other one would keep each cell as an object."""
    marks = Marks()
    for found in _MERGE.finditer(xml):
        left, top, right, bottom = found.groups()
        marks.merges.append((int(top) - 1, _place(left), int(bottom) - 1, _place(right)))
    for row in _ROW.finditer(xml):
        number = _NUMBER.search(row[0])
        if number and _HIDDEN.search(row[0]):
            marks.rows.add(int(number[1]) - 1)
    for column in _COLUMN.finditer(xml):
        if _HIDDEN.search(column[0]):
            span = {key: int(value) for key, value in _SPAN.findall(column[0])}
            marks.columns.update(range(span.get(b"min", 1) - 1, min(span.get(b"max", 0), 100)))
    return marks


def _place(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
