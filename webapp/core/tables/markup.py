"""Tables in a web page, which many systems write and call .xls."""

import re
from html.parser import HTMLParser

from webapp.core.tables.pages import COLUMNS_LIMIT, PAGES_LIMIT, Limits, Marks, Page, page_of

_BLOCKS = {"br", "p", "div", "li"}


def read(text: str, limits: Limits) -> list[Page]:
    """The tables, each a page."""
    reader = _Tables(limits)
    reader.feed(text)
    reader.close()
    return [
        page_of(f"{number}", one.rows, marks=one.marks, limits=limits)
        for number, one in enumerate(reader.tables, 1)
    ]


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.marks = Marks()
        self.taken_until = [0] * COLUMNS_LIMIT  # by column: the row at which a cell from above ends


class _Tables(HTMLParser):
    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.most = 2 * limits.rows
        self.tables: list[_Table] = []
        self.open: list[_Table] = []
        self.cell: list[str] | None = None
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Rows and cells; a table inside a cell is a table of its own."""
        if tag == "table" and len(self.tables) < PAGES_LIMIT:
            self.open.append(_Table())
            self.tables.append(self.open[-1])
        elif tag in {"script", "style", "title"}:
            self.silent = True
        elif tag == "tr" and self.open and len(self.open[-1].rows) < self.most:
            self.open[-1].rows.append([])
        elif tag in {"td", "th"} and self.open and self.open[-1].rows:
            self._begin(self.open[-1], dict(attrs))
        elif tag in _BLOCKS and self.cell:
            self.cell.append("\n")

    def _begin(self, table: _Table, attrs: dict[str, str | None]) -> None:
        row, at = table.rows[-1], len(table.rows) - 1
        while len(row) < COLUMNS_LIMIT and table.taken_until[len(row)] > at:
            row.append("")
        place = len(row)
        if place >= COLUMNS_LIMIT:
            return
        across, down = _span(attrs.get("colspan"), COLUMNS_LIMIT), _span(attrs.get("rowspan"), 1000)
        if down > 1:
            table.marks.merges.append((at, place, at + down - 1, place + across - 1))
            for column in range(place, min(place + across, COLUMNS_LIMIT)):
                table.taken_until[column] = at + down
        row.extend([""] * min(across, COLUMNS_LIMIT))
        self.cell, self.place = [], (row, place)

    def handle_endtag(self, tag: str) -> None:
        """Keep what the cell says."""
        if tag in {"td", "th"} and self.cell is not None:
            row, place = self.place
            row[place] = re.sub(r"[ \t\r\n\xa0]+", " ", "".join(self.cell)).strip()
            self.cell = None
        elif tag == "table" and self.open:
            self.open.pop()
        elif tag in {"script", "style", "title"}:
            self.silent = False

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self.cell is not None and not self.silent:
            self.cell.append(data)


def _span(text: str | None, most: int) -> int:
    return max(1, min(int(text), most)) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
