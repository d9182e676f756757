"""What the address asks of a list: words, filters, order, page, columns, a file. Plain Python.

Nothing is remembered elsewhere, so a list can be sent to a colleague, works without scripts and survives the way back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.core.matching import SOUGHT_LIMIT, Sought

FORMATS = ("xlsx", "csv")
_DIGITS = 6  # of a page's number; more are nonsense


@dataclass(frozen=True)
class Known:
    """What a list knows: its filters and whether each takes a value, its sortable and all of its columns, by key."""

    filters: Mapping[str, Callable[[str], bool]]
    sorts: Sequence[str]
    columns: Sequence[str]
    usual: Sequence[str]  # columns shown unless others are asked for
    part: str = ""  # stands before the names of one of several lists of a page


@dataclass(frozen=True)
class Asked:
    """What was asked for; nonsense is as if nothing was said."""

    q: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""  # key of a column
    falls: bool = False  # the greatest first
    page: int = 1
    cols: tuple[str, ...] = ()  # () is the usual ones
    everything: bool = False  # on one page, to print
    format: str = ""  # of a file

    @property
    def is_narrowed(self) -> bool:
        """Whether some rows may be left out."""
        return bool(self.q or self.filters)

    def but(self, **changes: Any) -> "Asked":
        """The same otherwise, from the first page on."""
        given: dict[str, Any] = {"page": 1, "format": ""}
        return replace(self, **(given | changes))

    def filtered(self, key: str, value: str) -> "Asked":
        """With this filter set, or taken away by ""."""
        others = tuple(pair for pair in self.filters if pair[0] != key)
        return self.but(filters=(*others, (key, value)) if value else others)


def read_page(text: str) -> int:
    """The number of a page as an address says it; nonsense is the first."""
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 1


def read_asked(given: MultiDict[str, str], known: Known) -> Asked:
    """The address's arguments, of which only what the list knows is taken."""
    part = known.part
    sort = given.get(f"{part}sort", "")
    falls, sort = sort.startswith("-"), sort.removeprefix("-")
    sort = sort if sort in known.sorts else ""
    form = given.get("format", "")
    return Asked(
        q=Sought(given.get("q", "")).text,
        filters=tuple(_filters(given, known)),
        sort=sort,
        falls=falls and bool(sort),
        page=read_page(given.get(f"{part}page", "")),
        cols=_cols(given.getlist(f"{part}cols"), known),
        everything=given.get("all", "") == "1",
        format=form if form in FORMATS else "",
    )


def _filters(given: MultiDict[str, str], known: Known) -> list[tuple[str, str]]:
    found = []
    for key, takes in known.filters.items():
        value = given.get(f"{known.part}{key}", "").strip()[:SOUGHT_LIMIT]
        if value and takes(value):
            found.append((key, value))
    return found


def _cols(given: Sequence[str], known: Known) -> tuple[str, ...]:
    """In the list's own order; the usual ones are not said."""
    wanted = {one for text in given for one in text.split(",")}
    cols = tuple(one for one in known.columns if one in wanted)
    return () if cols == tuple(known.usual) else cols


def as_arguments(asked: Asked, known: Known) -> dict[str, str]:
    """The address's arguments that ask for it, the usual left out."""
    part = known.part
    said = {
        "q": asked.q,
        **{f"{part}{key}": value for key, value in asked.filters},
        f"{part}sort": ("-" if asked.falls else "") + asked.sort,
        f"{part}cols": ",".join(asked.cols),
        "all": "1" if asked.everything else "",
        f"{part}page": str(asked.page) if asked.page > 1 else "",
        "format": asked.format,
    }
    return {name: value for name, value in said.items() if value}


def names_of(known: Known) -> set[str]:
    """Names of the arguments that belong to the list; the others of an address are the page's own."""
    own = {f"{known.part}{one}" for one in (*known.filters, "sort", "cols", "page")}
    return own | {"q", "all", "format"}


def pages_of(found: int, size: int) -> int:
    """How many pages so many rows fill; one at least."""
    return max(-(-found // size), 1)
