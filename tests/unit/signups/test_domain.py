"""Decisions of sign-ups, as truth tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.clock import Period
from webapp.signups import domain
from webapp.signups.domain import (
    LIVING,
    SHORT_CODE_ALPHABET,
    PositionFull,
    SignupStatus,
    Waiting,
    clash,
    may_cancel,
    next_from_waitlist,
    place_for,
    window_open,
)

START = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = Period(START, START + 2 * HOUR)
BEFORE, AT_START, INSIDE, AT_END = START - HOUR, START, START + HOUR, PERIOD.end


def test_who_gets_a_place() -> None:
    for waitlist in (True, False):
        assert place_for(took_place=True, waitlist=waitlist) == SignupStatus.CONFIRMED
    assert place_for(took_place=False, waitlist=True) == SignupStatus.WAITLISTED
    with pytest.raises(PositionFull):
        place_for(took_place=False, waitlist=False)


@pytest.mark.parametrize(
    ("now", "volunteer", "audience"),
    [(BEFORE, True, True), (AT_START, False, True), (INSIDE, False, True), (AT_END, False, False)],
)
def test_the_window(now: datetime, volunteer: bool, audience: bool) -> None:
    for is_volunteer, expected in ((True, volunteer), (False, audience)):
        for status in ("draft", "submitted", "published", "postponed", "cancelled", "closed"):
            for cancelled in (True, False):
                found = window_open(
                    event_status=status,
                    session_cancelled=cancelled,
                    period=PERIOD,
                    is_volunteer=is_volunteer,
                    now=now,
                )
                assert found == (expected and status == "published" and not cancelled)


def test_what_can_be_taken_back() -> None:
    for status in SignupStatus:
        for now in (BEFORE, AT_START, INSIDE, AT_END):
            expected = status in LIVING and now < AT_END
            assert may_cancel(status=status, period=PERIOD, now=now) == expected


def test_clash_names_the_first_that_overlaps_and_touching_is_fine() -> None:
    touching = [(Period(START - HOUR, START), "前"), (Period(AT_END, AT_END + HOUR), "后")]
    assert clash(PERIOD, touching) is None
    assert clash(PERIOD, [*touching, (Period(INSIDE, AT_END), "甲"), (PERIOD, "乙")]) == "甲"


def test_the_next_on_the_list() -> None:
    queue = [Waiting(one, one.upper()) for one in "abcd"]

    def chosen(free: int, *busy: str) -> str:
        return "".join(one.signup_id for one in next_from_waitlist(queue, free=free, clashing=set(busy)))

    assert (chosen(0), chosen(1), chosen(2), chosen(9), chosen(-1)) == ("", "a", "ab", "abcd", "")
    assert (chosen(2, "A"), chosen(1, "A", "B", "C"), chosen(3, *"ABCD")) == ("bc", "d", "")


ids = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=18, max_size=18)
highest = len(SHORT_CODE_ALPHABET) ** 2 - 1


@given(ids, st.integers(1, highest), st.booleans())
def test_a_pass_code_is_taken_apart_as_it_was_put_together(signup_id: str, serial: int, upper: bool) -> None:
    body = domain.pass_body(signup_id, serial)
    code = body + "m" * 16
    assert len(code) == domain.PASS_CODE_LENGTH == 36
    found = domain.split_pass_code(f" {code.upper() if upper else code} ")
    assert found == (signup_id, serial, body, "m" * 16)


def test_a_serial_has_limits() -> None:
    for serial in (0, -1, highest + 1):
        with pytest.raises(ValueError):
            domain.pass_body("0" * 18, serial)


@given(st.text(max_size=60))
def test_any_text_may_be_read_as_a_code(text: str) -> None:
    domain.split_pass_code(text)
    found = domain.read_short_code(text)
    assert found is None or set(found) <= set(SHORT_CODE_ALPHABET)


def test_short_codes_as_people_type_them() -> None:
    for typed in ("7K2M9Q", "7k2m9q", " 7K2 M9Q ", "7K2-M9Q", "７Ｋ２Ｍ９Ｑ", "7k2·m9q"):
        assert domain.read_short_code(typed) == "7K2M9Q"
    for typed in ("", "7K2M9", "7K2M9QQ", "7K2M90", "7K2M9I", "七K2M9Q"):
        assert domain.read_short_code(typed) is None
    assert domain.show_short_code("7K2M9Q") == "7K2 M9Q"
