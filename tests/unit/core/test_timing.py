"""When a message leaves: the table of truth, the night, and what every kind of message has stated."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import webapp.areas  # noqa: F401  (every area declares its kinds)
from webapp.core.clock import from_local
from webapp.core.timing import (
    Do,
    Failure,
    MessageKind,
    Night,
    NotSent,
    Occasion,
    Standing,
    Step,
    Until,
    WakingHours,
    declare,
    kind_of,
    kinds,
    next_step,
)

HOURS = WakingHours()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 on the city's clocks."""
    return from_local(datetime(2026, 11, day, hour, minute))  # noqa: DTZ001


def standing(until: Until, night: Night, begins_at: datetime, **more: object) -> Standing:
    kind = MessageKind("x", until, night, (), joins=False)
    use_by = kind.use_by(Occasion(begins_at, begins_at + timedelta(hours=2), begins_at))
    values: dict[str, object] = {"use_by": use_by or begins_at + timedelta(days=14), "begins_at": begins_at}
    return Standing(kind, **(values | more))  # type: ignore[arg-type]


SEND = Step(Do.SEND)
MORNING = Step(Do.WAIT, at(29, 7))


@pytest.mark.parametrize(
    ("until", "night", "begins", "now", "step"),
    [
        # by day everything of use leaves
        (Until.END, Night.NEAR, at(30, 9), at(28, 12), SEND),
        (Until.FORTNIGHT, Night.MORNING, at(30, 9), at(28, 21, 59), SEND),
        # at night what begins before ten the next morning, and only that
        (Until.END, Night.NEAR, at(29, 9, 59), at(28, 22), SEND),
        (Until.END, Night.NEAR, at(29, 10), at(28, 22), MORNING),
        (Until.END, Night.NEAR, at(29, 9), at(29, 6, 59), SEND),
        (Until.END, Night.NEAR, at(29, 10), at(29, 1, 30), MORNING),
        (Until.END, Night.NEAR, at(28, 22), at(28, 23), SEND),  # it runs, and changes
        (Until.END, Night.NEAR, at(29, 10), at(29, 7), SEND),
        # a reminder rings at night only if it were lost
        (Until.START, Night.LOST, at(29, 8, 30), at(29, 6, 30), MORNING),
        (Until.START, Night.LOST, at(29, 6, 30), at(29, 4, 30), SEND),
        # thanks never do, codes always
        (Until.FORTNIGHT, Night.MORNING, at(29, 8), at(28, 23), MORNING),
        (Until.FORTNIGHT, Night.AT_ONCE, at(30, 9), at(28, 23), SEND),
        # late is worthless
        (Until.START, Night.LOST, at(28, 9), at(28, 9), Step(Do.LAPSE, reason=NotSent.BEGUN)),
        (Until.END, Night.NEAR, at(28, 9), at(28, 10), SEND),
        (Until.END, Night.NEAR, at(28, 9), at(28, 11), Step(Do.LAPSE, reason=NotSent.OVER)),
        (Until.DOOR, Night.NEAR, at(28, 9), at(28, 9), Step(Do.LAPSE, reason=NotSent.CLOSED)),
        (Until.DAY, Night.MORNING, at(28, 16), at(28, 17, 59), SEND),
        (Until.DAY, Night.MORNING, at(28, 16), at(28, 18), Step(Do.LAPSE, reason=NotSent.PAST)),
    ],
)
def test_what_becomes_of_a_message(
    until: Until, night: Night, begins: datetime, now: datetime, step: Step
) -> None:
    assert next_step(standing(until, night, begins), now=now, hours=HOURS) == step


def test_a_program_does_not_sleep() -> None:
    one = standing(Until.START, Night.NEAR, at(30, 9), rings=False)
    assert next_step(one, now=at(28, 23), hours=HOURS) == SEND


@pytest.mark.parametrize("attempts", [1, 8, 50, 5000])
def test_what_lies_ahead_is_never_given_up_however_often_it_was_tried(attempts: int) -> None:
    one = standing(Until.END, Night.NEAR, at(30, 9), attempts=attempts, failure=Failure.TRY_AGAIN)
    step = next_step(one, now=at(28, 12), hours=HOURS)
    assert step.do == Do.WAIT and step.at is not None
    assert timedelta(minutes=1) <= step.at - at(28, 12) <= timedelta(hours=1)
    assert next_step(one, now=at(30, 11), hours=HOURS).do == Do.LAPSE


def test_a_bad_address_ends_at_once_and_a_try_before_the_night_waits_for_the_morning() -> None:
    refused = standing(Until.END, Night.NEAR, at(30, 9), attempts=1, failure=Failure.FOR_GOOD)
    assert next_step(refused, now=at(28, 12), hours=HOURS) == Step(Do.FAIL, reason=NotSent.REFUSED)
    again = standing(Until.END, Night.NEAR, at(30, 9), attempts=3, failure=Failure.TRY_AGAIN)
    assert next_step(again, now=at(28, 21, 55), hours=HOURS) == MORNING
    near = standing(Until.END, Night.NEAR, at(29, 9), attempts=3, failure=Failure.TRY_AGAIN)
    assert next_step(near, now=at(28, 21, 55), hours=HOURS) == Step(Do.WAIT, at(28, 22, 3))


def test_the_nearer_it_is_the_sooner_it_is_tried_again() -> None:
    one = standing(Until.START, Night.NEAR, at(28, 12, 20), attempts=9, failure=Failure.TRY_AGAIN)
    assert next_step(one, now=at(28, 12), hours=HOURS) == Step(Do.WAIT, at(28, 12, 5))


# --- the night


def test_time_stands_still_at_night() -> None:
    assert HOURS.after(at(28, 9), timedelta(hours=15)) == at(29, 9)  # a day
    assert HOURS.after(at(28, 21), timedelta(hours=2)) == at(29, 8)
    assert HOURS.after(at(29, 1, 30), timedelta(hours=2)) == at(29, 9)
    assert HOURS.after(at(28, 7), timedelta(hours=15)) == at(28, 22)
    assert WakingHours(0, 24).after(at(28, 9), timedelta(hours=40)) == at(30, 1)


@given(
    st.integers(0, 60 * 24 * 3),
    st.integers(0, 60 * 100),
    st.sampled_from([WakingHours(), WakingHours(0, 24), WakingHours(11, 13), WakingHours(6, 24)]),
)
def test_waking_time_adds_up(begin: int, minutes: int, hours: WakingHours) -> None:
    start = at(20, 0) + timedelta(minutes=begin)
    end = hours.after(start, timedelta(minutes=minutes))
    step, counted = start, 0
    while step < end:
        counted += not hours.is_night(step)
        step += timedelta(minutes=1)
    assert counted == minutes
    assert not hours.is_night(hours.next(start)) and hours.next(start) >= start


# --- the kinds

# Whoever adds a kind of message says here, too, until when it is of use and whether it may ring at night.
STATED = {
    "call.asked": "start near",
    "organisation.helper": "fortnight morning",
    "group.consent": "end at_once",
    "group.given_back": "start near",
    "group.short": "start near",
    "guardian.told": "fortnight near",
    "hand_over.asked": "door near",
    "hand_over.settled": "start near",
    "hours.answered": "fortnight morning",
    "hours.certificate": "fortnight morning",
    "hours.corrected": "fortnight morning",
    "hours.not_there": "fortnight morning",
    "hours.star": "fortnight morning",
    "hours.thanks": "fortnight morning",
    "organisation.nobody": "fortnight morning",
    "phones.handed_on": "fortnight morning",
    "signup.accepted": "end near",
    "signup.alone": "end morning",
    "signup.approved": "end near",
    "signup.asked": "end near",
    "signup.cancelled": "end near",
    "signup.chosen": "end near",
    "signup.clash": "start near",
    "signup.course": "end near",
    "signup.declined": "end near",
    "signup.expired": "end morning",
    "signup.left_course": "end near",
    "signup.made": "end near",
    "signup.moved": "end near",
    "signup.moved_up": "end near",
    "signup.offered": "door near",
    "signup.pass": "end near",
    "signup.postponed": "end near",
    "signup.reminder": "start lost",
    "signup.restored": "end near",
    "signup.resumed": "end near",
    "signup.taken_out": "end near",
    "signup.unmet": "start near",
    "signup.waits": "end near",
    "signup.withdrawn": "end near",
    "staff.acts": "start near",
    "staff.knows": "fortnight morning",
    "team.cannot": "start near",
    "team.invited": "start near",
    "team.news": "fortnight morning",
    "team.paper": "fortnight morning",
    "todo.ask": "fortnight at_once",
    "todo.day": "day morning",
}


def test_every_kind_of_message_has_stated_its_use_and_its_urgency() -> None:
    own = {name: kind for name, kind in kinds.items() if not name.startswith("test.")}
    assert {name: f"{kind.until} {kind.night}" for name, kind in own.items()} == STATED
    for kind in own.values():
        assert set(kind.replaced_by) <= set(own), kind.name
        assert len(kind.name) <= 40


def test_two_kinds_do_not_share_a_name_and_an_old_message_has_one() -> None:
    with pytest.raises(ValueError, match=r"signup\.moved"):
        declare("signup.moved", until=Until.END, night=Night.NEAR)
    assert kind_of("").until == Until.FORTNIGHT
