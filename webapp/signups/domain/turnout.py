"""How many of those signed up will come: their own past, where there is little of it that of others. Plain Python."""

from dataclasses import dataclass
from enum import StrEnum

USUAL_RATE = 0.8  # before anything is known: about one in five does not come
WEIGHT = 10  # a wider rate counts like so many cases of one's own


@dataclass(frozen=True)
class Past:
    """Of so many confirmed, so many came."""

    promised: int = 0
    came: int = 0


class Basis(StrEnum):
    """What a rate mostly rests on."""

    OWN = "own"
    ORGANISATION = "organisation"
    CITY = "city"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Turnout:
    """What is expected of a shift."""

    rate: float
    expected: float
    basis: Basis
    past: Past  # the figures of that basis


def shrunk(past: Past, towards: float) -> float:
    """The rate of the past, drawn towards a wider one the less of a past there is."""
    return (past.came + WEIGHT * towards) / (past.promised + WEIGHT)


def expect(confirmed: int, *, own: Past, organisation: Past, city: Past) -> Turnout:
    """How many of `confirmed` volunteers will come.

    `own`: ended sessions of the organisation with a position of this name; `organisation`: all its volunteers;
    `city`: everyone's. The basis named is the narrowest with at least WEIGHT cases, else the narrowest with any.
    """
    rate = shrunk(own, shrunk(organisation, shrunk(city, USUAL_RATE)))
    steps = [(Basis.OWN, own), (Basis.ORGANISATION, organisation), (Basis.CITY, city)]
    named = next((step for step in steps if step[1].promised >= WEIGHT), None)
    named = named or next((step for step in steps if step[1].promised), (Basis.NOTHING, Past()))
    return Turnout(rate, confirmed * rate, named[0], named[1])


def need_of(*, min_count: int, capacity: int) -> int:
    """How many a shift needs: its minimum, or every place where no minimum was set."""
    return min_count or capacity
