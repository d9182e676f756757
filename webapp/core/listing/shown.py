"""A list as it is shown now: the page's rows, the ways to the others, and the same as a file."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, send_file, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.core import i18n, seen
from webapp.core.deciding import seen_field
from webapp.core.listing.asked import Asked, as_arguments, names_of, pages_of, read_asked
from webapp.core.listing.matching import Named
from webapp.core.listing.sources import AT_ONCE, Part, Rows, Source
from webapp.core.listing.table import Column, Filter, Table
from webapp.core.sheets import XLSX, Sheet, comma_separated, xlsx

FEW = 7  # so many rows are seen at a glance: nothing to search
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
_NO_NAME = str.maketrans(dict.fromkeys('\\/:*?"<>|\r\n', " "))


@dataclass(frozen=True)
class Shown:
    """One page of a list, and the way to the others."""

    table: Table
    asked: Asked
    part: Part
    path: str  # where the list stands, without words and page
    kept: tuple[tuple[str, str], ...] = ()  # what else stands in the address: it is the page's own
    chosen: frozenset[str] = frozenset()  # ids chosen when an act was refused: they stay chosen
    refused: str = ""  # why it was

    @property
    def rows(self) -> Sequence[Any]:
        """Those of this page."""
        return self.part.rows

    @property
    def first(self) -> int:
        """Place of the first row shown among those found, from 1."""
        return self.part.first + 1

    @property
    def last(self) -> int:
        """Place of the last one."""
        return self.part.first + len(self.part.rows)

    @property
    def found(self) -> int:
        """How many were found."""
        return self.part.found

    @property
    def total(self) -> int:
        """How many there are."""
        return self.part.total

    def counted(self, number: int) -> str:
        """How many there are, as it is written: where millions are not counted, that there are more."""
        if self.part.is_capped and number > AT_ONCE:
            return f"{i18n.format_number(AT_ONCE)}+"
        return i18n.format_number(number)

    @property
    def q(self) -> str:
        """The words they were found by."""
        return self.asked.q

    @property
    def is_long(self) -> bool:
        """Whether one page does not hold it."""
        return bool(self.q) or self.total > self.table.size

    @property
    def has_tools(self) -> bool:
        """Whether it is worth searching and narrowing."""
        return self.asked.is_narrowed or self.total > FEW

    @property
    def page(self) -> int:
        """Which page this is, from 1."""
        return 1 if self.asked.everything else self.part.first // self.table.size + 1

    @property
    def pages(self) -> int:
        """How many there are."""
        return 1 if self.asked.everything else pages_of(self.found, self.table.size)

    # --- columns and filters

    @property
    def columns(self) -> list[Column]:
        """Those on the page: the usual ones or those chosen; what names the row is always there."""
        chosen = self.asked.cols
        return [
            one
            for one in self.table.columns
            if one.on_page and (one.stays or (one.key in chosen if chosen else one.shown))
        ]

    @property
    def choosable(self) -> list[tuple[Column, bool]]:
        """Columns one may leave out or add, and whether each is on the page."""
        on = {one.key for one in self.columns}
        return [(one, one.key in on) for one in self.table.columns if one.on_page and not one.stays]

    @property
    def sortable(self) -> list[Column]:
        """Columns of the page it can be sorted by."""
        return [one for one in self.columns if one.key in self.table.known.sorts]

    def sorted_as(self, column: Column) -> str:
        """`ascending`, `descending` or "": aria-sort."""
        if column.key != self.asked.sort:
            return ""
        return "descending" if self.asked.falls else "ascending"

    def filters(self) -> list[tuple[Filter, str]]:
        """Each with its value now."""
        now = dict(self.asked.filters)
        return [(one, now.get(one.key, "")) for one in self.table.filters]

    @property
    def fields(self) -> list[tuple[Filter, str]]:
        """Filters that are fields of the form, each with its value now."""
        return [
            (one, value)
            for one, value in self.filters()
            if one.offered and (one.choices is None or one.choices)
        ]

    @property
    def folds(self) -> bool:
        """Whether a phone shows its words first, and filters and order only to who asks for them."""
        return self.table.can_search and len(self.fields) + bool(self.sortable) > 1

    def name(self, row: Any) -> str:
        """What names the row."""
        head = next((one for one in self.columns if one.kind == "head"), self.columns[0])
        return self.text(head, row)

    def marks(self) -> Markup:
        """Hidden fields with how the rows of the page look now."""
        if self.table.seen is None:
            return Markup("")
        ids = [self.table.row_id(row) for row in self.rows]
        return seen_field(*seen.rows_of(self.table.seen, ids).values())

    def text(self, column: Column, row: Any) -> str:
        """What a cell says where the page does not draw it."""
        return said(column.value(row))

    def is_empty(self, column: Column, row: Any) -> bool:
        """Whether the row has nothing there: its card on a phone leaves it out."""
        return column.value(row) in (None, "")

    # --- addresses

    def arguments(self, asked: Asked) -> list[tuple[str, str]]:
        """Everything the address says for that."""
        return [*self.kept, *as_arguments(asked, self.table.known).items()]

    def url(self, asked: Asked) -> str:
        """The address that asks for it."""
        words = urlencode(self.arguments(asked))
        return f"{self.path}?{words}" if words else self.path

    @property
    def query(self) -> str:
        """What stands behind an address to come back to the list as it is; "" for the plain one."""
        return self.url(self.asked).removeprefix(self.path)

    def page_url(self, page: int) -> str | None:
        """Another page, where there is one."""
        return self.url(self.asked.but(page=page)) if 1 <= page <= self.pages else None

    @property
    def prev_url(self) -> str | None:
        """The page before."""
        return self.page_url(self.page - 1)

    @property
    def next_url(self) -> str | None:
        """The page after."""
        return self.page_url(self.page + 1)

    @property
    def plain_url(self) -> str:
        """The list with nothing left out, sorted and with the columns as they are."""
        return self.url(self.asked.but(q="", filters=()))

    def sort_url(self, column: Column) -> str:
        """Sorted by it; by it already: the other way round; a third time: as usual."""
        now = self.sorted_as(column)
        if now == "descending":
            return self.url(self.asked.but(sort="", falls=False))
        return self.url(self.asked.but(sort=column.key, falls=now == "ascending"))

    def without(self, key: str) -> str:
        """Without that filter; "q": without the words."""
        return self.url(self.asked.but(q="") if key == "q" else self.asked.filtered(key, ""))

    def file_url(self, kind: str) -> str:
        """All that was found as a file."""
        return self.url(self.asked.but(format=kind))

    @property
    def acts_url(self) -> str:
        """Where acts are posted: with the address's words, so that "all found" means the same there."""
        words = urlencode(self.arguments(self.asked))
        return f"{self.table.acts_at}?{words}" if words else self.table.acts_at

    # --- files

    @property
    def format(self) -> str:
        """Which file is asked for: xlsx, csv or none."""
        return self.asked.format

    @property
    def names_people(self) -> bool:
        """Whether the file says something of persons: taking it is noted in the audit."""
        return any(one.of_person for one in self._in_file())

    def _in_file(self) -> list[Column]:
        shown = {one.key for one in self.columns}
        return [one for one in self.table.columns if one.in_file and (one.key in shown or not one.on_page)]

    def sheet(self, name: str) -> Sheet:
        """The rows with the columns of the page."""
        columns = self._in_file()
        rows = [[_cell(one.value(row)) for one in columns] for row in self.rows]
        return Sheet(name, [one.title for one in columns], rows)

    def file(self, name: str) -> Response:
        """What is shown, all pages of it, to take away."""
        sheet = self.sheet(name)
        made = comma_separated(sheet) if self.format == "csv" else xlsx([sheet])
        named = f"{name.translate(_NO_NAME).strip()[:60]}.{self.format}"
        response = send_file(io.BytesIO(made), _TYPES[self.format], as_attachment=True, download_name=named)
        response.headers["Cache-Control"] = "no-store"
        return response


def show(table: Table, source: Source, *, at: str | None = None, refused: str = "") -> Shown:
    """The list as the address asks for it; a file holds all that was found.

    `at` names the endpoint that shows the list if this request has another (a refused act).
    """
    asked = read_asked(request.args, table.known)
    size = None if asked.everything or asked.format else table.size
    chosen = frozenset(request.form.getlist("row") if request.method == "POST" else ())
    path = url_for(at or str(request.endpoint), **(request.view_args or {}))
    return Shown(table, asked, source.part(table, asked, size), path, _kept(table), chosen, refused)


def _kept(table: Table) -> tuple[tuple[str, str], ...]:
    own = names_of(table.known)
    given = request.args.items(multi=True)
    return tuple((name, value) for name, value in given if value and name not in own and name[0] != "_")


def listed(
    rows: Sequence[Any], words: Callable[[Any], str | Named] | None, *, part: str = "", at: str | None = None
) -> Shown:
    """A list that is only searched and turned by pages. `words` None: the rows were looked for already.

    `part` names one of several lists on a page: they share the words and turn their pages alone.
    """
    return show(Table(words=words, part=part), Rows(rows), at=at)


def said(value: Any) -> str:
    """A value as people read it; a dash for none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return i18n.format_datetime(value)
    if isinstance(value, date):
        return i18n.format_date(value)
    if isinstance(value, int | float):
        return i18n.format_number(value)
    return str(value)


def _cell(value: Any) -> Any:
    return said(value) if isinstance(value, bool) else value
