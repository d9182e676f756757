"""Values the office may change while the site runs: declared by the areas, kept in one table.

A setting of the machine (address, mail server) stands in the environment, see config.py; what stands here is a rule
of the house: how many hours before a session people are reminded, how many hours make a star.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import audit, clock
from webapp.core.db import Base, savepoint, session
from webapp.core.looks import Looks


class Option(Base):
    """One value that is not the default any more."""

    __tablename__ = "option"
    __looks__ = Looks(("value",), decided=(("updated_by", "updated_at"),))

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
    updated_by: Mapped[str | None] = mapped_column(String(18))  # person id


@dataclass(frozen=True)
class Declared:
    """A value an area reads; `read` turns what was entered into what is kept and raises ValueError."""

    key: str
    default: Any
    label: str  # a marked sentence
    hint: str
    read: Callable[[str], Any]
    show: Callable[[Any], str]

    def get(self) -> Any:
        """The value now."""
        found = session().get(Option, self.key)
        return self.default if found is None else found.value

    def set(self, value: Any, *, by: str | None) -> None:
        """Keep another value, in the current transaction."""
        current, before = session(), self.get()
        found = current.get(Option, self.key)
        if found is None:
            try:
                with savepoint():
                    current.add(Option(key=self.key, value=value, updated_by=by))
            except IntegrityError:  # someone else made the row a moment ago
                found = current.get(Option, self.key, populate_existing=True)
        if found is not None:
            found.value, found.updated_by = value, by
        audit.record("option.set", "option", self.key, by=by, before=before, after=value)


def values(*options: Declared) -> list[Any]:
    """The values of several now, in one statement."""
    kept = {row.key: row.value for row in session().execute(_KEPT, {"keys": [one.key for one in options]})}
    return [kept.get(one.key, one.default) for one in options]


_KEPT = select(Option.key, Option.value).where(Option.key.in_(bindparam("keys", expanding=True)))
_declared: dict[str, Declared] = {}
_labels: dict[str, str] = {}  # marked sentences, by key


def _whole(text: str, low: int, high: int) -> int:
    text = text.strip()
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ValueError(f"{low}–{high}")
    return int(text)


def whole_number(
    key: str, default: int, *, label: str, hint: str = "", low: int = 0, high: int = 10_000
) -> Declared:
    """Declare a whole number from `low` to `high`."""
    return _declare(Declared(key, default, label, hint, lambda text: _whole(text, low, high), str))


def whole_numbers(
    key: str, default: list[int], *, label: str, hint: str = "", low: int = 0, high: int = 10_000
) -> Declared:
    """Declare a list of whole numbers, entered with commas or spaces between them."""

    def read(text: str) -> list[int]:
        parts = text.replace("，", " ").replace(",", " ").replace("、", " ").split()
        return [_whole(part, low, high) for part in parts]

    def show(value: list[int]) -> str:
        return "、".join(str(number) for number in value)

    return _declare(Declared(key, default, label, hint, read, show))


def hidden(key: str, default: Any, *, label: str) -> Declared:
    """Declare a value that has a page of its own (the headings of exports), or none; its changes are told by name."""
    _labels[key] = label
    return Declared(key, default, label, "", str, str)


def _declare(option: Declared) -> Declared:
    _declared[option.key] = option
    _labels[option.key] = option.label
    return option


def label_of(key: str) -> str:
    """The marked name of a value; the key of one that an earlier version had."""
    return _labels.get(key, key)


def list_options() -> list[Declared]:
    """What the office's page of settings shows, in the order declared."""
    return list(_declared.values())
