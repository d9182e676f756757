"""A volunteer closes the account: what they applied for ends, what they served is kept with their name."""

from sqlalchemy import select

from webapp.core import audit, clock
from webapp.core.db import lock_row, session
from webapp.core.errors import N_
from webapp.core.leaving import End, Ending, Part
from webapp.recognition.domain import CertificateStatus
from webapp.recognition.models import Certificate, Star
from webapp.recognition.queries.leaving import OPEN_CERTIFICATES, has_served, papers_hanging

LEFT = N_("本人注销了账号")


def on_closing(ending: Ending) -> None:
    """Open applications end; records of service are kept ten years (GB/T 40143-2021, 5.2.2), and whose they are."""
    _end_certificates(ending)
    _withdraw_star(ending)
    ending.keep_name = ending.keep_name or has_served(ending.person_id)


def _end_certificates(ending: Ending) -> None:
    wanted = select(Certificate.id).where(
        Certificate.person_id == ending.person_id, Certificate.status.in_(OPEN_CERTIFICATES)
    )
    for one in session().scalars(wanted.order_by(Certificate.id)).all():
        held = lock_row(Certificate, one)
        if held.status not in OPEN_CERTIFICATES:
            continue  # it was issued at the same moment, and stands
        before, held.status = held.status, CertificateStatus.REJECTED.value
        held.ended_at, held.end_reason = clock.now(), LEFT
        audit.record("certificate.reject", "certificate", one, by=ending.by, before=before)


def _withdraw_star(ending: Ending) -> None:
    wanted = select(Star.id).where(Star.person_id == ending.person_id, Star.state == "applied")
    for one in session().scalars(wanted).all():
        star = lock_row(Star, one)
        if star.state == "applied":
            star.state, star.note, star.decided_at = "declined", LEFT, clock.now()
            audit.record("star.declined", "star", one, by=ending.by, note=LEFT)


PARTS = (
    Part(
        {End.ACCOUNT},
        papers_hanging,
        on_closing,
        keys={
            "certificate.person_id",
            "star.person_id",
            "objection.person_id",
            "service_record.person_id",
        },
    ),
)
