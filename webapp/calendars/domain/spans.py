"""Months and weeks as pages show them, and what falls on each of their days. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from webapp.calendars.domain import Entry
from webapp.core import clock

FIRST_YEAR, LAST_YEAR = 1990, 2100  # outside of them nobody has anything to look up


class Span(StrEnum):
    """How much a page shows."""

    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True)
class Sheet:
    """Whole weeks from Monday on; `first` to `last` is the month or the week itself."""

    span: Span
    first: date
    last: date
    days: tuple[date, ...]

    @property
    def before(self) -> date:
        """A day of the month or week before."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """A day of the next one."""
        return self.last + timedelta(days=1)


def sheet_of(span: Span, day: date) -> Sheet:
    """The month or the week this day lies in."""
    first = day - timedelta(days=day.weekday()) if span is Span.WEEK else day.replace(day=1)
    after = first + timedelta(days=7) if span is Span.WEEK else (first + timedelta(days=32)).replace(day=1)
    start = first - timedelta(days=first.weekday())
    end = after + timedelta(days=-after.weekday() % 7)
    return Sheet(
        span,
        first,
        after - timedelta(days=1),
        tuple(start + timedelta(days=number) for number in range((end - start).days)),
    )


def read_day(text: str, today: date) -> date:
    """The day a page's address names, 2026-11 or 2026-11-28; today where it names none that can be."""
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return today
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else today


def weeks_of(sheet: Sheet, entries: Iterable[Entry]) -> list[list[tuple[date, list[Entry]]]]:
    """Rows of seven days with what happens on each, in the order given; what lasts several days stands on each."""
    on: dict[date, list[Entry]] = {day: [] for day in sheet.days}
    for entry in entries:
        day, last = (
            clock.local_date(entry.starts_at),
            clock.local_date(entry.ends_at - timedelta(microseconds=1)),
        )
        day = max(day, sheet.days[0])
        while day <= min(last, sheet.days[-1]):
            on[day].append(entry)
            day += timedelta(days=1)
    days = [(day, on[day]) for day in sheet.days]
    return [days[place : place + 7] for place in range(0, len(days), 7)]


# A sheet of A4 as static/css/month.css prints it, in millimetres.
_PAPER, _DAY, _ENTRY, _EMPTY = 150.0, 5.5, 9.7, 11.0


def fits_on_paper(weeks: list[list[tuple[date, list[Entry]]]]) -> int:
    """How many entries of each day fit on the one sheet that is hung up; of the others it says how many there are."""
    fullest = [max((len(entries) for _day, entries in week), default=0) for week in weeks]
    for most in range(max([*fullest, 1]), 1, -1):
        heights = [max(_EMPTY, _DAY + _ENTRY * min(number, most)) for number in fullest]
        # A day that is cut needs a line for saying so.
        cut = sum(3.2 for number in fullest if number > most)
        if sum(heights) + cut <= _PAPER:
            return most
    return 1
