"""Lists of staff: words to find rows by, and pages of fifty, both in the address, so they work without scripts.

For lists that belong to one event, team or unit: all rows are read, a page of them is shown. Several lists on one page
share the words, and turn their pages alone (`part`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

from webapp.core.pinyin import initials
from webapp.core.spelling import compact

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


def named(name: str, *others: str | None) -> str:
    """What a person's row is found by: the name, its initials in pinyin, and whatever else it shows."""
    return " ".join([name, *initials(name), *filter(None, others)])


def holds_all(words: str, q: str) -> bool:
    """Whether a row with these words is one looked for: it holds every word of `q` somewhere."""
    held = _plain(words)
    return all(one in held for one in _plain(q).split())


def listed(
    rows: Sequence[Row], words: Callable[[Row], str] | None, *, part: str = "", at: str | None = None
) -> Listing[Row]:
    """The rows that hold every word of `?q=` somewhere in `words(row)`, on the page `?page=`; nonsense is page one.

    `words` None: the rows were looked for already. `?all=1` puts them all on one page, to print. `part` names one of
    several lists on a page; `at` the endpoint that shows the list, if this request has another (a refused form).
    """
    q = request.args.get("q", "").strip()[:80]
    found = rows
    if q and words is not None:
        found = [row for row in rows if holds_all(words(row), q)]
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
        q=q,
        prev_url=_address(endpoint, f"{part}page", page - 1) if page > 1 else None,
        next_url=_address(endpoint, f"{part}page", page + 1) if page < pages else None,
        path=url_for(endpoint, **(request.view_args or {})),
    )


def _address(endpoint: str, name: str, page: int) -> str:
    kept: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), name: page}
    return url_for(endpoint, **kept)


def _plain(text: str) -> str:
    return compact(text).casefold()
