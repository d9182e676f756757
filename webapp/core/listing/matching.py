"""Whether a row is meant by what was typed. People and names: core/matching.py; the database is asked by `holding`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_

from webapp.core.db import session
from webapp.core.matching import TAIL, Sought
from webapp.core.pinyin import initials
from webapp.core.spelling import compact


@dataclass(frozen=True)
class Named:
    """What a row with a name is found by (core/matching.py)."""

    name: str
    others: Sequence[str | None] = ()
    phone: str | None = None
    short_code: str = ""

    def __str__(self) -> str:
        """All by which a page's script finds it."""
        tail = (self.phone or "")[-TAIL:]
        return " ".join(filter(None, [self.name, *initials(self.name), *self.others, self.short_code, tail]))


def named(name: str, *others: str | None, phone: str | None = None, short_code: str = "") -> Named:
    """What a person's row is found by: the name as it is written or typed, and whatever else it shows."""
    return Named(name, others, phone, short_code)


def matches(sought: Sought, row: str | Named) -> bool:
    """Of a text any part; of a name also its pinyin."""
    if isinstance(row, str):
        return sought.finds(name="", others=[row])
    return sought.finds(name=row.name, phone=row.phone, short_code=row.short_code, others=row.others)


def by_name(name: str) -> tuple[str, str]:
    """Sorts names as a telephone book does: by the first letters of their pinyin."""
    return next(iter(initials(name)), ""), name


def wanted_of(q: str) -> list[str]:
    """The words that were typed, in the spelling of what is stored, for `holding`."""
    return [compact(one).casefold() for one in q.split()]


def holding(*columns: Any) -> Callable[[str], ColumnElement[bool]]:
    """Asks the database for a word: one of these columns holds it. They are stored in one spelling."""
    return lambda word: or_(*(func.lower(one).contains(word, autoescape=True) for one in columns))


def by_rule(key: Any, wanted: Select[*tuple[Any, ...]]) -> Callable[[str], ColumnElement[bool]]:
    """Asks for a word by the one rule of matching, pinyin too, where no words are kept with the names.

    `wanted` gives of each row its key, its name and whatever else finds it. Some thousands are looked through in
    Python, once a request: the table is made anew for each.
    """
    rows = cache(lambda: session().execute(wanted).all())

    def meant(word: str) -> ColumnElement[bool]:
        sought = Sought(word)
        found = [row[0] for row in rows() if sought.finds(name=row[1], others=row[2:])]
        within: ColumnElement[bool] = key.in_(found)
        return within

    return meant
