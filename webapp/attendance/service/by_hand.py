"""Scans no phone made: what was ticked or swept is kept like every other attempt, with its answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, insert, or_, select, update

from webapp.attendance.domain import NO_GUARDIAN, Direction, Method, Outcome, sentence_for
from webapp.attendance.domain.doors import NotHeld
from webapp.attendance.domain.phones import ScanKind
from webapp.attendance.models import Attendance, Scan
from webapp.core import clock
from webapp.core.db import lock_row, new_id, session
from webapp.events.domain import COUNTING_STATUSES
from webapp.events.models import EventSession, Position
from webapp.people.domain import mask_name
from webapp.people.models import Guardianship, Person
from webapp.signups.models import Signup
from webapp.volunteers.domain import AgeBand

# A minor without a guardian's standing consent is judged again at the door (PIPL art. 31).
_MINOR_CLEARED = or_(
    Signup.age_band.is_(None),
    Signup.age_band == AgeBand.ADULT.value,
    exists().where(Guardianship.person_id == Signup.person_id, Guardianship.withdrawn_at.is_(None)),
)


def hold_doors(session_id: str) -> EventSession:
    """The session, taken for this transaction, so that no phone writes meanwhile; raises NotFound and NotHeld."""
    held = lock_row(EventSession, session_id)
    if held.event.status not in COUNTING_STATUSES or held.cancelled_at is not None:
        raise NotHeld
    return held


def people_of(session_id: str) -> Select[*tuple[Any, ...]]:
    """Sign-ups of a session with who it is and whether they are in; locked against being cancelled meanwhile."""
    return (
        select(
            Signup.id,
            Signup.status,
            Person.name,
            Position.name.label("position"),
            Attendance.id.label("attendance_id"),
            Attendance.in_at,
            Attendance.out_at,
            _MINOR_CLEARED.label("minor_cleared"),
        )
        .join(Position, Position.id == Signup.position_id)
        .join(Person, Person.id == Signup.person_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(Signup.session_id == session_id)
        .order_by(Signup.id)
        .with_for_update(read=True, of=Signup)
    )


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
            "answer": _answer(found, scan_id, direction=direction, at=at, outcome=outcome),
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
                Scan.signup_id == Attendance.signup_id,
                Scan.session_id == self.session_id,
                Scan.received_at == self.now,
                Scan.device == self.device,
                Scan.direction == Direction.OUT,
                Scan.valid,
            )
            .values(out_at=Scan.at, out_scan_id=Scan.id)
            .execution_options(synchronize_session=False)
        )


def _answer(
    found: Row[*tuple[Any, ...]], scan_id: str, *, direction: Direction, at: datetime, outcome: Outcome
) -> dict[str, Any]:
    body = {
        "id": scan_id,
        "outcome": outcome,
        "direction": direction,
        "at": clock.local(at).isoformat(timespec="seconds"),
        "signup": found.id,
        "person": {"display_name": mask_name(found.name)},
        "position": found.position,
    }
    if outcome == Outcome.ACCEPTED:
        return body
    lacks = lacks_of(found, outcome)
    if lacks:
        body["lacks"] = lacks
    return body | {"code": outcome, "detail": sentence_for(outcome, lacks)}


def lacks_of(found: Row[*tuple[Any, ...]], outcome: Outcome) -> str | None:
    """What is missing where a confirmed sign-up is told to wait."""
    return NO_GUARDIAN if outcome == Outcome.PENDING and not found.minor_cleared else None


def known(device: str, nonces: Collection[str]) -> set[str]:
    """Those of the nonces this device has sent before."""
    rows = session().scalars(select(Scan.nonce).where(Scan.device == device, Scan.nonce.in_(nonces)))
    return set(rows)
