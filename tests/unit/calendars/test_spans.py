"""Months and weeks, and what falls on their days."""

from datetime import UTC, date, datetime

import pytest

from webapp.calendars.domain import Entry, spans

TODAY = date(2026, 11, 24)


def entry(starts: datetime, ends: datetime) -> Entry:
    return Entry(
        "u", 0, starts, ends, starts, starts, title="讲座", place="", description="", path="/", status="CONFIRMED",
        opaque=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("span", "day", "first", "last", "shown_from", "shown_to"),
    [
        (
            spans.Span.MONTH,
            TODAY,
            date(2026, 11, 1),
            date(2026, 11, 30),
            date(2026, 10, 26),
            date(2026, 12, 6),
        ),
        (
            spans.Span.MONTH,
            date(2027, 2, 1),
            date(2027, 2, 1),
            date(2027, 2, 28),
            date(2027, 2, 1),
            date(2027, 2, 28),
        ),
        (
            spans.Span.MONTH,
            date(2024, 2, 29),
            date(2024, 2, 1),
            date(2024, 2, 29),
            date(2024, 1, 29),
            date(2024, 3, 3),
        ),
        (
            spans.Span.WEEK,
            TODAY,
            date(2026, 11, 23),
            date(2026, 11, 29),
            date(2026, 11, 23),
            date(2026, 11, 29),
        ),
        (
            spans.Span.WEEK,
            date(2027, 1, 1),
            date(2026, 12, 28),
            date(2027, 1, 3),
            date(2026, 12, 28),
            date(2027, 1, 3),
        ),
    ],
)
def test_a_sheet_has_whole_weeks(
    span: spans.Span, day: date, first: date, last: date, shown_from: date, shown_to: date
) -> None:
    sheet = spans.sheet_of(span, day)
    assert (sheet.first, sheet.last, sheet.days[0], sheet.days[-1]) == (first, last, shown_from, shown_to)
    assert len(sheet.days) % 7 == 0
    assert spans.sheet_of(span, sheet.before).last == sheet.before
    assert spans.sheet_of(span, sheet.after).first == sheet.after


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-12", date(2026, 12, 1)), ("2026-12-31", date(2026, 12, 31)), ("", TODAY), ("2026-13", TODAY),
        ("1989-12", TODAY), ("2101-01-01", TODAY), ("明天", TODAY), ("2026-02-30", TODAY), ("9" * 400, TODAY),
    ],
)  # fmt: skip
def test_a_day_in_an_address(text: str, read: date) -> None:
    assert spans.read_day(text, TODAY) == read


def test_what_lasts_several_days_stands_on_each_of_the_city() -> None:
    sheet = spans.sheet_of(spans.Span.WEEK, TODAY)
    overnight = entry(
        datetime(2026, 11, 24, 14, tzinfo=UTC), datetime(2026, 11, 24, 18, tzinfo=UTC)
    )  # 22:00–02:00
    to_midnight = entry(datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 11, 25, 16, tzinfo=UTC))
    long = entry(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 24, 1, tzinfo=UTC))
    (week,) = spans.weeks_of(sheet, [long, overnight, to_midnight])
    assert [[found for found in (long, overnight, to_midnight) if found in some] for _day, some in week[:4]] == [
        [long], [long, overnight], [overnight, to_midnight], [],
    ]  # fmt: skip
