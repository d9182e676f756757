"""A cancellation is undone while others are at it: two organisers, the worker that sends, a second cancellation."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.signups import a_guest, a_position, a_volunteer, faults, join, status_of, taken
from tests.support.crowd import at_once
from webapp.core import clock, delivery
from webapp.core.config import RECORD
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import Refusal
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.domain import AlreadyUndone, WrongState
from webapp.events.models import Cancellation, Event, Position
from webapp.signups import service

GATEWAYS = pytest.mark.settings(mail_url=RECORD, sms_url=RECORD)


def event_of(position_id: str) -> str:
    session().rollback()
    return get_row(Position, position_id).session.event_id


def cancel(event_id: str) -> str:
    with transaction():
        events.cancel(event_id, reason="暴雪", by=None)
    return session().scalars(select(Cancellation.id).where(Cancellation.undone_at.is_(None))).one()


def undo(cancellation_id: str) -> None:
    with transaction():
        events.undo(cancellation_id, by=None)


def test_two_undo_at_once_and_one_does(app: Flask) -> None:
    seats = a_position(capacity=2)
    mine = [join(seats), join(seats), join(seats)]
    event_id = event_of(seats)
    one = cancel(event_id)
    answers = at_once(app, lambda: undo(one), lambda: undo(one), lambda: undo(one))
    assert sorted(type(answer).__name__ for answer in answers) == [
        AlreadyUndone.__name__,
        AlreadyUndone.__name__,
        "NoneType",
    ]
    assert [status_of(one) for one in mine] == ["confirmed", "confirmed", "waitlisted"]
    assert taken(seats) == 2 and faults() == []


@GATEWAYS
@pytest.mark.usefixtures("clock")
def test_undone_while_the_worker_sends_everyone_knows_what_holds(app: Flask) -> None:
    """Who has heard of the cancellation hears that it was undone; who has not hears nothing."""
    seats = a_position(capacity=12)
    people = [a_guest() for _ in range(12)]
    for person in people:
        join(seats, person)
    one = cancel(event_of(seats))
    with transaction() as current:  # the quarter of an hour is nearly over: the worker begins
        current.execute(
            update(OutboxMessage)
            .where(OutboxMessage.held_for == one)
            .values(due_at=clock.now() - timedelta(seconds=1))
        )
    at_once(app, lambda: delivery.send_due(limit=6), lambda: undo(one))
    delivery.send_due()
    rows = (
        session().execute(select(OutboxMessage.person_id, OutboxMessage.held_for, OutboxMessage.state)).all()
    )
    assert {row.state for row in rows} <= {
        "sent",
        "lapsed",
    }  # given up: not true any more when it was to leave
    heard = {row.person_id for row in rows if row.held_for == one and row.state == "sent"}
    corrected = {row.person_id for row in rows if row.held_for is None and row.state == "sent"}
    assert heard == corrected
    assert taken(seats) == 12 and faults() == []


def test_cancelled_twice_at_once_is_cancelled_once(app: Flask) -> None:
    seats = a_position()
    join(seats)
    event_id = event_of(seats)

    def act() -> None:
        with transaction():
            events.cancel(event_id, reason="暴雪", by=None)

    answers = at_once(app, act, act)
    assert sorted(type(one).__name__ for one in answers) == ["NoneType", WrongState.__name__]
    session().rollback()
    assert len(session().scalars(select(Cancellation)).all()) == 1


def test_undone_and_cancelled_again_at_once(app: Flask) -> None:
    shift = a_position("volunteer", capacity=2)
    mine = join(shift, a_volunteer())
    event_id = event_of(shift)
    one = cancel(event_id)

    def again() -> None:
        with transaction():
            events.cancel(event_id, reason="还是不办了", by=None)

    at_once(app, lambda: undo(one), again)
    session().rollback()
    is_off = get_row(Event, event_id).status == "cancelled"
    assert status_of(mine) == ("cancelled" if is_off else "confirmed")
    assert taken(shift) == (0 if is_off else 1) and faults() == []


def test_undone_while_the_volunteer_takes_another_shift(app: Flask) -> None:
    shift, person = a_position("volunteer"), a_volunteer()
    mine = join(shift, person)
    one = cancel(event_of(shift))
    other = a_position("volunteer", starts_at=get_row(Position, shift).session.starts_at)

    def take() -> None:
        with transaction():
            service.sign_up(other, person, by=person, source="self")

    answers = at_once(app, lambda: undo(one), take)
    assert answers[0] is None and status_of(mine) == "confirmed"
    assert answers[1] is None or isinstance(answers[1], Refusal)
    assert faults() == []


def test_moved_cancelled_and_undone_at_once(app: Flask) -> None:
    """Whoever is first: places are counted right, and what stands is one of the times asked for."""
    shift = a_position("volunteer", capacity=2)
    mine = join(shift, a_volunteer())
    held = get_row(Position, shift).session
    session_id, starts_at, ends_at, venue_id = held.id, held.starts_at, held.ends_at, held.venue_id
    hour = timedelta(hours=1)

    def move(by: timedelta) -> None:
        with transaction():
            events.reschedule(
                session_id, starts_at=starts_at + by, ends_at=ends_at + by, venue_id=venue_id, by=None
            )

    def cancel_session() -> None:
        with transaction():
            events.cancel_session(session_id, reason="停电", by=None)

    answers = at_once(app, lambda: move(hour), lambda: move(2 * hour), cancel_session)
    assert all(one is None or isinstance(one, Refusal) for one in answers), answers
    session().rollback()
    assert status_of(mine) == "cancelled" and taken(shift) == 0
    one = session().scalars(select(Cancellation.id)).one()
    answers = at_once(app, lambda: undo(one), lambda: move(3 * hour), lambda: move(4 * hour))
    assert all(answer is None or isinstance(answer, Refusal) for answer in answers), answers
    session().rollback()
    assert status_of(mine) == "confirmed" and taken(shift) == 1 and faults() == []
    assert get_row(Position, shift).session.starts_at - starts_at in [number * hour for number in range(5)]
