"""What a leader says of someone's service: a missing sign-out, why they did not come, what was recorded wrongly."""

from dataclasses import dataclass
from datetime import datetime

from webapp.attendance.domain import Grade
from webapp.attendance.queries import attendance_of
from webapp.core import audit, clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.models import EventSession
from webapp.recognition import queries
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.counting import (
    ABSENT_TURNOUTS,
    PRESENT_TURNOUTS,
    latest_out,
    may_still_confirm,
    minutes_served,
    turnout_of,
)
from webapp.recognition.domain.refusals import (
    AlreadyDecided,
    BadTimes,
    NoCheckIn,
    ReasonMissing,
    SignOutMissing,
    TooLateToConfirm,
    WrongTurnout,
)
from webapp.recognition.models import ServiceRecord
from webapp.recognition.service import notices, writing
from webapp.recognition.service.writing import Figures

ANSWERED_BY_DOING = "已核对并更正"


@dataclass(frozen=True)
class Correction:
    """What was measured wrongly, and why it is corrected."""

    in_at: datetime
    out_at: datetime
    reason: str


def confirm_out(record_id: str, out_at: datetime, *, by: str, seen: str) -> str:
    """Say when someone left who did not sign out; id of the record.

    The time stands as "closed by the leader". Raises TooLateToConfirm after the rule's days, BadTimes outside
    the session, ChangedMeanwhile, OwnRecord. The same word a second time changes nothing.
    """
    record = writing.lock_record(record_id, by=by)
    if _was_said(record, by) and (record.out_at, record.source) == (out_at, RecordSource.CLOSED):
        return record.id
    writing.check_seen(record, seen)
    if record.status != RecordStatus.TO_CONFIRM or record.in_at is None:
        raise AlreadyDecided
    _check_days(record)
    writing.apply(record, _measured(record, record.in_at, out_at), by=by)
    writing.answer_objections(record.id, by=by, answer=ANSWERED_BY_DOING)
    audit.record("service_record.confirm", "service_record", record.id, by=by, out_at=out_at.isoformat())
    writing.tell([record], _held(record).ends_at)
    return record.id


def mark(record_id: str, turnout: Turnout, *, by: str, seen: str, reason: str = "") -> str:
    """Say how someone kept their promise; id of the record that stands then.

    Minutes stay what was measured. Of one already in notice or final the old row is voided, which needs a reason.
    """
    record = writing.lock_record(record_id, by=by)
    if _was_said(record, by) and record.turnout == turnout:
        return record.id
    writing.check_seen(record, seen)
    _check_standing(record)
    if turnout not in (ABSENT_TURNOUTS if record.in_at is None else PRESENT_TURNOUTS):
        raise WrongTurnout
    waits = record.status == RecordStatus.TO_CONFIRM
    if record.in_at is not None and (waits or record.out_at is None):
        raise SignOutMissing
    if not waits and not reason.strip():
        raise ReasonMissing
    figures = Figures(
        turnout,
        RecordSource(record.source),
        RecordStatus.NOTICED,
        record.in_at,
        record.out_at,
        record.minutes,
    )
    return _replace(record, figures, by=by, reason=reason).id


def correct(record_id: str, correction: Correction, *, by: str, seen: str) -> str:
    """Write other times for someone who checked in; id of the new record, the old one stays as void.

    A leader may let all of a longer stay count, as far as it was signed out. Raises NoCheckIn, BadTimes,
    ReasonMissing, TooLateToConfirm, ChangedMeanwhile, OwnRecord.
    """
    record = writing.lock_record(record_id, by=by)
    if (record.in_at, record.out_at) == (correction.in_at, correction.out_at) and _was_said(record, by):
        return record.id
    writing.check_seen(record, seen)
    _check_standing(record)
    if record.in_at is None:
        raise NoCheckIn
    if not correction.reason.strip():
        raise ReasonMissing
    if record.status == RecordStatus.TO_CONFIRM and not queries.objections_of([record.id]):
        _check_days(record)
    figures = _measured(record, correction.in_at, correction.out_at)
    return _replace(record, figures, by=by, reason=correction.reason).id


def _was_said(record: ServiceRecord, by: str) -> bool:
    return record.confirmed_by == by and record.status in queries.HELD


def _held(record: ServiceRecord) -> EventSession:
    return session().get_one(EventSession, record.session_id)


def _check_standing(record: ServiceRecord) -> None:
    if record.source == RecordSource.ADDED or record.signup_id is None:
        raise NotFound
    if record.status == RecordStatus.VOID:
        raise AlreadyDecided


def _check_days(record: ServiceRecord) -> None:
    rule = writing.rule_for(record)
    if not may_still_confirm(record.created_at, rule, clock.now()):
        raise TooLateToConfirm(days=rule.confirm_days)


def _measured(record: ServiceRecord, in_at: datetime, out_at: datetime) -> Figures:
    """Figures of these times: never later than the rule lets, unless they signed out later themselves."""
    rule, period = writing.rule_for(record), writing.period_of(_held(record))
    came = attendance_of([record.signup_id or ""]).get(record.signup_id or "")
    signed_out = came.out_at if came is not None else None
    latest = max(latest_out(period, rule), signed_out or period.end)
    if not (in_at < out_at <= latest and out_at <= clock.now()):
        raise BadTimes(latest=clock.local(latest).strftime("%H:%M"))
    as_scanned = came is not None and (came.in_at, came.out_at) == (in_at, out_at)
    by_door = RecordSource.ROSTER if came is not None and came.grade == Grade.ROSTER else RecordSource.SCAN
    return Figures(
        turnout_of(in_at, out_at, period=period, rule=rule),
        by_door if as_scanned else RecordSource.CLOSED,
        RecordStatus.NOTICED,
        in_at,
        out_at,
        minutes_served(in_at, out_at, period=period, rule=rule, whole_stay=True),
    )


def _replace(record: ServiceRecord, figures: Figures, *, by: str, reason: str) -> ServiceRecord:
    waited = record.status == RecordStatus.TO_CONFIRM
    made = writing.replace(record, figures, by=by, reason=reason)
    answer = f"{ANSWERED_BY_DOING}：{reason}" if reason.strip() else ANSWERED_BY_DOING
    writing.answer_objections(record.id, by=by, answer=answer)
    audit.record(
        "service_record.decide",
        "service_record",
        made.id,
        by=by,
        replaces=record.id,
        turnout=figures.turnout,
        minutes=figures.minutes,
        reason=reason,
    )
    if waited:
        writing.tell([made], _held(made).ends_at)
    else:
        notices.replaced(made, reason)
    return made
