"""Tables of LibreOffice and of what else writes OpenDocument; and the one-file XML of Excel 2003."""

import io
import re
import zipfile
from datetime import datetime, time
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from webapp.core.tables.pages import COLUMNS_LIMIT, PAGES_LIMIT, Limits, Marks, Page, page_of

_LENGTH = re.compile(r"PT(\d+)H(\d+)M(\d+)")


def read(content: bytes, limits: Limits) -> list[Page]:
    """The sheets of an .ods file. The XML reader itself refuses entities that blow up."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        root = fromstring(parts.read("content.xml"))  # noqa: S314
    hidden = {
        _get(style, "name")
        for style in _all(root, "style")
        for one in _all(style, "table-properties")
        if _get(one, "display") == "false"
    }
    pages = []
    for table in _all(root, "table")[:PAGES_LIMIT]:
        page = _page(table, limits)
        page.is_hidden = _get(table, "style-name") in hidden
        pages.append(page)
    return pages


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _all(parent: Element, name: str) -> list[Element]:
    return [one for one in parent.iter() if _local(one.tag) == name]


def _get(part: Element, name: str, default: str = "") -> str:
    return next((value for key, value in part.attrib.items() if _local(key) == name), default)


def _count(part: Element, name: str, most: int) -> int:
    """A number as the file gives it; one that is no number counts once."""
    text = _get(part, name, "1")
    return min(int(text), most) if text.isdigit() and len(text) < 9 else 1


def _page(table: Element, limits: Limits) -> Page:
    rows: list[list[Any]] = []
    marks = Marks()
    for row in _all(table, "table-row"):
        cells: list[Any] = []
        for cell in row:
            if _local(cell.tag) not in {"table-cell", "covered-table-cell"}:
                continue
            down = _count(cell, "number-rows-spanned", limits.rows)
            if down > 1:
                marks.merges.append((len(rows), len(cells), len(rows) + down - 1, len(cells)))
            cells += [_value(cell)] * _count(cell, "number-columns-repeated", COLUMNS_LIMIT)
        times = _count(row, "number-rows-repeated", limits.rows + 1)
        if _get(row, "visibility") in {"collapse", "filter"}:
            marks.rows.update(range(len(rows), len(rows) + times))
        rows += [cells] * times
        if len(rows) > 2 * limits.rows:
            break
    return page_of(_get(table, "name"), rows, marks=marks, limits=limits)


def _value(cell: Element) -> Any:
    kind = _get(cell, "value-type")
    try:
        if kind == "date":
            return datetime.fromisoformat(_get(cell, "date-value"))
        if kind == "time":
            found = _LENGTH.match(_get(cell, "time-value"))
            return time(int(found[1]), int(found[2])) if found else _text(cell)
        if kind in {"float", "currency", "percentage"}:
            return float(_get(cell, "value"))
    except ValueError:
        pass
    return _text(cell)


def _text(cell: Element) -> str:
    """Its paragraphs; a remark of the cell is not part of it."""
    lines = ["".join(_spaced(part)) for part in cell if _local(part.tag) == "p"]
    return "\n".join(lines)


def _spaced(part: Element) -> list[str]:
    found = [part.text or ""]
    for inner in part:
        name = _local(inner.tag)
        found += [" "] if name in {"s", "tab", "line-break"} else _spaced(inner)
        found.append(inner.tail or "")
    return found


def read_xml(content: bytes, limits: Limits) -> list[Page]:
    """The sheets of an XML table of Excel 2003, which many old systems write and call .xls."""
    root = fromstring(content)  # noqa: S314
    return [_xml_page(sheet, limits) for sheet in _all(root, "Worksheet")[:PAGES_LIMIT]]


def _xml_page(sheet: Element, limits: Limits) -> Page:
    rows: list[list[Any]] = []
    marks = Marks()
    for row in _all(sheet, "Row"):
        at = _count(row, "Index", limits.rows + 1) - 1 if _get(row, "Index") else len(rows)
        rows += [[] for _ in range(at - len(rows))]
        cells: list[Any] = []
        for cell in row:
            place = _count(cell, "Index", COLUMNS_LIMIT) - 1 if _get(cell, "Index") else len(cells)
            cells += [None] * (place - len(cells))
            if _get(cell, "MergeDown"):
                marks.merges.append(
                    (len(rows), place, len(rows) + _count(cell, "MergeDown", limits.rows), place)
                )
            cells.append(next((_xml_value(data) for data in _all(cell, "Data")), None))
            cells += [None] * (_count(cell, "MergeAcross", COLUMNS_LIMIT) if _get(cell, "MergeAcross") else 0)
        if _get(row, "Hidden") == "1":
            marks.rows.add(len(rows))
        rows.append(cells)
        if len(rows) > 2 * limits.rows:
            break
    page = page_of(_get(sheet, "Name"), rows, marks=marks, limits=limits)
    page.is_hidden = any((one.text or "") != "SheetVisible" for one in _all(sheet, "Visible"))
    return page


def _xml_value(data: Element) -> Any:
    text = "".join(data.itertext())
    try:
        if _get(data, "Type") == "DateTime":
            moment = datetime.fromisoformat(text)
            return moment.time() if moment.year <= 1900 else moment
        if _get(data, "Type") == "Number":
            return float(text)
    except ValueError:
        pass
    return text
