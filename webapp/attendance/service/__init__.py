"""Use cases of attendance, one module each."""

from webapp.attendance.service.annul import annul_attendance, annul_exit, annul_headcount, annul_scan
from webapp.attendance.service.batch import accept_batch
from webapp.attendance.service.checkin import check_in
from webapp.attendance.service.folding import fold
from webapp.attendance.service.headcount import count_heads, count_page
from webapp.attendance.service.recount import reconcile_event, reconcile_session
from webapp.attendance.service.straight import check_in_straight, look

__all__ = [
    "accept_batch",
    "annul_attendance",
    "annul_exit",
    "annul_headcount",
    "annul_scan",
    "check_in",
    "check_in_straight",
    "count_heads",
    "count_page",
    "fold",
    "look",
    "reconcile_event",
    "reconcile_session",
]
