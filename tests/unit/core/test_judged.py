"""Whether a clock can be believed: the table of what its witnesses say."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.core.judged import Reading, Verdict, is_confirmed, judge_clock

NINE = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
MINUTE, HOUR, DAY, YEAR = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=365),
)
AGREES, AHEAD, BEHIND = Verdict.AGREES, Verdict.AHEAD, Verdict.BEHIND


def measured(jump: timedelta, **more: object) -> Reading:
    """A minute was measured since the last beat, and the clock moved by that and by `jump`."""
    return Reading(NINE + MINUTE + jump, NINE, MINUTE, **more)  # type: ignore[arg-type]


def stop(length: timedelta, **more: object) -> Reading:
    """Nobody knows how long the machine was off; the clock says `length`."""
    return Reading(NINE + length, NINE, None, stood_still=True, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reading", "verdict"),
    [
        (Reading(NINE, None), AGREES),  # the very first beat
        (Reading(NINE, None, apart=-2 * YEAR), AHEAD),  # and yet the database knows better
        (Reading(NINE, None, apart=HOUR), BEHIND),
        (measured(0 * HOUR), AGREES),
        (measured(2 * MINUTE), AGREES),  # network time puts right
        (measured(-2 * MINUTE), AGREES),
        (measured(3 * MINUTE), AHEAD),
        (measured(HOUR), AHEAD),
        (measured(-HOUR), BEHIND),
        (measured(DAY), AHEAD),
        (measured(2 * YEAR), AHEAD),
        (measured(-2 * YEAR), BEHIND),
        # What was measured is believed before any other clock: all of one machine move together.
        (measured(HOUR, is_witnessed=True, apart=0 * HOUR), AHEAD),
        (measured(0 * HOUR, apart=-HOUR), AHEAD),
        (measured(0 * HOUR, apart=HOUR), BEHIND),
        # A machine that was off.
        (stop(3 * DAY), AGREES),
        (stop(4 * DAY), AHEAD),
        (stop(14 * DAY, is_witnessed=True), AGREES),
        (stop(40 * DAY, is_witnessed=True), AGREES),
        (stop(41 * DAY, is_witnessed=True), AHEAD),
        (stop(DAY, apart=-HOUR), AHEAD),
        (stop(-3 * MINUTE), BEHIND),
        (stop(-HOUR, is_witnessed=True), BEHIND),
        # It was off, was not believed, and has run for an hour since: the stop is as long as before.
        (Reading(NINE + 5 * DAY, NINE, HOUR, stood_still=True), AHEAD),
        (Reading(NINE + 5 * DAY, NINE, HOUR, stood_still=True, is_witnessed=True), AGREES),
        (Reading(NINE + HOUR, NINE, HOUR, stood_still=True), AGREES),
    ],
)
def test_what_is_thought_of_a_clock(reading: Reading, verdict: Verdict) -> None:
    assert judge_clock(reading) == verdict


def test_a_word_holds_for_a_day() -> None:
    assert is_confirmed(NINE, NINE)
    assert is_confirmed(NINE + DAY, NINE)
    assert not is_confirmed(NINE + DAY + MINUTE, NINE)
    assert not is_confirmed(NINE - HOUR, NINE)
    assert not is_confirmed(NINE, None)
