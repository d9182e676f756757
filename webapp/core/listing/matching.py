"""Whether a row is meant by what was typed: the one rule for every list (of read rows; SQL has `holding`)."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, or_

from webapp.core.pinyin import initials
from webapp.core.spelling import compact

Q_LIMIT = 80
_TAIL = 4  # of a telephone, its last digits alone: a list is no place to try out whose number it is
_PHONE_LEAST = 7  # so many digits are a telephone
_DOTS = str.maketrans("", "", "·-'")


def named(name: str, *others: str | None) -> str:
    """What a person's row is found by: the name, its initials in pinyin, and whatever else it shows."""
    return " ".join([name, name.translate(_DOTS), *initials(name), *filter(None, others)])


def by_name(name: str) -> tuple[str, str]:
    """Sorts names as a telephone book does: by the first letters of their pinyin."""
    return next(iter(initials(name)), ""), name


def tail_of(phone: str | None) -> str | None:
    """What of a telephone a row is found by."""
    return phone[-_TAIL:] if phone else None


def wanted_of(q: str) -> list[str]:
    """The words that were typed, in one spelling; a whole telephone counts as its last digits."""
    words = [one.translate(_DOTS) or one for one in plain(q[:Q_LIMIT]).split()]
    return [one[-_TAIL:] if one.isdecimal() and len(one) >= _PHONE_LEAST else one for one in words]


def matches(wanted: Iterable[str], text: str) -> bool:
    """Whether the row found by `text` holds every word."""
    within = plain(text)
    return all(one in within for one in wanted)


def holding(*columns: Any) -> Callable[[str], ColumnElement[bool]]:
    """The same question to the database: one of these columns holds the word. They are stored in one spelling."""
    return lambda word: or_(*(func.lower(one).contains(word, autoescape=True) for one in columns))


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Without regard to width and case."""
    return compact(text).casefold()
