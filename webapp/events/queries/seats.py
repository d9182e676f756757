"""How many places there are and how many are taken, by kind."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position


@dataclass(frozen=True)
class Seats:
    """Places of one kind in a session or an event."""

    kind: str
    capacity: int
    taken: int
    waitlist: bool

    @property
    def free(self) -> int:
        """Places left."""
        return max(self.capacity - self.taken, 0)


def seats_of(session_ids: Collection[str]) -> dict[str, list[Seats]]:
    """Places of each session by kind, the audience's first."""
    return _seats(Position.session_id, Position.session_id.in_(session_ids))


def seats_of_events(event_ids: Collection[str]) -> dict[str, list[Seats]]:
    """Places of each event's sessions together, cancelled sessions left out; the audience's first."""
    return _seats(EventSession.event_id, EventSession.event_id.in_(event_ids))


def _seats(group: Any, rule: ColumnElement[bool]) -> dict[str, list[Seats]]:
    rows = session().execute(
        select(
            group,
            Position.kind,
            func.sum(Position.capacity),
            func.sum(Position.taken),
            func.sum(case((Position.waitlist, 1), else_=0)),
        )
        .join(EventSession, EventSession.id == Position.session_id)
        .where(rule, EventSession.cancelled_at.is_(None))
        .group_by(group, Position.kind)
        .order_by(group, Position.kind != PositionKind.AUDIENCE)
    )
    found: dict[str, list[Seats]] = {}
    for owner, kind, capacity, taken, waitlist in rows:
        found.setdefault(owner, []).append(Seats(kind, int(capacity), int(taken), waitlist > 0))
    return found
