"""The code on the wall: reading, judging, the spoken number, crowds."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.attendance.domain.phones import WallMode
from webapp.attendance.domain.wall import (
    CROWD,
    CodeState,
    WallCode,
    crowds,
    judge,
    read_number,
    read_wall_code,
    seconds_left,
    show_number,
    step_at,
)

NOW = datetime(2026, 11, 28, 1, 0, 10, tzinfo=UTC)
SESSION = "0123456789abcdefgh"
PROOF = "a" * 16


def prove(_text: str) -> str:
    return PROOF


@pytest.mark.parametrize("mode", list(WallMode))
def test_a_code_is_read_as_it_was_written(mode: WallMode) -> None:
    code = WallCode(SESSION, mode, 7, step_at(NOW))
    for text in (code.text + PROOF, (code.text + PROOF).upper(), f" {code.text}{PROOF} "):
        read = read_wall_code(text, prove)
        assert read == (code, PROOF, PROOF)


@pytest.mark.parametrize(
    "text", ["", "x", SESSION, "0" * 47, "码" * 47, "0123456789abcdefgh" + "x" + "0" * 12 + PROOF]
)
def test_what_is_no_code(text: str) -> None:
    assert read_wall_code(text, prove) is None


STEP = step_at(NOW)


@pytest.mark.parametrize(
    ("step", "serial", "mode", "expected"),
    [
        (STEP, 3, "rotating", CodeState.GOOD),
        (STEP - 1, 3, "rotating", CodeState.GOOD),
        (STEP - 2, 3, "rotating", CodeState.OLD),
        (STEP + 1, 3, "rotating", CodeState.OLD),
        (STEP, 2, "rotating", CodeState.OLD),
        (STEP, 3, "printed", CodeState.CLOSED),
        (STEP, 3, None, CodeState.CLOSED),
    ],
)
def test_a_code_from_a_screen(step: int, serial: int, mode: str | None, expected: CodeState) -> None:
    code = WallCode(SESSION, WallMode.ROTATING, serial, step)
    assert judge(code, mode=mode, serial=3, now=NOW) is expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("printed", CodeState.GOOD), ("rotating", CodeState.CLOSED), (None, CodeState.CLOSED)],
)
def test_a_code_from_paper_outlives_every_number(mode: str | None, expected: CodeState) -> None:
    assert judge(WallCode(SESSION, WallMode.PRINTED, 0, 0), mode=mode, serial=99, now=NOW) is expected


def test_half_minutes() -> None:
    assert seconds_left(NOW) == 20
    assert seconds_left(NOW + timedelta(seconds=20)) == 30
    assert step_at(NOW + timedelta(seconds=20)) == STEP + 1


@pytest.mark.parametrize(
    ("typed", "number"),
    [("482913", "482913"), (" 482 913 ", "482913"), ("４８２９１３", "482913"), ("48-29-13", "482913")],
)
def test_the_number_as_people_type_it(typed: str, number: str) -> None:
    assert read_number(typed) == number
    assert show_number(number) == "482 913"


def test_other_texts_are_no_number() -> None:
    assert read_number("abc") == ""
    assert read_number("1" * 5000) == "1" * 7


def moments(*seconds: float) -> list[datetime]:
    return [NOW + timedelta(seconds=one) for one in seconds]


def test_crowds() -> None:
    slow = moments(*(2 * number for number in range(60)))
    assert crowds(slow) == []
    assert crowds([]) == []
    burst = moments(*(number / 4 for number in range(CROWD)))
    assert crowds(burst[:-1]) == []
    assert crowds(burst) == [(NOW, CROWD)]
    # A burst that goes on is one, another one an hour later is another.
    long = moments(*(number / 4 for number in range(2 * CROWD)))
    later = [one + timedelta(hours=1) for one in burst]
    assert crowds(long + later) == [(NOW, 2 * CROWD), (later[0], CROWD)]
