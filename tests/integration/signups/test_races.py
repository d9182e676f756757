"""Promises 1 and 2 under everything at once, on both databases."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from tests.factories.events import an_organisation, staff
from tests.factories.signups import a_position, a_volunteer, faults, join, leave, taken
from tests.support.crowd import at_once, rush
from tests.support.databases import SQLITE
from webapp.core import clock
from webapp.core.config import Settings
from webapp.core.db import get_row, new_id, session, transaction
from webapp.core.errors import Refusal
from webapp.events import service as events
from webapp.events.domain import CapacityBelowTaken
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people.models import Account, Person
from webapp.signups import service
from webapp.signups.domain import LIVING, AlreadySignedUp, Decided, OverlappingShift, SignupStatus
from webapp.signups.models import Signup

CONFIRMED, WAITLISTED, OFFERED = SignupStatus.CONFIRMED, SignupStatus.WAITLISTED, SignupStatus.OFFERED


def _crowd(size: int) -> list[str]:
    ids = [new_id() for _ in range(size)]
    with transaction() as current:
        current.execute(insert(Person), [{"id": one, "name": "示例志愿者"} for one in ids])
        accounts = [
            {"person_id": one, "email": f"{one}@example.cn", "password_hash": "-", "session_key": "-"}
            for one in ids
        ]
        current.execute(insert(Account), accounts)
    return ids


def _statuses(position: str) -> Counter[str]:
    session().rollback()
    return Counter(session().scalars(select(Signup.status).where(Signup.position_id == position)))


@pytest.mark.parametrize("kind", ["audience", "volunteer"])
def test_a_rush_of_sixteen_from_several_processes_gives_each_place_once(
    app: Flask, settings: Settings, database_kind: str, kind: str
) -> None:
    size, places = (80, 20) if database_kind == SQLITE or kind == "volunteer" else (500, 100)
    position = a_position(kind, places)
    rush(settings, position, _crowd(size), processes=2, threads=8)
    assert _statuses(position) == {CONFIRMED: places, WAITLISTED: size - places}
    assert taken(position) == places
    assert faults() == []
    codes = session().scalars(select(Signup.short_code)).all()
    assert len(set(codes)) == size


def test_the_same_person_at_once_gets_one_place(app: Flask) -> None:
    position, person = a_position(capacity=5), a_volunteer()
    answers = at_once(app, *[partial(join, position, person)] * 8)
    assert sum(isinstance(one, str) for one in answers) == 1
    assert sum(isinstance(one, AlreadySignedUp) for one in answers) == 7
    assert taken(position) == 1
    assert faults() == []


def test_one_person_racing_for_two_overlapping_shifts_gets_one(app: Flask) -> None:
    for minutes in (0, 30, 119):
        start = clock.now() + timedelta(days=7)
        first = a_position("volunteer", 3, starts_at=start)
        second = a_position("volunteer", 3, starts_at=start + timedelta(minutes=minutes))
        person = a_volunteer()
        answers = at_once(app, *[partial(join, one, person) for one in (first, second) * 3])
        assert sum(isinstance(one, str) for one in answers) == 1
        assert any(isinstance(one, OverlappingShift) for one in answers)
        assert taken(first) + taken(second) == 1
    assert faults() == []


def test_two_promotions_at_once_do_not_give_one_person_both_shifts(app: Flask) -> None:
    start = clock.now() + timedelta(days=7)
    for _ in range(4):
        wanted = [a_position("volunteer", 1, starts_at=start) for _ in range(2)]
        holders = [join(one, a_volunteer()) for one in wanted]
        person = a_volunteer()
        for one in wanted:
            join(one, person)
        at_once(app, *[partial(leave, one) for one in holders])
        assert sum(taken(one) for one in wanted) == 1
    assert faults() == []


def test_newcomers_who_waited_for_a_place_being_given_back_do_not_leave_it_empty(app: Flask) -> None:
    """They all found the position full, then all hold a share of its lock when the place is free."""
    for capacity in (1, 2):
        position = a_position(capacity=capacity)
        holders = [join(position) for _ in range(capacity)]
        people = _crowd(4)

        def give_back(signup: str = holders[0]) -> None:
            with transaction():
                service.cancel_signup(signup, by=None)
                time.sleep(0.8)

        def come(person: str, position: str = position) -> str:
            time.sleep(0.2)
            return join(position, person)

        at_once(app, give_back, *[partial(come, one) for one in people])
        assert taken(position) == capacity
        found = _statuses(position)
        assert found.pop(CONFIRMED, 0) + found.pop(OFFERED, 0) == capacity  # who stood in line is asked
        assert found == {WAITLISTED: 3, SignupStatus.CANCELLED: 1}
    assert faults() == []


def test_nobody_is_left_living_in_an_event_cancelled_meanwhile(app: Flask) -> None:
    for _ in range(3):
        position, people = a_position(capacity=3), _crowd(6)
        event_id = get_row(Position, position).session.event_id

        def cancel(event_id: str = event_id) -> None:
            with transaction():
                events.cancel(event_id, reason="停电", by=None)

        at_once(app, *[partial(join, position, one) for one in people], cancel)
        assert not LIVING & set(_statuses(position))
        assert taken(position) == 0


def test_everything_at_random_for_some_seconds(app: Flask) -> None:
    """Signing up, cancelling, more and fewer places, moved sessions; then every promise is looked at."""
    start = clock.now() + timedelta(days=7)
    shifts = [a_position("volunteer", 2, starts_at=start + timedelta(hours=one)) for one in range(3)]
    positions = [*shifts, a_position("audience", 3, starts_at=start)]
    names = {one: get_row(Position, one).name for one in positions}
    sessions = {one: get_row(Position, one).session_id for one in positions}
    venue = get_row(Position, positions[0]).session.venue_id
    people = _crowd(12)
    until = time.monotonic() + 4

    def act(chance: random.Random) -> None:
        position = chance.choice(positions)
        what = chance.random()
        if what < 0.55:
            join(position, chance.choice(people))
        elif what < 0.8:
            living = select(Signup.id).where(Signup.status.in_(LIVING)).order_by(Signup.id)
            ids = session().scalars(living).all()
            if ids:
                leave(chance.choice(ids))
        elif what < 0.9:
            _answer_some_offer(chance)
        elif what < 0.97:
            with transaction():
                events.change_position(
                    position, name=names[position], capacity=chance.randint(1, 4), waitlist=True, by=None
                )
        else:
            begin = start + timedelta(hours=chance.randint(0, 4))
            with transaction():
                events.reschedule(
                    sessions[position],
                    starts_at=begin,
                    ends_at=begin + timedelta(hours=2),
                    venue_id=venue,
                    by=None,
                )

    def live(seed: int) -> int:
        chance, done = random.Random(seed), 0
        while time.monotonic() < until or done < 10:
            try:
                act(chance)
            except Refusal:
                session().rollback()
            done += 1
        return done

    done = at_once(app, *[partial(live, seed) for seed in range(6)])
    assert sum(done) >= 60
    assert faults() == []


def _answer_some_offer(chance: random.Random) -> None:
    """Yes, no, or nothing until it is over."""
    ids = session().scalars(select(Signup.id).where(Signup.status == OFFERED).order_by(Signup.id)).all()
    if not ids:
        return
    signup, what = chance.choice(ids), chance.choice(["yes", "no", "late"])
    with transaction() as current:
        if what == "yes":
            service.accept_offer(signup, by=None)
        elif what == "no":
            service.decline_offer(signup, by=None)
        else:
            over = {"offer_expires_at": clock.now()}
            current.execute(update(Signup).where(Signup.id == signup, Signup.status == OFFERED).values(over))
    if what == "late":
        with transaction():
            service.expire_offers()


def _offered(position: str, *, behind: int) -> str:
    """A sign-up with an offer for the only place, and so many waiting behind it."""
    holder = join(position)
    made = [join(position) for _ in range(1 + behind)]
    leave(holder)
    return made[0]


def test_yes_no_the_clock_and_newcomers_at_once_leave_one_in_the_place(app: Flask) -> None:
    for _ in range(4):
        position = a_position(capacity=1)
        signup = _offered(position, behind=2)

        def say(yes: bool, signup: str = signup) -> None:
            with transaction():
                (service.accept_offer if yes else service.decline_offer)(signup, by=None)

        def end(position: str = position) -> None:
            with transaction():
                service.expire_offers([position])

        works = [partial(say, True), partial(say, False), partial(say, True), end, partial(join, position)]
        at_once(app, *works, partial(leave, signup))
        assert taken(position) == 1
        assert faults() == []


def test_many_ends_of_one_offer_pass_the_place_on_once(app: Flask) -> None:
    position = a_position(capacity=1)
    signup = _offered(position, behind=4)
    with transaction() as current:
        current.execute(update(Signup).where(Signup.id == signup).values(offer_expires_at=clock.now()))

    def end() -> None:
        with transaction():
            service.expire_offers()

    at_once(app, *[end] * 5)
    assert _statuses(position) == {
        OFFERED: 1,
        WAITLISTED: 3,
        SignupStatus.EXPIRED: 1,
        SignupStatus.CANCELLED: 1,
    }
    assert faults() == []


def test_two_who_approve_the_same_list_at_once_decide_once(app: Flask) -> None:
    organisation = an_organisation()
    staff_ids = [staff(organisation, Permission.MANAGE_EVENTS).person_id for _ in range(2)]
    position = a_position("volunteer", 3, organisation=organisation)
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position).values(needs_approval=True))
    asked = [join(position, one) for one in _crowd(6)]

    def approve(by: str, ids: list[str]) -> Counter[str]:
        with transaction():
            return Counter(one.outcome for one in service.approve(ids, by=by))

    answers = at_once(app, partial(approve, staff_ids[0], asked), partial(approve, staff_ids[1], asked[::-1]))
    assert answers[0] + answers[1] == {Decided.APPROVED: 3, Decided.WAITS: 3, Decided.BEFORE: 6}
    assert _statuses(position) == {CONFIRMED: 3, WAITLISTED: 3}
    assert faults() == []


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.integers(0, 2), st.integers(0, 4)),
        st.tuples(st.just("leave"), st.integers(0, 2), st.integers(0, 4)),
        st.tuples(st.just("capacity"), st.integers(0, 2), st.integers(0, 3)),
    ),
    min_size=4,
    max_size=24,
)


@pytest.mark.databases(SQLITE)
def test_any_sequence_keeps_the_promises(app: Flask) -> None:
    """Two overlapping shifts and an audience, five volunteers: whatever they do, in whatever order."""
    people = _crowd(5)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def hold(steps: list[tuple[str, int, int]]) -> None:
        start = clock.now() + timedelta(days=7)
        positions = [
            a_position("volunteer", 1, starts_at=start),
            a_position("volunteer", 1, starts_at=start + timedelta(hours=1)),
            a_position("audience", 1, starts_at=start),
        ]
        for what, which, number in steps:
            _step(what, positions[which], number, people=people)
            assert faults() == []
        for one in positions:  # leave nothing that the next example would meet
            for signup in session().scalars(select(Signup.id).where(Signup.position_id == one)).all():
                _quietly(partial(leave, signup))

    hold()


def _step(what: str, position: str, number: int, *, people: list[str]) -> None:
    if what == "join":
        _quietly(partial(join, position, people[number]))
    elif what == "leave":
        own = select(Signup.id).where(
            Signup.position_id == position,
            Signup.person_id == people[number],
            Signup.status.in_(LIVING),
        )
        found = session().scalar(own)
        if found:
            leave(found)
    else:
        name = get_row(Position, position).name
        _quietly(partial(_set_capacity, position, name, number))


def _set_capacity(position: str, name: str, number: int) -> None:
    try:
        with transaction():
            events.change_position(position, name=name, capacity=number, waitlist=True, by=None)
    except CapacityBelowTaken:
        pass


def _quietly(act: Callable[[], object]) -> None:
    try:
        act()
    except Refusal:
        session().rollback()
