"""Everyone still in leaves, with one tap at the end of a session."""

from sqlalchemy import select

from webapp.attendance.domain import Direction, Method, Outcome
from webapp.attendance.domain.doors import leaving_at
from webapp.attendance.models import Attendance
from webapp.attendance.service.by_hand import Hand, hold_doors, people_of
from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import new_id, session


def check_out_all(session_id: str, *, by: str) -> int:
    """Check out everyone still in; how many. The second time finds nobody.

    They left now, at the latest two hours after the session's end, when its doors closed. Volunteers' hours follow
    from it. Raises NotHeld for a session that does not take place.
    """
    held = hold_doors(session_id)
    now = clock.now()
    hand = Hand(session_id, by, Method.SWEEP, now)
    at = leaving_at(now, Period(held.starts_at, held.ends_at))
    inside = session().scalars(
        select(Attendance.signup_id).where(
            Attendance.session_id == session_id, Attendance.out_at.is_(None), Attendance.annulled_at.is_(None)
        )
    )
    scans = [
        hand.scan(
            found,
            direction=Direction.OUT,
            at=max(at, found.in_at),
            outcome=Outcome.ACCEPTED,
            nonce=new_id(),
        )
        for found in people_of(session_id, inside.all())
    ]
    hand.keep(scans)
    if scans:
        audit.record("attendance.sweep", "event_session", session_id, by=by, count=len(scans))
    return len(scans)
