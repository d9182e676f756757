"""How old someone is, from what was said of it at different times; and what follows below 18. Plain Python.

A band said some time ago means "at least" and "at most": who was 14 or 15 two years ago is 16 to 18 today. Several
words are taken together; where they cannot all be true, the younger holds until a guardian or staff say otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from webapp.core.errors import N_
from webapp.volunteers.domain.rules import AgeBand, needs_guardian

_SPANS: dict[AgeBand, tuple[int, int | None]] = {
    AgeBand.UNDER_10: (0, 9),
    AgeBand.FROM_10: (10, 13),
    AgeBand.UNDER_14: (0, 13),
    AgeBand.FROM_14: (14, 15),
    AgeBand.FROM_16: (16, 17),
    AgeBand.ADULT: (18, None),
}
# What a form offers; "under 14" is what lists and programs say who know no better.
OFFERED = (AgeBand.UNDER_10, AgeBand.FROM_10, AgeBand.FROM_14, AgeBand.FROM_16, AgeBand.ADULT)
_OLDEST = 200


@dataclass(frozen=True)
class Age:
    """In whole years, both ends included; None: no upper end is known."""

    at_least: int
    at_most: int | None = None

    @property
    def end(self) -> int:
        """The upper end as a number."""
        return _OLDEST if self.at_most is None else self.at_most


@dataclass(frozen=True)
class Said:
    """A band that was said on a day."""

    band: str
    on: date


def aged(said: Said, on: date) -> Age:
    """What a band said then means on this day."""
    low, high = _SPANS[AgeBand(said.band)]
    full, begun = _years(said.on, max(said.on, on))
    return Age(low + full, None if high is None else high + begun)


def known_age(words: Iterable[Said], on: date) -> Age | None:
    """What all that was said means on this day together; the younger where it cannot all be true."""
    ages = [aged(one, on) for one in words]
    if not ages:
        return None
    low, high = max(one.at_least for one in ages), min(one.end for one in ages)
    if low > high:
        return min(ages, key=lambda one: (one.end, one.at_least))
    return Age(low, None if high >= _OLDEST else high)


def youngest_band(age: Age) -> AgeBand:
    """The band to go by where nobody says more: that of the youngest they may be."""
    return next(band for band in OFFERED if age.at_least <= (_SPANS[band][1] or _OLDEST))


class Fits(StrEnum):
    """How what is said now stands to what is known."""

    AGREES = "agrees"
    YOUNGER = "younger"  # the stricter: it holds
    OLDER = "older"  # to be asked about: the stricter holds


def band_now(band: str | None, said_on: date | None, on: date) -> str | None:
    """The band to go by on this day, of one said then; None where none was said or nobody knows when."""
    if band is None or said_on is None:
        return None
    return youngest_band(aged(Said(band, said_on), on)).value


def compare(known: Age | None, band: str) -> Fits:
    """How this band, said today, stands to what is known."""
    low, high = _SPANS[AgeBand(band)]
    if known is None or (low <= known.end and known.at_least <= (high or _OLDEST)):
        return Fits.AGREES
    return Fits.OLDER if low > known.end else Fits.YOUNGER


def band_of_today(known: Age | None, said: str | None) -> str | None:
    """The band a sign-up goes by, from what is known and what is said now; None where nobody said anything.

    The truth table: nothing said → the youngest they may be; said and possible, or younger → what is said; said and
    older than can be → the youngest they may be (the caller asks, or lets staff decide).
    """
    if said is None:
        return youngest_band(known).value if known else None
    if known is None:
        return said
    fits = compare(known, said)
    if fits == Fits.OLDER:
        return youngest_band(known).value
    if fits == Fits.AGREES and said == AgeBand.UNDER_14 and known.at_least >= _SPANS[AgeBand.FROM_10][0]:
        return AgeBand.FROM_10.value  # "under 14" of someone known to be ten
    return said


class Company(StrEnum):
    """Whether someone must come along."""

    NEEDED = "needed"  # under ten: an adult comes along
    ASKED = "asked"  # under fourteen: who comes along or fetches them, or that nobody does
    FREE = "free"


def company_for(band: str | None) -> Company:
    """Civil Code art. 20 and the usage of volunteer offices: below ten accompanied, below fourteen asked."""
    if band in {AgeBand.UNDER_10, AgeBand.UNDER_14}:
        return Company.NEEDED
    return Company.ASKED if band == AgeBand.FROM_10 else Company.FREE


class Mark(StrEnum):
    """What lists show of a minor before they stand there."""

    UNDER_10 = "under_10"
    UNDER_14 = "under_14"
    UNDER_18 = "under_18"


MARK_LABELS = {
    Mark.UNDER_10: N_("不满 10 岁"),
    Mark.UNDER_14: N_("不满 14 岁"),
    Mark.UNDER_18: N_("不满 18 岁"),
}


def mark_of(band: str | None) -> Mark | None:
    """The mark of a band; None for who said nothing or is of age."""
    if not needs_guardian(band):
        return None
    if band in {AgeBand.UNDER_10, AgeBand.FROM_10, AgeBand.UNDER_14}:
        return Mark.UNDER_10 if band == AgeBand.UNDER_10 else Mark.UNDER_14
    return Mark.UNDER_18


def _years(since: date, on: date) -> tuple[int, int]:
    """Whole years between two days, and years begun."""
    had = (on.month, on.day) >= (since.month, since.day)
    full = on.year - since.year - (not had)
    return full, full + ((on.month, on.day) != (since.month, since.day))
