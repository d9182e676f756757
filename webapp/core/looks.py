"""Looks: what the forms about a row show of it (core/seen.py). Plain Python."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Looks:
    """What forms about a row show: columns (`event.status` too), its state in a marked word, and who said so.

    `decided` are pairs of columns, person and time (no person: nobody is named); the newest of them counts, else the
    newest entry of the audit upon the subject `audited` whose id stands in `subject_id`. `name` is the column of the
    person whom a list of several names.
    """

    columns: tuple[str, ...]
    says: Callable[[Any], str | None] | None = None
    audited: str = ""
    decided: tuple[tuple[str, str], ...] = ()
    subject_id: str = "id"
    name: str = ""
