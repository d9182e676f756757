"""What stands in the calendar of a vehicle or a box of exhibits."""

from typing import Any

from sqlalchemy import select

from webapp.calendars import domain
from webapp.calendars.domain import Entry, State
from webapp.calendars.domain.words import ZH, title_of
from webapp.calendars.queries import feeds
from webapp.core.db import get_row, session
from webapp.events.models import EventSession
from webapp.resources.models import Booking, Resource
from webapp.resources.queries import feed_token

_RELEASED = "这次安排已取消，车辆和器材不用去了。"


def resource_token(resource_id: str) -> str:
    """What its address has to carry; raises NotFound."""
    return feed_token(get_row(Resource, resource_id))


def bookings_of(resource_id: str) -> tuple[Entry, ...]:
    """Where it goes, in the window: also to what is not published yet. For its keepers."""
    wanted = feeds.with_details(
        select(
            *feeds.COLUMNS,
            Booking.id.label("booking_id"),
            Booking.created_at.label("booked_at"),
            Booking.released_at,
        )
        .select_from(Booking)
        .join(EventSession, EventSession.id == Booking.session_id)
    ).where(
        Booking.resource_id == resource_id,
        feeds.in_window(feeds.CANCELLED | Booking.released_at.is_not(None)),
    )
    return tuple(_entry(row) for row in session().execute(wanted.limit(domain.ENTRIES_MAX)))


def _entry(row: Any) -> Entry:
    state = State.CANCELLED if row.released_at else feeds.state_of(row)
    look = domain.PERSONAL_LOOKS[state]
    said = [_RELEASED] if row.released_at else [ZH.states[state]] if state in ZH.states else []
    about = feeds.details_of(row, said, ZH) | {"path": f"/manage/events/{row.event_id}"}
    return Entry(
        uid=f"bk-{row.booking_id}@{row.uid.rpartition('@')[2]}",
        sequence=row.sequence + bool(row.released_at),
        created_at=row.booked_at,
        changed_at=max(filter(None, (row.updated_at, row.booked_at, row.released_at))),
        title=title_of(row.title, row.session_title, state=state),
        status=look.status,
        opaque=look.opaque,
        **about,
    )
