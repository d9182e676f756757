"""Whether a session lies inside the plans its event serves, and what is done where it does not. Plain Python."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from webapp.core import clock
from webapp.core.errors import Conflict, N_, RuleBroken

Span = tuple[date, date]  # both days count
_ONE = timedelta(days=1)


class Outside(StrEnum):
    """What to do with what no plan of the event holds."""

    FOLLOW = "follow"  # serve the same tasks of the plan that holds the day
    DROP = "drop"  # serve no task of a plan that holds none of the sessions
    KEEP = "keep"  # leave it so: it counts for nothing


OUTSIDE_LABELS = {
    Outside.FOLLOW: N_("改用那时的计划里编号相同的任务"),
    Outside.DROP: N_("先不关联那个计划的任务，以后再选"),
    Outside.KEEP: N_("照样保存，不计入"),
}


class OutsidePlan(Conflict):
    """What lies outside the period of the plan counts for nothing: whoever makes it is asked."""

    sentence = N_(
        "“%(plan)s”管%(first)s到%(last)s，%(day)s不在里面，那时的场次和签到不会计入。"
        "请在“不在计划期限内的怎么办”里选一项。"
    )
    code = "outside_plan"
    field = "outside_plan"


class NoPlanThen(RuleBroken):
    """There is nothing to follow to."""

    sentence = N_("%(day)s还没有计划，或那时的计划里没有编号相同的任务。请先不关联，等有了新计划再选。")
    code = "no_plan_then"
    field = "outside_plan"


def days_of(starts_at: datetime, ends_at: datetime) -> Span:
    """The first and the last day in the city; what ends at midnight ends on the day before."""
    return clock.local_date(starts_at), clock.local_date(ends_at - timedelta(microseconds=1))


def first_day_outside(span: Span, periods: Iterable[Span]) -> date | None:
    """The first day of a session that none of the periods holds."""
    day, last = span
    for first, until in sorted(periods):
        if first <= day <= until:
            day = until + _ONE
    return day if day <= last else None


def holds_any(period: Span, spans: Sequence[Span]) -> bool:
    """Whether a period holds any day of any session."""
    return any(first <= period[1] and last >= period[0] for first, last in spans)
