"""States of events, limits, what publishing needs. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.core.clock import Period
from webapp.core.errors import N_, Words
from webapp.events.domain.refusals import SessionEndsBeforeStart, SessionTooLong, WrongState

TITLE_LIMIT = 80
SUMMARY_LIMIT = 2000
BRING_LIMIT = 300
RISK_LIMIT = 1000
POSITION_NAME_LIMIT = 40
REASON_LIMIT = 300
CAPACITY_MAX = 100_000
SESSIONS_MAX = 60
POSITIONS_MAX = 20
TASKS_MAX = 20
MIN_AGES = (14, 16, 18)
CANCEL_HOURS_MAX = 168
CANCEL_HOURS_VOLUNTEER = 3  # the usual for a shift; a seat in the audience may be given back until the start
LONGEST_SESSION = timedelta(days=31)  # an exhibition stop may stand for weeks; longer is a slip of the year


class EventStatus(StrEnum):
    """States of an event (design: draft → submitted → published → postponed | cancelled | closed)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    CLOSED = "closed"


STATUS_LABELS = {
    EventStatus.DRAFT: N_("草稿"),
    EventStatus.SUBMITTED: N_("等待审核"),
    EventStatus.PUBLISHED: N_("已发布"),
    EventStatus.POSTPONED: N_("已延期"),
    EventStatus.CANCELLED: N_("已取消"),
    EventStatus.CLOSED: N_("已结束"),
}

# Sessions and positions may still change.
OPEN_STATUSES = frozenset(
    {EventStatus.DRAFT, EventStatus.SUBMITTED, EventStatus.PUBLISHED, EventStatus.POSTPONED}
)
# What the public may see, and what counts toward tasks.
PUBLIC_STATUSES = frozenset(
    {EventStatus.PUBLISHED, EventStatus.POSTPONED, EventStatus.CANCELLED, EventStatus.CLOSED}
)
COUNTING_STATUSES = frozenset({EventStatus.PUBLISHED, EventStatus.CLOSED})

_MOVES = {
    EventStatus.DRAFT: {EventStatus.SUBMITTED, EventStatus.PUBLISHED},
    EventStatus.SUBMITTED: {EventStatus.DRAFT, EventStatus.PUBLISHED},
    EventStatus.PUBLISHED: {EventStatus.POSTPONED, EventStatus.CANCELLED, EventStatus.CLOSED},
    EventStatus.POSTPONED: {EventStatus.PUBLISHED, EventStatus.CANCELLED},
    EventStatus.CANCELLED: set(),
    EventStatus.CLOSED: set(),
}


class PositionKind(StrEnum):
    """A volunteer's role with a shift, or seats for the audience."""

    VOLUNTEER = "volunteer"
    AUDIENCE = "audience"


KIND_LABELS = {PositionKind.VOLUNTEER: N_("志愿者"), PositionKind.AUDIENCE: N_("观众")}

# Audience groups of the plan (plan/seed-features.md 3).
AUDIENCES = (
    N_("公众"),
    N_("青少年"),
    N_("学龄前儿童"),
    N_("中小学生"),
    N_("家长"),
    N_("教师"),
    N_("产业工人"),
    N_("农民工"),
    N_("企业家"),
    N_("农民"),
    N_("留守妇女儿童老人"),
    N_("老年人"),
    N_("领导干部和公务员"),
    N_("科技工作者"),
    N_("媒体从业人员"),
    N_("妇女"),
)


def check_session(starts_at: datetime, ends_at: datetime) -> Period:
    """The session's period; raises SessionEndsBeforeStart or SessionTooLong."""
    if ends_at <= starts_at:
        raise SessionEndsBeforeStart
    if ends_at - starts_at > LONGEST_SESSION:
        raise SessionTooLong
    return Period(starts_at, ends_at)


UNDO = timedelta(minutes=15)  # so long a cancellation can be undone, and what it would send waits
NEAR = timedelta(hours=3)  # who sets out soon has to know at once


def messages_leave_at(now: datetime, starts: Iterable[datetime]) -> datetime:
    """When the messages of a cancellation leave: after the time to undo it, at once where a session is near."""
    first = min(starts, default=None)
    return now if first is not None and first - now < NEAR else now + UNDO


def check_move(status: EventStatus, target: EventStatus) -> None:
    """Raise WrongState unless an event may go from one state to the other."""
    if target not in _MOVES[status]:
        raise WrongState(status=Words(STATUS_LABELS[status]))


@dataclass(frozen=True)
class Readiness:
    """What is known of a draft when someone wants to publish it."""

    has_summary: bool
    has_tasks: bool
    recruits: bool
    has_risk_statement: bool
    sessions: int
    sessions_without_position: int
    all_sessions_past: bool
    sessions_fallen_due: int = 0  # their date passed while the event was put off
    # Not where no plan holds any of the days: on the first day without a plan life goes on.
    needs_tasks: bool = True


def missing_to_publish(draft: Readiness) -> list[str]:
    """What is still missing, in sentences; empty when it may be published.

    A recruiting post without a statement of the risks may not be published: 志愿服务条例 (2017) art. 12.
    """
    checks = (
        (not draft.has_summary, N_("请写活动简介")),
        (draft.needs_tasks and not draft.has_tasks, N_("请选择至少一项计划任务")),
        (
            draft.recruits and not draft.has_risk_statement,
            N_("招募志愿者须写明风险说明（《志愿服务条例》第十二条）"),
        ),
        (draft.sessions == 0, N_("请添加至少一个场次")),
        (draft.sessions_without_position > 0, N_("每个场次至少要有一个岗位或观众席")),
        (draft.sessions > 0 and draft.all_sessions_past, N_("所有场次都已过去，请检查日期")),
        (
            draft.sessions_fallen_due > 0 and not draft.all_sessions_past,
            N_("有的场次在延期期间日期已经过了，请改到新的日期，或者取消那一场"),
        ),
    )
    return [sentence for is_missing, sentence in checks if is_missing]
