"""A table between upload and import: what its columns are, cells mended, rows left out. Plain Python.

It is kept in the page itself, in one hidden field, so that nothing of other people's data rests on the server before
somebody decides, and a page that is closed leaves nothing behind. Whatever comes back in that field is bounded and
read again like a new upload.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.core.errors import N_
from webapp.core.tables import text as texts
from webapp.core.tables.columns import (
    Column,
    Heads,
    find_heads,
    is_note,
    is_serial,
    is_total,
    is_units,
    match,
    named_again,
    plain,
    years_in,
)
from webapp.core.tables.opening import open_pages
from webapp.core.tables.pages import CELL_LIMIT, COLUMNS_LIMIT, Limits, Page, UnreadableSheet

_UNPACKED = 8_000_000
_SAME = {"同上", "〃", "″", '"', "“", "″〃", "''"}
IS_TOTAL, IS_NOTE = N_("第 %(row)s 行是合计，没有读。"), N_("第 %(row)s 行是说明，没有读。")
ARE_HIDDEN = N_("隐藏的 %(n)s 行、%(m)s 列没有读。")
BESIDE = N_(
    "表里并排有两组列，右边从第 %(column)s 列“%(head)s”起的没有读。请把右边的移到左边的下面，再传一次。"
)
OTHER_SHEETS = N_("还有别的工作表也有表头，这次读的是“%(name)s”。")


@dataclass(frozen=True)
class Row:
    """A row to be read: its number as the spreadsheet program counts, and its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class CellFault:
    """What is wrong with a row, at which cell; `near` is what may have been meant."""

    key: str
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)
    near: tuple[str, ...] = ()


Finder = Callable[[Sequence[Sequence[str]], Sequence[Column]], Heads | None]


@dataclass
class Draft:
    """One upload."""

    columns: Sequence[Column]
    pages: list[tuple[str, list[list[str]]]]
    at: int = 0  # which of the pages
    head: int = -1  # the row of headings from 0; -1: there is none
    places: dict[str, int] = field(default_factory=dict)  # column → place in a row; all of them have one
    left: set[int] = field(default_factory=set)  # numbers of rows left out
    opened: set[int] = field(default_factory=set)  # numbers of rows to be looked at cell by cell
    since_1904: bool = False
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    find: Finder = find_heads  # an area may know headings of its own

    @property
    def rows(self) -> list[list[str]]:
        """Of the page that is read."""
        return self.pages[self.at][1]

    @property
    def width(self) -> int:
        """How many columns the file has."""
        return max((len(row) for row in self.rows[:200]), default=0)

    @property
    def is_found(self) -> bool:
        """Whether each column that is needed stands in the file."""
        return all(self.places[one.key] < COLUMNS_LIMIT for one in self.columns if one.is_needed)

    def assign(self, chosen: Mapping[str, int]) -> None:
        """Say which column is where; the others get a place behind the file's own, to be filled in."""
        self.places = {
            one.key: chosen.get(one.key, COLUMNS_LIMIT + number) for number, one in enumerate(self.columns)
        }

    def look_for_heads(self) -> None:
        """Find the headings of the page."""
        found = self.find(self.rows, self.columns)
        self.head = found.at if found else -1
        self.assign(found.places if found else {})

    def heads(self) -> list[tuple[int, str, str, str]]:
        """Of each of the file's columns: place, heading, what stands below it, and the key it is assigned to."""
        by_place = {place: key for key, place in self.places.items()}
        names = self.rows[self.head] if self.head >= 0 else []
        below = self.rows[self.head + 1 : self.head + 60]
        found = []
        for place in range(self.width):
            head = names[place] if place < len(names) else ""
            some = [row[place] for row in below if place < len(row) and row[place]]
            if head or some:
                found.append((place, head, "，".join(dict.fromkeys(some[:3]))[:60], by_place.get(place, "")))
        return found

    def years(self) -> tuple[int, ...]:
        """The years its title and the names of its sheets speak of."""
        above = [cell for row in self.rows[: max(self.head, 0)] for cell in row if cell]
        return years_in([*above, self.pages[self.at][0]])

    def cell(self, number: int, key: str) -> str:
        """What stands there."""
        row, place = self.rows[number - 1], self.places[key]
        return row[place] if place < len(row) else ""

    def set_cell(self, number: int, place: int, text: str) -> None:
        """Put something there."""
        if not 0 < number <= len(self.rows) or not 0 <= place < COLUMNS_LIMIT + len(self.columns):
            return
        row = self.rows[number - 1]
        row.extend([""] * (place + 1 - len(row)))
        row[place] = text.strip()[:CELL_LIMIT]

    def read(self) -> tuple[list[Row], list[tuple[str, dict[str, Any]]]]:
        """The rows to be read, and what is passed over: empty ones in silence, totals and notes with a word."""
        found: list[Row] = []
        passed = self._beside()
        above: dict[str, str] = {}
        serial = {place for place, head, *_ in self.heads() if is_serial(head)}
        for number, row in enumerate(self.rows[self.head + 1 :], start=self.head + 2):
            cells = {key: self.cell(number, key) for key in self.places}
            rest = [cell for place, cell in enumerate(row) if place not in serial]
            is_empty = not any(cells.values()) and not is_note(row)
            if is_empty or number in self.left or self._is_no_row(number, row):
                continue
            if number not in self.opened and (is_total(row) or is_total(rest)):
                passed.append((IS_TOTAL, {"row": number}))
            elif number not in self.opened and is_note(row):
                passed.append((IS_NOTE, {"row": number}))
            else:
                cells = {key: above.get(key, "") if cell in _SAME else cell for key, cell in cells.items()}
                found.append(Row(number, cells))
                above = cells
        return found, passed

    def _is_no_row(self, number: int, row: list[str]) -> bool:
        """Headings in two lines, or a line of units below them; and the headings again, as at the top of each page."""
        if self.head < 0:
            return False
        heads = [plain(cell) for cell in self.rows[self.head] if cell]
        if len(heads) > 1 and [plain(cell) for cell in row if cell] == heads:
            return True
        return number - self.head < 4 and (is_units(row) or match(row, self.columns)[0] >= 20)

    def _beside(self) -> list[tuple[str, dict[str, Any]]]:
        """A word about a second list beside the first."""
        heads = self.rows[self.head] if self.head >= 0 else []
        again = [
            place
            for place in named_again(heads, self.columns, self.places)
            if any(place < len(row) and row[place] for row in self.rows[self.head + 1 :])
        ]
        return [(BESIDE, {"column": again[0] + 1, "head": heads[again[0]]})] if again else []

    def apply(self, given: Mapping[str, Sequence[str]]) -> None:
        """Take what was changed on the page: another sheet, columns, cells, rows left out or opened."""
        sheet = _whole(given.get("sheet", [""])[0])
        if sheet is not None and sheet < len(self.pages) and sheet != self.at:
            self.at, self.left, self.opened = sheet, set(), set()
            self.look_for_heads()
            return
        for name, values in given.items():
            if name.startswith("c") and "_" in name:
                number, place = (_whole(part) for part in name[1:].split("_", 1))
                if number is not None and place is not None:
                    self.set_cell(number, place, values[0])
        self._apply_columns(given)
        self.opened = _numbers([*given.get("open", []), *given.get("edit", [])], len(self.rows))
        self.left |= _numbers(given.get("leave", []), len(self.rows))
        self.opened -= self.left
        put = given.get("put", [""])[0].split(":", 2)
        if len(put) == 3 and put[1] in self.places:
            self.set_cell(_whole(put[0]) or 0, self.places[put[1]], put[2])

    def _apply_columns(self, given: Mapping[str, Sequence[str]]) -> None:
        """Another row of headings, and which column is which; with no column chosen the headings say it."""
        head = _whole(given.get("head", [""])[0])
        is_moved = head is not None and head - 1 != self.head and head <= len(self.rows)
        if is_moved and head is not None:
            self.head = head - 1
        keys = {one.key for one in self.columns}
        chosen: dict[str, int] = {}
        for place in range(COLUMNS_LIMIT):
            key = given.get(f"col{place}", [""])[0]
            if key in keys:
                chosen.setdefault(key, place)
        if is_moved and not chosen and self.head >= 0:
            found = self.find([self.rows[self.head]], self.columns)
            chosen = found.places if found else {}
        if is_moved or any(name.startswith("col") for name in given):
            self.assign(chosen)

    def pack(self) -> str:
        """All of it as one field of a form."""
        kept = {
            "pages": self.pages, "at": self.at, "head": self.head, "left": sorted(self.left),
            "places": {key: place for key, place in self.places.items() if place < COLUMNS_LIMIT},
            "since_1904": self.since_1904, "told": self.told,
        }  # fmt: skip
        return base64.b64encode(zlib.compress(json.dumps(kept, ensure_ascii=False).encode(), 9)).decode()


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _numbers(given: Iterable[str], most: int) -> set[int]:
    found = {_whole(one) for one in given}
    return {one for one in found if one is not None and 0 < one <= most}


def unpack(packed: str, columns: Sequence[Column], find: Finder = find_heads) -> Draft:
    """What pack() made, as far as it is so. Raises UnreadableSheet."""
    try:
        reader = zlib.decompressobj()
        plain = reader.decompress(base64.b64decode(packed, validate=True), _UNPACKED)
        if reader.unconsumed_tail:
            raise UnreadableSheet
        kept = json.loads(plain)
        pages = [(str(name), [[str(cell) for cell in row] for row in rows]) for name, rows in kept["pages"]]
        places = {
            str(key): int(place) for key, place in kept["places"].items() if 0 <= int(place) < COLUMNS_LIMIT
        }
        draft = Draft(columns, pages, at=int(kept["at"]), since_1904=bool(kept["since_1904"]), find=find)
        draft.head, draft.left = int(kept["head"]), {int(one) for one in kept["left"]}
        draft.told = [(str(sentence), dict(params)) for sentence, params in kept["told"]]
        if not 0 <= draft.at < len(pages) or not -1 <= draft.head < max(len(draft.rows), 1):
            raise UnreadableSheet
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        zlib.error,
        binascii.Error,
        RecursionError,
    ) as error:
        raise UnreadableSheet from error
    draft.assign(places)
    return draft


def of_file(content: bytes, columns: Sequence[Column], limits: Limits, *, find: Finder = find_heads) -> Draft:
    """The draft of an uploaded file: its first visible sheet that has headings. Raises what open_pages does."""
    pages = open_pages(content, limits)
    visible = [one for one in pages if one.rows and not one.is_hidden] or [one for one in pages if one.rows]
    good = [one for one in visible if find(one.rows, columns)] or visible[:1] or [Page("", [])]
    if good[0].is_cut:
        raise limits.too_large()
    good = [one for one in good if not one.is_cut]
    draft = Draft(columns, [(one.name, one.rows) for one in good], since_1904=good[0].since_1904, find=find)
    draft.look_for_heads()
    if good[0].rows_hidden or good[0].columns_hidden:
        draft.told.append((ARE_HIDDEN, {"n": good[0].rows_hidden, "m": good[0].columns_hidden}))
    if len(good) > 1:
        draft.told.append((OTHER_SHEETS, {"name": good[0].name}))
    return draft


def of_text(pasted: str, columns: Sequence[Column], limits: Limits) -> Draft:
    """The draft of rows copied out of a spreadsheet program. Raises UnreadableSheet, SheetTooLarge."""
    (page,) = texts.read(pasted, limits)
    if page.is_cut:
        raise limits.too_large()
    draft = Draft(columns, [("", page.rows)])
    draft.look_for_heads()
    return draft


def of_rows(rows: list[list[str]], columns: Sequence[Column]) -> Draft:
    """The draft of rows under all the columns, in their order (what was read out of another kind of file)."""
    draft = Draft(columns, [("", [[one.label for one in columns], *rows])], head=0)
    draft.assign({one.key: number for number, one in enumerate(columns)})
    return draft
