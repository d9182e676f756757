"""Check in and out: the hot path. Few statements, plain rows, one transaction given by the caller."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, or_, select, update

from webapp.attendance.domain import (
    CODE_LIMIT,
    NO_GUARDIAN,
    OUTCOME_SENTENCES,
    Answer,
    Direction,
    Facts,
    Method,
    Outcome,
    ScanRequest,
    decide,
    grade_of,
    sentence_for,
    status_of,
    trusted_time,
)
from webapp.attendance.domain.phones import Flag, ScanKind
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import ledger
from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import new_id, session
from webapp.events.domain import COUNTING_STATUSES
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import mask_name
from webapp.people.models import Guardianship, Person
from webapp.signups import queries as signups
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup
from webapp.volunteers.domain import AgeBand

# What speaks for someone's presence, whoever was first.
VALID = frozenset({Outcome.ACCEPTED, Outcome.ALREADY_IN, Outcome.ALREADY_OUT})

# A minor without a guardian's standing consent is judged again at the door (PIPL art. 31).
_MINOR_CLEARED = or_(
    Signup.age_band.is_(None),
    Signup.age_band == AgeBand.ADULT.value,
    exists().where(Guardianship.person_id == Signup.person_id, Guardianship.withdrawn_at.is_(None)),
)


def check_in(request: ScanRequest) -> Answer:
    """Answer one scan and keep it. The caller has checked that `request.by` may scan for this session.

    Promise 3: at most one accepted check-in per sign-up and session; a repeated (device, nonce) gets the stored
    first answer. Two processes with the same pass meet at the unique index of attendance, two with the same
    nonce at the one of scan; whoever comes second is told what the first one was.
    """
    stored = stored_answer(request)
    if stored is not None:
        return stored
    now = clock.now()
    at = trusted_time(request.scanned_at, now)
    signup_id, serial = _read(request)
    found = _facts(signup_id) if signup_id else None
    outcome = (
        Outcome.UNKNOWN if found is None else decide(_judged(found, serial, request), request.direction, at)
    )
    scan_id = new_id()
    body = answer_body(request, found, outcome=outcome, at=at, scan_id=scan_id)
    flagged = request.offline and outcome not in {Outcome.ACCEPTED, Outcome.ALREADY_IN, Outcome.ALREADY_OUT}
    row = _scan_row(request, scan_id, body, found=found, at=at, now=now) | {
        "flag": Flag.REFUSED if flagged else None,
        "offline": request.offline,
    }
    kept = (
        session()
        .execute(ledger.on_conflict_do_nothing(Scan).returning(Scan.id).values(row))
        .scalar_one_or_none()
    )
    if kept is None:  # the same nonce was answered a moment ago by another process
        return stored_answer(request) or Answer(409, body)
    if outcome == Outcome.ACCEPTED and found is not None and not _record(request, found, at, scan_id):
        outcome = Outcome.ALREADY_IN if request.direction == Direction.IN else Outcome.ALREADY_OUT
        body = answer_body(request, _facts(signup_id), outcome=outcome, at=at, scan_id=scan_id)
        session().execute(update(Scan).where(Scan.id == scan_id).values(outcome=outcome, answer=body))
    return Answer(status_of(outcome), body, flagged)


def stored_answer(request: ScanRequest) -> Answer | None:
    """The first answer to this device and nonce, marked as replayed."""
    found = (
        session()
        .execute(
            select(Scan.answer, Scan.flag).where(
                Scan.device == request.device, Scan.nonce == request.nonce
            )
        )
        .one_or_none()
    )
    if found is None:
        return None
    return Answer(200, found.answer | {"replayed": True}, found.flag is not None)


def _read(request: ScanRequest) -> tuple[str | None, int | None]:
    """Sign-up and pass serial a request names; the serial is None where no pass was shown."""
    if request.signup_id:
        return request.signup_id, None
    read = signups.read_pass(request.code)
    if read is not None:
        return read
    found = signups.find_by_short_code(request.session_id, request.code)
    return (found, None) if found else (None, None)


def _facts(signup_id: str | None) -> Row[*tuple[Any, ...]] | None:
    """Everything one decision needs, in one statement.

    The shared lock keeps an event, session or sign-up from being cancelled between reading and writing, while
    other check-ins go on. SQLite has only one writer, so nothing is needed there.
    """
    return (
        session()
        .execute(
            select(
                Signup.id,
                Signup.status,
                Signup.pass_serial,
                Signup.session_id,
                Position.name.label("position"),
                Position.kind,
                Person.name,
                Event.status.label("event_status"),
                Event.title,
                EventSession.cancelled_at,
                EventSession.starts_at,
                EventSession.ends_at,
                Attendance.id.label("attendance_id"),
                Attendance.in_at,
                Attendance.out_at,
                _MINOR_CLEARED.label("minor_cleared"),
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .join(Person, Person.id == Signup.person_id)
            .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
            .where(Signup.id == signup_id)
            .with_for_update(read=True, of=(Event, EventSession, Signup))
        )
        .one_or_none()
    )


def _judged(found: Row[*tuple[Any, ...]], serial: int | None, request: ScanRequest) -> Facts:
    return Facts(
        signup_status=found.status,
        revoked=serial is not None and serial != found.pass_serial,
        right_session=found.session_id == request.session_id,
        event_open=found.event_status in COUNTING_STATUSES and found.cancelled_at is None,
        period=Period(found.starts_at, found.ends_at),
        in_at=found.in_at,
        out_at=found.out_at,
        minor_cleared=bool(found.minor_cleared),
    )


def answer_body(
    request: ScanRequest, found: Row[*tuple[Any, ...]] | None, *, outcome: Outcome, at: datetime, scan_id: str
) -> dict[str, Any]:
    """What the scanner is told: no more of the person than a masked name."""
    body: dict[str, Any] = {"id": scan_id, "outcome": outcome, "direction": request.direction}
    if outcome == Outcome.UNKNOWN or found is None:
        return body | {"code": "unknown", "detail": OUTCOME_SENTENCES[Outcome.UNKNOWN]}
    earlier = {Outcome.ALREADY_IN: found.in_at, Outcome.ALREADY_OUT: found.out_at}.get(outcome)
    body |= {
        "at": clock.local(earlier or at).isoformat(timespec="seconds"),
        "signup": found.id,
        "person": {"display_name": mask_name(found.name)},
        "position": found.position,
    }
    if outcome == Outcome.WRONG_SESSION:
        body["right_session"] = {
            "title": found.title,
            "starts_at": clock.local(found.starts_at).isoformat(timespec="minutes"),
        }
    if outcome == Outcome.ACCEPTED:
        return body
    if outcome == Outcome.PENDING and found.status != SignupStatus.PENDING:
        body["lacks"] = NO_GUARDIAN
    return body | {"code": outcome, "detail": sentence_for(outcome, body.get("lacks"))}


def _kept_code(request: ScanRequest) -> str:
    """What is stored of the code: a pass's proof is cut off, so the table cannot be used to make passes."""
    text = request.code.strip().replace("\x00", "")
    read = signups.read_pass(text)
    return (f"pass:{read[0]}:{read[1]}" if read else text)[:CODE_LIMIT]


def _scan_row(
    request: ScanRequest,
    scan_id: str,
    body: dict[str, Any],
    *,
    found: Row[*tuple[Any, ...]] | None,
    at: datetime,
    now: datetime,
) -> dict[str, Any]:
    outcome = Outcome(body["outcome"])
    return {
        "id": scan_id,
        "session_id": request.session_id,
        "signup_id": found.id if found else None,
        "device": request.device,
        "nonce": request.nonce,
        "kind": ScanKind.ROSTER if request.signup_id else ScanKind.PASS,
        "direction": request.direction,
        "method": request.method,
        "code": _kept_code(request) if request.method != Method.ROSTER else "",
        "outcome": outcome,
        "answer": body,
        "valid": outcome in VALID,
        "scanned_at": request.scanned_at or at,
        "at": at,
        "received_at": now,
        "by_person_id": request.by,
    }


def _record(request: ScanRequest, found: Row[*tuple[Any, ...]], at: datetime, scan_id: str) -> bool:
    """Write the attendance and what it counts for; False when someone else was faster."""
    if request.direction == Direction.OUT:
        left = session().execute(
            update(Attendance)
            .where(Attendance.id == found.attendance_id, Attendance.out_at.is_(None))
            .where(Attendance.annulled_at.is_(None))
            .values(out_at=max(at, found.in_at), out_scan_id=scan_id)
            .returning(Attendance.id)
            .execution_options(synchronize_session=False)
        )
        return left.scalar_one_or_none() is not None
    grade = grade_of(request.method)
    came = session().execute(
        ledger.on_conflict_do_nothing(Attendance)
        .returning(Attendance.id)
        .values(
            id=new_id(),
            signup_id=found.id,
            session_id=found.session_id,
            grade=grade,
            in_at=at,
            in_scan_id=scan_id,
            created_at=clock.now(),
        )
    )
    attendance_id = came.scalar_one_or_none()
    if attendance_id is None:
        return False
    place = ledger.place_of(found.session_id)
    audience = place.audience if place else ""
    ledger.count_new_fact(
        place, ledger.attendance_fact(attendance_id, found.kind, grade=grade, audience=audience)
    )
    return True
