"""Certificates: whom one can ask, what stands on one, lists of both sides, and the public answer to a number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.core.listing import Query, loaded
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import may, organisations_with
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.recognition.domain import CertificateStatus, RecordStatus
from webapp.recognition.domain.certificates import Application, Line, read_number
from webapp.recognition.models import Certificate, ServiceRecord
from webapp.recognition.queries.hours import final_records
from webapp.signups.models import Signup

PAGE = 100
_PUBLIC = (CertificateStatus.ISSUED, CertificateStatus.REVOKED)
_OPEN = (CertificateStatus.APPLIED, CertificateStatus.ACCEPTED)


@dataclass(frozen=True)
class Served:
    """An organisation with final records of a person: it is the one to certify them."""

    organisation_id: str
    name: str
    times: int
    minutes: int
    added_minutes: int
    first_on: date
    last_on: date


def served(person_id: str) -> list[Served]:
    """Organisations a person can ask for a certificate, with what they have there. One statement."""
    rows = session().execute(
        select(
            Organisation.id,
            Organisation.name,
            func.count(ServiceRecord.id),
            func.sum(ServiceRecord.minutes),
            func.sum(ServiceRecord.added_minutes),
            func.min(ServiceRecord.served_on),
            func.max(ServiceRecord.served_on),
        )
        .join(Organisation, Organisation.id == ServiceRecord.organisation_id)
        .where(
            ServiceRecord.person_id == person_id,
            ServiceRecord.status == RecordStatus.FINAL,
            ServiceRecord.minutes + ServiceRecord.added_minutes > 0,
        )
        .group_by(Organisation.id, Organisation.name)
        .order_by(Organisation.name)
    )
    return [
        Served(key, name, int(times), int(minutes), int(added), first, last)
        for key, name, times, minutes, added, first, last in rows
    ]


def lines_of(person_id: str, organisation_id: str, *, from_on: date, until_on: date) -> list[Line]:
    """What a certificate lists: each final record in words, by day. Two statements, however many there are."""
    records = final_records(person_id, organisation_id=organisation_id, from_on=from_on, until_on=until_on)
    roles = _roles([one.signup_id for one in records if one.signup_id])
    return [
        {
            "on": one.served_on.isoformat(),
            "title": one.session.event.title + (f" · {one.session.title}" if one.session.title else ""),
            "role": roles.get(one.signup_id or "", ""),
            "venue": one.session.venue.name,
            "minutes": one.minutes,
            "added_minutes": one.added_minutes,
        }
        for one in records
    ]


def _roles(signup_ids: Sequence[str]) -> dict[str, str]:
    """Name of the position each sign-up was for."""
    if not signup_ids:
        return {}
    wanted = (
        select(Signup.id, Position.name)
        .join(Position, Position.id == Signup.position_id)
        .where(Signup.id.in_(signup_ids))
    )
    return {row[0]: row[1] for row in session().execute(wanted)}


def find_open(person_id: str, asked: Application) -> Certificate | None:
    """An application for the same organisation and days that is not settled yet."""
    return session().scalar(
        select(Certificate).where(
            Certificate.person_id == person_id,
            Certificate.organisation_id == asked.organisation_id,
            Certificate.from_on == asked.from_on,
            Certificate.until_on == asked.until_on,
            Certificate.status.in_(_OPEN),
        )
    )


def certificates_of(person_id: str) -> list[Certificate]:
    """A person's own, the latest first."""
    wanted = select(Certificate).where(Certificate.person_id == person_id)
    return list(
        session().scalars(wanted.order_by(Certificate.applied_at.desc(), Certificate.id.desc()).limit(PAGE))
    )


def certificates_for(person_id: str, *, within: str | None = None) -> Query:
    """Those the person's organisations issue, with their holders; what waits longest first, then the latest."""
    ids = [one.id for one in organisations_with(person_id, Permission.MANAGE_EVENTS, within=within)]
    wanted: Any = (
        select(Certificate.id)
        .join(Person, Person.id == Certificate.person_id)
        .join(Organisation, Organisation.id == Certificate.organisation_id)
        .where(Certificate.organisation_id.in_(ids))
    )
    is_open = Certificate.status.in_(_OPEN)
    usual = (
        case((is_open, 0), else_=1),
        case((is_open, Certificate.applied_at)),
        Certificate.applied_at.desc(),
        Certificate.id,
    )
    return Query(wanted, Certificate.id, usual, loaded(Certificate, joinedload(Certificate.person)))


def holders_of(certificate_ids: Sequence[str], *, for_staff: str) -> dict[str, str]:
    """Names of the holders of these certificates, of those this person's organisations issue."""
    ids = [one.id for one in organisations_with(for_staff, Permission.MANAGE_EVENTS)]
    rows = session().execute(
        select(Certificate.id, Person.name)
        .join(Person, Person.id == Certificate.person_id)
        .where(Certificate.id.in_(certificate_ids), Certificate.organisation_id.in_(ids))
    )
    return {row.id: row.name for row in rows}


def certificates_open(organisations: Collection[str] | None) -> tuple[int, datetime | None]:
    """How many wait for these organisations (None: for all that still exist), and since when."""
    there = select(Organisation.id).where(Organisation.closed_at.is_(None))
    counted = select(func.count(), func.min(Certificate.applied_at)).where(
        Certificate.organisation_id.in_(there if organisations is None else organisations),
        Certificate.status.in_(_OPEN),
    )
    number, since = session().execute(counted).one()
    return number, since


def get_certificate_for(person_id: str, certificate_id: str) -> Certificate:
    """The certificate with its holder, for staff of the organisation that issues it; raises NotFound."""
    found = _get(certificate_id)
    if not may(person_id, Permission.MANAGE_EVENTS, found.organisation_id):
        raise NotFound
    return found


def get_paper_for(person_id: str, certificate_id: str) -> Certificate:
    """An issued or revoked one, for its holder and for those who issue it; raises NotFound."""
    found = _get(certificate_id)
    is_own = found.person_id == person_id
    if found.status not in _PUBLIC or not (
        is_own or may(person_id, Permission.MANAGE_EVENTS, found.organisation_id)
    ):
        raise NotFound
    return found


def _get(certificate_id: str) -> Certificate:
    found = session().scalar(
        select(Certificate)
        .where(Certificate.id == certificate_id)
        .options(joinedload(Certificate.person))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Verified:
    """All the public learns of a certificate: no name, no contact, no list of services."""

    number: str
    issuer: str
    from_on: date
    until_on: date
    minutes: int
    added_minutes: int
    issued_on: date
    holder: str  # masked
    is_revoked: bool


def verify(text: str) -> Verified | None:
    """What a number stands for, as typed or scanned; None when there is no such certificate."""
    number = read_number(text)
    found = session().scalar(select(Certificate).where(Certificate.number == number)) if number else None
    if found is None or found.number is None or found.issued_at is None or found.status not in _PUBLIC:
        return None
    return Verified(
        number=found.number,
        issuer=found.issuer,
        from_on=found.from_on,
        until_on=found.until_on,
        minutes=found.minutes,
        added_minutes=found.added_minutes,
        issued_on=clock.local_date(found.issued_at),
        holder=mask_name(found.holder),
        is_revoked=found.status == CertificateStatus.REVOKED,
    )
