"""How records come to stand, and cease to: every use case writes them through these."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import update

from webapp.attendance.service.ledger import days_of
from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import ChangedMeanwhile
from webapp.events.models import EventSession
from webapp.recognition import queries
from webapp.recognition.domain import NOTE_LIMIT, RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.counting import Rule
from webapp.recognition.domain.refusals import OwnRecord
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.models import Objection, ServiceRecord
from webapp.recognition.service import notices, thanks

NEWS = timedelta(days=30)  # nobody is told of a session longer ago than this


@dataclass(frozen=True)
class Figures:
    """What a record of measured time says."""

    turnout: Turnout
    source: RecordSource
    status: RecordStatus
    in_at: datetime | None = None
    out_at: datetime | None = None
    minutes: int = 0


def period_of(held: EventSession) -> Period:
    """When the session was planned."""
    return Period(held.starts_at, held.ends_at)


def check_seen(record: ServiceRecord, seen: str) -> None:
    """Raise ChangedMeanwhile when the record is not what the page showed."""
    if seen != seen_as(record):
        raise ChangedMeanwhile


def lock_record(record_id: str, *, by: str) -> ServiceRecord:
    """The record as it now is, its session locked for this transaction.

    Raises OwnRecord when it is that of the person who decides.
    """
    lock_row(EventSession, get_row(ServiceRecord, record_id).session_id)
    record = lock_row(ServiceRecord, record_id)
    if record.person_id == by:
        raise OwnRecord
    return record


def apply(record: ServiceRecord, figures: Figures, *, by: str | None) -> None:
    """Let a record say this; a person who decided it puts their name to it. One in notice gets its days."""
    record.turnout, record.source, record.status = figures.turnout, figures.source, figures.status
    record.in_at, record.out_at, record.minutes = figures.in_at, figures.out_at, figures.minutes
    record.served_on = day_served(session().get_one(EventSession, record.session_id), figures.in_at)
    if by is not None:
        record.confirmed_by, record.confirmed_at = by, clock.now()
    if figures.status == RecordStatus.NOTICED:
        put_in_notice(record)


def day_served(held: EventSession, in_at: datetime | None) -> date:
    """The day of the session on which someone came; of who did not, or of whom nobody knows when, its first."""
    days = days_of(held.starts_at, held.ends_at)
    return days.nearest(clock.local_date(in_at)) if in_at else days.first


def put_in_notice(record: ServiceRecord) -> None:
    """From today until the last of the rule's working days after it."""
    today = clock.today()
    record.notice_from = today
    record.notice_until = queries.work_calendar().after(today, rule_for(record).notice_days)


def rule_for(record: ServiceRecord) -> Rule:
    """The version of the rule the record was made under."""
    return queries.rule_of(record.rule_version)


def void(record: ServiceRecord, *, by: str | None, reason: str) -> None:
    """Take a record back; the row and the reason stay."""
    record.status, record.void_reason = RecordStatus.VOID, reason[:NOTE_LIMIT]
    record.voided_at, record.voided_by = clock.now(), by
    session().flush()  # the one that takes its place may only stand when this one does not
    audit.record("service_record.void", "service_record", record.id, by=by, reason=reason)


def replace(record: ServiceRecord, figures: Figures, *, by: str | None, reason: str) -> ServiceRecord:
    """Another row for the same service, under the same version of the rule; the old one stays as void.

    One that only waited for a word has shown no figure yet: it is filled in instead.
    """
    if record.status == RecordStatus.TO_CONFIRM:
        apply(record, figures, by=by)
        return record
    void(record, by=by, reason=reason)
    made = ServiceRecord(
        person_id=record.person_id,
        organisation_id=record.organisation_id,
        session_id=record.session_id,
        signup_id=record.signup_id,
        team_id=record.team_id,
        rule_version=record.rule_version,
        served_on=record.served_on,
        created_by=by,
        replaces_id=record.id,
        reason=reason[:NOTE_LIMIT],
    )
    session().add(made)
    apply(made, figures, by=by)
    session().flush()
    return made


def tell(records: list[ServiceRecord], ends_at: datetime) -> None:
    """Thank those whose time is in notice, say to the others what was noted; not of what is long ago."""
    session().flush()
    if ends_at < clock.now() - NEWS:
        return
    noticed = [one for one in records if one.status == RecordStatus.NOTICED]
    thanks.say_thanks([one.id for one in noticed if one.minutes or one.added_minutes])
    notices.not_there([one.id for one in noticed if one.turnout == Turnout.NO_SHOW])


def answer_objections(record_id: str, *, by: str, answer: str) -> list[str]:
    """Answer what is still open against a record; ids of the objections answered."""
    answered = session().scalars(
        update(Objection)
        .where(Objection.record_id == record_id, Objection.answered_at.is_(None))
        .values(answer=answer[:NOTE_LIMIT], answered_by=by, answered_at=clock.now())
        .returning(Objection.id)
        .execution_options(synchronize_session=False)
    )
    ids = list(answered)
    notices.answered(ids)
    return ids
