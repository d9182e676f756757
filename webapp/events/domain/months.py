"""Events of many sessions are read by month."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

from webapp.core import clock

MANY = 12  # sessions that are read in one list; more are put under their months
T = TypeVar("T")


def by_month(items: Iterable[T], begins: Callable[[T], datetime]) -> dict[date, list[T]]:
    """Items in the order they came, under the first day of the month (on the city's clock) in which each begins."""

    def month(item: T) -> date:
        return clock.local_date(begins(item)).replace(day=1)

    return {first: list(some) for first, some in groupby(sorted(items, key=begins), month)}


def month_shown(months: Iterable[date], wanted: str, today: date) -> date | None:
    """The month asked for as "2026-12" if it is one of `months`; else that of today or the next, else the last."""
    known = sorted(months)
    asked = next((one for one in known if f"{one:%Y-%m}" == wanted), None)
    coming = next((one for one in known if one >= today.replace(day=1)), None)
    return asked or coming or (known[-1] if known else None)
