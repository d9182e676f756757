"""Which open shifts suit a volunteer, and whom to call for one. Plain Python."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from webapp.core import clock
from webapp.core.errors import N_
from webapp.volunteers.domain import part_of_day


class Because(StrEnum):
    """Why a shift suits someone; the weightiest first."""

    TEAM_ASKED = "team_asked"
    SKILL = "skill"
    DISTRICT = "district"
    TIME = "time"
    SERVED = "served"


WEIGHTS = {
    Because.TEAM_ASKED: 8,
    Because.SKILL: 4,
    Because.DISTRICT: 3,
    Because.TIME: 2,
    Because.SERVED: 1,
}
BECAUSE_WORDS = {
    Because.TEAM_ASKED: N_("您的团队受邀"),
    Because.SKILL: N_("用得上您的技能"),
    Because.DISTRICT: N_("在您选的%(district)s"),
    Because.TIME: N_("在您方便的时间"),
    Because.SERVED: N_("您为这个单位服务过"),
}


@dataclass(frozen=True)
class Shift:
    """What is compared of an open shift."""

    starts_at: datetime
    district: str  # code of the venue's county-level district
    session_id: str
    organisation_id: str
    skills: frozenset[str] = frozenset()  # asked for


@dataclass(frozen=True)
class Wishes:
    """What is compared of a volunteer: what they said, have, and did."""

    districts: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    served: frozenset[str] = frozenset()  # organisations
    asked_sessions: frozenset[str] = field(default=frozenset())  # for which a team of theirs is asked


def slot_of(moment: datetime) -> str:
    """Day and part of the day on the city's clock, as volunteers name theirs: 6-am is Saturday morning."""
    here = clock.local(moment)
    return f"{here.isoweekday()}-{part_of_day(here.hour)}"


def reasons(shift: Shift, wishes: Wishes) -> tuple[Because, ...]:
    """Why the shift suits them, the weightiest first; empty when nothing speaks for it."""
    holds = {
        Because.TEAM_ASKED: shift.session_id in wishes.asked_sessions,
        Because.SKILL: bool(shift.skills & wishes.skills),
        Because.DISTRICT: shift.district in wishes.districts,
        Because.TIME: slot_of(shift.starts_at) in wishes.times,
        Because.SERVED: shift.organisation_id in wishes.served,
    }
    return tuple(one for one in Because if holds[one])


def score(found: tuple[Because, ...]) -> int:
    """How strongly the reasons speak together."""
    return sum(WEIGHTS[one] for one in found)


class NotCalled(StrEnum):
    """Why someone known is not called."""

    UNWILLING = "unwilling"
    SIGNED_UP = "signed_up"
    CALLED_BEFORE = "called_before"
    CALLED_ENOUGH = "called_enough"
    BUSY = "busy"
    LACKS = "lacks"


NOT_CALLED_WORDS = {
    NotCalled.UNWILLING: N_("不愿被临时请"),
    NotCalled.SIGNED_UP: N_("已经报了这个岗位"),
    NotCalled.CALLED_BEFORE: N_("为这个岗位请过了"),
    NotCalled.CALLED_ENOUGH: N_("这 7 天里已经请够次数"),
    NotCalled.BUSY: N_("同一时间有别的岗位"),
    NotCalled.LACKS: N_("不符合岗位要求"),
}


@dataclass(frozen=True)
class Candidate:
    """What decides whether someone may be called."""

    takes_calls: bool = True
    is_signed_up: bool = False
    called_for_this: bool = False
    calls_lately: int = 0
    is_busy: bool = False
    lacks: bool = False


def not_called(one: Candidate, *, most: int) -> NotCalled | None:
    """The first reason against a call, or None; `most` calls in seven days are allowed."""
    against = {
        NotCalled.UNWILLING: not one.takes_calls,
        NotCalled.SIGNED_UP: one.is_signed_up,
        NotCalled.CALLED_BEFORE: one.called_for_this,
        NotCalled.CALLED_ENOUGH: one.calls_lately >= most,
        NotCalled.BUSY: one.is_busy,
        NotCalled.LACKS: one.lacks,
    }
    return next((reason for reason, holds in against.items() if holds), None)
