"""How minutes are counted from actual in and out, how someone kept their promise, and until when words count."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.core.clock import Period
from webapp.recognition.domain import Turnout

# Nobody serves so long without a break: they went home in between, and a leader says how long they were there.
LONGEST_STAY = timedelta(hours=16)
NO_SHOW_DAYS = 180  # how long a no-show is held against someone, where the office sets a limit at all
OBJECTION_LIMIT = 300
# What a leader may say of someone who did not check in, and of someone who did.
ABSENT_TURNOUTS = (Turnout.EXCUSED, Turnout.NO_SHOW, Turnout.UNKNOWN)
PRESENT_TURNOUTS = (Turnout.AS_PLANNED, Turnout.PART, Turnout.LONGER)


@dataclass(frozen=True)
class Rule:
    """One version of the rule of hours; what each means stands in models.HoursRule."""

    version: int = 1
    early_minutes: int = 15
    late_minutes: int = 15
    min_share: int = 60
    confirm_days: int = 7
    notice_days: int = 3


# What the office may enter: name → (lowest, highest).
RULE_LIMITS = {
    "early_minutes": (0, 120),
    "late_minutes": (0, 120),
    "min_share": (0, 100),
    "confirm_days": (1, 60),
    "notice_days": (0, 30),
}


def latest_out(period: Period, rule: Rule) -> datetime:
    """The last moment that counts without a leader's word."""
    return period.end + timedelta(minutes=rule.late_minutes)


def minutes_served(
    in_at: datetime, out_at: datetime, *, period: Period, rule: Rule, whole_stay: bool = False
) -> int:
    """Whole minutes that count: from the actual in, not earlier than the rule lets, to the actual out.

    `whole_stay`: a leader confirmed that they stayed longer than the rule counts by itself.
    """
    start = max(in_at, period.start - timedelta(minutes=rule.early_minutes))
    end = out_at if whole_stay else min(out_at, latest_out(period, rule))
    return max(0, int((end - start).total_seconds()) // 60)


def turnout_of(in_at: datetime, out_at: datetime, *, period: Period, rule: Rule) -> Turnout:
    """As planned; in part, when less than the rule's share of the planned time; longer, when they stayed on."""
    if out_at > latest_out(period, rule):
        return Turnout.LONGER
    served = minutes_served(in_at, out_at, period=period, rule=rule)
    planned = period.length.total_seconds() / 60
    return Turnout.PART if served * 100 < planned * rule.min_share else Turnout.AS_PLANNED


def may_still_confirm(made_at: datetime, rule: Rule, now: datetime) -> bool:
    """Whether a missing sign-out, or why someone did not come, can still be said."""
    return now <= made_at + timedelta(days=rule.confirm_days)


def stars_earned(minutes: int, thresholds: list[int]) -> int:
    """How many stars these minutes are enough for; `thresholds` in hours, rising."""
    return sum(minutes >= hours * 60 for hours in thresholds)
