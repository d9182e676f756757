"""Scans no phone made: what was ticked or swept is kept like every other attempt, with its answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from webapp.attendance.domain import Direction, Method, Outcome, ScanRequest
from webapp.attendance.domain.doors import NotHeld
from webapp.attendance.domain.phones import ScanKind
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service.facts import FACTS_OF_MANY, answer_body, earlier
from webapp.attendance.service.standing import hold_session
from webapp.core.db import new_id, session
from webapp.events.models import EventSession
from webapp.signups.models import Signup


def hold_doors(session_id: str) -> EventSession:
    """The session, taken for this transaction, so that no phone writes meanwhile; raises NotFound and NotHeld."""
    held = hold_session(session_id)
    if not held.is_held:
        raise NotHeld
    return held


def people_of(session_id: str, signup_ids: Collection[str]) -> list[Row[*tuple[Any, ...]]]:
    """Those of the sign-ups that are of this session, with all a decision needs; none is cancelled meanwhile."""
    found = session().execute(FACTS_OF_MANY, {"signup_ids": sorted(signup_ids)})
    return [row for row in found if row.session_id == session_id]


@dataclass(frozen=True)
class Hand:
    """Who enters for which session, and how."""

    session_id: str
    by: str
    method: Method
    now: datetime

    @property
    def device(self) -> str:
        """What stands for the phone."""
        return f"{self.by}:{self.method}"

    def scan(
        self,
        found: Row[*tuple[Any, ...]],
        *,
        direction: Direction,
        at: datetime,
        outcome: Outcome,
        nonce: str,
    ) -> dict[str, Any]:
        """The row that keeps the attempt."""
        scan_id = new_id()
        request = ScanRequest(
            self.session_id, direction, nonce, self.device, self.by, self.method, signup_id=found.id
        )
        told = earlier(outcome, found.in_at, found.out_at) or at
        return {
            "id": scan_id,
            "session_id": self.session_id,
            "signup_id": found.id,
            "device": self.device,
            "nonce": nonce,
            "kind": ScanKind.ROSTER,
            "direction": direction,
            "method": self.method,
            "code": "",
            "outcome": outcome,
            "valid": outcome == Outcome.ACCEPTED,
            "answer": answer_body(request, found, outcome=outcome, at=told, scan_id=scan_id),
            "scanned_at": at,
            "at": at,
            "received_at": self.now,
            "by_person_id": self.by,
        }

    def keep(self, scans: Sequence[dict[str, Any]]) -> None:
        """Write these scans; whoever is in leaves with their exit, in one statement for all of them."""
        if not scans:
            return
        session().execute(insert(Scan), scans)
        session().execute(
            update(Attendance)
            .where(
                Attendance.session_id == self.session_id,
                Attendance.annulled_at.is_(None),
                Attendance.out_at.is_(None),
                Scan.signup_id == Signup.id,
                Signup.person_id == Attendance.person_id,
                Scan.session_id == self.session_id,
                Scan.received_at == self.now,
                Scan.device == self.device,
                Scan.direction == Direction.OUT,
                Scan.valid,
            )
            .values(out_at=Scan.at, out_scan_id=Scan.id)
            .execution_options(synchronize_session=False)
        )


def known(device: str, nonces: Collection[str]) -> set[str]:
    """Those of the nonces this device has sent before."""
    rows = session().scalars(select(Scan.nonce).where(Scan.device == device, Scan.nonce.in_(nonces)))
    return set(rows)
