"""Hours of the demonstration: final ones of long ago, some in notice, one without a sign-out, one to approve."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from webapp.attendance import service as attendance
from webapp.attendance.domain import LATE
from webapp.attendance.models import Attendance
from webapp.core.clock import freeze
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.pages.service.demonstration import Stage
from webapp.recognition import service
from webapp.signups.models import Signup


def add_hours(stage: Stage) -> None:
    """Settle what is over by the stage's clock, each at its own time; inside the caller's transaction."""
    over = _sessions_over(stage)
    if not over:
        return
    latest = over[-1]
    came = _came(latest)
    if came:
        _forget_to_sign_out(stage, latest, came[-1])
    for held in over:
        with freeze(held.ends_at + LATE):
            service.settle_session(held.id)
    if came:
        with freeze(latest.ends_at + LATE + timedelta(minutes=30)):
            service.propose_added(
                came[0].signup_id, 30, reason="提前一天到场布置展台", by=stage.staff["organiser"]
            )
    with freeze(stage.now):
        for record_id in service.overdue():
            service.note_no_show(record_id)
        service.finish_notices()


def _sessions_over(stage: Stage) -> list[EventSession]:
    """Sessions of the demonstration two hours after their end, in that order."""
    wanted = (
        select(EventSession)
        .join(Event, Event.id == EventSession.event_id)
        .where(Event.is_demo, EventSession.ends_at <= stage.now - LATE - timedelta(hours=1))
        .order_by(EventSession.ends_at, EventSession.id)
    )
    return list(session().scalars(wanted))


def _came(held: EventSession) -> Sequence[Attendance]:
    """Volunteers who were there."""
    wanted = (
        select(Attendance)
        .join(Signup, Signup.id == Attendance.signup_id)
        .join(Position, Position.id == Signup.position_id)
        .where(
            Attendance.session_id == held.id,
            Attendance.annulled_at.is_(None),
            Position.kind == PositionKind.VOLUNTEER,
        )
        .order_by(Attendance.id)
    )
    return session().scalars(wanted).all()


def _forget_to_sign_out(stage: Stage, held: EventSession, came: Attendance) -> None:
    if came.out_scan_id is None:
        return
    with freeze(held.ends_at + timedelta(minutes=5)):
        attendance.annul_scan(
            came.out_scan_id,
            by=stage.staff["scanner"],
            device="demo",
            is_staff=True,
            reason="扫错了人，本人还没走。",
        )
