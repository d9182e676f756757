"""Check in and out, live: the hot path. Few statements, built once, one transaction given by the caller."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from webapp.attendance.domain import (
    SCANNERS,
    VALID,
    Answer,
    Direction,
    Outcome,
    ScanRequest,
    decide,
    grade_of,
    status_of,
    trusted_time,
)
from webapp.attendance.domain.phones import Flag, ScanKind
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import ledger
from webapp.attendance.service.facts import (
    FACTS,
    Reading,
    answer_body,
    clean,
    earlier,
    judged,
    name_to_tell,
    read_code,
)
from webapp.attendance.service.writing import keep_arrival, keep_scan
from webapp.core import clock
from webapp.core.db import new_id, session
from webapp.events import queries as events
from webapp.organisations.domain import Held
from webapp.people.models import Person
from webapp.signups import queries as signups
from webapp.signups.models import Signup

_STORED = (
    select(Scan.answer, Scan.flag, Person.name)
    .outerjoin(Signup, (Signup.id == Scan.signup_id) & (Signup.session_id == Scan.session_id))
    .outerjoin(Person, Person.id == Signup.person_id)
    .where(Scan.device == bindparam("device"), Scan.nonce == bindparam("nonce"))
)
_LEAVE = (
    update(Attendance)
    .where(
        Attendance.id == bindparam("attendance_id"),
        Attendance.out_at.is_(None),
        Attendance.annulled_at.is_(None),
    )
    .values(out_at=bindparam("left_at"), out_scan_id=bindparam("scan_id"))
    .returning(Attendance.id)
)


def check_in(request: ScanRequest, *, held: Held | None = None) -> Answer:
    """Answer one scan and keep it. The caller has checked that `request.by` may scan for this session, or gives their
    memberships: then NotAllowed or NotFound is raised unless they may (`events.queries.check_session_access`).

    Promise 3: at most one accepted check-in per sign-up and session; a repeated (device, nonce) gets the stored
    first answer. Two processes with the same pass meet at the unique index of attendance, two with the same
    nonce at the one of scan; whoever comes second is told what the first one was.
    """
    now = clock.now()
    at = trusted_time(request.scanned_at, now)
    reading = _read(request)
    found = _facts(reading.signup_id)
    if held is not None:
        _check_access(request, found, held)
    outcome = Outcome.UNKNOWN
    if found is not None:
        facts = judged(
            found, reading.serial, session_id=request.session_id, in_at=found.in_at, out_at=found.out_at
        )
        outcome = decide(facts, request.direction, at)
    scan_id = new_id()
    body = _body(request, found, outcome=outcome, at=at, scan_id=scan_id, lacks=reading.lacks)
    row = scan_row(request, reading, body=body, at=at, now=now)
    row["flag"] = Flag.REFUSED if request.offline and outcome not in VALID else None
    is_new, stands = _write(row, found)
    if not is_new:
        return stored_answer(request) or Answer(409, body, name=name_to_tell(found, request.session_id))
    if outcome == Outcome.ACCEPTED and found is not None and not stands:
        outcome = Outcome.ALREADY_IN if request.direction == Direction.IN else Outcome.ALREADY_OUT
        body = _body(request, _facts(found.id), outcome=outcome, at=at, scan_id=scan_id)
        session().execute(update(Scan).where(Scan.id == scan_id).values(outcome=outcome, answer=body))
    return Answer(
        status_of(outcome), body, row["flag"] is not None, name=name_to_tell(found, request.session_id)
    )


def _check_access(request: ScanRequest, found: Row[*tuple[Any, ...]] | None, held: Held) -> None:
    """A pass of this session has brought along what there is to know of it; that saves a look before each scan."""
    if found is not None and found.session_id == request.session_id:
        events.check_access_at(found.organisation_id, found.event_status, held, *SCANNERS)
    else:
        events.check_session_access(request.by, request.session_id, *SCANNERS)


def stored_answer(request: ScanRequest) -> Answer | None:
    """The first answer to this device and nonce, marked as replayed."""
    given = {"device": request.device, "nonce": request.nonce}
    found = session().connection().execute(_STORED, given).one_or_none()
    if found is None:
        return None
    return Answer(200, found.answer | {"replayed": True}, found.flag is not None, name=found.name or "")


def _read(request: ScanRequest) -> Reading:
    if request.signup_id:
        return Reading(request.signup_id)
    text = clean(request.code)
    return read_code(text) or Reading(signups.find_by_short_code(request.session_id, text), code=text)


def _facts(signup_id: str | None) -> Row[*tuple[Any, ...]] | None:
    if signup_id is None:
        return None
    return session().connection().execute(FACTS, {"signup_id": signup_id}).one_or_none()


def _body(
    request: ScanRequest,
    found: Row[*tuple[Any, ...]] | None,
    *,
    outcome: Outcome,
    at: datetime,
    scan_id: str,
    lacks: str | None = None,
) -> dict[str, Any]:
    before = earlier(outcome, found.in_at, found.out_at) if found else None
    return answer_body(request, found, outcome=outcome, at=before or at, scan_id=scan_id, lacks=lacks)


def scan_row(
    request: ScanRequest, reading: Reading, *, body: dict[str, Any], at: datetime, now: datetime
) -> dict[str, Any]:
    """The row that keeps an attempt with its answer."""
    outcome = Outcome(body["outcome"])
    return {
        "id": body["id"],
        "session_id": request.session_id,
        "signup_id": body.get("signup"),
        "device": request.device,
        "nonce": request.nonce,
        "kind": ScanKind.ROSTER if request.signup_id else ScanKind.PASS,
        "direction": request.direction,
        "method": request.method,
        "code": reading.code,
        "outcome": outcome,
        "answer": body,
        "valid": outcome in VALID,
        "scanned_at": request.scanned_at or at,
        "at": at,
        "received_at": now,
        "by_person_id": request.by,
        "offline": request.offline,
        "rehearsal": False,
        "flag": None,
        **request.more,
    }


def _write(scan: dict[str, Any], found: Row[*tuple[Any, ...]] | None) -> tuple[bool, bool]:
    """Keep the attempt and, where it is accepted, what follows; gives whether each of the two is new."""
    if scan["outcome"] != Outcome.ACCEPTED or found is None:
        return keep_scan(scan), False
    if scan["direction"] == Direction.OUT:
        if not keep_scan(scan):
            return False, False
        left = {
            "attendance_id": found.attendance_id,
            "left_at": max(scan["at"], found.in_at),
            "scan_id": scan["id"],
        }
        return True, session().connection().execute(_LEAVE, left).scalar_one_or_none() is not None
    return keep_arrival(scan, *arrival(scan, found))


def arrival(scan: dict[str, Any], found: Row[*tuple[Any, ...]]) -> tuple[dict[str, Any], ledger.Fact]:
    """The row of the attendance that an accepted scan makes, and the fact that it counts as."""
    came = {
        "id": new_id(),
        "signup_id": found.stands_as,
        "person_id": found.person_id,
        "session_id": found.session_id,
        "grade": grade_of(scan["method"]),
        "in_at": scan["at"],
        "in_scan_id": scan["id"],
        "entered_late": False,
        "created_at": scan["received_at"],
    }
    audience = ledger.audience_of(found.audiences)
    fact = ledger.attendance_fact(
        came["id"], found.kind, grade=came["grade"], audience=audience, in_at=came["in_at"]
    )
    return came, fact
