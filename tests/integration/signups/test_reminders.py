"""Confirmations, reminders and the organisers' line, by a clock that moves."""

from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import event, select

from tests.factories.signups import a_guest, a_position, a_volunteer, an_account, join, leave
from tests.support.messages import fact
from tests.support.time import TestClock
from webapp.calendars.domain import Scope
from webapp.calendars.queries import calendar_of
from webapp.core import delivery, outbox
from webapp.core.db import db, get_row, session, transaction
from webapp.core.letters import Letter
from webapp.core.outbox import OutboxMessage
from webapp.core.senders import Recorder
from webapp.events import service as events
from webapp.events.models import EventSession, Position
from webapp.people.models import Person
from webapp.signups import jobs
from webapp.signups.service import confirming


def told() -> list[str]:
    """Subjects queued since last asked, and forget them."""
    session().rollback()
    rows = session().scalars(
        select(OutboxMessage).where(OutboxMessage.read_at.is_(None)).order_by(OutboxMessage.subject)
    )
    found = [row.subject.partition("：")[0] for row in rows]
    with transaction() as current:
        for row in current.scalars(select(OutboxMessage)):
            row.read_at = row.created_at
    return found


def run() -> list[str]:
    """One turn of the worker; what it queued."""
    jobs.confirm_new()
    jobs.remind()
    jobs.warn_organisers()
    return told()


def session_of(position_id: str) -> EventSession:
    return get_row(Position, position_id).session


def move(position_id: str, **by: float) -> None:
    found = session_of(position_id)
    with transaction():
        events.reschedule(
            found.id,
            starts_at=found.starts_at + timedelta(**by),
            ends_at=found.ends_at + timedelta(**by),
            venue_id=found.venue_id,
            by=None,
        )


def test_a_life_of_reminders(app: Flask, clock: TestClock) -> None:
    position, person = a_position(starts_at=clock.now + timedelta(days=5)), a_guest()
    join(position, person)
    assert run() == ["报名成功"]
    clock.advance(days=4, minutes=-1)
    assert run() == []
    clock.advance(minutes=1)
    assert run() == ["提醒"]
    assert run() == []
    move(position, days=2)
    assert run() == ["时间地点有变"]
    clock.advance(days=2)
    assert run() == ["提醒"]
    clock.advance(hours=22)
    assert run() == ["提醒"]
    move(position, days=1)
    with transaction():
        events.cancel_session(session_of(position).id, reason="停电", by=None)
    assert run() == ["场次取消", "时间地点有变"]
    clock.advance(days=1)
    assert run() == []


def test_who_signs_up_late_gets_no_reminder_of_before_and_a_pause_costs_the_older_one(
    app: Flask, clock: TestClock
) -> None:
    position = a_position(capacity=5, starts_at=clock.now + timedelta(hours=30))
    join(position)
    clock.advance(hours=10)
    late = join(position)
    assert run() == ["报名成功", "报名成功", "提醒"]
    leave(late)
    clock.advance(hours=18, minutes=30)  # both moments have passed when the worker comes back
    join(position)
    assert run() == ["报名成功", "提醒"]
    clock.advance(hours=1)
    assert run() == []


def test_who_was_told_of_the_move_after_the_moment_is_not_reminded_at_once(
    app: Flask, clock: TestClock
) -> None:
    position = a_position(starts_at=clock.now + timedelta(days=3))
    join(position)
    assert run() == ["报名成功"]
    move(position, days=-2, hours=-4)
    assert run() == ["时间地点有变"]
    clock.advance(hours=18)
    assert run() == ["提醒"]


def test_several_places_of_one_telephone_are_one_reminder(app: Flask, clock: TestClock) -> None:
    starts_at = clock.now + timedelta(days=2)
    position = a_position(capacity=5, starts_at=starts_at)
    first, second = a_guest("王小明"), a_guest("王奶奶")
    with transaction() as current:
        current.get_one(Person, second).phone = current.get_one(Person, first).phone
    join(position, first)
    join(position, second)
    run()
    clock.advance(days=1)
    assert run() == ["提醒"]
    message = session().scalars(select(OutboxMessage).where(OutboxMessage.subject.startswith("提醒"))).one()
    assert "参加人：王小明、王奶奶" in message.body or "参加人：王奶奶、王小明" in message.body


def test_the_waitlist_is_told_so_and_not_reminded(app: Flask, clock: TestClock) -> None:
    position = a_position(capacity=1, starts_at=clock.now + timedelta(days=2))
    join(position)
    join(position)
    assert run() == ["候补", "报名成功"]
    clock.advance(days=1)
    assert run() == ["提醒"]


def test_many_confirmations_are_a_few_statements(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = a_position(capacity=40)
    for _ in range(12):
        join(position)
    monkeypatch.setattr(confirming, "MOST", 10)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    jobs.confirm_new()
    assert len([one for one in statements if one.startswith(("SELECT", "INSERT"))]) <= 8
    assert told() == ["报名成功"] * 12


@pytest.mark.settings(mail_url="record:", sms_url="record:", base_url="https://kepu.example.cn")
def test_a_confirmation_carries_the_entry_of_the_persons_feed(app: Flask, clock: TestClock) -> None:
    Recorder.letters.clear()
    account = an_account()
    position = a_position("volunteer")
    signup = join(position, account.person_id, by=account.person_id)
    join(a_position(), a_guest())
    jobs.confirm_new()
    delivery.send_due()
    by_channel: dict[str, Letter] = {letter.channel: letter for letter in Recorder.letters}
    mail, sms = by_channel["mail"], by_channel["sms"]
    assert mail.calendar is not None
    (entry,) = Calendar.from_ical(mail.calendar.text).walk("VEVENT")
    assert str(entry["UID"]) == f"su-{signup}@{session_of(position).uid.rpartition('@')[2]}"
    (shift,) = calendar_of(Scope("person", account.person_id)).entries
    assert (str(entry["UID"]), entry["SEQUENCE"], str(entry["SUMMARY"])) == (
        shift.uid,
        shift.sequence,
        shift.title,
    )
    assert str(entry["URL"]).startswith("https://kepu.example.cn/events/")
    assert mail.calendar.method == "REQUEST"
    assert b"METHOD:REQUEST" in mail.calendar.text
    assert str(entry["ATTENDEE"]) == f"mailto:{account.email}"
    assert entry["ATTENDEE"].params["RSVP"] == "FALSE"
    assert str(entry["ORGANIZER"]) == "mailto:kepuxing@localhost"
    assert sms.calendar is None
    assert "\n" not in sms.body
    assert "短码" in sms.body
    assert "https://kepu.example.cn/signups/" in sms.body


@pytest.mark.settings(wecom_url="record:")
def test_organisers_hear_of_shifts_that_lack_people_once(app: Flask, clock: TestClock) -> None:
    Recorder.letters.clear()
    position = a_position("volunteer", capacity=3, starts_at=clock.now + timedelta(hours=20))
    with transaction() as current:
        current.get_one(Position, position).min_count = 2
        current.get_one(Position, position).cancel_hours = 0
    people = [a_volunteer(), a_volunteer()]
    made = [join(position, one, by=one) for one in people]
    jobs.warn_organisers()
    leave(made[0], by=people[0])
    jobs.warn_organisers()
    jobs.warn_organisers()
    delivery.send_due()
    lines = sorted(letter.body for letter in Recorder.letters if letter.channel == "wecom")
    assert [line.partition("：")[0] for line in lines] == ["有人退出", "缺人"]
    assert all("讲解员" in line and "1 人" in line for line in lines)
    assert not any("李秀英" in line for line in lines)


def test_without_a_channel_nothing_is_queued_for_organisers(app: Flask) -> None:
    with transaction():
        outbox.tell_organisers("缺人", fact("x"))
    assert told() == []
