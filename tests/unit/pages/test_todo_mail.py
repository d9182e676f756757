"""Who gets a mail of the day's 待办, and when: the table of truth."""

from datetime import date, datetime
from itertools import product

import pytest

from webapp.core.clock import from_local
from webapp.pages.domain import todo_mail as rules
from webapp.pages.domain.todo_mail import Standing, Wish

MINE, OTHER = "mark of my address", "mark of another"
MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("wish", "mailbox", "gateway", "site", "found"),
    [
        (None, None, False, False, Standing.NO_GATEWAY),
        (Wish(True, MINE), MINE, False, True, Standing.NO_GATEWAY),
        (Wish(True, MINE), MINE, True, False, Standing.NO_SITE),
        (Wish(True, MINE), None, True, True, Standing.NO_MAILBOX),
        (None, MINE, True, True, Standing.OFF),
        (Wish(False, MINE), MINE, True, True, Standing.OFF),
        (Wish(True), MINE, True, True, Standing.UNCONFIRMED),
        (Wish(True, OTHER), MINE, True, True, Standing.UNCONFIRMED),  # the address was changed since
        (Wish(True, MINE), MINE, True, True, Standing.ON),
    ],
)
def test_how_it_stands(
    wish: Wish | None, mailbox: str | None, gateway: bool, site: bool, found: Standing
) -> None:
    assert rules.standing(wish, mailbox, has_gateway=gateway, has_site=site) == found
    assert (found in rules.WHY_NOT) == (not found.is_possible)


def test_only_who_wants_it_works_here_and_had_none_today_gets_one() -> None:
    days = (None, date(2026, 11, 27), MONDAY, date(2026, 12, 1))
    for standing, works_here, last_on in product(Standing, (True, False), days):
        due = rules.gets_one(standing, works_here=works_here, last_on=last_on, today=MONDAY)
        assert due == (standing == Standing.ON and works_here and last_on in days[:2])


@pytest.mark.parametrize(
    ("hour", "minute", "begins", "is_workday", "leaves"),
    [
        (7, 59, 7, True, False),
        (8, 0, 7, True, True),
        (10, 0, 7, True, True),  # the server came back late
        (17, 59, 7, True, True),
        (18, 0, 7, True, False),
        (8, 0, 9, True, False),  # the house sends nothing before nine
        (9, 0, 9, True, True),
        (8, 0, 7, False, False),
        (0, 5, 0, True, False),
    ],
)
def test_in_the_morning_of_a_working_day(
    hour: int, minute: int, begins: int, is_workday: bool, leaves: bool
) -> None:
    now = from_local(datetime(2026, 11, 30, hour, minute))  # noqa: DTZ001
    assert rules.is_time(now, hour=rules.hour_of(begins), is_workday=is_workday) == leaves


def test_who_says_yes_after_it_left_waits_for_the_next_day() -> None:
    for hour, over in ((7, False), (8, True), (23, True)):
        assert rules.is_over(from_local(datetime(2026, 11, 30, hour)), hour=8) == over  # noqa: DTZ001
