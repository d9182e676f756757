"""What attendance says to changes of events, in the same transaction."""

from datetime import datetime

from sqlalchemy import select

from webapp.attendance.models import Attendance
from webapp.core.db import session
from webapp.events.domain import SessionAlreadyOver
from webapp.events.models import EventSession


def on_rescheduled(
    event_session: EventSession, old_starts_at: datetime, _old_ends_at: datetime, *_more: object
) -> None:
    """Refuse to move the start of a session at which people were checked in; its end and place may be corrected."""
    if event_session.starts_at == old_starts_at:
        return
    came = select(Attendance.id).where(
        Attendance.session_id == event_session.id, Attendance.annulled_at.is_(None)
    )
    if session().scalar(came.limit(1)):
        raise SessionAlreadyOver
