"""Signing up, giving back, moving up, and what follows from a change of the event."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.events import an_organisation, staff
from tests.factories.signups import (
    a_guest,
    a_position,
    a_second_place,
    a_volunteer,
    faults,
    join,
    leave,
    status_of,
    taken,
)
from tests.support.time import TestClock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import NotFound
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.people.models import Account, Person
from webapp.signups import jobs, queries, service
from webapp.signups.domain import (
    AlreadyOver,
    AlreadySignedUp,
    MayNotSignUpOthers,
    NotEligible,
    OverlappingShift,
    PositionFull,
    SignupClosed,
    SignupStatus,
)
from webapp.signups.models import Signup
from webapp.signups.service import taking

CONFIRMED, WAITLISTED, OFFERED, CANCELLED = (
    SignupStatus.CONFIRMED,
    SignupStatus.WAITLISTED,
    SignupStatus.OFFERED,
    SignupStatus.CANCELLED,
)


def _session_of(position_id: str) -> EventSession:
    return get_row(Position, position_id).session


def _event_of(position_id: str) -> Event:
    return _session_of(position_id).event


def _messages() -> list[OutboxMessage]:
    session().rollback()
    return list(session().scalars(select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)))


def _told() -> list[str]:
    return [message.dedupe_key for message in _messages()]


def _reschedule(position_id: str, **delta: float) -> None:
    found = _session_of(position_id)
    move = timedelta(**delta)
    with transaction():
        events.reschedule(
            found.id,
            starts_at=found.starts_at + move,
            ends_at=found.ends_at + move,
            venue_id=found.venue_id,
            by=None,
        )


# ---------------------------------------------------------------------------------------------------- sign up


def test_places_are_given_until_none_is_left_then_the_waitlist(app: Flask) -> None:
    position = a_position(capacity=2)
    made = [join(position) for _ in range(4)]
    assert [status_of(one) for one in made] == [CONFIRMED, CONFIRMED, WAITLISTED, WAITLISTED]
    assert taken(position) == 2
    places = queries.waitlist_places([get_row(Signup, one) for one in made])
    assert places == {made[2]: 1, made[3]: 2}
    assert faults() == []


def test_without_a_waitlist_full_is_full(app: Flask) -> None:
    position = a_position(capacity=1, waitlist=False)
    join(position)
    with pytest.raises(PositionFull):
        join(position)
    assert faults() == []


def test_the_second_sign_up_of_a_person_is_refused_and_takes_no_place(app: Flask) -> None:
    position, person = a_position(capacity=5), a_guest()
    join(position, person)
    with pytest.raises(AlreadySignedUp):
        join(position, person)
    assert taken(position) == 1


def test_the_constraint_itself_says_already_signed_up_and_the_place_comes_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    position, person = a_position(capacity=5), a_guest()
    join(position, person)
    monkeypatch.setattr(taking, "_check", lambda *_, **__: None)  # as when both looked at the same moment
    with pytest.raises(AlreadySignedUp):
        join(position, person)
    assert taken(position) == 1
    assert faults() == []


def test_who_cancelled_may_sign_up_again(app: Flask) -> None:
    position, person = a_position(capacity=1), a_guest()
    leave(join(position, person))
    assert status_of(join(position, person)) == CONFIRMED
    assert faults() == []


def test_a_taken_short_code_is_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    position = a_position(capacity=5)
    codes = iter(["222222", "222222", "333333"])
    monkeypatch.setattr(taking, "_short_code", lambda: next(codes))
    first, second = join(position), join(position)
    assert [get_row(Signup, one).short_code for one in (first, second)] == ["222222", "333333"]
    assert taken(position) == 2


def test_the_answer_is_the_row_as_it_is_stored(app: Flask) -> None:
    position, person = a_position(), a_guest()
    with transaction():
        made = service.sign_up(position, person, by=None, source="guest")
        given = {column.name: getattr(made, column.name) for column in Signup.__table__.columns}
    stored = get_row(Signup, given["id"])
    assert given == {column.name: getattr(stored, column.name) for column in Signup.__table__.columns}
    assert stored.session_id == _session_of(position).id


def test_a_volunteer_position_needs_an_account_that_is_open(app: Flask) -> None:
    position = a_position("volunteer")
    with pytest.raises(NotEligible):
        join(position, a_guest())
    person = a_volunteer()
    with transaction() as current:
        current.execute(update(Account).values(disabled_at=get_row(Person, person).created_at))
    with pytest.raises(NotEligible):
        join(position, person)
    assert taken(position) == 0


@pytest.mark.parametrize(("kind", "at_the_start"), [("volunteer", False), ("audience", True)])
def test_the_window(app: Flask, clock: TestClock, kind: str, at_the_start: bool) -> None:
    position = a_position(kind, 5, starts_at=clock.now + timedelta(hours=1), hours=2)
    clock.advance(minutes=59)
    join(position, a_volunteer())
    clock.advance(minutes=1)
    if at_the_start:
        join(position, a_volunteer())
        clock.advance(hours=2)
    with pytest.raises(SignupClosed):
        join(position, a_volunteer())
    assert faults() == []


def test_drafts_do_not_exist_and_cancelled_events_are_closed(app: Flask) -> None:
    position = a_position()
    with transaction():
        events.cancel(_event_of(position).id, reason="场地停电", by=None)
    with pytest.raises(SignupClosed):
        join(position)
    with transaction() as current:
        current.execute(update(Event).values(status="draft"))
    for unknown in (position, "0" * 18, "", "没有"):
        with pytest.raises(NotFound):
            join(unknown)


def test_shifts_that_touch_fit_and_shifts_that_overlap_do_not(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(days=1)
    first = a_position("volunteer", starts_at=start, hours=2)
    touching = a_position("volunteer", starts_at=start + timedelta(hours=2), hours=1)
    overlapping = a_position("volunteer", starts_at=start + timedelta(minutes=119), hours=1)
    seat = a_position("audience", starts_at=start, hours=2)
    person = a_volunteer()
    join(first, person)
    join(touching, person)
    with pytest.raises(OverlappingShift) as refusal:
        join(overlapping, person, by=person)
    assert refusal.value.params["event"] == _event_of(first).title
    with pytest.raises(OverlappingShift) as refusal:  # another unit's staff, or a team's leader
        join(overlapping, person)
    assert refusal.value.params == {}
    assert refusal.value.code == "overlap"
    join(seat, person)
    assert taken(overlapping) == 0
    assert faults() == []


def test_staff_sign_up_others_for_their_own_events_and_centres_for_any_audience(app: Flask) -> None:
    organisation, centre = an_organisation(), an_organisation(kind="centre")
    seats, shifts = a_position(organisation=organisation, capacity=9), a_position("volunteer", 9)
    organiser = staff(organisation, Permission.MANAGE_EVENTS).person_id
    helper = staff(centre, Permission.SIGN_UP_OTHERS).person_id
    scanner = staff(organisation, Permission.SCAN).person_id
    for by in (organiser, helper):
        made = get_row(Signup, join(seats, by=by, source="staff"))
        assert (made.created_by, made.source) == (by, "staff")
    assert [message.channel for message in _messages()] == ["sms", "sms"]
    for by, position in ((scanner, seats), (organiser, shifts), (helper, shifts)):
        with pytest.raises(MayNotSignUpOthers):
            join(position, a_volunteer(), by=by, source="staff")
    assert session().scalar(select(AuditEntry.action).where(AuditEntry.actor_id == helper)) == "signup.make"


# ------------------------------------------------------------------------------------------- cancel and move up


def test_a_place_given_back_goes_to_the_next_in_the_same_transaction(app: Flask) -> None:
    position = a_position(capacity=1)
    first, second, third = join(position), join(position), join(position)
    leave(first)
    assert [status_of(one) for one in (first, second, third)] == [CANCELLED, OFFERED, WAITLISTED]
    (told,) = _told()
    assert told.startswith(f"signup:{second}:offered:")
    assert "有空位" in _messages()[0].body and "讲座" not in _messages()[0].body
    leave(third)
    assert taken(position) == 1
    assert faults() == []


def test_priority_goes_before_time_on_the_list(app: Flask) -> None:
    position = a_position(capacity=1)
    holder, second, third = join(position), join(position), join(position)
    with transaction() as current:
        current.execute(update(Signup).where(Signup.id == third).values(priority=1))
    assert queries.waitlist_place(get_row(Signup, second)) == 2
    leave(holder)
    assert [status_of(one) for one in (second, third)] == [WAITLISTED, OFFERED]


def test_a_volunteer_busy_elsewhere_is_passed_over_keeps_the_place_in_the_list_and_moves_up_later(
    app: Flask, clock: TestClock
) -> None:
    start = clock.now + timedelta(days=1)
    wanted = a_position("volunteer", 1, starts_at=start)
    other = a_position("volunteer", 5, starts_at=start)
    busy, free = a_volunteer(), a_volunteer()
    holder = join(wanted, a_volunteer())
    waiting = join(wanted, busy)
    elsewhere = join(other, busy)
    behind = join(wanted, free)
    leave(holder)
    assert [status_of(one) for one in (waiting, behind)] == [WAITLISTED, OFFERED]
    leave(behind)
    assert (status_of(waiting), taken(wanted)) == (WAITLISTED, 0)
    leave(elsewhere)  # what kept them away is gone
    assert (status_of(waiting), taken(wanted)) == (OFFERED, 1)
    assert faults() == []


def test_a_newcomer_passes_only_those_who_cannot_take_the_place(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(days=1)
    wanted = a_position("volunteer", 1, starts_at=start)
    other = a_position("volunteer", 5, starts_at=start)
    busy = a_volunteer()
    holder = join(wanted, a_volunteer())
    waiting = join(wanted, busy)
    join(other, busy)
    leave(holder)
    newcomer = join(wanted, a_volunteer())
    assert [status_of(one) for one in (waiting, newcomer)] == [WAITLISTED, CONFIRMED]
    assert faults() == []


def test_a_newcomer_does_not_pass_someone_who_can(app: Flask) -> None:
    position = a_position(capacity=1)
    waiting = [join(position) for _ in range(2)][1]
    with transaction() as current:  # a place that became free behind everyone's back
        current.execute(update(Position).where(Position.id == position).values(capacity=2))
    newcomer = join(position)
    assert [status_of(one) for one in (waiting, newcomer)] == [OFFERED, WAITLISTED]
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position).values(capacity=3))
    jobs.promote_waiting()
    assert status_of(newcomer) == OFFERED
    assert faults() == []


def test_who_may_cancel(app: Flask) -> None:
    organisation = an_organisation()
    organiser = staff(organisation, Permission.MANAGE_EVENTS).person_id
    others = [staff(an_organisation(), Permission.MANAGE_EVENTS).person_id, a_guest()]
    others.append(staff(organisation, Permission.SCAN).person_id)
    position, person = a_position(organisation=organisation), a_guest()
    made = join(position, person)
    for stranger in others:
        with pytest.raises(NotFound):
            leave(made, by=stranger)
    leave(made, by=organiser, reason="重复报名")
    stored = get_row(Signup, made)
    assert (stored.status, stored.cancel_reason) == (CANCELLED, "重复报名")
    assert _told() == [f"signup:{made}:cancelled"]
    assert "重复报名" in _messages()[0].body
    for by in (None, person, organiser):
        with pytest.raises(AlreadyOver):
            leave(made, by=by)
    with pytest.raises(NotFound):
        leave("0" * 18)
    assert taken(position) == 0


def test_nothing_is_taken_back_when_the_session_is_over(app: Flask, clock: TestClock) -> None:
    position = a_position(starts_at=clock.now + timedelta(hours=1), hours=1)
    made = join(position)
    clock.advance(hours=2)
    with pytest.raises(AlreadyOver):
        leave(made)


def test_nobody_moves_up_into_a_shift_that_has_begun(app: Flask, clock: TestClock) -> None:
    organisation = an_organisation()
    position = a_position(
        "volunteer", 1, starts_at=clock.now + timedelta(hours=1), hours=2, organisation=organisation
    )
    holder, waiting = join(position, a_volunteer()), join(position, a_volunteer())
    clock.advance(hours=1, minutes=1)
    leave(holder, by=staff(organisation, Permission.MANAGE_EVENTS).person_id, reason="没有来")
    assert status_of(waiting) == WAITLISTED


# ------------------------------------------------------------------------------------------------ the event changes


def test_a_cancelled_event_cancels_every_sign_up_and_tells_each_person_once(app: Flask) -> None:
    position, twice = a_position(capacity=1), a_volunteer()
    event = _event_of(position)
    with transaction():
        draft = PositionDraft("讲解员", "volunteer", 3)
        shift = events.add_position(_session_of(position).id, draft, by=None).id
    made = [join(position, twice), join(position)]
    made.append(a_second_place(shift, made[0]))
    assert events.people_told([_session_of(position).id]) == 2
    with transaction():
        events.cancel(event.id, reason="讲师生病", by=None)
    assert {status_of(one) for one in made} == {CANCELLED}
    assert {get_row(Signup, one).cancel_reason for one in made} == {"讲师生病"}
    assert len(_messages()) == 2 and all("讲师生病" in message.body for message in _messages())
    assert (taken(position), taken(shift)) == (0, 0)


def test_a_cancelled_session_leaves_the_others_and_frees_volunteers_for_where_they_wait(
    app: Flask, clock: TestClock
) -> None:
    start = clock.now + timedelta(days=1)
    doomed = a_position("volunteer", 5, starts_at=start)
    wanted = a_position("volunteer", 1, starts_at=start)
    busy = a_volunteer()
    holder, waiting = join(wanted, a_volunteer()), join(wanted, busy)
    lost = join(doomed, busy)
    leave(holder)
    with transaction():
        events.cancel_session(_session_of(doomed).id, reason="停电", by=None)
    assert [status_of(one) for one in (lost, waiting)] == [CANCELLED, OFFERED]
    assert len(_told()) == 2
    assert faults() == []


def test_moved_people_are_told_old_and_new_and_told_again_when_it_moves_again(app: Flask) -> None:
    position = a_position(capacity=1)
    join(position), join(position)
    _reschedule(position, days=1)
    assert len(_told()) == 2
    assert "原来是" in _messages()[0].body and "地点：" in _messages()[0].body
    _reschedule(position, days=-1)
    assert len(_told()) == 4


def test_a_move_into_another_shift_takes_no_place_away(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(days=1)
    moving = a_position("volunteer", 1, starts_at=start, hours=2)
    fixed = a_position("volunteer", 2, starts_at=start + timedelta(hours=2), hours=2)
    person = a_volunteer()
    moved, kept, waiting = join(moving, person), join(fixed, person), join(moving, a_volunteer())
    _reschedule(moving, hours=1)
    assert [status_of(one) for one in (moved, kept, waiting)] == [CONFIRMED, CONFIRMED, WAITLISTED]
    assert _told() == [f"signup:{moved}:moved:2", f"signup:{waiting}:moved:2"]
    assert faults() == []  # the two shifts are marked, until their holder chooses


def test_a_move_away_frees_volunteers_for_where_they_wait(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(days=1)
    moving, wanted = a_position("volunteer", 1, starts_at=start), a_position("volunteer", 1, starts_at=start)
    person = a_volunteer()
    holder, waiting = join(wanted, a_volunteer()), join(wanted, person)
    join(moving, person)
    leave(holder)
    assert status_of(waiting) == WAITLISTED
    _reschedule(moving, days=1)
    assert status_of(waiting) == OFFERED
    assert faults() == []


def test_more_places_let_the_next_move_up(app: Flask) -> None:
    position = a_position(capacity=1)
    made = [join(position) for _ in range(4)]
    with transaction():
        events.change_position(position, name="观众", capacity=3, waitlist=True, by=None)
    assert [status_of(one) for one in made] == [CONFIRMED, OFFERED, OFFERED, WAITLISTED]
    assert taken(position) == 3
    assert faults() == []
