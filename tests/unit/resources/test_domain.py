"""When two bookings clash."""

from datetime import UTC, datetime

import pytest

from webapp.resources.domain import overlap


def at(hour: int) -> datetime:
    return datetime(2026, 11, 28, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ((9, 11), (9, 11), True),
        ((9, 11), (10, 12), True),
        ((9, 12), (10, 11), True),
        ((9, 11), (11, 13), False),
        ((9, 10), (11, 12), False),
    ],
)
def test_overlap(first: tuple[int, int], second: tuple[int, int], clash: bool) -> None:
    one, other = (at(first[0]), at(first[1])), (at(second[0]), at(second[1]))
    assert overlap(one, other) is clash
    assert overlap(other, one) is clash
