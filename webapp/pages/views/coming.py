"""What comes today and tomorrow, as whoever prepares it needs it: who is missing, what to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from webapp.core import clock
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import MAY_SCAN, Held, Permission, counting_at
from webapp.organisations.queries import held_by
from webapp.resources.queries import things_for


@dataclass(frozen=True)
class Coming:
    """A session that has not begun."""

    session: EventSession
    things: Sequence[str]  # booked for it
    may_change: bool
    may_scan: bool

    @property
    def lacking(self) -> list[tuple[Position, int]]:
        """Shifts with places nobody has, and how many."""
        shifts = [one for one in self.session.positions if one.kind == PositionKind.VOLUNTEER]
        return [(one, one.capacity - one.taken) for one in shifts if one.taken < one.capacity]

    @property
    def has_shifts(self) -> bool:
        """Whether volunteers serve at it."""
        return any(one.kind == PositionKind.VOLUNTEER for one in self.session.positions)

    @property
    def seats(self) -> tuple[int, int]:
        """Places of the public that somebody has, and all of them."""
        some = [one for one in self.session.positions if one.kind == PositionKind.AUDIENCE]
        return sum(one.taken for one in some), sum(one.capacity for one in some)

    @property
    def has_cards(self) -> bool:
        """Whether there are passes of seats to print as cards."""
        return self.may_change and self.seats[0] > 0


@dataclass(frozen=True)
class Day:
    """The first sessions of a day, and how many more there are at least."""

    date: date
    sessions: Sequence[Coming]
    more: int


def by_day(sessions: Sequence[EventSession], person_id: str, *, each: int) -> list[Day]:
    """The first `each` sessions of each day, in their order. Two statements, however many."""
    if not sessions:
        return []
    days = [(day, list(some)) for day, some in groupby(sessions, lambda one: clock.local_date(one.starts_at))]
    things = things_for([one.id for _day, some in days for one in some[:each]])
    held = held_by(person_id)
    return [
        Day(day, [_coming(one, things[one.id], held) for one in some[:each]], len(some[each:]))
        for day, some in days
    ]


def _coming(one: EventSession, things: Sequence[str], held: Held) -> Coming:
    here = counting_at(one.event.organisation_id, held)
    may_change = bool(here & {Permission.MANAGE_EVENTS, Permission.GOVERN})
    return Coming(one, things, may_change, bool(here & MAY_SCAN))
