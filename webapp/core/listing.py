"""Lists of staff: words to find rows by, and pages of fifty, both in the address, so they work without scripts.

For lists that belong to one event, team or unit: all rows are read, a page of them is shown. Several lists on one page
share the words, and turn their pages alone (`part`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

from webapp.core.matching import Sought

ON_A_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list, and the way to the others."""

    rows: Sequence[Row]
    first: int  # place of the first row shown among those found, from 1
    found: int
    total: int
    q: str
    prev_url: str | None
    next_url: str | None
    path: str  # where the list stands, without words and page

    @property
    def is_long(self) -> bool:
        """Whether it is worth searching."""
        return bool(self.q) or self.total > ON_A_PAGE

    @property
    def page(self) -> int:
        """Which page this is, from 1."""
        return (self.first - 1) // ON_A_PAGE + 1


@dataclass(frozen=True)
class Named:
    """What a row with a name is found by (core/matching.py)."""

    name: str
    others: Sequence[str | None] = ()
    phone: str | None = None
    short_code: str = ""


def named(name: str, *others: str | None, phone: str | None = None, short_code: str = "") -> Named:
    """What a person's row is found by: the name as it is written or typed, and whatever else it shows."""
    return Named(name, others, phone, short_code)


def listed(
    rows: Sequence[Row], words: Callable[[Row], str | Named] | None, *, part: str = "", at: str | None = None
) -> Listing[Row]:
    """The rows that `?q=` finds by `words(row)`, on the page `?page=`; nonsense is page one.

    `words` None: the rows were looked for already. `?all=1` puts them all on one page, to print. `part` names one of
    several lists on a page; `at` the endpoint that shows the list, if this request has another (a refused form).
    """
    sought, found = Sought(request.args.get("q", "")), rows
    if sought and words is not None:
        found = [row for row in rows if _is_found(sought, words(row))]
    size = ON_A_PAGE if request.args.get("all") != "1" else max(len(found), ON_A_PAGE)
    pages = max(-(-len(found) // size), 1)
    asked, endpoint = request.args.get(f"{part}page", ""), at or str(request.endpoint)
    page = min(max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1, 1), pages)
    begin = (page - 1) * size
    return Listing(
        found[begin : begin + size],
        first=begin + 1,
        found=len(found),
        total=len(rows),
        q=sought.text,
        prev_url=_address(endpoint, f"{part}page", page - 1) if page > 1 else None,
        next_url=_address(endpoint, f"{part}page", page + 1) if page < pages else None,
        path=url_for(endpoint, **(request.view_args or {})),
    )


def _address(endpoint: str, name: str, page: int) -> str:
    kept: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), name: page}
    return url_for(endpoint, **kept)


def _is_found(sought: Sought, row: str | Named) -> bool:
    """Of a text any part; of a name also its pinyin."""
    if isinstance(row, str):
        return sought.finds(name="", others=[row])
    return sought.finds(name=row.name, phone=row.phone, short_code=row.short_code, others=row.others)
