"""Service records: one, those of a session, of a person, in notice, and what waits for someone's word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import joinedload

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import permissions_at
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.counting import NO_SHOW_DAYS
from webapp.recognition.models import Objection, ServiceRecord

PAGE = 100
# A record anyone objects to is not done with before someone answers.
OPEN_OBJECTION = exists().where(Objection.record_id == ServiceRecord.id, Objection.answered_at.is_(None))
HELD = (RecordStatus.NOTICED, RecordStatus.FINAL)


def get_record_for(person_id: str, record_id: str, *permissions: Permission) -> ServiceRecord:
    """The record with person and session, for staff of who recorded it; raises NotFound for everyone else."""
    found = session().scalar(
        select(ServiceRecord)
        .where(ServiceRecord.id == record_id)
        .options(joinedload(ServiceRecord.person), joinedload(ServiceRecord.session))
    )
    if found is None or not permissions_at(person_id, found.organisation_id) & {
        Permission.GOVERN,
        *permissions,
    }:
        raise NotFound
    return found


def get_measured_for(person_id: str, signup_id: str, *permissions: Permission) -> ServiceRecord:
    """The standing record of a sign-up, the measured one first, under the same rule."""
    is_added = case((ServiceRecord.source == RecordSource.ADDED, 1), else_=0)
    found = session().scalar(
        select(ServiceRecord.id)
        .where(ServiceRecord.signup_id == signup_id, ServiceRecord.status != RecordStatus.VOID)
        .order_by(is_added, ServiceRecord.id)
        .limit(1)
    )
    return get_record_for(person_id, found or "", *permissions)


def get_own_record(person_id: str, record_id: str) -> ServiceRecord:
    """One's own record with its session; raises NotFound for that of another."""
    found = session().scalar(
        select(ServiceRecord)
        .where(ServiceRecord.id == record_id, ServiceRecord.person_id == person_id)
        .options(joinedload(ServiceRecord.session))
    )
    if found is None:
        raise NotFound
    return found


def records_of_session(session_id: str) -> list[ServiceRecord]:
    """Every record of a session with its person, void ones too, in the order written."""
    return list(
        session().scalars(
            select(ServiceRecord)
            .where(ServiceRecord.session_id == session_id)
            .options(joinedload(ServiceRecord.person))
            .order_by(ServiceRecord.created_at, ServiceRecord.id)
        )
    )


def records_of_person(person_id: str) -> list[ServiceRecord]:
    """Everything written about a person with session and event, the day served last first."""
    return list(
        session().scalars(
            select(ServiceRecord)
            .where(ServiceRecord.person_id == person_id)
            .options(joinedload(ServiceRecord.session))
            .order_by(ServiceRecord.served_on.desc(), ServiceRecord.id.desc())
        )
    )


def objections_of(record_ids: Collection[str]) -> dict[str, list[Objection]]:
    """What was said against these records, by record, in the order said."""
    found: dict[str, list[Objection]] = {}
    rows = session().scalars(
        select(Objection).where(Objection.record_id.in_(record_ids)).order_by(Objection.made_at, Objection.id)
    )
    for row in rows:
        found.setdefault(row.record_id, []).append(row)
    return found


@dataclass(frozen=True)
class NoticeLine:
    """One line of the public notice: no more of the person than a masked name."""

    id: str
    display_name: str
    title: str
    organisation: str
    served_on: date
    minutes: int
    added_minutes: int
    until: date


def list_notices(organisation_id: str | None = None, *, after: str = "") -> tuple[list[NoticeLine], str]:
    """What is in its public notice today, the newest record first, and the mark of the next page ("" at the end)."""
    wanted = (
        select(ServiceRecord, Person.name, Event.title)
        .join(Person, Person.id == ServiceRecord.person_id)
        .join(EventSession, EventSession.id == ServiceRecord.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            ServiceRecord.status == RecordStatus.NOTICED,
            ServiceRecord.notice_until >= clock.today(),
            ServiceRecord.minutes + ServiceRecord.added_minutes > 0,
        )
        .order_by(ServiceRecord.id.desc())
        .limit(PAGE + 1)
    )
    if organisation_id:
        wanted = wanted.where(ServiceRecord.organisation_id == organisation_id)
    if after:
        wanted = wanted.where(ServiceRecord.id < after)
    rows = session().execute(wanted).all()
    names = _names_of({row.ServiceRecord.organisation_id for row in rows})
    lines = [
        NoticeLine(
            record.id,
            mask_name(name),
            title,
            names[record.organisation_id],
            record.served_on,
            record.minutes,
            record.added_minutes,
            record.notice_until or record.served_on,
        )
        for record, name, title in rows[:PAGE]
    ]
    return lines, lines[-1].id if len(rows) > PAGE else ""


def _names_of(organisation_ids: Collection[str]) -> dict[str, str]:
    rows = session().execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    )
    return {row.id: row.name for row in rows}


def _of(organisations: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if organisations is None else [ServiceRecord.organisation_id.in_(organisations)]


def objections_waiting(organisations: Collection[str] | None) -> tuple[int, datetime | None]:
    """How many objections nobody has answered yet, and since when."""
    wanted = (
        select(func.count(), func.min(Objection.made_at))
        .select_from(Objection)
        .join(ServiceRecord, ServiceRecord.id == Objection.record_id)
        .where(Objection.answered_at.is_(None), *_of(organisations))
    )
    number, since = session().execute(wanted).one()
    return number, since


def no_shows(person_ids: Sequence[str]) -> dict[str, int]:
    """How often each was missing without a word in the last 180 days; what is objected to does not count."""
    rows = session().execute(
        select(ServiceRecord.person_id, func.count())
        .where(
            ServiceRecord.person_id.in_(person_ids),
            ServiceRecord.turnout == Turnout.NO_SHOW,
            ServiceRecord.status.in_(HELD),
            ServiceRecord.served_on > clock.today() - timedelta(days=NO_SHOW_DAYS),
            ~OPEN_OBJECTION,
        )
        .group_by(ServiceRecord.person_id)
    )
    return {row[0]: int(row[1]) for row in rows}
