"""How figures are counted once, and which grades may be added. Plain Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
class Counting(Served):
    """The same with the days its plan holds, and how many rows the session has there for 场次 already.

    An even number of rows says that 场次 is not counted now.
    """

    from_on: date
    until_on: date
    steps: int = 0

    def holds(self, day: date) -> bool:
        """Whether the plan holds that day; both its first and its last count."""
        return self.from_on <= day <= self.until_on


@dataclass(frozen=True)
class Counted:
    """One row to be: for which task, on which day, and how far up it counts."""

    task: Counting
    day: date
    reach: Reach


@dataclass(frozen=True)
class Days:
    """The city's days of a session, both ends among them."""

    first: date
    last: date

    def nearest(self, day: date) -> date:
        """The session's day on which someone came: doors open a little before its first and close after its last."""
        return min(max(day, self.first), self.last)

    def of_people(self, tasks: Sequence[Counting], day: date) -> list[Counted]:
        """What counts who came that day: the tasks whose plan holds it, so that each day goes to its own plan."""
        day = self.nearest(day)
        return _counted([(one, day) for one in tasks if one.holds(day)])

    def of_session(self, tasks: Sequence[Counting]) -> list[Counted]:
        """What counts the session itself: every task whose plan holds any of its days, on the first of these.

        It does not matter which day someone came, so that the order in which people come changes nothing.
        """
        begun = [(one, max(self.first, one.from_on)) for one in tasks]
        return _counted([(one, day) for one, day in begun if one.holds(day) and day <= self.last])


def _counted(some: Sequence[tuple[Counting, date]]) -> list[Counted]:
    reach = reaches([one for one, _ in some])
    return [Counted(one, day, reach[one.task_id]) for one, day in some]


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
