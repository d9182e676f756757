"""Attendance is what the valid, standing scans of a sign-up say, in whatever order they came (decision 0015)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from webapp.attendance.domain import Direction, Method, grade_of
from webapp.attendance.domain.links import Claim, Stay, stay_of
from webapp.attendance.domain.phones import Flag, Settlement
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import recount
from webapp.core import clock
from webapp.core.db import lock_row, new_id, session
from webapp.events.models import Event, EventSession
from webapp.signups import service as signups

NO_SCAN_LEFT = "签到记录已撤销"  # kept as the reason of an attendance none of whose scans stands any more


def hold_session(session_id: str) -> EventSession:
    """The session, taken for this transaction, so that no phone writes its attendance meanwhile; raises NotFound.

    Its event comes first, as everywhere.
    """
    event = select(Event.id).join(EventSession, EventSession.event_id == Event.id)
    session().execute(event.where(EventSession.id == session_id).with_for_update(read=True, of=Event))
    return lock_row(EventSession, session_id)


def restand(session_id: str, signup_ids: Collection[str], *, by: str, reason: str = "") -> int:
    """Make the attendance of these sign-ups of one session say what their scans say; how many changed.

    The caller holds the session's row, so no live check-in writes meanwhile. Where anything changed the ledger is
    recounted. Who is in at another session, which people may decide of those who went astray, is left there: nobody
    counts twice with one sign-up.
    """
    session().flush()
    ids = sorted(set(signup_ids))
    claims = _claims(session_id, ids)
    standing = {row.signup_id: row for row in _standing(ids)}
    changed = 0
    absent: list[str] = []
    fresh: list[dict[str, Any]] = []
    for signup_id in ids:
        held = standing.get(signup_id)
        if held is not None and held.session_id != session_id:
            continue
        kept = frozenset(filter(None, (held.in_scan_id, held.out_scan_id))) if held else frozenset()
        stay = stay_of(claims[signup_id], kept=kept)
        if stay is None:
            absent.append(signup_id)
            changed += _annul(held, by=by, reason=reason or NO_SCAN_LEFT)
        elif held is None:
            fresh.append(_row(session_id, signup_id, stay))
        else:
            changed += _follow(held, stay)
    if absent:
        signups.take_back_arrivals(absent, by=by, reason=reason or NO_SCAN_LEFT)
    if fresh:
        session().execute(insert(Attendance), fresh)
    if fresh or changed:
        session().flush()  # the recount reads it
        recount.reconcile_session(session_id)
        _settle_explained(session_id, ids)
    return changed + len(fresh)


def _claims(session_id: str, signup_ids: Sequence[str]) -> defaultdict[str, list[Claim]]:
    found: defaultdict[str, list[Claim]] = defaultdict(list)
    rows = session().execute(
        select(Scan.signup_id, Scan.id, Scan.direction, Scan.at, Scan.method).where(
            Scan.signup_id.in_(signup_ids),
            Scan.session_id == session_id,
            Scan.valid,
            Scan.annulled_at.is_(None),
            Scan.rehearsal.is_(False),
        )
    )
    for row in rows:
        found[row.signup_id].append(Claim(row.id, Direction(row.direction), row.at, Method(row.method)))
    return found


def _standing(signup_ids: Sequence[str]) -> Sequence[Attendance]:
    wanted = select(Attendance).where(Attendance.signup_id.in_(signup_ids), Attendance.annulled_at.is_(None))
    return session().scalars(wanted.execution_options(populate_existing=True)).all()


def _row(session_id: str, signup_id: str, stay: Stay) -> dict[str, Any]:
    return {
        "id": new_id(),
        "signup_id": signup_id,
        "session_id": session_id,
        "grade": grade_of(stay.came.method),
        "in_at": stay.came.at,
        "in_scan_id": stay.came.scan_id,
        "out_at": stay.out_at,
        "out_scan_id": stay.left.scan_id if stay.left else None,
        "entered_late": stay.came.method == Method.PAPER,
        "created_at": clock.now(),
    }


def _annul(held: Attendance | None, *, by: str, reason: str) -> int:
    """No scan speaks for it any more; 1 if there was one."""
    if held is None:
        return 0
    held.annulled_at, held.annulled_by, held.annul_reason = clock.now(), by, reason
    return 1


def _follow(held: Attendance, stay: Stay) -> int:
    """Let a standing attendance say it; 1 if it said something else."""
    left = stay.left.scan_id if stay.left else None
    if (held.in_scan_id, held.out_scan_id) == (stay.came.scan_id, left):
        return 0
    if held.in_scan_id != stay.came.scan_id:
        held.in_scan_id, held.in_at, held.grade = stay.came.scan_id, stay.came.at, grade_of(stay.came.method)
    held.out_scan_id = left
    held.out_at = max(stay.out_at, held.in_at) if stay.out_at else None
    return 1


def _settle_explained(session_id: str, signup_ids: Sequence[str]) -> None:
    """An exit that came before its entry was flagged; now it is explained, and nobody need look at it."""
    explained = select(Attendance.out_scan_id).where(
        Attendance.session_id == session_id,
        Attendance.annulled_at.is_(None),
        Attendance.out_scan_id.is_not(None),
    )
    session().execute(
        update(Scan)
        .where(
            Scan.session_id == session_id,
            Scan.signup_id.in_(signup_ids),
            Scan.flag == Flag.REFUSED,
            Scan.valid,
            Scan.settled_at.is_(None),
            Scan.id.in_(explained),
        )
        .values(settled_at=clock.now(), settlement=Settlement.COUNTED)
        .execution_options(synchronize_session=False)
    )
