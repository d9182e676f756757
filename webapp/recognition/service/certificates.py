"""志愿服务证明: applied for, accepted or not, issued, revoked. Who organised certifies, nobody else."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock, tokens
from webapp.core.db import broken_constraint, get_row, lock_row, savepoint, session
from webapp.core.errors import Conflict
from webapp.people.models import Person
from webapp.recognition.domain import CertificateStatus
from webapp.recognition.domain import certificates as rules
from webapp.recognition.domain.certificates import Application, Issuing, Step, Sums
from webapp.recognition.models import Certificate
from webapp.recognition.queries import certificates as queries
from webapp.recognition.service import certificate_notices as notices
from webapp.volunteers.models import Volunteer

_TRIES = 20  # so many may issue at the same moment


def apply(asked: Application, *, person_id: str) -> Certificate:
    """A volunteer asks an organisation they served; raises WrongPeriod, NotOver, NothingToCertify, AlreadyApplied."""
    rules.check_period(asked, clock.today())
    lock_row(Person, person_id)  # two taps at once must not make two applications
    if queries.find_open(person_id, asked):
        raise rules.AlreadyApplied
    if not queries.lines_of(person_id, asked.organisation_id, from_on=asked.from_on, until_on=asked.until_on):
        raise rules.NothingToCertify
    made = Certificate(
        person_id=person_id,
        organisation_id=asked.organisation_id,
        from_on=asked.from_on,
        until_on=asked.until_on,
        purpose=asked.purpose,
        status=CertificateStatus.APPLIED.value,
    )
    session().add(made)
    session().flush()
    audit.record("certificate.apply", "certificate", made.id, by=person_id)
    notices.applied(made)
    return made


def accept(certificate_id: str, *, by: str) -> Certificate:
    """受理: the organisation will look into it; raises WrongStep, OwnCertificate."""
    held = _begin(certificate_id, Step.ACCEPT, by)
    held.accepted_at, held.accepted_by = clock.now(), by
    notices.accepted(held)
    return held


def reject(certificate_id: str, *, reason: str, by: str) -> Certificate:
    """Not accepted, or not issued after all; the volunteer is told why."""
    return _end(certificate_id, Step.REJECT, reason=reason, by=by)


def revoke(certificate_id: str, *, reason: str, by: str) -> Certificate:
    """An issued one holds no longer, and says so to whoever checks its number (科普法 art. 57)."""
    return _end(certificate_id, Step.REVOKE, reason=reason, by=by)


def issue(certificate_id: str, details: Issuing, *, by: str) -> Certificate:
    """开具: what it says is counted from the final records now, and fixed with its number.

    Raises WrongStep, OwnCertificate, NothingToCertify.
    """
    held = _begin(certificate_id, Step.ISSUE, by)
    lines = queries.lines_of(
        held.person_id, held.organisation_id, from_on=held.from_on, until_on=held.until_on
    )
    if not lines:
        raise rules.NothingToCertify
    sums = Sums.of(lines)
    volunteer = session().get(Volunteer, held.person_id)
    held.holder = get_row(Person, held.person_id).name
    held.holder_number = (volunteer.number if volunteer else None) or ""
    held.issuer = held.organisation.full_name or held.organisation.name
    held.head, held.handler, held.contact = details.head, details.handler, details.contact
    held.remarks = details.remarks
    held.lines, held.minutes, held.added_minutes = lines, sums.minutes, sums.added_minutes
    held.issued_at, held.issued_by = clock.now(), by
    _number(held)
    notices.issued(held)
    return held


def _begin(certificate_id: str, step: Step, by: str) -> Certificate:
    """The certificate, locked and moved on by a step; what else changes is the caller's."""
    held = lock_row(Certificate, certificate_id)
    status = rules.after(held.status, step)
    if held.person_id == by:
        raise rules.OwnCertificate
    audit.record(f"certificate.{step}", "certificate", held.id, by=by, before=held.status)
    if status != CertificateStatus.ISSUED:  # the status of an issued one is set with its number
        held.status = status.value
    return held


def _end(certificate_id: str, step: Step, *, reason: str, by: str) -> Certificate:
    if not reason.strip():
        raise rules.ReasonMissing
    held = _begin(certificate_id, step, by)
    held.ended_at, held.ended_by, held.end_reason = clock.now(), by, reason.strip()
    notices.ended(held)
    return held


def _number(held: Certificate) -> None:
    """Give it the year's next number; when another one took that at the same moment, the one after.

    The letters at the end are made from the number with the installation's key: numbers cannot be guessed one
    after the other, and two that were counted alike are alike, so that the unique column parts them.
    """
    year = clock.today().year
    prefix = rules.year_prefix(year)
    last = select(Certificate.number).where(Certificate.number.like(f"{prefix}%"))
    for _ in range(_TRIES):
        counter = rules.next_counter(session().scalar(last.order_by(Certificate.number.desc()).limit(1)))
        base = rules.number_base(year, counter)
        check = tokens.mac("certificate", base, length=rules.CHECK_LETTERS).upper()
        try:
            with savepoint():
                held.number, held.status = f"{base}-{check}", CertificateStatus.ISSUED.value
            return
        except IntegrityError as error:
            if broken_constraint(error) != "uq_certificate_number":
                raise
    raise Conflict
