"""What hangs on a volunteer who closes the account: papers applied for, hours on their way."""

from collections.abc import Iterator

from sqlalchemy import func, select

from webapp.attendance.models import Attendance
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.leaving import Ending, Hanging, some_names
from webapp.events.domain import PositionKind
from webapp.events.models import Position
from webapp.organisations.models import Organisation
from webapp.recognition.domain import CertificateStatus, RecordSource, RecordStatus
from webapp.recognition.models import Certificate, Objection, ServiceRecord, Star
from webapp.signups.models import Signup

OPEN_CERTIFICATES = (CertificateStatus.APPLIED, CertificateStatus.ACCEPTED)
_ON_THEIR_WAY = (RecordStatus.TO_CONFIRM, RecordStatus.PROPOSED, RecordStatus.NOTICED)


def papers_hanging(ending: Ending) -> Iterator[Hanging]:
    """Applications that end with the account; hours that go on without them."""
    person_id, current = ending.person_id, session()
    units = current.scalars(
        select(Organisation.name)
        .join(Certificate, Certificate.organisation_id == Organisation.id)
        .where(Certificate.person_id == person_id, Certificate.status.in_(OPEN_CERTIFICATES))
        .order_by(Certificate.applied_at)
    ).all()
    if units:
        values = {"n": len(units), "names": some_names(units)}
        yield Hanging(
            N_("申请了 %(n)s 份服务证明，还没开出来：%(names)s。"),
            values,
            N_("不再办理。要用的话，请等开出来再注销。"),
        )
    if current.scalar(select(Star.id).where(Star.person_id == person_id, Star.state == "applied")):
        yield Hanging(N_("申请了星级，还没答复。"), {}, N_("撤回。"))
    objections = current.scalar(
        select(func.count()).where(Objection.person_id == person_id, Objection.answered_at.is_(None))
    )
    if objections:
        yield Hanging(
            N_("对 %(n)s 条服务时长提了意见，还没答复。"),
            {"n": objections},
            N_("主办单位照样核对，只是不再通知。"),
        )
    waiting = current.scalar(
        select(func.count()).where(
            ServiceRecord.person_id == person_id, ServiceRecord.status.in_(_ON_THEIR_WAY)
        )
    )
    if waiting:
        yield Hanging(N_("有 %(n)s 条服务时长还没入账。"), {"n": waiting}, N_("照常确认、公示、入账。"))


def has_served(person_id: str) -> bool:
    """Whether records of their service have to be kept, or are about to be written."""
    current = session()
    record = select(ServiceRecord.id).where(
        ServiceRecord.person_id == person_id,
        ServiceRecord.status != RecordStatus.VOID,
        ServiceRecord.source != RecordSource.ABSENT,
    )
    came = (
        select(Attendance.id)
        .join(Signup, Signup.id == Attendance.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .where(
            Signup.person_id == person_id,
            Position.kind == PositionKind.VOLUNTEER,
            Attendance.annulled_at.is_(None),
        )
    )
    return any(current.scalar(one.limit(1)) is not None for one in (record, came))
