"""People decide about scans that were made without network and that the rules would have refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.attendance.domain import Direction
from webapp.attendance.domain.phones import Settlement, check_settlement
from webapp.attendance.models import Scan
from webapp.attendance.service import recount, walkins
from webapp.attendance.service.standing import hold_session, restand
from webapp.core import audit, clock
from webapp.core.db import session
from webapp.signups.models import Signup


@dataclass(frozen=True)
class Settled:
    """How many were settled now, and how many someone else had settled before."""

    now: int
    before: int


def settle(
    session_id: str, scan_ids: Sequence[str], *, settlement: Settlement, note: str, by: str
) -> Settled:
    """Settle flagged scans of one session; attendance and ledger follow.

    Of two people who settle the same scan the first one's decision stands; all or none are settled otherwise.
    Raises NotFound, CannotCount, PlaceElsewhere.
    """
    hold_session(session_id)
    scans = session().scalars(
        select(Scan)
        .where(
            Scan.id.in_(scan_ids),
            Scan.session_id == session_id,
            Scan.flag.is_not(None),
            Scan.rehearsal.is_(False),
        )
        .order_by(Scan.at, Scan.id)
        .execution_options(populate_existing=True)
    )
    found = scans.all()
    todo = [scan for scan in found if scan.settled_at is None]
    here = _places_here(session_id, todo)
    for scan in todo:
        check_settlement(
            settlement,
            has_signup=scan.signup_id is not None,
            is_arrival=scan.direction == Direction.IN,
            is_here=scan.signup_id in here,
        )
        _decide(scan, settlement, note=note, by=by)
    session().flush()
    restand(session_id, here, by=by, reason=note)
    recount.reconcile_session(session_id)
    return Settled(len(todo), len(found) - len(todo))


def _places_here(session_id: str, scans: Sequence[Scan]) -> set[str]:
    """Sign-ups these scans name that are of this session; a pass of another one may have been let in."""
    named = {scan.signup_id for scan in scans if scan.signup_id is not None}
    wanted = select(Signup.id).where(Signup.id.in_(named), Signup.session_id == session_id)
    return set(session().scalars(wanted))


def _decide(scan: Scan, settlement: Settlement, *, note: str, by: str) -> None:
    scan.settled_at, scan.settled_by, scan.settlement, scan.settle_note = clock.now(), by, settlement, note
    scan.valid = settlement == Settlement.COUNTED
    if settlement == Settlement.HEADCOUNT:
        audience = walkins.audience_of(scan.session_id)
        walkins.count_arrivals(
            scan.session_id, audience=audience, count=1, by=by, scan_id=scan.id, at=scan.at
        )
    audit.record("scan.settle", "scan", scan.id, by=by, settlement=settlement, flag=scan.flag, note=note)
