"""How a session stands now, in one word and one sentence for every page that shows it. Plain Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.core.clock import Period
from webapp.core.errors import N_
from webapp.events.domain.rules import EventStatus

DOORS_CLOSE = timedelta(
    hours=2
)  # so long after the end people are still let in, and show their pass to leave


class SessionState(StrEnum):
    """All that a session can be."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PLANNED = "planned"
    RUNNING = "running"
    OVER = "over"
    POSTPONED = "postponed"
    EVENT_CANCELLED = "event_cancelled"
    SESSION_CANCELLED = "session_cancelled"


# A session of which one of these is said does not take place, or not when it was said.
OFF = frozenset({SessionState.POSTPONED, SessionState.EVENT_CANCELLED, SessionState.SESSION_CANCELLED})
HIDDEN = frozenset({SessionState.DRAFT, SessionState.SUBMITTED})

SESSION_LABELS = {
    SessionState.DRAFT: N_("草稿"),
    SessionState.SUBMITTED: N_("等待审核"),
    SessionState.PLANNED: N_("将举行"),
    SessionState.RUNNING: N_("正在进行"),
    SessionState.OVER: N_("已结束"),
    SessionState.POSTPONED: N_("已延期，新时间待定"),
    SessionState.EVENT_CANCELLED: N_("活动已取消"),
    SessionState.SESSION_CANCELLED: N_("这一场已取消"),
}


@dataclass(frozen=True)
class Dates:
    """A session as far as its state depends on it."""

    event_status: str
    session_cancelled: bool
    period: Period
    off_at: datetime | None = None  # when the event was cancelled or put off

    @property
    def is_done(self) -> bool:
        """Whether it had taken place, doors and all, before its event was cancelled or put off."""
        return self.off_at is not None and self.period.end + DOORS_CLOSE <= self.off_at


def session_state(dates: Dates, now: datetime) -> SessionState:
    """What a session is now: what befell it first, then the hour.

    A date that passed while the event was put off did not take place; one that lay before did.
    """
    if dates.session_cancelled:
        return SessionState.SESSION_CANCELLED
    status = EventStatus(dates.event_status)
    if status in {EventStatus.DRAFT, EventStatus.SUBMITTED}:
        return SessionState(status.value)
    if not dates.is_done:
        if status == EventStatus.CANCELLED:
            return SessionState.EVENT_CANCELLED
        if status == EventStatus.POSTPONED:
            return SessionState.POSTPONED
    if now >= dates.period.end:
        return SessionState.OVER
    return SessionState.RUNNING if now >= dates.period.start else SessionState.PLANNED
