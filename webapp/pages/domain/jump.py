"""What the search at the top found, in groups, and which group is most likely meant. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.core.errors import N_
from webapp.core.spelling import name_key

SHOWN = 8  # of one group

# In this order among equals.
LABELS = {
    "codes": N_("报名码"),
    "people": N_("人"),
    "events": N_("活动"),
    "pages": N_("页面"),
    "tasks": N_("计划里的任务"),
    "venues": N_("场所"),
    "units": N_("单位"),
}


@dataclass(frozen=True)
class Hit:
    """One thing found: where it leads, and what tells it from others of the name."""

    title: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Things of one kind, the likeliest first."""

    key: str
    hits: tuple[Hit, ...]
    more: bool = False  # there are others: another word finds them

    @property
    def label(self) -> str:
        """What they are."""
        return LABELS[self.key]


def closeness(title: str, typed: str) -> int:
    """How near a name is to what was typed: 0 the same, 1 it begins so, 2 it holds it, 3 found in another way."""
    name, key = name_key(title), name_key(typed)
    if not key or key not in name:
        return 3
    if name == key:
        return 0
    return 1 if name.startswith(key) else 2


def grouped(found: Iterable[tuple[str, Iterable[Hit]]], typed: str) -> list[Group]:
    """Groups that hold something, the one with the nearest name first; in each the nearest first, else as given."""
    groups = []
    for key, hits in found:
        some = sorted(hits, key=lambda one: closeness(one.title, typed))
        if some:
            best = -1 if key == "codes" else closeness(some[0].title, typed)
            groups.append((best, list(LABELS).index(key), Group(key, tuple(some[:SHOWN]), len(some) > SHOWN)))
    return [group for _best, _place, group in sorted(groups, key=lambda one: one[:2])]
