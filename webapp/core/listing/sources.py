"""Where a list's rows come from: read already (one event, team, unit), or asked of the database page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Select, func, select

from webapp.core.db import session
from webapp.core.errors import N_, RuleBroken
from webapp.core.listing.asked import Asked
from webapp.core.listing.matching import matches, wanted_of
from webapp.core.listing.table import Table
from webapp.core.matching import Sought

AT_ONCE = 50_000  # rows of one file, or of one page to print


class TooManyRows(RuleBroken):
    """More than a file may hold."""

    sentence = N_("找到 %(n)s 条，一次最多拿走 %(most)s 条。请先筛选，再导出。")
    code = "too_many_rows"


@dataclass(frozen=True)
class Part:
    """Rows from a place on, and how many there are."""

    rows: Sequence[Any]
    found: int
    total: int
    first: int  # place of the first of them, from 0
    is_capped: bool = False  # more than AT_ONCE are not counted


class Source(Protocol):
    """Gives what was asked for."""

    def part(self, table: Table, asked: Asked, size: int | None) -> Part:
        """The page asked for, or the last there is; everything found where `size` is None."""

    def ids(self, table: Table, asked: Asked) -> list[str]:
        """Ids of everything found."""


def place_of(asked: Asked, found: int, size: int) -> int:
    """Where the page begins: past the end is the last page."""
    last = max(-(-found // size), 1)
    return (min(asked.page, last) - 1) * size


@dataclass(frozen=True)
class Rows:
    """Rows that were read, in their usual order: some thousands at most."""

    rows: Sequence[Any]

    def part(self, table: Table, asked: Asked, size: int | None) -> Part:
        """Narrowed, sorted, cut."""
        found = _sorted(self._narrowed(table, asked), table, asked)
        first = place_of(asked, len(found), size) if size else 0
        return Part(found[first : first + size] if size else found, len(found), len(self.rows), first)

    def ids(self, table: Table, asked: Asked) -> list[str]:
        """Of everything found."""
        return [table.row_id(row) for row in self._narrowed(table, asked)]

    def _narrowed(self, table: Table, asked: Asked) -> Sequence[Any]:
        found, words, sought = self.rows, table.words, Sought(asked.q)
        for key, value in asked.filters:
            holds = table.filter_of(key).holds
            if holds is not None:
                found = [row for row in found if holds(row, value)]
        if sought and words is not None:
            found = [row for row in found if matches(sought, words(row))]
        return found


def _sorted(rows: Sequence[Any], table: Table, asked: Asked) -> Sequence[Any]:
    """What has nothing in that column comes last, either way; equals stay in their usual order."""
    by = table.column_of(asked.sort).sort if asked.sort else None
    if by is None:
        return rows
    keyed = [(by(row), row) for row in rows]
    having = sorted((one for one in keyed if one[0] is not None), key=lambda one: one[0], reverse=asked.falls)
    return [row for _key, row in having] + [row for key, row in keyed if key is None]


@dataclass(frozen=True)
class Query:
    """A question to the database: searched, filtered, sorted and cut there, in three statements at most.

    `usual` is its usual order, complete (the key last). `made` turns the rows of a page into what the table shows,
    asking for what belongs to all of them at once. With `is_capped` no more than AT_ONCE are counted and turned to:
    of millions of rows one looks for some, and counting them all takes longer than finding these.
    """

    wanted: Select[Any]
    key: Any  # the column with the rows' ids
    usual: Sequence[Any]
    made: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    is_capped: bool = False

    def part(self, table: Table, asked: Asked, size: int | None) -> Part:
        """One page, counted."""
        narrowed = self._narrowed(table, asked)
        found = self._count(narrowed)
        if size is None and found > AT_ONCE:
            raise TooManyRows(n=f"{AT_ONCE}+" if self.is_capped else found, most=AT_ONCE)
        total = self._count(self.wanted) if asked.is_narrowed else found
        first = place_of(asked, found, size) if size else 0
        ordered = narrowed.order_by(None).order_by(*self._order(table, asked))
        if size:
            ordered = ordered.limit(size).offset(first)
        return Part(self._read(ordered) if found else [], found, total, first, self.is_capped)

    def ids(self, table: Table, asked: Asked) -> list[str]:
        """Of everything found."""
        only = self._narrowed(table, asked).with_only_columns(self.key, maintain_column_froms=True)
        return [str(one) for one in session().scalars(only.order_by(None).order_by(*self.usual))]

    def _read(self, statement: Select[Any]) -> Sequence[Any]:
        given = session().execute(statement)
        is_single = len(statement.column_descriptions) == 1
        rows = given.scalars().all() if is_single else given.all()
        return self.made(rows) if self.made else rows

    def _narrowed(self, table: Table, asked: Asked) -> Select[Any]:
        narrowed = self.wanted
        for key, value in asked.filters:
            one = table.filter_of(key)
            if one.where is not None:
                narrowed = narrowed.where(one.where(value))
            if one.where_among is not None:
                narrowed = narrowed.where(one.where_among(value, dict(asked.filters)))
        if table.search is not None:
            narrowed = narrowed.where(*(table.search(word) for word in wanted_of(asked.q)))
        return narrowed

    def _order(self, table: Table, asked: Asked) -> list[Any]:
        by = table.column_of(asked.sort).order if asked.sort else None
        if by is None:
            return list(self.usual)
        ordered = by.desc() if asked.falls else by.asc()
        # What always has a value needs no place for nothing: an index in this order would not be used.
        return [ordered.nulls_last() if getattr(by, "nullable", True) else ordered, *self.usual]

    def _count(self, statement: Select[Any]) -> int:
        only = statement.with_only_columns(self.key, maintain_column_froms=True).order_by(None)
        if self.is_capped:
            only = only.limit(AT_ONCE + 1)
        return int(session().scalar(select(func.count()).select_from(only.subquery())) or 0)


def loaded(model: Any, *options: Any) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Turns the ids of a page (a `Query` of `model.id`) into its rows, with what `options` load along."""

    def made(ids: Sequence[Any]) -> Sequence[Any]:
        found = session().scalars(select(model).where(model.id.in_(ids)).options(*options))
        rows = {one.id: one for one in found}
        return [rows[one] for one in ids]

    return made
