"""The staff's list of events: in every state, the one whose last session is latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, and_, func, select

from webapp.core.db import session
from webapp.events.models import Event, EventSession
from webapp.events.queries.found import matching
from webapp.events.queries.seats import Seats, seats_of_events
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen

LAST: Label[datetime] = func.coalesce(func.max(EventSession.starts_at), Event.created_at).label("at")
FIRST = func.min(EventSession.starts_at)
SESSIONS = func.count(EventSession.id)


@dataclass(frozen=True)
class ManagedRow:
    """An event on the staff's list."""

    event: Event
    sessions: int
    first_at: datetime | None
    last_at: datetime | None
    seats: Sequence[Seats]

    @property
    def id(self) -> str:
        """Of the event."""
        return self.event.id

    def places(self, kind: str) -> str | None:
        """How many of its places are taken, as "3 / 20"."""
        found = next((one for one in self.seats if one.kind == kind), None)
        return f"{found.taken} / {found.capacity}" if found else None


def managed(person_id: str, *, within: str | None = None) -> Select[Any]:
    """Events the person manages or inspects, with `within` those of that one organisation; see `managed_rows`."""
    seen = organisations_seen(person_id, Permission.MANAGE_EVENTS, Permission.INSPECT, within=within)
    wanted: Any = (
        select(Event.id, LAST, SESSIONS, FIRST)
        .outerjoin(EventSession, and_(EventSession.event_id == Event.id, EventSession.cancelled_at.is_(None)))
        .group_by(Event.id, Event.created_at, Event.title, Event.status)
    )
    return wanted if seen is None else wanted.where(Event.organisation_id.in_(seen))


def managed_rows(keys: Sequence[Any]) -> list[ManagedRow]:
    """What the list shows of these rows of `managed`, asked for at once."""
    ids = [key[0] for key in keys]
    events = {event.id: event for event in session().scalars(select(Event).where(Event.id.in_(ids)))}
    seats = seats_of_events(ids)
    return [
        ManagedRow(events[key[0]], key[2], key[3], key[1] if key[2] else None, seats.get(key[0], ()))
        for key in keys
    ]


def meant_by(q: str, wanted: Select[Any]) -> ColumnElement[bool]:
    """Those with every word looked for; where none of `wanted` has them all, those with some of it."""
    whole = and_(True, *matching(q))
    if not q.strip() or session().execute(wanted.where(whole).limit(1)).first():
        return whole
    return and_(True, *matching(q, nearly=True))
