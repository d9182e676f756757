"""People counted on the spot."""

from webapp.attendance.domain import (
    EARLY,
    CountCancelled,
    CountMethod,
    CountTooEarly,
)
from webapp.attendance.models import HeadCount
from webapp.attendance.service import ledger
from webapp.core import audit, clock
from webapp.core.db import lock_row, session
from webapp.events.domain import COUNTING_STATUSES
from webapp.events.models import EventSession


def count_heads(
    session_id: str, *, audience: str, count: int, method: CountMethod, note: str, by: str
) -> HeadCount:
    """Record that `count` people of an audience group were there; it counts as its own grade."""
    found = lock_row(EventSession, session_id)
    if found.event.status not in COUNTING_STATUSES or found.cancelled_at is not None:
        raise CountCancelled
    if clock.now() < found.starts_at - EARLY:
        raise CountTooEarly
    headcount = HeadCount(
        session_id=session_id, audience=audience, count=count, method=method, note=note, by_person_id=by
    )
    session().add(headcount)
    session().flush()  # the ledger rows name it
    ledger.count_new_fact(session_id, ledger.headcount_fact(headcount))
    audit.record("headcount.add", "event_session", session_id, by=by, headcount=headcount.id, count=count)
    return headcount
