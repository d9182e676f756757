"""How figures are counted once, and which grades may be added. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from webapp.attendance.domain import Grade
from webapp.core.errors import N_


class Reach(IntEnum):
    """How far up a ledger row counts. A fact has a row for each task it serves, and one of them stands for the whole.

    The row of the first task of a section counts in the section's figure, the first of the plan in the plan's, the
    first of all in the city's: so a sum of rows holds each session and each person's attendance once.
    """

    TASK = 0
    SECTION = 1
    PLAN = 2
    CITY = 3


@dataclass(frozen=True)
class Served:
    """A task that a session serves, with what it is part of."""

    task_id: str
    section_id: str
    plan_id: str


def reaches(tasks: Sequence[Served]) -> dict[str, Reach]:
    """Which task's rows stand for section, plan and city. The first by id is the first of all of these at once."""
    seen: set[str] = set()
    found: dict[str, Reach] = {}
    for one in sorted(tasks, key=lambda one: one.task_id):
        if not seen:
            found[one.task_id] = Reach.CITY
        elif one.plan_id not in seen:
            found[one.task_id] = Reach.PLAN
        else:
            found[one.task_id] = Reach.TASK if one.section_id in seen else Reach.SECTION
        seen |= {one.plan_id, one.section_id}
    return found


@dataclass(frozen=True)
class AddingRule:
    """Which grades may be added, in words that stand beside the sum; the parts are always shown with it."""

    version: int
    grades: tuple[Grade, ...]
    words: str

    def total(self, parts: Mapping[Grade, int]) -> int:
        """The sum by this rule."""
        return sum(parts.get(grade, 0) for grade in self.grades)


# The newest last. Named people may be added: each is known by a sign-up and counted once. Counted heads may hold the
# same people again, so no rule adds them.
ADDING_RULES = (
    AddingRule(
        1,
        (Grade.SCAN, Grade.ROSTER),
        N_("到场人数 = 实名签到 + 名册勾到（计数规则第 1 版）；现场点数可能包含同一些人，不加进来。"),
    ),
)
ADDING = ADDING_RULES[-1]
