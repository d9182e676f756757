"""What time alone does: sessions wait to be settled, days for a word run out, notices end."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import aliased

from webapp.attendance.domain import LATE
from webapp.attendance.models import Attendance, Scan
from webapp.core import clock
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.recognition import queries
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.counting import may_still_confirm
from webapp.recognition.models import ServiceRecord
from webapp.recognition.service import writing
from webapp.recognition.service.settling import was_expected
from webapp.recognition.service.writing import Figures
from webapp.signups.models import Signup

LOOK_BACK = timedelta(days=400)  # how long after a session a change at the door is still looked for


def sessions_to_settle() -> list[str]:
    """Ended sessions with a volunteer of whom nothing is written, or whose record no longer fits the door."""
    now = clock.now()
    ended, of_record = EventSession.ends_at <= now - LATE, _of_record()
    unwritten = (
        select(EventSession.id)
        .join(Event, Event.id == EventSession.event_id)
        .join(Signup, Signup.session_id == EventSession.id)
        .join(Position, Position.id == Signup.position_id)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .where(
            ended,
            Position.kind == PositionKind.VOLUNTEER,
            or_(was_expected(), Attendance.id.is_not(None)),
            ~exists().where(of_record),
            or_(Attendance.id.is_not(None), ~exists().where(*_of_added(queries.HELD))),
        )
    )
    since = ServiceRecord.confirmed_at
    changed = (
        select(EventSession.id)
        .join(ServiceRecord, ServiceRecord.session_id == EventSession.id)
        .join(Signup, of_record)
        .outerjoin(Attendance, (Attendance.signup_id == Signup.id) & Attendance.annulled_at.is_(None))
        .outerjoin(Scan, Scan.id == Attendance.out_scan_id)
        .where(
            EventSession.ends_at > now - LOOK_BACK,
            or_(
                since.is_(None) & ServiceRecord.in_at.is_distinct_from(Attendance.in_at),
                since.is_(None) & ServiceRecord.out_at.is_distinct_from(Attendance.out_at),
                Attendance.created_at > since,
                Scan.received_at > since,
                *_taken_back_since(since),
            ),
        )
    )
    return sorted(set(session().scalars(unwritten.union(changed))))


def _of_record() -> ColumnElement[bool]:
    """The standing record of a sign-up, but for time added by hand."""
    return (
        (ServiceRecord.signup_id == Signup.id)
        & (ServiceRecord.status != RecordStatus.VOID)
        & (ServiceRecord.source != RecordSource.ADDED)
    )


def _of_added(states: Collection[RecordStatus]) -> list[ColumnElement[bool]]:
    """Time added by hand for a sign-up, in one of these states."""
    added = aliased(ServiceRecord)
    return [
        added.signup_id == Signup.id,
        added.source == RecordSource.ADDED,
        added.status.in_(states),
    ]


def _taken_back_since(moment: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether the door took back since then that the volunteer came, or left."""
    undone, unsaid = aliased(Attendance), aliased(Scan)
    return (
        exists().where(undone.signup_id == Signup.id, undone.annulled_at > moment),
        exists().where(unsaid.signup_id == Signup.id, unsaid.valid, unsaid.annulled_at > moment),
    )


def overdue() -> list[str]:
    """Records of people who did not come, about whom nobody said why in time, and to whom no time is being added."""
    rows = session().scalars(
        select(ServiceRecord)
        .outerjoin(Signup, Signup.id == ServiceRecord.signup_id)
        .where(
            ServiceRecord.status == RecordStatus.TO_CONFIRM,
            ServiceRecord.in_at.is_(None),
            ~exists().where(*_of_added((RecordStatus.PROPOSED, *queries.HELD))),
        )
    )
    now = clock.now()
    return [one.id for one in rows if not may_still_confirm(one.created_at, writing.rule_for(one), now)]


def note_no_show(record_id: str) -> None:
    """Nobody said why they did not come: it is a no-show, which they are told and can answer."""
    record = writing.lock_record(record_id, by="")
    if record.status != RecordStatus.TO_CONFIRM or record.in_at is not None or _is_being_added(record):
        return  # someone said it a moment ago
    writing.apply(record, Figures(Turnout.NO_SHOW, RecordSource.ABSENT, RecordStatus.NOTICED), by=None)
    writing.tell([record], writing.period_of(session().get_one(EventSession, record.session_id)).end)


def _is_being_added(record: ServiceRecord) -> bool:
    wanted = select(ServiceRecord.id).where(
        ServiceRecord.signup_id == record.signup_id,
        ServiceRecord.source == RecordSource.ADDED,
        ServiceRecord.status != RecordStatus.VOID,
    )
    return session().scalar(wanted.limit(1)) is not None


def finish_notices() -> int:
    """Records whose notice is over and to which nobody objects any more are final from now on; how many."""
    done = session().execute(
        update(ServiceRecord)
        .where(
            ServiceRecord.status == RecordStatus.NOTICED,
            ServiceRecord.notice_until < clock.today(),
            ~queries.OPEN_OBJECTION,
        )
        .values(status=RecordStatus.FINAL, final_at=clock.now())
        .returning(ServiceRecord.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
