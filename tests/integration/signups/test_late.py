"""Late is worthless: what is of no use is kept as not sent, offers run from when they are known, nights are quiet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.events import an_event, an_organisation, positions_of, session_draft, staff
from tests.factories.organisations import grant, make_organisation
from tests.factories.people import make_account
from tests.factories.signups import (
    a_guest,
    a_position,
    a_volunteer,
    an_account,
    faults,
    join,
    leave,
    status_of,
    tell_of_offer,
)
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.core import delivery
from webapp.core.clock import from_local
from webapp.core.db import get_row, session, transaction
from webapp.core.letters import Letter, RefusedForGood, Unreachable
from webapp.core.options import list_options
from webapp.core.outbox import OutboxMessage
from webapp.core.senders import Recorder
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people.models import Person
from webapp.signups import jobs, queries, service
from webapp.signups.domain.telling import NoticeKind
from webapp.signups.models import Notice, Signup, Telling
from webapp.signups.queries.telling import lines_of, open_notices
from webapp.signups.service.tellings import tick

SignIn = Callable[[FlaskClient, Any], FlaskClient]
GATEWAYS = pytest.mark.settings(
    mail_url="record:", sms_url="record:", base_url="https://kepu.example.cn", wecom_url="record:"
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment from the 28th of November 2026 on, on the city's clocks."""
    return from_local(datetime(2026, 11, 28, hour, minute) + timedelta(days=day - 28))  # noqa: DTZ001


def left() -> list[str]:
    """What has left since last asked, by its first word."""
    delivery.send_due()
    session().rollback()
    found = [letter.subject.partition("：")[0] for letter in Recorder.letters]
    Recorder.letters.clear()
    return found


def not_sent() -> dict[str, str | None]:
    """What was given up, by its first word, with the reason."""
    session().rollback()
    rows = session().scalars(select(OutboxMessage).where(OutboxMessage.state == "lapsed"))
    return {row.subject.partition("：")[0]: row.reason for row in rows}


@contextmanager
def outage(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No gateway answers."""

    def down(_self: Recorder, _letter: Letter) -> None:
        raise Unreachable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "send", down)
        yield


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    Recorder.letters.clear()
    yield
    Recorder.letters.clear()


def move(position_id: str, **by: float) -> None:
    held = get_row(Position, position_id).session
    with transaction():
        events.reschedule(
            held.id,
            starts_at=held.starts_at + timedelta(**by),
            ends_at=held.ends_at + timedelta(**by),
            venue_id=held.venue_id,
            by=None,
        )


def until(signup_id: str) -> datetime | None:
    session().rollback()
    return get_row(Signup, signup_id).offer_deadline


# --- of no use any more


@GATEWAYS
def test_after_an_outage_only_what_is_still_of_use_leaves(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = a_position(starts_at=at(29, 9))
    later = a_position(starts_at=at(29, 15))
    for one in (soon, later):
        join(one, a_guest())
    with outage(monkeypatch):
        jobs.confirm_new()
        clock.set(at(28, 15, 1))
        jobs.remind()
        for minute in range(0, 60 * 21, 20):
            clock.set(at(28, 15, 2) + timedelta(minutes=minute))
            delivery.send_due()
    clock.set(at(29, 13))  # one session is over, the other has not begun
    assert sorted(left()) == ["报名成功", "提醒"]
    assert not_sent() == {"报名成功": "over", "提醒": "begun"}
    row = session().scalars(select(OutboxMessage).where(OutboxMessage.reason == "over")).one()
    assert row.error == "no answer" or row.attempts == 0  # tried, or behind one that was
    assert left() == []


@GATEWAYS
def test_what_is_not_so_any_more_is_not_told(app: Flask, clock: TestClock) -> None:
    clock.set(at(28, 22, 30))
    position = a_position(capacity=5, starts_at=at(30, 22, 20))
    person, other = a_guest(), a_guest()
    gone, kept = join(position, person), join(position, other)
    jobs.confirm_new()
    assert left() == []  # they sleep
    leave(gone)
    move(position, hours=-5)
    clock.set(at(29, 7))
    assert left() == ["时间地点有变"]  # the confirmation named the old time, the other one has gone
    assert not_sent() == {"报名成功": "settled"} or not_sent() == {"报名成功": "replaced"}
    assert status_of(kept) == "confirmed"


@GATEWAYS
def test_confirmations_and_cancellations_outlive_an_outage_of_days(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    off, on = (a_position(starts_at=at(28, 9) + timedelta(days=9)) for _ in range(2))
    for one in (off, on):
        join(one, a_guest())
    with outage(monkeypatch):
        jobs.confirm_new()
        with transaction():
            events.cancel_session(get_row(Position, off).session.id, reason="停电", by=None)
        for _ in range(200):
            clock.advance(minutes=59)
            delivery.send_due()
    clock.set(at(28, 9) + timedelta(days=8, hours=10))
    assert sorted(left()) == ["场次取消", "报名成功"]
    assert not_sent() == {"报名成功": "settled"}


@GATEWAYS
def test_a_message_of_several_dates_is_of_use_until_the_last(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats = [PositionDraft("听众", "audience", 5, True)]
    dates = [
        session_draft(at(29, 9), positions=seats),
        session_draft(at(28, 9) + timedelta(days=5), positions=seats),
    ]
    event = an_event(sessions=dates)
    person = a_guest()
    for one in positions_of(event):
        join(one.id, person)
    with outage(monkeypatch):
        with transaction():
            events.postpone(event.id, by=None)
        delivery.send_due()
    clock.set(at(30, 9))
    assert left() == ["活动延期"]


# --- the night


@GATEWAYS
def test_at_night_only_what_begins_early_rings(app: Flask, clock: TestClock) -> None:
    early, late = a_position(starts_at=at(29, 9)), a_position(starts_at=at(29, 14))
    for one in (early, late):
        join(one, a_guest())
    jobs.confirm_new()
    assert left() == ["报名成功"] * 2
    clock.set(at(28, 23))
    for one in (early, late):
        move(one, minutes=30)
    assert left() == ["时间地点有变"]
    clock.set(at(29, 6, 59))
    assert left() == []
    clock.set(at(29, 7))
    assert left() == ["时间地点有变"]


@GATEWAYS
def test_the_office_sets_the_night_and_sees_what_waits(
    app: Flask, clock: TestClock, client: FlaskClient, sign_in: SignIn
) -> None:
    account = make_account()
    grant(account, make_organisation(), Permission.GOVERN)
    sign_in(client, account)
    clock.set(at(28, 21, 30))
    held = {one.key: one.show(one.get()) for one in list_options()}
    assert (held["messages.day_begins"], held["messages.day_ends"]) == ("7", "22")
    answer = client.post(
        "/manage/settings", data=held | {"messages.day_ends": "21", "messages.day_begins": "8"}
    )
    assert answer.status_code == 302
    join(a_position(), a_guest())
    jobs.confirm_new()
    assert left() == []
    page = client.get("/manage/messages?state=waiting").text
    assert "11月29日（周日）上午8:00" in page
    clock.set(at(29, 8))
    assert left() == ["报名成功"]


# --- offers


@GATEWAYS
def test_nobody_loses_a_place_in_the_night(app: Flask, clock: TestClock) -> None:
    """The fault that was found: three waiters lost one place between 01:30 and 05:33."""
    position = a_position("volunteer", 1, starts_at=at(30, 0, 30))
    holder, *waits = [join(position, a_volunteer()) for _ in range(4)]
    clock.set(at(29, 1, 30))
    leave(holder)
    assert status_of(waits[0]) == "offered" and until(waits[0]) is None
    for minute in range(0, 330, 10):
        clock.set(at(29, 1, 30) + timedelta(minutes=minute))
        jobs.expire_offers()
        delivery.send_due()
    assert [status_of(one) for one in waits] == ["offered", "waitlisted", "waitlisted"]
    assert Recorder.letters == []
    clock.set(at(29, 7))
    assert left() == ["有空位了，请确认"]
    assert until(waits[0]) == at(29, 9)
    message = session().scalars(select(OutboxMessage).where(OutboxMessage.kind == "signup.offered")).one()
    assert "名额为您留到11月29日（周日）上午9:00" in message.body
    clock.set(at(29, 9))
    jobs.expire_offers()
    assert [status_of(one) for one in waits] == ["expired", "offered", "waitlisted"]
    assert faults() == []


@GATEWAYS
def test_an_offers_time_follows_its_message_through_an_outage(
    app: Flask, clock: TestClock, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = a_position(capacity=1, starts_at=at(28, 9) + timedelta(days=5))
    holder, first, second = (join(position, a_guest()) for _ in range(3))
    page = f"/signups/{queries.guest_token(first)}"
    with outage(monkeypatch):
        leave(holder)
        for _ in range(40):
            delivery.send_due()
            jobs.expire_offers()
            clock.advance(hours=1)
    assert (status_of(first), until(first)) == ("offered", None)
    assert "请确认参不参加" in client.get(page).text
    clock.set(at(30, 10))
    assert left() == ["有空位了，请确认"]
    assert until(first) == at(31, 10)
    assert "名额留到12月1日（周二）上午10:00" in client.get(page).text
    assert "留到12月1日（周二）上午10:00" in client.get(page + "/offer").text
    clock.set(at(31, 10))
    jobs.expire_offers()
    assert [status_of(one) for one in (first, second)] == ["expired", "offered"]


@GATEWAYS
def test_an_offer_that_was_answered_or_is_over_is_not_sent(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, over = a_position(capacity=1), a_position("volunteer", 1, starts_at=at(28, 12))
    firsts = [join(answered), join(over, a_volunteer())]
    mine, theirs = join(answered), join(over, a_volunteer())
    with outage(monkeypatch):
        for one in firsts:
            leave(one)
        delivery.send_due()
        with transaction():
            service.accept_offer(mine, by=None)
        clock.set(at(28, 12))
        jobs.expire_offers()
    assert status_of(theirs) == "expired"
    assert "有空位了，请确认" not in left()
    rows = session().scalars(select(OutboxMessage.reason).where(OutboxMessage.kind == "signup.offered"))
    assert sorted(str(one) for one in rows) == ["closed", "settled"]


def test_where_nothing_can_be_sent_an_offer_runs_from_the_call(app: Flask, clock: TestClock) -> None:
    position = a_position(capacity=1, starts_at=at(28, 9) + timedelta(days=5))
    holder, first, second = (join(position, a_guest()) for _ in range(3))
    leave(holder)
    delivery.send_due()
    clock.advance(days=2)
    jobs.expire_offers()
    assert (status_of(first), until(first)) == ("offered", None)
    [notice] = open_notices(None)
    [line] = lines_of(notice.notice.id)
    caller = an_account().person_id

    def call(*, told: bool) -> None:
        with transaction():
            tick(line.id, notice_id=notice.notice.id, told=told, by=caller)

    call(told=True)
    assert until(first) == clock.now + timedelta(days=1)
    call(told=False)  # a slip
    assert until(first) is None
    call(told=True)
    clock.advance(days=1)
    jobs.expire_offers()
    assert [status_of(one) for one in (first, second)] == ["expired", "offered"]


def test_where_only_the_site_tells_an_offer_runs_from_when_it_stands_there(
    app: Flask, clock: TestClock
) -> None:
    position = a_position("volunteer", 1)
    holder, waiting = (
        join(position, a_volunteer()),
        join(position, a_volunteer()),
    )  # they have mail, we have none
    leave(holder)
    assert until(waiting) is None
    clock.advance(hours=3)
    delivery.send_due()
    assert until(waiting) == clock.now + timedelta(days=1)


@GATEWAYS
def test_an_answer_and_the_message_that_leaves_at_the_same_moment(app: Flask, clock: TestClock) -> None:
    """The worker writes down that the offer is known while its person says yes: the yes stands."""
    position = a_position(capacity=1)
    holder, mine = join(position), join(position)
    leave(holder)

    def accept() -> None:
        with transaction():
            service.accept_offer(mine, by=None)

    at_once(app, delivery.send_due, accept)
    session().rollback()
    found = get_row(Signup, mine)
    assert (found.status, found.offer_expires_at) == ("confirmed", None)
    assert faults() == []


@GATEWAYS
def test_a_worker_killed_between_sending_and_writing_tells_the_offer_again(
    app: Flask, clock: TestClock
) -> None:
    position = a_position(capacity=1, starts_at=at(28, 9) + timedelta(days=5))
    holder, mine = join(position), join(position)
    leave(holder)
    rows = delivery._step([], set())
    run = delivery._Run(1, delivery.waking_hours())
    assert [one.state for one in run._deal_with(rows)] == ["sent"]  # and then the process dies
    assert until(mine) is None
    clock.advance(minutes=3)
    jobs.expire_offers()
    assert left() == ["有空位了，请确认"] * 2
    assert until(mine) == clock.now + timedelta(days=1)


# --- reminders


@GATEWAYS
def test_two_reminders_never_leave_together(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        next(one for one in list_options() if one.key == "remind_hours").set([72, 24], by=None)
    mine = a_position(starts_at=at(32, 9))
    other = a_position(starts_at=at(32, 15))
    person = a_guest()
    for one in (mine, other):
        join(one, person)
    jobs.confirm_new()
    assert left() == ["报名成功"] * 2
    with outage(monkeypatch):
        for hour in range(0, 56, 2):  # both moments of the first one pass, and those of the other
            clock.set(at(29, 9) + timedelta(hours=hour))
            jobs.remind()
            delivery.send_due()
    clock.set(at(31, 16))
    assert left() == ["提醒"]
    session().rollback()
    states = session().execute(
        select(OutboxMessage.state, OutboxMessage.reason).where(OutboxMessage.kind == "signup.reminder")
    )
    assert sorted((state, reason or "") for state, reason in states) == [
        ("lapsed", "replaced"),
        ("lapsed", "replaced"),
        ("sent", ""),
        ("sent", ""),
    ]


@GATEWAYS
def test_reminders_of_one_morning_are_one_message(app: Flask, clock: TestClock) -> None:
    account = an_account()
    places = [a_position("volunteer", 2, starts_at=at(30, hour), hours=1) for hour in (6, 7)]
    for one in places:
        join(one, account.person_id)
    jobs.confirm_new()
    left()
    for minute in range(0, 90, 5):
        clock.set(at(29, 5, 45) + timedelta(minutes=minute))
        jobs.remind()
        delivery.send_due()
    [letter] = Recorder.letters
    assert letter.subject.startswith("提醒：") and letter.body.count("别忘了") == 2
    assert left() == ["提醒"] and left() == []


@GATEWAYS
def test_two_workers_do_not_share_out_what_should_leave_as_one(app: Flask, clock: TestClock) -> None:
    account = an_account()
    for _ in range(2):
        join(a_position(starts_at=at(29, 9)), account.person_id)
    jobs.remind()

    def claim() -> list[int]:
        return [len(delivery._step([], set()))]

    found: list[int] = []
    at_once(app, *[lambda: found.extend(claim()) for _ in range(3)])
    assert sorted(found) == [0, 0, 2]


# --- who is rung up instead


@GATEWAYS
def test_a_bad_address_and_what_cannot_leave_in_time_become_calls(
    app: Flask, clock: TestClock, client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = an_organisation()
    organiser = staff(organisation, Permission.MANAGE_EVENTS)
    position = a_position(capacity=5, starts_at=at(29, 8), organisation=organisation)
    _bad, good = join(position, a_guest("赵一")), join(position, a_guest("钱二"))
    names = {str(row.phone): row.name for row in session().scalars(select(Person)) if row.phone}

    def refuse(_self: Recorder, letter: Letter) -> None:
        if "赵" in names[letter.recipient]:
            raise RefusedForGood("HTTP 400")
        raise Unreachable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "send", refuse)
        jobs.confirm_new()
        for _ in range(6):
            delivery.send_due()
            clock.advance(minutes=7)
            jobs.call_instead()
            jobs.call_instead()
        session().rollback()
        [notice] = open_notices(None)
        assert notice.notice.kind == NoticeKind.UNREACHED
        assert sorted(line.name for line in lines_of(notice.notice.id) if line.is_open) == ["赵一", "钱二"]
        assert notice.due == at(29, 8)
        sign_in(client, organiser)
        page = client.get(f"/manage/notices/{notice.notice.id}").text
        assert "消息没有发到" in page and "短信或邮件没有发到" in page and "报名成功" in page
        assert "2 个人要打电话告诉" in client.get("/manage/").text
    clock.advance(minutes=30)
    left()  # the gateway answers again: who has heard need not be rung up
    session().rollback()
    assert [line.name for line in lines_of(notice.notice.id) if line.is_open] == ["赵一"]
    assert status_of(good) == "confirmed"
    assert session().scalars(select(Telling.id)).all() and session().scalars(select(Notice.id)).all()


def test_without_a_gateway_nobody_is_rung_up_for_having_signed_up(app: Flask, clock: TestClock) -> None:
    join(a_position(starts_at=at(29, 8)), a_guest())
    jobs.confirm_new()
    delivery.send_due()
    clock.advance(hours=2)
    jobs.call_instead()
    assert open_notices(None) == []


@GATEWAYS
def test_the_offices_page_says_why_and_sends_nothing_that_is_late(
    app: Flask, clock: TestClock, client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account()
    grant(account, make_organisation(), Permission.GOVERN)
    sign_in(client, account)
    position = a_position(starts_at=at(28, 12))
    signup = join(position, a_guest())

    def refuse(_self: Recorder, _letter: Letter) -> None:
        raise RefusedForGood("HTTP 400")

    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "send", refuse)
        jobs.confirm_new()
        delivery.send_due()
    [failed] = session().scalars(select(OutboxMessage).where(OutboxMessage.state == "failed"))
    page = client.get("/manage/messages?state=failed").text
    assert "对方的邮箱或号码收不到，请打电话告诉" in page and f"/{failed.id}/again" in page
    clock.set(at(28, 15))
    again = f"/manage/messages/{failed.id}/again"
    assert again not in client.get("/manage/messages?state=failed").text
    answer = client.post(again)
    assert answer.status_code == 409 and "已经过了时候" in answer.text
    with transaction() as current:
        current.get_one(OutboxMessage, failed.id).state = "waiting"
    assert left() == []
    assert "活动就结束了，不用再发" in client.get("/manage/messages?state=lapsed").text
    assert status_of(signup) == "confirmed"


def test_an_untold_offer_moves_with_its_session(app: Flask, clock: TestClock) -> None:
    position = a_position("volunteer", 1, starts_at=at(30, 9))
    holder, waiting = join(position, a_volunteer()), join(position, a_volunteer())
    leave(holder)
    move(position, days=1)
    session().rollback()
    assert get_row(Signup, waiting).offer_expires_at == at(31, 9)
    tell_of_offer(waiting)
    move(position, days=-2)
    session().rollback()
    assert get_row(Signup, waiting).offer_expires_at == at(29, 9)
