"""Which registered place somebody means, without regard to width, blanks and brackets. Plain Python."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from webapp.core import spelling

NEAR_MOST = 3
_ALIKE = 0.5
_MARKS = re.compile(r"[\s()\[\]{}<>《》【】〔〕,.;:、。·・•\-—_/\\|\"'“”‘’]+")
_ONLINE = re.compile(r"线上|网上|腾讯会议|钉钉|直播|zoom|online|https?", re.IGNORECASE)
_ABOVE = re.compile(r"^(?:[^省市区县]{2,4}省)?(?:[^省市区县]{2,5}市)?")


@dataclass(frozen=True)
class Place:
    """A registered venue, as far as its name is looked for."""

    id: str
    name: str
    address: str
    district: str
    is_online: bool = False


@dataclass(frozen=True)
class FoundPlace:
    """The place that is meant, or those that may be."""

    id: str | None = None
    near: tuple[str, ...] = ()


def same_name(text: str) -> str:
    """A name as names of things are compared."""
    return _MARKS.sub("", spelling.compact(text)).casefold()


class Places:
    """All that may be meant."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = list(places)
        self.spelled: dict[str, set[str]] = defaultdict(set)
        self.sure: dict[str, set[str]] = defaultdict(set)  # spellings that name the district, too
        for one in self.places:
            self.spelled[same_name(one.name)].add(one.id)
            for written in _whole_spellings(one):
                self.sure[same_name(written)].add(one.id)
        self.by_id = {one.id: one for one in self.places}

    def find(self, text: str) -> FoundPlace:
        """The one that has this name; two of one name, or none, and there are only those that may be meant."""
        for wanted in dict.fromkeys((same_name(text), same_name(_ABOVE.sub("", text.strip(), count=1)))):
            for known in (self.sure, self.spelled):
                ids = known.get(wanted, set())
                if len(ids) == 1:
                    return FoundPlace(next(iter(ids)))
                if ids:
                    return FoundPlace(None, tuple(sorted(self.shown(one) for one in ids))[:NEAR_MOST])
        return FoundPlace(None, self._near(text))

    def shown(self, place_id: str) -> str:
        """Its name, and where another has the same one, its district."""
        one = self.by_id[place_id]
        return one.name if len(self.spelled[same_name(one.name)]) == 1 else f"{one.name}（{one.district}）"

    def _near(self, text: str) -> tuple[str, ...]:
        wanted = same_name(text)
        if not wanted:
            return ()
        online = [one.id for one in self.places if one.is_online and _ONLINE.search(text)]
        alike = sorted(
            ((_alike(wanted, one), one.name, one.id) for one in self.places), key=lambda it: (-it[0], it[1])
        )
        found = [*online, *(place_id for likeness, _, place_id in alike[:NEAR_MOST] if likeness >= _ALIKE)]
        return tuple(dict.fromkeys(self.shown(one) for one in found))[:NEAR_MOST]


def _whole_spellings(one: Place) -> set[str]:
    """With the district before or behind, and as our own feeds write it."""
    address = one.address if one.address.startswith(one.district) else one.district + one.address
    return {
        one.district + one.name,
        one.name + one.district,
        one.name + address,
        address + one.name,
        one.name + one.address,
        one.district + one.name + one.address,
    }


def _alike(wanted: str, one: Place) -> float:
    name = same_name(one.name)
    whole = same_name(one.district) + name
    if len(wanted) > 1 and (wanted in whole or name in wanted):
        return 0.9
    if wanted == same_name(one.address) or wanted == same_name(one.district + one.address):
        return 0.95
    matcher = SequenceMatcher(None, wanted, name, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0
