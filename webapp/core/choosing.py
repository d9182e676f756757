"""Choosing some of many on a form: what was ticked stays while one looks for others and turns pages.

It works without scripts: the buttons of the search and of the pages (`look`) send the whole form, which comes back
with everything that was entered, and nothing is done. With scripts (static/js/choose.js) the list alone is fetched.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from webapp.core.listing.matching import Named, matches
from webapp.core.matching import Sought

ON_A_PAGE = 50
LOOK = "look"  # what the buttons are called that only look: "find", "all", or the number of a page
EVERYBODY = "tick"  # and the one that ticks everybody found
Row = TypeVar("Row")


@dataclass(frozen=True)
class Part(Generic[Row]):
    """Rows of a list as the form shows them, and those ticked that are not among them."""

    rows: Sequence[Row]
    kept: Sequence[Row]
    found: int
    total: int
    q: str
    number: int  # of the page, from 1
    last: int
    size: int

    @property
    def is_long(self) -> bool:
        """Whether it is worth searching."""
        return bool(self.q) or self.total > 12

    @property
    def is_whole(self) -> bool:
        """Whether everybody is on the page, so that a script may find among them."""
        return not self.q and self.last == 1

    @property
    def first(self) -> int:
        """Place of the first row shown, from 1."""
        return (self.number - 1) * self.size + 1


@dataclass(frozen=True)
class Option:
    """Somebody, or something, to choose."""

    value: str
    label: str
    words: str | Named  # all it is found by
    note: str = ""


def only_looks() -> bool:
    """Whether a form was sent to look for others, and not to be done."""
    return request.method == "POST" and LOOK in request.form


def ticks_everybody() -> bool:
    """Whether all who were found are to be ticked."""
    return request.form.get(LOOK) == EVERYBODY


def asked(name: str) -> str:
    """What the page is asked to show: from the form where one was sent, else from the address."""
    return (request.form if request.method == "POST" else request.args).get(name, "")


def wanted(limit: int = 80) -> str:
    """The words to look for."""
    return "" if request.form.get(LOOK) == "all" else asked("q").strip()[:limit]


def _page(pages: int) -> int:
    """The page asked for; nonsense is the first, or the last. Who looks for other words begins at the first."""
    look = request.form.get(LOOK, "")
    text = "" if look in {"find", "all"} else look if look.isdigit() else asked("page")
    return min(max(int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1, 1), pages)


def part_of(
    found: Sequence[Row],
    everybody: Collection[Row],
    *,
    ticked: Callable[[Row], bool],
    q: str = "",
    size: int = ON_A_PAGE,
) -> Part[Row]:
    """The page of those found that is asked for, and those ticked who are not on it; `q` are the words they hold."""
    pages = max(1, -(-len(found) // size))
    number = _page(pages)
    rows = found[(number - 1) * size : number * size]
    shown = {id(one) for one in rows}
    kept = [one for one in everybody if id(one) not in shown and ticked(one)]
    return Part(rows, kept, len(found), len(everybody), q, number, pages, size)


def choices_of(
    options: Sequence[Option], chosen: Collection[str] | None, size: int = ON_A_PAGE
) -> tuple[Part[Option], list[str]]:
    """A part of the options, and the values chosen: of those sent what there is, with everybody found where asked."""
    q, there = wanted(), {one.value for one in options}
    sought = Sought(q)
    found = [one for one in options if matches(sought, one.words)]
    picked = [one for one in dict.fromkeys(chosen or ()) if one in there]
    if ticks_everybody():
        picked = list(dict.fromkeys([*picked, *(one.value for one in found)]))
    taken = set(picked)
    return part_of(found, options, ticked=lambda one: one.value in taken, q=q, size=size), picked
