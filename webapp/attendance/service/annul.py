"""Undo: nothing is erased; the row stays as annulled and the ledger gets a reversal."""

from sqlalchemy import or_, select

from webapp.attendance.domain import AlreadyAnnulled, AnnulTooLate, Direction, Outcome, may_annul
from webapp.attendance.models import Attendance, HeadCount, Scan
from webapp.attendance.service import recount
from webapp.core import audit, clock
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import NotFound
from webapp.events.models import EventSession


def annul_scan(scan_id: str, *, by: str, device: str, is_staff: bool, reason: str) -> Scan:
    """Undo an accepted scan: an exit scan reopens the stay, an entry scan annuls the attendance.

    Raises AnnulTooLate unless it is the same device within 15 minutes, or staff with a reason.
    """
    scan = get_row(Scan, scan_id)
    if scan.outcome != Outcome.ACCEPTED:
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
    attendance_id = session().scalar(
        select(Attendance.id).where(or_(Attendance.in_scan_id == scan_id, Attendance.out_scan_id == scan_id))
    )
    if attendance_id is None:  # an exit that was undone before
        raise AlreadyAnnulled
    if scan.direction == Direction.OUT:
        _reopen(attendance_id, scan, by=by, reason=reason)
    else:
        annul_attendance(attendance_id, by=by, reason=reason)
    return scan


def _reopen(attendance_id: str, scan: Scan, *, by: str, reason: str) -> None:
    attendance = lock_row(Attendance, attendance_id)
    if attendance.out_scan_id != scan.id or attendance.annulled_at is not None:
        raise AlreadyAnnulled
    attendance.out_at = attendance.out_scan_id = None
    audit.record("attendance.reopen", "attendance", attendance.id, by=by, scan=scan.id, reason=reason)


def annul_attendance(attendance_id: str, *, by: str, reason: str) -> Attendance:
    """Annul an attendance and take back what it counted for."""
    lock_row(EventSession, get_row(Attendance, attendance_id).session_id)
    attendance = lock_row(Attendance, attendance_id)
    if attendance.annulled_at is not None:
        raise AlreadyAnnulled
    attendance.annulled_at, attendance.annulled_by, attendance.annul_reason = clock.now(), by, reason
    session().flush()  # the recount below reads it
    recount.reconcile_session(attendance.session_id)
    audit.record("attendance.annul", "attendance", attendance.id, by=by, reason=reason)
    return attendance


def annul_headcount(headcount_id: str, *, by: str, reason: str) -> HeadCount:
    """Annul a head-count and take back what it counted for."""
    lock_row(EventSession, get_row(HeadCount, headcount_id).session_id)
    headcount = lock_row(HeadCount, headcount_id)
    if headcount.annulled_at is not None:
        raise AlreadyAnnulled
    headcount.annulled_at, headcount.annulled_by, headcount.annul_reason = clock.now(), by, reason
    session().flush()  # the recount below reads it
    recount.reconcile_session(headcount.session_id)
    audit.record("headcount.annul", "head_count", headcount.id, by=by, reason=reason)
    return headcount
