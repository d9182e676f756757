"""When names may be ticked, a sheet entered, and what time everyone is taken to have left."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.attendance.domain import Direction, Grade, Method, grade_of
from webapp.attendance.domain.doors import (
    PAPER_LIMIT,
    DoorsClosed,
    LeftBeforeComing,
    NothingTicked,
    OutsideDoors,
    SheetTooEarly,
    SheetTooLate,
    Ticks,
    TimeAhead,
    TimeMissing,
    check_ticks,
    leaving_at,
    left_at,
)
from webapp.core.clock import Period
from webapp.core.errors import Refusal

START = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)
END = START + timedelta(hours=2)
PERIOD = Period(START, END)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def ticks(
    *, came: int = 1, left: int = 0, came_at: datetime | None = None, left_at: datetime | None = None
) -> Ticks:
    return Ticks(["a"] * came, ["b"] * left, came_at, left_at, "n")


def sheet(**given: int | datetime | None) -> Ticks:
    made = ticks(**given)  # type: ignore[arg-type]
    return Ticks(made.came, made.left, made.came_at, made.left_at, "n", from_sheet=True)


@pytest.mark.parametrize(
    ("given", "now", "refusal"),
    [
        (ticks(), START, None),
        (ticks(came=0), START, NothingTicked),
        (ticks(came=0, left=1), END + HOUR, None),
        # Two hours before the start the doors open, two hours after the end they close.
        (ticks(), START - 2 * HOUR, None),
        (ticks(), START - 2 * HOUR - MINUTE, OutsideDoors),
        (ticks(), END + 2 * HOUR - MINUTE, None),
        (ticks(), END + 2 * HOUR, DoorsClosed),
        (ticks(came_at=START - 3 * HOUR), START, OutsideDoors),
        # A page knows minutes, a clock may be two of them ahead.
        (ticks(came_at=START + 2 * MINUTE), START, None),
        (ticks(came_at=START + 3 * MINUTE), START, TimeAhead),
        (ticks(left=1, came_at=START + MINUTE, left_at=START), END, LeftBeforeComing),
        (ticks(left=1, came_at=START, left_at=END), END, None),
        (ticks(left=1, came_at=START), END, None),
        # A time nobody is ticked for does not matter.
        (ticks(left_at=START + 9 * HOUR), START, None),
        (sheet(came_at=START), END - MINUTE, SheetTooEarly),
        (sheet(came_at=START), END, None),
        (sheet(came_at=START), END + PAPER_LIMIT, None),
        (sheet(came_at=START), END + PAPER_LIMIT + MINUTE, SheetTooLate),
        (sheet(), END, TimeMissing),
        (sheet(came=0, left=1, came_at=START), END, TimeMissing),
        (sheet(came_at=END + 2 * HOUR), END + 5 * HOUR, OutsideDoors),
    ],
)
def test_a_page_of_names(given: Ticks, now: datetime, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        check_ticks(given, PERIOD, now)
        return
    with pytest.raises(refusal):
        check_ticks(given, PERIOD, now)


def test_a_refusal_stands_beside_its_time() -> None:
    with pytest.raises(TimeAhead) as found:
        check_ticks(ticks(came=0, left=1, left_at=END), PERIOD, START)
    assert found.value.at_field == "left_at"


@pytest.mark.parametrize(
    ("out", "expected"),
    [
        (START + HOUR, START + HOUR),
        (START - MINUTE, START),
        (START - 2 * MINUTE, START),
        (START - 3 * MINUTE, None),
    ],
)
def test_out_is_not_before_in(out: datetime, expected: datetime | None) -> None:
    assert left_at(out, START) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START + HOUR, START + HOUR),
        (END + HOUR, END + HOUR),
        (END + timedelta(days=3), END + 2 * HOUR),
    ],
)
def test_everyone_left_now_or_when_the_doors_closed(now: datetime, expected: datetime) -> None:
    assert leaving_at(now, PERIOD) == expected


def test_ticks_and_sheets_are_the_weaker_evidence() -> None:
    assert (ticks().method, sheet().method) == (Method.ROSTER, Method.PAPER)
    assert grade_of(sheet().method) == Grade.ROSTER
    assert ticks(came_at=START).moment(Direction.IN, END) == START
    assert ticks().moment(Direction.OUT, END) == END
