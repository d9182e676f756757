"""待办: what waits for someone to act. Each area says how to find its own; the desk lists what all of them give.

A source is a plain query: it takes the `Viewer` and gives `Todo`s, with one statement or two, however much waits.
`webapp/areas.py` names the sources.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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

    @property
    def at(self) -> datetime | None:
        """The time that stands beside it."""
        return self.due or self.since


Source = Callable[[Viewer], Iterable[Todo]]
_sources: list[Source] = []


def connect(*sources: Source) -> None:
    """Add sources; adding one again changes nothing."""
    _sources.extend(one for one in sources if one not in _sources)


def sources() -> tuple[Source, ...]:
    """Every source, in the order of the areas."""
    return tuple(_sources)


def collect(viewer: Viewer) -> list[Todo]:
    """All that waits for them: what is due first comes first, then what waits longest, else as the areas gave it."""
    found = [one for source in _sources for one in source(viewer)]
    return sorted(
        found, key=lambda one: (one.due is None, one.at is None, one.at.timestamp() if one.at else 0.0)
    )
