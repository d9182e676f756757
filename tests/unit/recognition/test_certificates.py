"""Steps of a certificate, its number, its figures."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from webapp.recognition.domain import CertificateStatus as Status
from webapp.recognition.domain.certificates import (
    Application,
    NotOver,
    Step,
    Sums,
    WrongPeriod,
    WrongStep,
    after,
    check_period,
    exact_text,
    hours_text,
    next_counter,
    number_base,
    read_number,
    split_lines,
    steps_from,
)

ALLOWED = {
    (Status.APPLIED, Step.ACCEPT): Status.ACCEPTED,
    (Status.APPLIED, Step.REJECT): Status.REJECTED,
    (Status.ACCEPTED, Step.REJECT): Status.REJECTED,
    (Status.ACCEPTED, Step.ISSUE): Status.ISSUED,
    (Status.ISSUED, Step.REVOKE): Status.REVOKED,
}


@pytest.mark.parametrize(("status", "step"), list(product(Status, Step)))
def test_each_step_begins_where_it_may(status: Status, step: Step) -> None:
    assert (step in steps_from(status)) == ((status, step) in ALLOWED)
    if (status, step) in ALLOWED:
        assert after(status, step) == ALLOWED[status, step]
    else:
        with pytest.raises(WrongStep):
            after(status, step)


def test_a_period_is_in_order_and_past() -> None:
    today = date(2026, 11, 28)
    check_period(Application("o", today, today), today)
    with pytest.raises(WrongPeriod):
        check_period(Application("o", today, date(2026, 11, 27)), today)
    with pytest.raises(NotOver):
        check_period(Application("o", today, date(2026, 11, 29)), today)


def test_hours_have_one_decimal_half_up() -> None:
    assert [hours_text(minutes) for minutes in (0, 3, 15, 90, 95, 6000)] == [
        "0.0",
        "0.1",
        "0.3",
        "1.5",
        "1.6",
        "100.0",
    ]


def test_numbers_count_on_and_are_read_however_they_are_typed() -> None:
    assert number_base(2026, 123) == "KPX-2026-000123"
    assert next_counter(None) == 1
    assert next_counter("KPX-2026-000123-ABCD") == 124
    for typed in (
        "KPX-2026-000123-7KQM",
        " kpx 2026 000123 7kqm",
        "ＫＰＸ－2026－000123－7KQM",
        "KPX2026000123-7kqm。".rstrip("。"),
    ):
        assert read_number(typed) == "KPX-2026-000123-7KQM"
    for typed in (
        "",
        "KPX-2026-000123",
        "KPX-2026-000123-7KQ1",
        "X" * 300,
        "KPX-２０２６-x",
        "KPX-2026-000123-7KQMM",
    ):
        assert read_number(typed) is None


def _line(title: str = "讲座", **values: Any) -> dict[str, Any]:
    made = {
        "on": "2026-11-28",
        "title": title,
        "role": "",
        "venue": "社区",
        "minutes": 60,
        "added_minutes": 0,
    }
    return made | values


def test_the_first_page_takes_what_fits_and_the_annex_the_rest() -> None:
    short, long = [_line() for _ in range(40)], [_line("很长的活动名称" * 8) for _ in range(40)]
    assert len(split_lines(short)[0]) == 12
    first, rest = split_lines(long, remarks="说明" * 100)
    assert 0 < len(first) < 12
    assert first + rest == long
    assert split_lines([]) == ([], [])


def test_sums_keep_the_two_kinds_of_time_apart() -> None:
    assert Sums.of([_line(), _line(minutes=0, added_minutes=30)]) == Sums(2, 60, 30)


@pytest.mark.parametrize("minutes", [[20, 20, 20], [35, 35, 35], [5] * 12, [61, 62, 63], [480, 0, 1]])
def test_lines_of_a_certificate_add_up_to_what_it_says(minutes: list[int]) -> None:
    """Hours with one decimal do not: 0.3 + 0.3 + 0.3 is no 1.0."""
    lines = [exact_text(one).split(":") for one in minutes]
    assert sum(int(hours) * 60 + int(rest) for hours, rest in lines) == sum(minutes)
    assert exact_text(sum(minutes)) == f"{sum(minutes) // 60}:{sum(minutes) % 60:02}"
