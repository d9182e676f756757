"""Service records, written as they would stand after a session; each in a transaction of its own."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.factories.events import an_event, session_draft, sessions_of
from tests.factories.signups import a_volunteer
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.events.domain import PositionDraft
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.models import ServiceRecord


def make_record(
    person_id: str | None = None,
    *,
    organisation: Organisation | None = None,
    served_on: date | None = None,
    minutes: int = 120,
    added_minutes: int = 0,
    **values: Any,
) -> ServiceRecord:
    """A final record of a new session that began at nine on `served_on` (yesterday, unless given).

    `added_minutes` makes it one added by hand: then `minutes` is 0 and two persons have put their names to it.
    Any other column may be given: `status`, `team_id`, `signup_id`, `turnout`, `notice_until` …
    """
    person_id = person_id or a_volunteer()
    served_on = served_on or clock.today() - timedelta(days=1)
    values.setdefault("session_id", a_past_session(served_on, organisation).id)
    held = get_row(EventSession, values["session_id"])
    values.setdefault("status", RecordStatus.FINAL)
    if added_minutes:
        minutes = 0
        values.setdefault("reason", "在家准备展板")
        values.setdefault("created_by", a_volunteer("周一"))
        values.setdefault("confirmed_by", a_volunteer("周二"))
    else:
        values.setdefault("in_at", held.starts_at)
        values.setdefault("out_at", held.starts_at + timedelta(minutes=minutes))
    values.setdefault("source", RecordSource.ADDED if added_minutes else RecordSource.SCAN)
    values.setdefault("turnout", Turnout.AS_PLANNED)
    if values["status"] in {RecordStatus.NOTICED, RecordStatus.FINAL}:
        values.setdefault("notice_from", served_on)
        values.setdefault("notice_until", served_on + timedelta(days=3))
    if values["status"] == RecordStatus.FINAL:
        values.setdefault("final_at", clock.now())
    if values["status"] == RecordStatus.VOID:
        values.setdefault("void_reason", "记错了人")
    record = ServiceRecord(
        person_id=person_id,
        organisation_id=held.event.organisation_id,
        served_on=served_on,
        minutes=minutes,
        added_minutes=added_minutes,
        rule_version=1,
        **values,
    )
    with transaction() as current:
        current.add(record)
    return record


def a_past_session(served_on: date, organisation: Organisation | None = None) -> EventSession:
    """A session of two hours from nine o'clock of that day, published the week before."""
    starts_at = clock.start_of_day(served_on) + timedelta(hours=9)
    with clock.freeze(starts_at - timedelta(days=7)):
        draft = session_draft(starts_at, positions=[PositionDraft("讲解员", "volunteer", 5)])
        event = an_event(organisation, sessions=[draft])
    return sessions_of(event)[0]


def records_of(person_id: str) -> list[ServiceRecord]:
    """Everything written about a person, in the order written, as it now is."""
    session().rollback()
    wanted = select(ServiceRecord).where(ServiceRecord.person_id == person_id)
    return list(session().scalars(wanted.order_by(ServiceRecord.created_at, ServiceRecord.id)))
