"""Working days: weekdays that are no holiday, and the weekends that are worked to make up for one."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from webapp.core.errors import N_, RuleBroken

SATURDAY = 5
_ONE = timedelta(days=1)
DAYS_LIMIT = 60  # days the office may list by hand, of each kind and year
WORK_NOTICE_LIMIT = 100
_ANNOUNCED = (11, 20)  # the State Council says in November which days of the next year are moved


class NotADay(RuleBroken):
    """A list of days holds something else."""

    sentence = N_("“%(text)s”不是日期，请写成 2027-02-15，每行一个，最多 60 个。")
    code = "not_a_day"


class NotOfTheYear(RuleBroken):
    """Each year has a list of its own."""

    sentence = N_("%(day)s 不在 %(year)s 年里，请填到那一年。")
    code = "not_of_the_year"


class BothOffAndWorked(RuleBroken):
    """A day cannot be both."""

    sentence = N_("%(day)s 不能既放假又上班。")
    code = "both_off_and_worked"
    field = "worked"


class NothingSaid(RuleBroken):
    """A year that the calendar of the country does not know is not announced without a day off."""

    sentence = N_("系统里还没有这一年的安排，请先按通知填上放假和调休的日子，再勾选。")
    code = "no_days_listed"
    field = "is_announced"


@dataclass(frozen=True)
class YearOfWork:
    """What is known of a year: days off on weekdays, weekends worked, and whether the State Council has said so."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    is_published: bool = False

    def corrected(self, own: "YearOfWork") -> "YearOfWork":
        """What the office says of the year counts before what the calendar of the country says."""
        said = own.off | own.worked
        return replace(
            self,
            off=(self.off - said) | own.off,
            worked=(self.worked - said) | own.worked,
            is_published=self.is_published or own.is_published,
        )


@dataclass(frozen=True)
class SaidOfYear:
    """What the office enters of a year; `revision` is the one its page showed, 0 where nothing was said yet."""

    off: Sequence[date]
    worked: Sequence[date]
    is_announced: bool = False
    notice: str = ""
    revision: int = 0


@dataclass(frozen=True)
class WorkCalendar:
    """Working days, year by year."""

    year: Callable[[int], YearOfWork]

    def is_workday(self, day: date) -> bool:
        """What is known of the year counts before the weekday."""
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


def end_of_notice(counted: date, *, was: date, today: date) -> date:
    """The last day of a notice counted anew, which ended on `was` so far.

    What is over stays over. What runs never ends before the day it is counted anew: nobody loses a day unseen.
    """
    return was if was < today else max(counted, today)


def announced_on(year: int) -> date:
    """From when the days of a year can be looked for: about a week after the State Council usually tells them."""
    return date(year - 1, *_ANNOUNCED)


def look_again_on(year: int, today: date) -> date:
    """When to look whether the days of a year that is not announced are told by now: then, afterwards every week."""
    first = announced_on(year)
    weeks = max(0, (today - first).days // 7 + 1) if today >= first else 0
    return first + timedelta(weeks=weeks)


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


def check_year(year: int, off: Collection[date], worked: Collection[date]) -> None:
    """Raise NotOfTheYear or BothOffAndWorked."""
    for field, days in (("off", off), ("worked", worked)):
        other = min((day for day in days if day.year != year), default=None)
        if other is not None:
            raise NotOfTheYear(field=field, day=other.isoformat(), year=year)
    both = set(off) & set(worked)
    if both:
        raise BothOffAndWorked(day=min(both).isoformat())


def spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days in a row as their first and last."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and found[-1][1] + _ONE == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
