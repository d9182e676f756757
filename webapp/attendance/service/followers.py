"""What attendance says to changes of events, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.attendance.models import Attendance, HeadCount
from webapp.attendance.service import recount
from webapp.core import clock
from webapp.core.db import session
from webapp.core.recording import Line
from webapp.events.domain import SessionAlreadyOver
from webapp.events.models import EventSession

_AT_ONCE = 500  # so many ids in one statement


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


def say_who_came(signup_ids: list[str], found: dict[str, bool]) -> None:
    """Add those of these sign-ups whose person checked in, and whether they are still inside.

    When a session is over nobody is: an audience is seldom checked out.
    """
    for first in range(0, len(signup_ids), _AT_ONCE):
        rows = session().execute(
            select(Attendance.signup_id, Attendance.out_at.is_(None), EventSession.ends_at)
            .join(EventSession, EventSession.id == Attendance.session_id)
            .where(
                Attendance.signup_id.in_(signup_ids[first : first + _AT_ONCE]),
                Attendance.annulled_at.is_(None),
            )
        )
        now = clock.now()
        found.update({signup_id: bool(is_in) and now < ends_at for signup_id, is_in, ends_at in rows})


_COUNTED_FROM = {"attendance", "head_count"}


def on_put_back(lines: Sequence[Line], _by: str | None) -> None:
    """An act is taken back: figures are counted again from the facts as they are now."""
    own = {one.key[0] for one in lines if one.table == "event_session"}
    events = {one.key[0] for one in lines if one.table == "event"}
    for name in _COUNTED_FROM:
        ids = [one.key[0] for one in lines if one.table == name]
        table = Attendance if name == "attendance" else HeadCount
        own |= set(session().scalars(select(table.session_id).where(table.id.in_(ids))))
    for one in lines:
        if one.table == "event_task" and (row := one.was or one.became):
            events.add(row.get("event_id") or one.key[0])
    own |= set(session().scalars(select(EventSession.id).where(EventSession.event_id.in_(events))))
    for session_id in sorted(own):
        if session().get(EventSession, session_id) is not None:
            recount.reconcile_session(session_id)
