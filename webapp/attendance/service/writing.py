"""The rows of a check-in: the scan, the attendance and what it counts for."""

from typing import Any

from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import ledger
from webapp.attendance.service.ledger import Fact
from webapp.core.db import on_conflict_do_nothing, session

Values = dict[str, Any]


def keep_scan(row: Values) -> bool:
    """Write an attempt; False when this device has sent this nonce before, now or a moment ago."""
    return _added(Scan, row)


def keep_arrival(scan: Values, came: Values, fact: Fact) -> tuple[bool, bool]:
    """Write an accepted attempt, the attendance it makes, and what that counts for.

    Gives whether the attempt is new, as `keep_scan`, and whether the attendance is: else nothing is counted, for
    someone else was faster. The caller holds at least a shared lock on the session and its event, so that nothing is
    being reversed meanwhile.
    """
    if not keep_scan(scan):
        return False, False
    if not _added(Attendance, came):
        return True, False
    ledger.count_new_fact(came["session_id"], fact)
    return True, True


def _added(model: Any, row: Values) -> bool:
    statement = on_conflict_do_nothing(model).returning(model.id)
    return session().connection().execute(statement, row).scalar_one_or_none() is not None
