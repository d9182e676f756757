"""Many sessions are read by month."""

from datetime import date, datetime

import pytest

from webapp.core import clock
from webapp.events.domain.months import by_month, month_shown

MONTHS = [date(2026, 10, 1), date(2026, 12, 1), date(2027, 1, 1)]


def at(*parts: int) -> datetime:
    return clock.from_local(datetime(*parts))  # noqa: DTZ001


def test_a_session_stands_in_the_month_it_has_in_the_city() -> None:
    some = [at(2026, 12, 31, 23), at(2026, 11, 30, 9), at(2027, 1, 1, 0, 30)]
    found = by_month(some, lambda one: one)
    assert list(found) == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert by_month([], lambda one: at(2026, 1, 1)) == {}


@pytest.mark.parametrize(
    ("wanted", "today", "shown"),
    [
        ("2027-01", date(2026, 11, 29), date(2027, 1, 1)),
        ("", date(2026, 11, 29), date(2026, 12, 1)),
        ("", date(2026, 10, 31), date(2026, 10, 1)),
        ("", date(2028, 1, 1), date(2027, 1, 1)),
        ("2026-11", date(2026, 11, 29), date(2026, 12, 1)),
        ("nonsense", date(2026, 12, 5), date(2026, 12, 1)),
    ],
)
def test_the_month_on_the_page(wanted: str, today: date, shown: date) -> None:
    assert month_shown(MONTHS, wanted, today) == shown


def test_no_months_no_month() -> None:
    assert month_shown([], "2026-12", date(2026, 11, 29)) is None
