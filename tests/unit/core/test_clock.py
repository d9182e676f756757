"""Time: overlap is defined once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.core import clock
from webapp.core.clock import Period

NINE = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


def hours(start: int, end: int) -> Period:
    return Period(NINE + timedelta(hours=start), NINE + timedelta(hours=end))


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (hours(0, 2), hours(2, 4), False),
        (hours(0, 2), hours(1, 3), True),
        (hours(0, 4), hours(1, 2), True),
        (hours(0, 2), hours(3, 4), False),
        (hours(0, 2), hours(0, 2), True),
    ],
)
def test_touching_periods_do_not_overlap(first: Period, second: Period, overlap: bool) -> None:
    assert first.overlaps(second) == overlap
    assert second.overlaps(first) == overlap


def test_a_period_is_half_open() -> None:
    period = hours(0, 2)
    assert period.contains(period.start)
    assert not period.contains(period.end)


def test_a_period_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="ends after"):
        hours(1, 1)


def test_a_day_begins_at_midnight_in_the_city() -> None:
    assert clock.start_of_day(date(2026, 11, 28)) == datetime(2026, 11, 27, 16, tzinfo=UTC)
    assert clock.local_date(datetime(2026, 11, 27, 16, tzinfo=UTC)) == date(2026, 11, 28)
    assert clock.local_date(datetime(2026, 11, 27, 15, 59, tzinfo=UTC)) == date(2026, 11, 27)


def test_typed_times_are_the_citys() -> None:
    assert clock.from_local(datetime(2026, 11, 28, 9, 0)) == NINE  # noqa: DTZ001  (what a form gives)
