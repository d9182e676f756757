"""Time added by hand: proposed with a reason by one person, approved by another, never mixed with what was measured."""

from sqlalchemy import ColumnElement, func, select

from webapp.core import audit, clock
from webapp.core.db import lock_row, session
from webapp.core.errors import N_, NotFound
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.recognition import queries
from webapp.recognition.domain import NOTE_LIMIT, RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.refusals import (
    AddedTooLong,
    AlreadyDecided,
    OwnRecord,
    ReasonMissing,
    SecondPersonNeeded,
)
from webapp.recognition.models import ServiceRecord
from webapp.recognition.service import notices, writing
from webapp.signups.models import Signup

ADDED_INSTEAD = N_("已补录时长，不再算没有来")  # kept as the reason of the record of an absence


def propose_added(signup_id: str, minutes: int, *, reason: str, by: str) -> str:
    """Propose time for someone who had signed up to serve; id of the record, which waits for a second person.

    All that is added for one sign-up is no longer than the session. The same proposal again, while the first one
    waits, is that one. Raises NotFound, OwnRecord, ReasonMissing, AddedTooLong.
    """
    signup = session().get(Signup, signup_id)
    if signup is None or session().get_one(Position, signup.position_id).kind != PositionKind.VOLUNTEER:
        raise NotFound
    held = lock_row(EventSession, signup.session_id)
    if held.ends_at > clock.now():
        raise NotFound
    if signup.person_id == by:
        raise OwnRecord
    if not reason.strip():
        raise ReasonMissing
    again = _same_proposal(signup_id, minutes, by)
    if again is not None:
        return again
    used, limit = _added_already(signup_id), int((held.ends_at - held.starts_at).total_seconds()) // 60
    if not 0 < minutes <= limit - used:
        raise AddedTooLong(limit=limit, used=used)
    made = ServiceRecord(
        person_id=signup.person_id,
        organisation_id=held.event.organisation_id,
        session_id=held.id,
        signup_id=signup_id,
        team_id=signup.team_id,
        turnout=Turnout.UNKNOWN,
        source=RecordSource.ADDED,
        status=RecordStatus.PROPOSED,
        rule_version=queries.current_rule().version,
        served_on=clock.local_date(held.starts_at),
        added_minutes=minutes,
        reason=reason.strip()[:NOTE_LIMIT],
        created_by=by,
    )
    session().add(made)
    session().flush()
    audit.record("service_record.propose", "service_record", made.id, by=by, minutes=minutes, reason=reason)
    return made.id


def _added(signup_id: str) -> list[ColumnElement[bool]]:
    return [
        ServiceRecord.signup_id == signup_id,
        ServiceRecord.source == RecordSource.ADDED,
        ServiceRecord.status != RecordStatus.VOID,
    ]


def _same_proposal(signup_id: str, minutes: int, by: str) -> str | None:
    return session().scalar(
        select(ServiceRecord.id).where(
            *_added(signup_id),
            ServiceRecord.status == RecordStatus.PROPOSED,
            ServiceRecord.added_minutes == minutes,
            ServiceRecord.created_by == by,
        )
    )


def _added_already(signup_id: str) -> int:
    return int(
        session().scalar(
            select(func.coalesce(func.sum(ServiceRecord.added_minutes), 0)).where(*_added(signup_id))
        )
        or 0
    )


def approve_added(record_id: str, *, by: str) -> None:
    """The second person's word: the added time goes into its notice, and that they did not come is void.

    Once more changes nothing. Raises SecondPersonNeeded, OwnRecord, AlreadyDecided.
    """
    record = _proposed(record_id, by, done=queries.HELD)
    if record is None:
        return
    record.status = RecordStatus.NOTICED
    record.confirmed_by, record.confirmed_at = by, clock.now()
    writing.put_in_notice(record)
    audit.record("service_record.approve", "service_record", record.id, by=by)
    _settle_absence(record, by=by)
    writing.tell([record], session().get_one(EventSession, record.session_id).ends_at)


def _settle_absence(added: ServiceRecord, *, by: str) -> None:
    """Whoever has time for a session was there: the record that says the contrary is void, and not told any more."""
    absent = session().scalars(
        select(ServiceRecord).where(
            ServiceRecord.signup_id == added.signup_id,
            ServiceRecord.source == RecordSource.ABSENT,
            ServiceRecord.status != RecordStatus.VOID,
        )
    )
    for record in absent.all():
        writing.void(record, by=by, reason=ADDED_INSTEAD)
        writing.answer_objections(record.id, by=by, answer=ADDED_INSTEAD)
        notices.was_there_after_all(record.id)


def reject_added(record_id: str, *, reason: str, by: str) -> None:
    """The added time does not count; the proposal stays as void with the reason. Proposers may take theirs back."""
    if not reason.strip():
        raise ReasonMissing
    record = _proposed(record_id, by, done=(RecordStatus.VOID,), own_too=True)
    if record is not None:
        writing.void(record, by=by, reason=reason.strip())


def _proposed(
    record_id: str, by: str, *, done: tuple[RecordStatus, ...], own_too: bool = False
) -> ServiceRecord | None:
    """The proposal, locked; None when this person already said so."""
    record = writing.lock_record(record_id, by=by)
    if record.source != RecordSource.ADDED:
        raise NotFound
    if record.status in done and by in {record.confirmed_by, record.voided_by}:
        return None
    if record.status != RecordStatus.PROPOSED:
        raise AlreadyDecided
    if record.created_by == by and not own_too:
        raise SecondPersonNeeded
    return record
