"""Lists of staff: words to find rows by, and pages of fifty, both in the address, so they work without scripts.

For lists that belong to one event, team or unit: all rows are read, a page of them is shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

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

    @property
    def is_long(self) -> bool:
        """Whether it is worth searching."""
        return bool(self.q) or self.total > ON_A_PAGE


def listed(rows: Sequence[Row], words: Callable[[Row], str] | None) -> Listing[Row]:
    """The rows that hold every word of `?q=` somewhere in `words(row)`, on the page `?page=`; nonsense is page one.

    `words` None: the rows were looked for already.
    """
    q = request.args.get("q", "").strip()[:80]
    wanted = _plain(q).split()
    found = rows
    if wanted and words is not None:
        found = [row for row in rows if all(one in _plain(words(row)) for one in wanted)]
    pages = max(-(-len(found) // ON_A_PAGE), 1)
    asked = request.args.get("page", "")
    page = min(max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1, 1), pages)
    begin = (page - 1) * ON_A_PAGE
    return Listing(
        found[begin : begin + ON_A_PAGE],
        first=begin + 1,
        found=len(found),
        total=len(rows),
        q=q,
        prev_url=_address(page - 1) if page > 1 else None,
        next_url=_address(page + 1) if page < pages else None,
    )


def _address(page: int) -> str:
    kept: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), "page": page}
    return url_for(str(request.endpoint), **kept)


def _plain(text: str) -> str:
    return compact(text).casefold()
