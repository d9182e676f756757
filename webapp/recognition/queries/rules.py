"""The rule of hours in its versions, and the calendar of working days."""

from dataclasses import fields
from datetime import date
from functools import cache

from sqlalchemy import select

from webapp.core import options
from webapp.core.db import session
from webapp.recognition.domain.counting import Rule
from webapp.recognition.domain.workdays import WorkCalendar, YearOfWork
from webapp.recognition.models import HoursRule

_PARTS = [part.name for part in fields(Rule)]
# Days the office corrects: the State Council says in autumn which days of the next year are moved.
own_days = options.hidden("workdays", {"off": [], "worked": []})


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
    """Working days of China as published, corrected by what the office listed."""
    own = own_days.get()
    off, worked = (frozenset(map(date.fromisoformat, own[name])) for name in ("off", "worked"))
    return WorkCalendar(_year_in_china, off, worked)


@cache
def _year_in_china(year: int) -> YearOfWork:
    import holidays  # noqa: PLC0415  (a large package, needed by few requests)

    # Weekends worked for a day off in January are listed with the next year.
    known = holidays.country_holidays("CN", years=[year, year + 1])
    worked = frozenset(day for day in known.weekend_workdays if day.year == year)
    off = frozenset(day for day in known if day.year == year)
    return YearOfWork(off - worked, worked, is_published=year in known.special_public_holidays)
