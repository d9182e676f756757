"""A cancellation is undone after some have heard of it: calendars, open questions and the last word are right."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.events import an_event, positions_of, session_draft
from tests.factories.signups import a_guest, a_position, a_volunteer, an_account, join, leave, status_of
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core import delivery
from webapp.core.config import RECORD
from webapp.core.db import get_row, session, transaction
from webapp.core.letters import Letter, Unreachable
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Cancellation, Position
from webapp.pages.service import own_data
from webapp.signups import jobs
from webapp.signups.models import HandOver
from webapp.signups.service.handing import ask_hand_over, decline_hand_over, withdraw_hand_over

GATEWAYS = pytest.mark.settings(mail_url=RECORD, sms_url=RECORD, base_url="https://kepu.example")


SOON = timedelta(hours=2)  # messages leave at once


def cancel(event_id: str) -> str:
    with transaction():
        events.cancel(event_id, reason="暴雪", by=None)
    return session().scalars(select(Cancellation.id).where(Cancellation.undone_at.is_(None))).one()


def event_of(position_id: str) -> str:
    return get_row(Position, position_id).session.event_id


def undo(cancellation_id: str) -> None:
    with transaction():
        events.undo(cancellation_id, by=None)


def told(person_id: str) -> list[str]:
    """Subjects of the messages that have reached the person, in the order in which they did."""
    session().rollback()
    wanted = select(OutboxMessage.subject).where(
        OutboxMessage.person_id == person_id, OutboxMessage.state == "sent"
    )
    return [
        one.partition("：")[0]
        for one in session().scalars(wanted.order_by(OutboxMessage.sent_at, OutboxMessage.id))
    ]


@GATEWAYS
def test_an_entry_taken_out_put_back_and_given_up_is_taken_out_again(app: Flask, clock: TestClock) -> None:
    """Two dates of one event: one message tells of both, the other entry leaves by a mail of its own."""
    start = city.now() + SOON
    seats = [PositionDraft("听众", "audience", 5, True)]
    event = an_event(
        sessions=[session_draft(start + timedelta(minutes=90 * one), positions=seats) for one in range(2)]
    )
    account = an_account()
    places = [one.id for one in positions_of(event)]
    mine = [join(one, account.person_id, by=account.person_id, source="self") for one in places]
    jobs.confirm_new()
    one = cancel(event.id)
    delivery.send_due()
    undo(one)
    delivery.send_due()
    clock.advance(minutes=1)

    def carried(signup_id: str) -> int:
        session().rollback()
        return len(
            session().scalars(select(OutboxMessage).where(OutboxMessage.calendar_of == signup_id)).all()
        )

    before = {one: carried(one) for one in mine}
    for signup in mine:
        leave(signup, by=account.person_id)
    assert {one: carried(one) for one in mine} == {one: count + 1 for one, count in before.items()}


@GATEWAYS
def test_who_heard_that_a_hand_over_ended_hears_that_it_stands(app: Flask, clock: TestClock) -> None:
    shift = a_position("volunteer", starts_at=city.now() + SOON)
    giver, taker = a_volunteer(), a_volunteer()
    mine = join(shift, giver)
    with transaction():
        asked = ask_hand_over(mine, taker, by=giver).id
    delivery.send_due()
    one = cancel(event_of(shift))
    delivery.send_due()
    assert told(taker) == ["请您接手", "不用接手了"]
    undo(one)
    delivery.send_due()
    assert get_row(HandOver, asked).state == "asked" and status_of(mine) == "confirmed"
    assert told(taker) == ["请您接手", "不用接手了", "请您接手"]
    clock.advance(minutes=1)
    with transaction():
        withdraw_hand_over(asked, by=giver)
    delivery.send_due()
    assert told(taker)[-2:] == ["请您接手", "不用接手了"]


@GATEWAYS
def test_who_has_not_heard_of_the_end_is_not_asked_twice(app: Flask, clock: TestClock) -> None:
    shift = a_position("volunteer")
    giver, taker = a_volunteer(), a_volunteer()
    mine = join(shift, giver)
    with transaction():
        asked = ask_hand_over(mine, taker, by=giver).id
    undo(cancel(event_of(shift)))
    delivery.send_due()
    assert told(taker) == ["请您接手"]
    with transaction():
        decline_hand_over(asked, by=taker)


@GATEWAYS
def test_a_cancellation_that_could_not_be_sent_does_not_arrive_after_its_undoing(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway was down when the mail was tried: what it had for the person is not sent behind the correction."""
    seats = a_position(starts_at=city.now() + SOON)
    person = a_guest()
    join(seats, person)
    one = cancel(event_of(seats))
    is_up = False

    def send(letter: Letter) -> None:
        if not is_up:
            raise Unreachable("no answer")

    gateway = SimpleNamespace(send=send, close=lambda: None)
    monkeypatch.setattr(delivery, "open_sender", lambda *_given: gateway)
    delivery.send_due()
    undo(one)
    is_up = True
    clock.advance(minutes=30)
    delivery.send_due()
    assert told(person)[-1:] == ["照常举行"] and "活动取消" not in told(person)


@GATEWAYS
def test_what_waits_to_be_sent_is_not_in_ones_data_either(app: Flask) -> None:
    seats, person = a_position(), a_guest()
    join(seats, person)
    cancel(event_of(seats))
    assert "暴雪" not in own_data.as_json(own_data.gather(person))
