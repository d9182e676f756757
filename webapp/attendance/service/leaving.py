"""Everyone still in leaves, with one tap at the end of a session."""

from sqlalchemy import select, update

from webapp.attendance.domain import Direction, Method, Outcome
from webapp.attendance.domain.doors import leaving_at
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.queries.board import last_sweep
from webapp.attendance.service.by_hand import Hand, hold_doors, people_of
from webapp.attendance.service.standing import hold_session, restand
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


def take_back_sweep(session_id: str, *, by: str) -> int:
    """Everyone the last sweep checked out is inside again; how many. Possible for as long as any scan's undo.

    Whoever had been checked out otherwise stays out. The second time finds nothing to take back.
    """
    hold_session(session_id)
    last = last_sweep(session_id)
    if last is None:
        return 0
    taken = session().execute(
        update(Scan)
        .where(
            Scan.session_id == session_id,
            Scan.method == Method.SWEEP,
            Scan.received_at == last.at,
            Scan.annulled_at.is_(None),
        )
        .values(annulled_at=clock.now())
        .returning(Scan.signup_id)
        .execution_options(synchronize_session=False)
    )
    signups = [one for one in taken.scalars() if one is not None]
    restand(session_id, signups, by=by)
    audit.record("attendance.sweep_undo", "event_session", session_id, by=by, count=len(signups))
    return len(signups)
