"""Lists for commendation: thresholds, evidence, how far someone falls short, refusals. People decide. Plain Python.

Default thresholds are those of 全国科技志愿服务优秀典型 (2022): a volunteer with 10 activities and 20 hours; a team
of 20 with 50 activities, 5 hours a head and 100 hours in all.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.recognition.domain import TITLE_LIMIT


class ListKind(StrEnum):
    """Who stands on a list."""

    VOLUNTEER = "volunteer"
    TEAM = "team"


LIST_KIND_LABELS = {ListKind.VOLUNTEER: N_("志愿者"), ListKind.TEAM: N_("团队")}


class Measure(StrEnum):
    """What is counted; minutes are compared as hours."""

    MEMBERS = "members"
    ACTIVITIES = "activities"
    HOURS_EACH = "hours_each"
    HOURS = "hours"


MEASURE_LABELS = {
    Measure.MEMBERS: N_("队员人数"),
    Measure.ACTIVITIES: N_("活动次数"),
    Measure.HOURS_EACH: N_("人均小时"),
    Measure.HOURS: N_("总小时"),
}
MEASURES = {
    ListKind.VOLUNTEER: (Measure.ACTIVITIES, Measure.HOURS),
    ListKind.TEAM: (Measure.MEMBERS, Measure.ACTIVITIES, Measure.HOURS_EACH, Measure.HOURS),
}
DEFAULTS = {
    ListKind.VOLUNTEER: {Measure.ACTIVITIES: 10, Measure.HOURS: 20},
    ListKind.TEAM: {
        Measure.MEMBERS: 20,
        Measure.ACTIVITIES: 50,
        Measure.HOURS_EACH: 5,
        Measure.HOURS: 100,
    },
}


class Decision(StrEnum):
    """What people decided about a name."""

    CHOSEN = "chosen"
    PASSED_OVER = "passed"  # the column holds ten characters


DECISION_LABELS = {Decision.CHOSEN: N_("入选"), Decision.PASSED_OVER: N_("不入选")}


@dataclass(frozen=True)
class Evidence:
    """What someone did in the period. Only measured minutes meet a threshold; hand-added ones stand beside them."""

    activities: int
    minutes: int
    added_minutes: int = 0
    members: int = 1

    def value(self, measure: Measure) -> float:
        """The figure a threshold is compared with."""
        if measure == Measure.MEMBERS:
            return self.members
        if measure == Measure.ACTIVITIES:
            return self.activities
        hours = self.minutes / 60
        return hours / max(self.members, 1) if measure == Measure.HOURS_EACH else hours

    def as_json(self) -> dict[str, Any]:
        """As kept with the name."""
        return asdict(self)


def shortfalls(evidence: Evidence, thresholds: Mapping[str, int]) -> dict[Measure, float]:
    """What is missing to each threshold that is not met; empty for a candidate."""
    missing = {Measure(name): least - evidence.value(Measure(name)) for name, least in thresholds.items()}
    return {measure: amount for measure, amount in missing.items() if amount > 1e-9}


def nearness(evidence: Evidence, thresholds: Mapping[str, int]) -> float:
    """Mean share of the thresholds reached, 1 for a candidate: who is nearest to the list."""
    shares = [
        min(evidence.value(Measure(name)) / least, 1) if least else 1.0 for name, least in thresholds.items()
    ]
    return sum(shares) / len(shares) if shares else 1.0


@dataclass(frozen=True)
class ListDraft:
    """What the office enters to begin a list; both days count."""

    title: str
    kind: ListKind
    from_on: date
    until_on: date
    thresholds: Mapping[str, int]


class BadList(RuleBroken):
    """No title, or days in the wrong order."""

    sentence = N_("请填写名单标题，结束日期不能早于开始日期。")
    code = "bad_commendation_list"
    field = "title"


def check_list(draft: ListDraft) -> None:
    """Raise BadList unless it can be kept."""
    if not 0 < len(draft.title.strip()) <= TITLE_LIMIT or draft.until_on < draft.from_on:
        raise BadList


class ListClosed(Conflict):
    """A closed list is fixed."""

    sentence = N_("这份名单已经定稿，不能再改。")
    code = "commendation_list_closed"


class Undecided(RuleBroken):
    """Every name gets a decision before the list is fixed."""

    sentence = N_("还有 %(count)d 个候选没有决定，请逐一决定后再定稿。")
    code = "commendations_undecided"


class PassedOverWithoutReason(RuleBroken):
    """Whoever met the thresholds and is not chosen is owed a reason."""

    sentence = N_("达到条件而不入选的，请写明理由。")
    code = "passed_over_without_reason"
    field = "reason"
