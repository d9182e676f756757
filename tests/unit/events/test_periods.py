"""What lies inside the periods of plans."""

from datetime import date

import pytest

from webapp.core import clock
from webapp.events.domain.periods import days_of, first_day_outside, holds_any

OLD, NEW = (date(2021, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2030, 12, 31))
GAP = (date(2026, 3, 1), date(2030, 12, 31))
OVER_NEW_YEAR = (date(2025, 12, 20), date(2026, 1, 10))


@pytest.mark.parametrize(
    ("span", "periods", "day"),
    [
        (OVER_NEW_YEAR, [OLD, NEW], None),
        (OVER_NEW_YEAR, [NEW, OLD], None),
        (OVER_NEW_YEAR, [OLD], date(2026, 1, 1)),
        (OVER_NEW_YEAR, [NEW], date(2025, 12, 20)),
        (OVER_NEW_YEAR, [OLD, GAP], date(2026, 1, 1)),
        ((date(2031, 5, 1), date(2031, 5, 1)), [OLD, NEW], date(2031, 5, 1)),
        ((date(2030, 12, 31), date(2030, 12, 31)), [NEW], None),
    ],
)
def test_the_first_day_outside(
    span: tuple[date, date], periods: list[tuple[date, date]], day: date | None
) -> None:
    assert first_day_outside(span, periods) == day


def test_a_session_that_ends_at_midnight_ends_on_the_day_before() -> None:
    first, after = clock.start_of_day(date(2030, 12, 31)), clock.start_of_day(date(2031, 1, 1))
    assert days_of(first, after) == (date(2030, 12, 31), date(2030, 12, 31))
    assert holds_any(NEW, [days_of(first, after)])
    assert not holds_any(NEW, [(date(2031, 1, 1), date(2031, 1, 2))])
