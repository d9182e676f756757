"""Decisions of sign-ups, as truth tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.clock import Period
from webapp.core.timing import WakingHours
from webapp.signups import domain
from webapp.signups.domain import (
    LIVING,
    SHORT_CODE_ALPHABET,
    Held,
    InLine,
    Leave,
    OfferTerms,
    PositionFull,
    SetTimes,
    Shut,
    SignupStatus,
    Waiting,
    can_answer,
    clash,
    leaving,
    may_cancel,
    moved_to,
    next_from_waitlist,
    offer_until,
    place_for,
    why_shut,
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


def test_the_times_set_by_the_organiser() -> None:
    def shut(now: datetime, opens: datetime | None, closes: datetime | None) -> Shut | None:
        return why_shut(
            event_status="published",
            session_cancelled=False,
            period=PERIOD,
            is_volunteer=False,
            now=now,
            times=SetTimes(opens, closes),
        )

    assert shut(BEFORE, None, None) is None
    assert shut(BEFORE, AT_START, None) == Shut.NOT_YET
    assert shut(AT_START, AT_START, INSIDE) is None
    assert shut(INSIDE, AT_START, INSIDE) == Shut.CLOSED
    assert shut(AT_END, INSIDE, None) == Shut.CLOSED


def test_what_can_be_taken_back() -> None:
    long_ago = START - 100 * HOUR
    for status in SignupStatus:
        for now in (START - 3 * HOUR, START - 4 * HOUR, BEFORE, AT_START, INSIDE, AT_END):
            held = Held(status, PERIOD, 3, long_ago)
            is_open = status in LIVING and now < AT_END
            assert may_cancel(held, now=now, as_staff=True) == is_open
            in_time = status != SignupStatus.CONFIRMED or now < START - 3 * HOUR
            assert may_cancel(held, now=now) == (is_open and in_time)
            if is_open and not in_time:
                assert leaving(held, now=now) == Leave.TOO_LATE
    late = Held("confirmed", PERIOD, 3, BEFORE)
    assert may_cancel(late, now=BEFORE + timedelta(minutes=15))
    assert not may_cancel(late, now=BEFORE + timedelta(minutes=15, seconds=1))
    assert may_cancel(Held("confirmed", PERIOD, 0, long_ago), now=START - timedelta(seconds=1))


SLEEPLESS = OfferTerms(24 * HOUR, 2 * HOUR, WakingHours(0, 24))  # how nights count: core/test_timing.py


@pytest.mark.parametrize(
    ("ahead", "volunteer", "audience"),
    [
        (30.0, 24.0, 24.0),
        (24.01, 24.0, 24.0),
        (24.0, 2.0, 2.0),
        (5.0, 2.0, 2.0),
        (1.0, 1.0, 2.0),
        (-1.5, -1.5, 0.5),
    ],
)
def test_until_when_an_offer_stands(ahead: float, volunteer: float, audience: float) -> None:
    now = START - ahead * HOUR
    for is_volunteer, hours in ((True, volunteer), (False, audience)):
        found = offer_until(since=now, period=PERIOD, is_volunteer=is_volunteer, terms=SLEEPLESS)
        assert found == now + hours * HOUR


def test_who_can_be_asked() -> None:
    for source in ("self", "guest", "api", "staff"):
        for has_account in (True, False):
            assert not can_answer(is_reachable=False, source=source, has_account=has_account)
            expected = has_account or source != "staff"
            assert can_answer(is_reachable=True, source=source, has_account=has_account) == expected


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.data())
def test_a_move_in_the_queue_keeps_everyone_else_in_order(priorities: list[int], data: st.DataObject) -> None:
    queue = [InLine(str(n), one) for n, one in enumerate(sorted(priorities, reverse=True))]
    moving = data.draw(st.sampled_from([one.signup_id for one in queue]))
    place = data.draw(st.integers(1, len(queue)))
    changed = moved_to(queue, moving, place)
    after = {one.signup_id: changed.get(one.signup_id, one.priority) for one in queue}
    order = sorted(after, key=lambda one: (-after[one], int(one)))
    assert order.index(moving) == place - 1
    assert [one for one in order if one != moving] == [o.signup_id for o in queue if o.signup_id != moving]
    assert after[moving] > 0  # whoever joins later comes behind


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


@given(st.text(max_size=60))
def test_any_text_may_be_read_as_a_short_code(text: str) -> None:
    found = domain.read_short_code(text)
    assert found is None or set(found) <= set(SHORT_CODE_ALPHABET)


def test_short_codes_as_people_type_them() -> None:
    for typed in ("7K2M9Q", "7k2m9q", " 7K2 M9Q ", "7K2-M9Q", "７Ｋ２Ｍ９Ｑ", "7k2·m9q"):
        assert domain.read_short_code(typed) == "7K2M9Q"
    for typed in ("", "7K2M9", "7K2M9QQ", "7K2M90", "7K2M9I", "七K2M9Q"):
        assert domain.read_short_code(typed) is None
    assert domain.show_short_code("7K2M9Q") == "7K2 M9Q"
