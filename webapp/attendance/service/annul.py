"""Undo: nothing is erased; the row stays as annulled and the ledger gets a reversal."""

from sqlalchemy import update

from webapp.attendance.domain import AlreadyAnnulled, AnnulTooLate, Direction, Outcome, may_annul
from webapp.attendance.domain.doors import NotGone
from webapp.attendance.domain.phones import ScanKind
from webapp.attendance.models import Attendance, HeadCount, Scan
from webapp.attendance.service import recount, standing, undoing
from webapp.core import audit, clock
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import NotFound


def annul_scan(scan_id: str, *, by: str, device: str, is_staff: bool, reason: str) -> Scan:
    """Undo an accepted scan: an exit scan reopens the stay, an entry scan annuls the attendance.

    The same device takes back what it said, within 15 minutes; what other phones say stands. Staff with a reason take
    back what any of them says. Raises AnnulTooLate for anyone else.
    """
    scan = get_row(Scan, scan_id)
    if scan.outcome != Outcome.ACCEPTED or scan.kind == ScanKind.UNDO:
        raise NotFound
    if not may_annul(
        scanned_at=scan.received_at,
        scan_device=scan.device,
        device=device,
        now=clock.now(),
        is_staff=is_staff,
        reason=reason,
    ):
        raise AnnulTooLate
    if scan.annulled_at is not None:
        raise AlreadyAnnulled
    standing.hold_session(scan.session_id)
    session().refresh(scan)
    if scan.annulled_at is not None:
        raise AlreadyAnnulled
    undoing.take_back([scan.id], by=by, now=clock.now())
    if scan.signup_id is None:  # people were counted
        recount.reconcile_session(scan.session_id)
    else:
        if is_staff and reason.strip() and not scan.rehearsal:
            direction = Direction.OUT if scan.direction == Direction.OUT else None
            _silence(scan.signup_id, scan.session_id, direction)
        standing.restand(scan.session_id, [scan.signup_id], by=by, reason=reason)
    return scan


def _silence(signup_id: str, session_id: str, direction: Direction | None = None) -> None:
    """Every scan that speaks for this sign-up's person there, on whatever phone, says nothing any more."""
    theirs = standing.of_same_person(session_id, [signup_id])
    spoken = [
        Scan.signup_id.in_(theirs),
        Scan.session_id == session_id,
        Scan.annulled_at.is_(None),
        Scan.valid,
        Scan.rehearsal.is_(False),
    ]
    if direction is not None:
        spoken.append(Scan.direction == direction)
    session().execute(
        update(Scan)
        .where(*spoken)
        .values(annulled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def annul_attendance(attendance_id: str, *, by: str, reason: str) -> Attendance:
    """Annul an attendance with every scan it rests on, on whatever phone, and take back what it counted for."""
    standing.hold_session(get_row(Attendance, attendance_id).session_id)
    attendance = lock_row(Attendance, attendance_id)
    if attendance.annulled_at is not None:
        raise AlreadyAnnulled
    _silence(attendance.signup_id, attendance.session_id)
    standing.restand(attendance.session_id, [attendance.signup_id], by=by, reason=reason)
    audit.record("attendance.annul", "attendance", attendance.id, by=by, reason=reason)
    return attendance


def annul_exit(attendance_id: str, *, by: str, reason: str) -> Attendance:
    """Take back that someone left, whoever said so; they are inside again. Raises NotGone."""
    standing.hold_session(get_row(Attendance, attendance_id).session_id)
    attendance = lock_row(Attendance, attendance_id)
    if attendance.annulled_at is not None or attendance.out_at is None:
        raise NotGone
    _silence(attendance.signup_id, attendance.session_id, Direction.OUT)
    standing.restand(attendance.session_id, [attendance.signup_id], by=by, reason=reason)
    audit.record("attendance.reopen", "attendance", attendance.id, by=by, reason=reason)
    return attendance


def annul_headcount(headcount_id: str, *, by: str, reason: str) -> HeadCount:
    """Annul a head-count and take back what it counted for."""
    standing.hold_session(get_row(HeadCount, headcount_id).session_id)
    headcount = lock_row(HeadCount, headcount_id)
    if headcount.annulled_at is not None:
        raise AlreadyAnnulled
    headcount.annulled_at, headcount.annulled_by, headcount.annul_reason = clock.now(), by, reason
    session().flush()  # the recount below reads it
    recount.reconcile_session(headcount.session_id)
    audit.record("headcount.annul", "head_count", headcount.id, by=by, reason=reason)
    return headcount
