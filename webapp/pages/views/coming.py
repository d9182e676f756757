"""What comes today and tomorrow, as whoever prepares it needs it: who is missing, what to bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from webapp.core import clock
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import MAY_SCAN, Permission, counting_at
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


def by_day(sessions: Sequence[EventSession], person_id: str) -> list[tuple[datetime, list[Coming]]]:
    """Sessions in their order, by day. Two statements, however many."""
    if not sessions:
        return []
    things, held = things_for([one.id for one in sessions]), held_by(person_id)
    found = []
    for one in sessions:
        here = counting_at(one.event.organisation_id, held)
        may_change = bool(here & {Permission.MANAGE_EVENTS, Permission.GOVERN})
        found.append(Coming(one, things[one.id], may_change, bool(here & MAY_SCAN)))
    days = groupby(found, lambda one: clock.local_date(one.session.starts_at))
    return [(some[0].session.starts_at, some) for _day, group in days for some in [list(group)]]
