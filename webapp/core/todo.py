"""待办: what waits for someone to act. Each area says how to find its own; the desk lists what all of them give.

A source is a plain query: it takes the `Viewer` and gives `Todo`s, with one statement or two, however much waits.
`webapp/areas.py` names the sources.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from webapp.core import clock
from webapp.core.errors import N_

SOON = timedelta(days=7)


class Urgency(StrEnum):
    """How much time there is, the most urgent first."""

    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    WAITING = "waiting"  # never too late, but somebody waits: before what has weeks
    LATER = "later"


URGENCY_LABELS = {
    Urgency.LATE: N_("已过时"),
    Urgency.TODAY: N_("今天"),
    Urgency.SOON: N_("七天内"),
    Urgency.WAITING: N_("没有限期，等得久的在前"),
    Urgency.LATER: N_("以后"),
}
_ORDER = {one: number for number, one in enumerate(Urgency)}


@dataclass(frozen=True)
class Viewer:
    """Who looks: a person, every permission they hold anywhere, and the organisation they work for just now
    (core/working.py; None: all of theirs).
    """

    person_id: str
    permissions: frozenset[str]
    within: str | None = None
    known: MutableMapping[str, Any] = field(default_factory=dict, compare=False)  # what sources asked already

    def may(self, *permissions: str) -> bool:
        """Whether they hold one of these somewhere."""
        return not self.permissions.isdisjoint(permissions)


@dataclass(frozen=True)
class Press:
    """An act that is done in the row: a POST to an address that stands elsewhere too, and comes back by its `next`.

    Only what is decided by yes alone and can be taken back. `decides` is the id of the one chosen, where the address
    decides about some of a list.
    """

    endpoint: str
    where: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    decides: str = ""


@dataclass(frozen=True)
class Todo:
    """One sentence, one act, its time.

    `text` and `act` are marked sentences (N_); `values` fill the text: Words among them are translated, times written
    as the reader's language writes them. `endpoint` and `where` are the page on which it is done. `due` is when it is
    too late; where nothing is ever too late, `since` is when the oldest of it came, so that each row has its time.
    """

    text: str
    act: str
    endpoint: str
    where: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    due: datetime | None = None
    since: datetime | None = None
    press: Press | None = None  # the act, done here; the sentence then leads to the page to look at before

    @property
    def at(self) -> datetime | None:
        """The time that stands beside it."""
        return self.due or self.since

    def urgency(self, now: datetime) -> Urgency:
        """How much time there is from `now`, by the city's days."""
        if self.due is None:
            return Urgency.WAITING
        if self.due < now:
            return Urgency.LATE
        if clock.local_date(self.due) == clock.local_date(now):
            return Urgency.TODAY
        return Urgency.SOON if self.due < now + SOON else Urgency.LATER


Source = Callable[[Viewer], Iterable[Todo]]
_sources: list[Source] = []


def connect(*sources: Source) -> None:
    """Add sources; adding one again changes nothing."""
    _sources.extend(one for one in sources if one not in _sources)


def sources() -> tuple[Source, ...]:
    """Every source, in the order of the areas."""
    return tuple(_sources)


def collect(viewer: Viewer) -> list[Todo]:
    """All that waits for them, most urgent first: what is due sooner or waits longer, else as the areas gave it."""
    now = clock.now()

    def urgent(one: Todo) -> tuple[int, bool, float]:
        return _ORDER[one.urgency(now)], one.at is None, one.at.timestamp() if one.at else 0.0

    return sorted((one for source in _sources for one in source(viewer)), key=urgent)


def by_urgency(found: Iterable[Todo]) -> list[tuple[Urgency, list[Todo]]]:
    """The same under their headings; the order stays."""
    now = clock.now()
    return [(key, list(some)) for key, some in groupby(found, key=lambda one: one.urgency(now))]
