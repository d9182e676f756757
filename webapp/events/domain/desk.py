"""An event as a workspace: which of its sessions are looked at, and what is mended where. Plain Python."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from webapp.core import clock
from webapp.core.errors import N_
from webapp.events.domain.months import MANY, by_month, month_shown
from webapp.events.domain.standing import Dates, SessionState, session_state


class Show(StrEnum):
    """Which sessions of an event are looked at."""

    COMING = "coming"
    PAST = "past"
    CANCELLED = "cancelled"
    ALL = "all"


SHOW_LABELS = {
    Show.COMING: N_("还没结束"),
    Show.PAST: N_("已结束"),
    Show.CANCELLED: N_("已取消"),
    Show.ALL: N_("全部"),
}
_OFF = frozenset({SessionState.SESSION_CANCELLED, SessionState.EVENT_CANCELLED})


@dataclass(frozen=True)
class DatedSession:
    """A session as far as lists of many need it."""

    id: str
    starts_at: datetime
    dates: Dates

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.dates.period.end

    def state(self, now: datetime) -> SessionState:
        """What it is now."""
        return session_state(self.dates, now)

    def place(self, now: datetime) -> Show:
        """Under which of the three it is found; a draft whose day passed is over, one put off is still to come."""
        state = self.state(now)
        if state in _OFF:
            return Show.CANCELLED
        if state == SessionState.POSTPONED:
            return Show.COMING
        return Show.PAST if self.ends_at <= now else Show.COMING


@dataclass(frozen=True)
class Choice:
    """What a page of sessions shows: those of one kind, of one month where there are many."""

    show: Show
    counts: dict[Show, int]
    months: list[tuple[date, int]]
    month: date | None
    chosen: list[DatedSession]


def choose_sessions(sessions: Sequence[DatedSession], *, show: str, month: str, now: datetime) -> Choice:
    """What is shown of an event's sessions for what the address asks; nonsense is as if nothing was asked.

    Unasked, those still to come are shown, else all; more than a dozen are read by month.
    """
    kinds: dict[Show, list[DatedSession]] = {one: [] for one in Show}
    for one in sessions:
        kinds[one.place(now)].append(one)
        kinds[Show.ALL].append(one)
    usual = Show.COMING if kinds[Show.COMING] else Show.ALL
    wanted = Show(show) if show in set(Show) else usual
    found = kinds[wanted]
    months = by_month(found, lambda one: one.starts_at) if len(found) > MANY else {}
    shown = month_shown(months, month, clock.local_date(now))
    return Choice(
        show=wanted,
        counts={one: len(some) for one, some in kinds.items() if some or one == wanted},
        months=[(first, len(some)) for first, some in months.items()],
        month=shown,
        chosen=months[shown] if shown else found,
    )


def next_session(sessions: Iterable[DatedSession], now: datetime) -> DatedSession | None:
    """The one that is on, else the next to come, that takes place."""
    lives = frozenset(
        {SessionState.PLANNED, SessionState.RUNNING, SessionState.DRAFT, SessionState.SUBMITTED}
    )
    some = (one for one in sessions if one.ends_at > now and one.state(now) in lives)
    return min(some, key=lambda one: (one.starts_at, one.id), default=None)


# Where each of what is missing (rules.missing_to_publish) is mended: a field of the event's form, or its sessions.
MENDS = {
    N_("请写活动简介"): "summary",
    N_("请选择至少一项计划任务"): "task_ids",
    N_("招募志愿者须写明风险说明（《志愿服务条例》第十二条）"): "risk_statement",
    N_("请添加至少一个场次"): "add",
    N_("每个场次至少要有一个岗位或观众席"): "sessions",
    N_("所有场次都已过去，请检查日期"): "sessions",
    N_("有的场次在延期期间日期已经过了，请改到新的日期，或者取消那一场"): "sessions",
}
