"""A volunteer says that a record is not right; staff answer. Until then it does not become final."""

from sqlalchemy import select

from webapp.core import audit, clock
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import NotFound
from webapp.events.models import EventSession
from webapp.recognition.domain import NOTE_LIMIT, RecordStatus
from webapp.recognition.domain.refusals import AlreadyDecided, AlreadyObjected, OwnRecord, ReasonMissing
from webapp.recognition.models import Objection, ServiceRecord
from webapp.recognition.service import notices


def object_to(record_id: str, text: str, *, by: str) -> str:
    """Object to one's own record; id of the objection. The same words again are the same objection.

    Raises NotFound, AlreadyObjected, AlreadyDecided for a record that does not stand any more.
    """
    lock_row(EventSession, get_row(ServiceRecord, record_id).session_id)
    record = lock_row(ServiceRecord, record_id)
    if record.person_id != by:
        raise NotFound
    if not text.strip():
        raise ReasonMissing(field="text")
    if record.status == RecordStatus.VOID:
        raise AlreadyDecided
    waiting = session().scalar(
        select(Objection).where(Objection.record_id == record_id, Objection.answered_at.is_(None))
    )
    if waiting is not None:
        if waiting.text == text.strip()[:NOTE_LIMIT]:
            return waiting.id
        raise AlreadyObjected
    made = Objection(record_id=record_id, person_id=by, text=text.strip()[:NOTE_LIMIT])
    session().add(made)
    session().flush()
    audit.record("service_record.object", "service_record", record_id, by=by)
    return made.id


def answer(objection_id: str, text: str, *, by: str) -> None:
    """Keep the record as it is, and say why. (To correct it answers by itself, see deciding.py.)

    Raises ReasonMissing, OwnRecord, AlreadyDecided when someone else answered; the same answer again is harmless.
    """
    objection = lock_row(Objection, objection_id)
    if objection.person_id == by:
        raise OwnRecord
    if not text.strip():
        raise ReasonMissing(field="answer")
    if objection.answered_at is not None:
        if objection.answered_by == by:
            return
        raise AlreadyDecided
    objection.answer, objection.answered_by = text.strip()[:NOTE_LIMIT], by
    objection.answered_at = clock.now()
    session().flush()
    audit.record("objection.answer", "objection", objection_id, by=by)
    notices.answered([objection_id])
