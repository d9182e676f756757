"""The rule of hours in its versions, and the calendar of working days."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache

from sqlalchemy import select

from webapp.core import clock
from webapp.core.db import session
from webapp.recognition.domain.counting import Rule
from webapp.recognition.domain.workdays import WorkCalendar, YearOfWork, look_again_on, spans
from webapp.recognition.models import HoursRule, WorkYear

_PARTS = [part.name for part in fields(Rule)]


def current_rule() -> Rule:
    """The newest version; the migration writes the first."""
    found = session().scalars(select(HoursRule).order_by(HoursRule.version.desc()).limit(1)).one()
    return _plain(found)


def rule_of(version: int) -> Rule:
    """The version a record was made under."""
    return _plain(session().get_one(HoursRule, version))


def list_rules() -> list[HoursRule]:
    """Every version, the newest first."""
    return list(session().scalars(select(HoursRule).order_by(HoursRule.version.desc())))


def _plain(row: HoursRule) -> Rule:
    return Rule(**{name: getattr(row, name) for name in _PARTS})


def work_calendar() -> WorkCalendar:
    """Working days of China as published, corrected by what the office says of each year. One statement."""
    own = {row.year: _said(row) for row in session().scalars(select(WorkYear))}
    return WorkCalendar(lambda year: _year_in_china(year).corrected(own.get(year, YearOfWork())))


def _said(row: WorkYear) -> YearOfWork:
    off, worked = (frozenset(map(date.fromisoformat, days)) for days in (row.off, row.worked))
    return YearOfWork(off, worked, row.is_announced)


def work_year(year: int) -> WorkYear:
    """What the office says of a year; nothing yet makes a row that is in no table."""
    found = session().get(WorkYear, year)
    return found or WorkYear(year=year, off=[], worked=[], is_announced=False, notice="", revision=0)


def is_known(year: int) -> bool:
    """Whether the calendar of the country has the days of the year as announced."""
    return _year_in_china(year).is_published


@dataclass(frozen=True)
class ShownYear:
    """A year as the office's page shows it."""

    own: WorkYear
    off: list[tuple[date, date]]  # first and last of each row of days
    worked: list[date]
    is_known: bool  # to the calendar of the country
    is_certain: bool
    look_again: date  # when to look, where it is not


def shown_years() -> list[ShownYear]:
    """The year at hand and the next."""
    calendar, today = work_calendar(), clock.today()
    found = []
    for year in (today.year, today.year + 1):
        known = calendar.year(year)
        days_off = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
        rest = [day for day in days_off if day.year == year and not calendar.is_workday(day)]
        named = [one for one in spans(rest) if any(one[0] <= day <= one[1] for day in known.off)]
        found.append(
            ShownYear(
                work_year(year),
                named,
                sorted(known.worked),
                is_known(year),
                known.is_published,
                look_again_on(year, today),
            )
        )
    return found


@cache
def _year_in_china(year: int) -> YearOfWork:
    import holidays  # noqa: PLC0415  (a large package, needed by few requests)

    # Weekends worked for a day off in January are listed with the next year.
    known = holidays.country_holidays("CN", years=[year, year + 1])
    worked = frozenset(day for day in known.weekend_workdays if day.year == year)
    off = frozenset(day for day in known if day.year == year)
    return YearOfWork(off - worked, worked, is_published=year in known.special_public_holidays)
