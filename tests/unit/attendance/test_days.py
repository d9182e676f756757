"""A session of several days: each day counts for the plan that holds it, the session itself once for each task."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from webapp.attendance.domain.counting import Counting, Days, Reach

EXHIBITION = Days(date(2025, 12, 20), date(2026, 1, 10))
OLD = Counting("t1", "s1", "old", date(2021, 1, 1), date(2025, 12, 31))
NEW = Counting("t2", "s2", "new", date(2026, 1, 1), date(2030, 12, 31))


def test_each_day_goes_to_its_own_plan() -> None:
    for day, task in ((date(2025, 12, 31), OLD), (date(2026, 1, 1), NEW)):
        (one,) = EXHIBITION.of_people([OLD, NEW], day)
        assert (one.task, one.day, one.reach) == (task, day, Reach.CITY)


def test_doors_open_before_the_first_day_and_close_after_the_last() -> None:
    assert EXHIBITION.of_people([OLD, NEW], date(2025, 12, 19))[0].day == date(2025, 12, 20)
    assert EXHIBITION.of_people([OLD, NEW], date(2026, 1, 11))[0].day == date(2026, 1, 10)


def test_the_session_counts_once_in_the_city_and_once_for_each_plan() -> None:
    found = EXHIBITION.of_session([OLD, NEW])
    assert [(one.task, one.day, one.reach) for one in found] == [
        (OLD, date(2025, 12, 20), Reach.CITY),
        (NEW, date(2026, 1, 1), Reach.PLAN),
    ]


def test_what_no_plan_holds_counts_for_nothing() -> None:
    assert EXHIBITION.of_people([OLD], date(2026, 1, 1)) == []
    assert Days(date(2031, 5, 1), date(2031, 5, 1)).of_session([OLD, NEW]) == []


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 120))
def test_every_day_is_counted_by_exactly_one_of_two_plans_in_a_row(
    start: int, length: int, came: int
) -> None:
    first = date.fromordinal(date(2025, 11, 20).toordinal() + start)
    days = Days(first, date.fromordinal(first.toordinal() + length))
    found = days.of_people([OLD, NEW], date.fromordinal(date(2025, 11, 1).toordinal() + came))
    assert [one.reach for one in found] == [Reach.CITY]
    assert days.first <= found[0].day <= days.last
