"""A message that asks something is answered from the message: no sign-in, and reading it answers nothing."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.events import an_organisation, staff
from tests.factories.signups import a_guest, a_position, a_volunteer, join, leave, status_of
from tests.support.client import CheckedClient
from webapp.core import clock as city
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.models import EventSession, Position
from webapp.signups.models import Called, CallOut, HandOver
from webapp.signups.service.calling import call_out
from webapp.signups.service.handing import ask_hand_over


def asked_of(person_id: str) -> str:
    """Where the newest message of this person is answered."""
    session().rollback()
    rows = session().query(OutboxMessage).filter_by(person_id=person_id).order_by(OutboxMessage.id)
    return str([one.answer_path for one in rows if one.answer_path][-1])


@pytest.mark.parametrize(("says", "becomes"), [("yes", "confirmed"), ("no", "cancelled")])
@pytest.mark.parametrize("has_account", [False, True])
def test_an_offer(client: CheckedClient, says: str, becomes: str, has_account: bool) -> None:
    seats = a_position(capacity=1)
    first, person = join(seats), a_volunteer() if has_account else a_guest()
    waits = join(seats, person)
    leave(first)
    path = asked_of(person)
    for method in ("HEAD", "GET", "GET"):  # a mail program looks before its reader does
        assert client.open(path, method=method).status_code == 200
    assert status_of(waits) == "offered"
    assert client.post(path, data={}).status_code == 422
    assert client.fill(path, answer=says).status_code == 303
    assert status_of(waits) == becomes
    after = client.get(path)
    assert after.status_code == 200 and "就这样定" not in after.text
    assert client.post(path, data={"answer": "yes"}).status_code == 200  # a second answer changes nothing
    assert status_of(waits) == becomes


def test_a_forged_link_is_none(client: CheckedClient) -> None:
    seats = a_position(capacity=1)
    first, person = join(seats), a_guest()
    join(seats, person)
    leave(first)
    path = asked_of(person)
    assert client.get(path[:-3] + "abc").status_code == 404


def test_a_hand_over(client: CheckedClient) -> None:
    shift, giver, taker = a_position("volunteer"), a_volunteer(), a_volunteer()
    mine = join(shift, giver)
    with transaction():
        asked = ask_hand_over(mine, taker, by=giver).id
    path = asked_of(taker)
    client.get(path)
    page = client.get(path).text
    answer = {"answer": "yes", "risk": "y"} if "风险" in page else {"answer": "yes"}
    if "risk" in answer:
        assert client.fill(path, answer="yes").status_code == 422
    assert client.fill(path, **answer).status_code == 303
    assert get_row(HandOver, asked).state == "accepted" and status_of(mine) == "cancelled"


def test_two_shifts(client: CheckedClient) -> None:
    person, start = a_volunteer(), city.now() + timedelta(days=3)
    first = a_position("volunteer", starts_at=start)
    second = a_position("volunteer", starts_at=start + timedelta(hours=2))
    mine, other = join(first, person), join(second, person)
    held = get_row(EventSession, get_row(Position, first).session_id)
    hour = timedelta(hours=1)
    with transaction():
        events.reschedule(
            held.id,
            starts_at=held.starts_at + hour,
            ends_at=held.ends_at + hour,
            venue_id=held.venue_id,
            by=None,
        )
    path = asked_of(person)
    assert "两个岗位时间重叠" in client.get(path).text
    assert client.fill(path, answer="others").status_code == 303
    assert (status_of(mine), status_of(other)) == ("cancelled", "confirmed")
    assert "已经不是您的了" in client.get(path).text


@pytest.mark.parametrize("says", ["yes", "no"])
def test_a_call(client: CheckedClient, app: Flask, says: str) -> None:
    organisation = an_organisation()
    manager = staff(organisation, "manage_events").person_id
    person = a_volunteer()
    join(a_position("volunteer", organisation=organisation), person)  # served here before: may be called
    shift = a_position(
        "volunteer", organisation=organisation, starts_at=city.now() + timedelta(days=20), capacity=3
    )
    with transaction():
        assert call_out(shift, note="帮个忙", most=5, by=manager) == 1
    path = asked_of(person)
    page = client.get(path).text
    assert "帮个忙" in page
    risk = {"risk": "y"} if says == "yes" and "风险" in page else {}
    assert client.fill(path, answer=says, **risk).status_code == 303
    session().rollback()
    called = session().query(Called).join(CallOut, CallOut.id == Called.call_out_id).one()
    assert (get_row(Position, shift).taken, called.declined_at is not None) == (
        (1, False) if says == "yes" else (0, True)
    )
