"""The rule of hours as tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.core.clock import Period
from webapp.recognition.domain import Turnout
from webapp.recognition.domain.counting import (
    Rule,
    may_still_confirm,
    minutes_served,
    stars_earned,
    turnout_of,
)
from webapp.recognition.domain.workdays import (
    BothOffAndWorked,
    NotADay,
    NotOfTheYear,
    WorkCalendar,
    YearOfWork,
    check_year,
    end_of_notice,
    look_again_on,
    read_days,
    spans,
)

NINE = datetime(2026, 11, 28, 9, tzinfo=UTC)
MORNING = Period(NINE, NINE + timedelta(hours=2))
RULE = Rule()


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("came", "went", "counted", "turnout"),
    [
        (0, 120, 120, Turnout.AS_PLANNED),
        (-15, 120, 135, Turnout.AS_PLANNED),  # a quarter of an hour early counts
        (-16, 120, 135, Turnout.AS_PLANNED),  # more does not
        (-120, 120, 135, Turnout.AS_PLANNED),
        (0, 135, 135, Turnout.AS_PLANNED),
        (0, 135.5, 135, Turnout.LONGER),  # what is longer waits for a leader's word
        (0, 240, 135, Turnout.LONGER),
        (48, 120, 72, Turnout.AS_PLANNED),  # exactly 60 percent
        (48.1, 120, 71, Turnout.PART),
        (0, 0, 0, Turnout.PART),
        (30, 30.9, 0, Turnout.PART),  # whole minutes
        (-100, -50, 0, Turnout.PART),  # gone before anything counted
        (130, 200, 5, Turnout.LONGER),
    ],
)
def test_minutes_and_turnout(came: float, went: float, counted: int, turnout: Turnout) -> None:
    assert minutes_served(at(came), at(went), period=MORNING, rule=RULE) == counted
    assert turnout_of(at(came), at(went), period=MORNING, rule=RULE) == turnout


def test_a_leader_may_let_the_whole_stay_count() -> None:
    assert minutes_served(at(-60), at(240), period=MORNING, rule=RULE, whole_stay=True) == 255


def test_another_rule_counts_otherwise() -> None:
    strict = Rule(version=2, early_minutes=0, late_minutes=0, min_share=100)
    assert minutes_served(at(-10), at(130), period=MORNING, rule=strict) == 120
    assert turnout_of(at(1), at(120), period=MORNING, rule=strict) == Turnout.PART
    assert turnout_of(at(0), at(120), period=MORNING, rule=strict) == Turnout.AS_PLANNED


def test_seven_days_to_confirm() -> None:
    assert may_still_confirm(NINE, RULE, NINE + timedelta(days=7))
    assert not may_still_confirm(NINE, RULE, NINE + timedelta(days=7, seconds=1))


@pytest.mark.parametrize(
    ("hours", "stars"), [(0, 0), (99.9, 0), (100, 1), (299, 1), (300, 2), (1500, 5), (9000, 5)]
)
def test_stars(hours: float, stars: int) -> None:
    assert stars_earned(int(hours * 60), [100, 300, 600, 1000, 1500]) == stars


def autumn(year: int) -> YearOfWork:
    if year != 2026:
        return YearOfWork()
    off = frozenset(date(2026, 10, day) for day in (1, 2, 5, 6, 7))
    return YearOfWork(off, frozenset({date(2026, 9, 20), date(2026, 10, 10)}), is_published=True)


@pytest.mark.parametrize(
    ("first", "days", "last"),
    [
        (date(2026, 11, 23), 3, date(2026, 11, 26)),  # Monday to Thursday
        (date(2026, 11, 27), 3, date(2026, 12, 2)),  # over a weekend
        (
            date(2026, 9, 30),
            3,
            date(2026, 10, 10),
        ),  # over the National Day: 8, 9 and the Saturday made up for it
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 12, 31), 1, date(2027, 1, 1)),  # nothing is known of 2027: the weekday decides
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
    ],
)
def test_working_days(first: date, days: int, last: date) -> None:
    assert WorkCalendar(autumn).after(first, days) == last


def test_what_the_office_says_counts_first() -> None:
    own = YearOfWork(frozenset({date(2026, 11, 24)}), frozenset({date(2026, 10, 5)}))
    said = WorkCalendar(lambda year: autumn(year).corrected(own if year == 2026 else YearOfWork()))
    assert said.after(date(2026, 11, 23), 1) == date(2026, 11, 25)
    assert said.is_workday(date(2026, 10, 5))
    assert said.is_certain(date(2026, 1, 1))
    assert not said.is_certain(date(2027, 1, 1))


def test_days_as_written() -> None:
    assert read_days("2027-02-15，2027-02-14\n2027-02-15", field="off") == [
        date(2027, 2, 14),
        date(2027, 2, 15),
    ]
    with pytest.raises(NotADay):
        read_days("明天", field="off")


def test_a_notice_counted_anew_never_ends_before_the_day_of_the_change() -> None:
    was, today = date(2027, 2, 10), date(2027, 2, 5)
    assert end_of_notice(date(2027, 2, 17), was=was, today=today) == date(2027, 2, 17)
    assert end_of_notice(date(2027, 2, 3), was=was, today=today) == today
    assert end_of_notice(date(2027, 2, 17), was=date(2027, 2, 4), today=today) == date(
        2027, 2, 4
    )  # over is over


def test_when_to_look_for_a_year_again() -> None:
    assert look_again_on(2027, date(2026, 3, 1)) == date(2026, 11, 20)
    assert look_again_on(2027, date(2026, 11, 20)) == date(2026, 11, 27)
    assert look_again_on(2027, date(2026, 11, 29)) == date(2026, 12, 4)
    assert look_again_on(2027, date(2027, 1, 2)) > date(2027, 1, 2)


def test_a_day_is_listed_in_its_year() -> None:
    with pytest.raises(NotOfTheYear):
        check_year(2027, [date(2026, 12, 31)], [])
    with pytest.raises(BothOffAndWorked):
        check_year(2027, [date(2027, 2, 8)], [date(2027, 2, 8)])
    assert spans([date(2027, 2, 8), date(2027, 2, 6), date(2027, 2, 7), date(2027, 4, 5)]) == [
        (date(2027, 2, 6), date(2027, 2, 8)),
        (date(2027, 4, 5), date(2027, 4, 5)),
    ]
