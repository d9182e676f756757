"""Working days: weekdays that are no holiday, and the weekends that are worked to make up for one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from webapp.core.errors import N_, RuleBroken

SATURDAY = 5
_ONE = timedelta(days=1)
DAYS_LIMIT = 60  # days the office may list by hand, of each kind


class NotADay(RuleBroken):
    """A list of days holds something else."""

    sentence = N_("“%(text)s”不是日期，请写成 2027-02-15，每行一个，最多 60 个。")
    code = "not_a_day"


class BothOffAndWorked(RuleBroken):
    """A day cannot be both."""

    sentence = N_("%(day)s 不能既放假又上班。")
    code = "both_off_and_worked"
    field = "worked"


@dataclass(frozen=True)
class YearOfWork:
    """What is known of a year: days off on weekdays, weekends worked, and whether the State Council has said so."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    is_published: bool = False


@dataclass(frozen=True)
class WorkCalendar:
    """Working days of the country, corrected by days the office lists itself."""

    year: Callable[[int], YearOfWork]
    off: frozenset[date] = field(default=frozenset())
    worked: frozenset[date] = field(default=frozenset())

    def is_workday(self, day: date) -> bool:
        """What the office says counts before what the country's calendar says, and that before the weekday."""
        if day in self.off or day in self.worked:
            return day in self.worked
        known = self.year(day.year)
        if day in known.off or day in known.worked:
            return day in known.worked
        return day.weekday() < SATURDAY

    def after(self, day: date, workdays: int) -> date:
        """The last of so many working days after `day`; `day` itself when it is none."""
        while workdays > 0:
            day += _ONE
            workdays -= self.is_workday(day)
        return day

    def is_certain(self, day: date) -> bool:
        """Whether the days off of that year are published, so that the date will not move."""
        return self.year(day.year).is_published


def read_days(text: str, *, field: str) -> list[date]:
    """Days as written in a form, in order; raises NotADay."""
    found = set()
    for part in text.replace("，", " ").replace(",", " ").replace("、", " ").split():
        try:
            found.add(date.fromisoformat(part))
        except ValueError:
            raise NotADay(field=field, text=part[:20]) from None
    if len(found) > DAYS_LIMIT:
        raise NotADay(field=field, text=str(len(found)))
    return sorted(found)
