"""A move takes nobody's place; who is told by what is seen before and ticked after; a cancellation can be undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.events import an_event, an_organisation, positions_of, session_draft, sessions_of, staff
from tests.factories.signups import a_guest, a_position, a_volunteer, an_account, join, status_of
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core import delivery
from webapp.core.audit import AuditEntry
from webapp.core.clock import Period
from webapp.core.config import RECORD
from webapp.core.db import get_row, session, transaction
from webapp.core.jobs import run_due
from webapp.core.outbox import OutboxMessage
from webapp.events import queries as event_queries
from webapp.events import service as events
from webapp.events.domain import AlreadyUndone, EventIsOff, TooLateToUndo, WrongState
from webapp.events.models import Cancellation, Event, EventSession, Position
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.signups import service
from webapp.signups.domain import OverlappingShift
from webapp.signups.domain.telling import ClashChanged, NothingToChoose
from webapp.signups.models import HandOver, Notice, Signup, Telling
from webapp.signups.queries import guest_token
from webapp.signups.queries.asking import clashes_of, seen_of
from webapp.signups.queries.telling import lines_of, open_notices
from webapp.signups.service.calling import call_out
from webapp.signups.service.choosing import choose
from webapp.signups.service.handing import ask_hand_over

WEEK = timedelta(days=7)


GATEWAYS = pytest.mark.settings(mail_url=RECORD, sms_url=RECORD, base_url="https://kepu.example")
SignIn = Callable[[FlaskClient, Any], FlaskClient]


def held_of(position_id: str) -> EventSession:
    return get_row(EventSession, get_row(Position, position_id).session_id)


def move(position_id: str, by_hours: float, *, by: str | None = None) -> None:
    held = held_of(position_id)
    length = timedelta(hours=by_hours)
    with transaction():
        events.reschedule(
            held.id,
            starts_at=held.starts_at + length,
            ends_at=held.ends_at + length,
            venue_id=held.venue_id,
            by=by,
        )


def cancel(position_id: str, reason: str = "暴雪") -> str:
    """Cancel the whole event; the cancellation's id."""
    with transaction():
        events.cancel(held_of(position_id).event_id, reason=reason, by=None)
    return newest_cancellation()


def newest_cancellation() -> str:
    found = session().scalars(
        select(Cancellation.id).order_by(Cancellation.made_at.desc(), Cancellation.id.desc())
    )
    return found.first() or ""


def messages(**wanted: str) -> list[OutboxMessage]:
    return list(session().scalars(select(OutboxMessage).filter_by(**wanted).order_by(OutboxMessage.id)))


def two_shifts(person: str, organisation: Organisation | None = None) -> tuple[str, str, str, str]:
    """Two shifts of one volunteer, the second begins as the first ends: positions and sign-ups."""
    start = city.now() + WEEK
    first = a_position("volunteer", starts_at=start, organisation=organisation)
    second = a_position("volunteer", starts_at=start + timedelta(hours=2))
    return first, second, join(first, person), join(second, person)


# --- moving -------------------------------------------------------------------------------------------------------


@GATEWAYS
def test_a_move_takes_nobodys_place_and_who_has_two_shifts_chooses(app: Flask) -> None:
    person = a_volunteer()
    first, _second, mine, other = two_shifts(person)
    assert not events.clashes(held_of(first).id, Period(held_of(first).starts_at, held_of(first).ends_at))
    move(first, 1)
    assert (status_of(mine), status_of(other)) == ("confirmed", "confirmed")
    assert [one.id for one in clashes_of(mine)] == [other]
    (told,) = [one for one in messages(person_id=person) if "请选一个岗位" in one.subject]
    assert told.answer_path and "https://kepu.example/answer/" in told.body
    third = a_position("volunteer", starts_at=held_of(first).starts_at)
    with pytest.raises(OverlappingShift):  # promise 2 holds for what is new
        join(third, person)
    seen = seen_of(clashes_of(mine))
    with pytest.raises(ClashChanged), transaction():
        choose(mine, keep_this=True, seen="of another time", by=person)
    with transaction():
        assert choose(mine, keep_this=True, seen=seen, by=person) == [other]
    assert (status_of(mine), status_of(other)) == ("confirmed", "cancelled")
    with pytest.raises(NothingToChoose), transaction():
        choose(mine, keep_this=False, seen=seen, by=person)
    assert status_of(mine) == "confirmed"


def test_moved_back_nothing_is_left_to_choose(app: Flask) -> None:
    first, _second, mine, other = two_shifts(a_volunteer())
    move(first, 1)
    move(first, -1)
    assert clashes_of(mine) == clashes_of(other) == []


def test_the_organiser_sees_whole_names_and_who_has_another_shift_before(
    client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    manager = staff(organisation, "manage_events")
    first, _second, _mine, _other = two_shifts(a_volunteer("赵志愿"), organisation)
    join(first, a_volunteer("钱没有别的班"))
    held = held_of(first)
    sign_in(client, manager)
    start = city.local(held.starts_at + timedelta(hours=1))
    typed = {
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "venue_id": held.venue_id,
        "revision": str(held.event.revision),
    }
    page = client.post(f"/manage/sessions/{held.id}/move", data=typed)
    assert "有 1 位志愿者还有别的岗位" in page.text and "赵志愿" in page.text and "钱没有别的班" in page.text
    assert "要打电话告诉" not in page.text or "只能自己登录后看到" in page.text


def test_a_session_shows_whom_it_had_to_tell_and_not_the_other_ones(
    client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    event = an_event(organisation, sessions=[session_draft(), session_draft(city.now() + timedelta(days=9))])
    moved, other = sessions_of(event)
    position = next(one for one in positions_of(event) if one.session_id == moved.id)
    join(position.id, a_volunteer() if position.kind == "volunteer" else a_guest())
    move(position.id, 1)
    notice = session().scalars(select(Notice.id)).one()
    sign_in(client, staff(organisation, "manage_events"))
    for address, is_told in (
        (f"/manage/events/{event.id}", True),
        (f"/manage/sessions/{moved.id}", True),
        (f"/manage/sessions/{other.id}", False),
    ):
        assert (notice in client.get(address).text) is is_told, address


# --- before and after ---------------------------------------------------------------------------------------------


def test_whom_no_message_reaches_is_rung_up_ticked_and_printed(
    client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation(phone="+864548222222")
    manager = staff(organisation, "manage_events", name="李组织")
    seats = a_position(organisation=organisation, capacity=3)
    for name in ("王一", "王二"):
        join(seats, a_guest(name))
    event_id = held_of(seats).event_id
    sign_in(client, manager)
    before = client.get(f"/manage/events/{event_id}/cancel").text
    assert (
        "要打电话告诉" in before and "王一、" in before and "王二" in before and "15 分钟内可以撤销" in before
    )
    assert "会收到短信" not in before  # no gateway is set
    client.post(f"/manage/events/{event_id}/cancel", data={"reason": "暴雪"})
    notice = session().scalars(select(Notice)).one()
    where = f"/manage/notices/{notice.id}"
    assert where in client.get(f"/manage/events/{event_id}").text
    assert "还有 2 个人要打电话告诉" in client.get("/manage/").text
    page = client.get(where).text
    assert "王一" in page and "您好，这里是" in page and "4548222222" in page and "暴雪" in page
    assert "137" not in page  # numbers after one press
    for _twice in range(2):
        client.post(f"{where}/phones")
    assert "tel:+86137" in client.get(where).text
    kept = session().scalars(select(AuditEntry).where(AuditEntry.action == "phones.reveal")).all()
    assert len(kept) == 1
    one = lines_of(notice.id)[0]
    for _twice in range(2):
        client.post(f"{where}/told/{one.id}", data={"told": "yes"})
    assert "✓ 李组织" in client.get(where).text
    assert [found.open for found in open_notices(None)] == [1]
    client.post(f"{where}/told/{one.id}", data={"told": "no"})
    assert [found.open for found in open_notices(None)] == [2]
    stranger = staff(an_organisation(), "manage_events")
    sign_in(client, stranger)
    assert client.get(where).status_code in {403, 404}
    assert "王一" not in client.get("/manage/calls").text


@GATEWAYS
def test_a_message_that_failed_puts_its_person_on_the_list(app: Flask) -> None:
    seats = a_position()
    join(seats, a_guest("王一"))
    cancel(seats)
    assert open_notices(None) == []
    with transaction():
        for one in messages(channel="sms"):
            get_row(OutboxMessage, one.id).state = "failed"
    assert [found.open for found in open_notices(None)] == [1]


@GATEWAYS
def test_a_fixed_line_gets_no_short_message_and_is_rung_up(app: Flask, clock: TestClock) -> None:
    seats, mobile, landline = a_position(), a_guest("王一"), a_guest("王二")
    with transaction():
        get_row(Person, landline).phone = "+864548888888"
    for one in (mobile, landline):
        join(seats, one)
    move(seats, 24)
    delivery.send_due()
    session().rollback()
    states = {(one.recipient[:6], one.state) for one in messages(channel="sms")}
    assert states == {("+86137", "sent"), ("+86454", "kept")}
    [found] = open_notices(None)
    assert found.open == 1
    assert [line.name for line in lines_of(found.notice.id) if line.is_open] == ["王二"]


def test_a_fixed_line_is_shown_as_it_is_dialled(client: CheckedClient, sign_in: SignIn) -> None:
    organisation = an_organisation(phone="+864548222222")
    seats, landline = a_position(organisation=organisation), a_guest("王二")
    with transaction():
        get_row(Person, landline).phone = "+864548888888"
    join(seats, landline)
    move(seats, 24)
    sign_in(client, staff(organisation, "manage_events"))
    where = f"/manage/notices/{session().scalars(select(Notice.id)).one()}"
    client.post(f"{where}/phones")
    page = client.get(where).text
    assert '<a class="phone" href="tel:+864548888888">04548888888</a>' in page
    assert ">04548222222</a>" in client.get(f"/events/{held_of(seats).event_id}").text


def test_nobody_is_rung_up_for_what_is_over(app: Flask, clock: TestClock) -> None:
    seats = a_position()
    join(seats, a_guest())
    cancel(seats)
    assert [one.open for one in open_notices(None)] == [1]
    clock.advance(days=8)
    assert open_notices(None) == []


def test_postponed_and_resumed_each_tells(client: CheckedClient, sign_in: SignIn) -> None:
    organisation = an_organisation()
    manager = staff(organisation, "manage_events")
    seats = a_position(organisation=organisation)
    join(seats, a_guest("王一"))
    event_id = held_of(seats).event_id
    sign_in(client, manager)
    assert "王一" in client.get(f"/manage/events/{event_id}/postpone").text
    client.post(f"/manage/events/{event_id}/postpone")
    page = f"/manage/events/{event_id}/resume"
    assert "王一" in client.get(page).text
    assert "时间没有改" in client.get(page).text
    assert client.post(page, data={}).status_code == 422, "nobody was told to come at the old time by a slip"
    assert client.fill(page, same_dates="y").status_code == 303
    kinds = session().scalars(select(Notice.kind).order_by(Notice.made_at, Notice.id)).all()
    assert kinds == ["postponed", "resumed"]
    assert [len(lines_of(one)) for one in session().scalars(select(Notice.id))] == [1, 1]


# --- undoing ------------------------------------------------------------------------------------------------------


@GATEWAYS
def test_within_a_quarter_of_an_hour_everything_is_as_it_was(app: Flask, clock: TestClock) -> None:
    shift = a_position("volunteer", capacity=2)
    giver, taker = a_volunteer(), a_volunteer()
    mine = join(shift, giver)
    seats = a_position(capacity=1)
    first, waits = join(seats, a_guest()), join(seats, a_guest())
    with transaction():
        asked = ask_hand_over(mine, taker, by=giver).id
    delivery.send_due()
    session().rollback()
    held = held_of(shift)
    sequence, event_id = held.sequence, held.event_id
    undone = cancel(shift)
    assert status_of(mine) == "cancelled" and get_row(HandOver, asked).state == "withdrawn"
    delivery.send_due()
    assert all(one.state == "waiting" for one in messages(held_for=undone)) and messages(held_for=undone)
    clock.advance(minutes=14)
    delivery.send_due()
    with transaction():
        events.undo(undone, by=None)
    assert status_of(mine) == "confirmed" and get_row(Position, shift).taken == 1
    assert get_row(HandOver, asked).state == "asked"
    event = get_row(Event, event_id)
    assert (event.status, event.cancel_reason, event.cancelled_at) == ("published", None, None)
    assert held_of(shift).sequence == sequence + 2
    assert not messages(held_for=undone)  # nobody hears of it, neither of the one nor of the other
    assert not [one for one in messages() if "照常" in one.subject]
    assert session().scalars(select(Notice.undone_at).where(Notice.cancellation_id == undone)).one()
    assert (status_of(first), status_of(waits)) == ("confirmed", "waitlisted")
    with pytest.raises(AlreadyUndone), transaction():
        events.undo(undone, by=None)
    again = cancel(shift)  # a second time, with messages of its own
    assert again != undone and len(messages(held_for=again)) == 2
    clock.advance(minutes=15)
    with pytest.raises(TooLateToUndo), transaction():
        events.undo(again, by=None)
    delivery.send_due()
    assert {one.state for one in messages(held_for=again)} == {"sent"}


@GATEWAYS
def test_an_offer_has_the_time_it_had_left(app: Flask, clock: TestClock) -> None:
    seats = a_position(capacity=1)
    first = join(seats, a_guest())
    second = join(seats, a_guest(), source="guest")
    with transaction():
        service.cancel_signup(first, by=None)
    assert status_of(second) == "offered"
    delivery.send_due()
    session().rollback()
    until = get_row(Signup, second).offer_expires_at
    undone = cancel(seats)
    clock.advance(minutes=10)
    with transaction():
        events.undo(undone, by=None)
    assert status_of(second) == "offered"
    assert until and get_row(Signup, second).offer_expires_at == until + timedelta(minutes=10)


@GATEWAYS
def test_near_its_start_messages_leave_at_once_and_an_undo_tells_again(app: Flask) -> None:
    seats = a_position(starts_at=city.now() + timedelta(hours=2))
    person = a_guest()
    join(seats, person)
    undone = cancel(seats)
    delivery.send_due()
    assert [one.state for one in messages(held_for=undone)] == ["sent"]
    with transaction():
        events.undo(undone, by=None)
    assert [one.subject.partition("：")[0] for one in messages(person_id=person)][-1] == "照常举行"


def test_who_was_rung_up_already_is_rung_up_again(app: Flask) -> None:
    seats = a_position(capacity=3)
    called, not_called = a_guest(), a_guest()
    join(seats, called), join(seats, not_called)
    undone = cancel(seats)
    with transaction():
        telling = session().scalars(select(Telling).where(Telling.person_id == called)).one()
        telling.told_at = city.now()
    with transaction():
        events.undo(undone, by=None)
    (again,) = open_notices(None)
    assert again.notice.kind == "restored" and again.count == 1


def test_one_session_comes_back_but_not_into_a_cancelled_event(app: Flask) -> None:
    seats = a_position()
    mine = join(seats)
    held = held_of(seats)
    with transaction():
        events.cancel_session(held.id, reason="停电", by=None)
    one = newest_cancellation()
    whole = cancel(seats)
    with pytest.raises(EventIsOff), transaction():
        events.undo(one, by=None)
    with transaction():
        events.undo(whole, by=None)
    assert status_of(mine) == "cancelled"
    with transaction():
        events.undo(one, by=None)
    assert status_of(mine) == "confirmed" and held_of(seats).cancelled_at is None


def test_who_took_another_shift_meanwhile_has_both_and_chooses(app: Flask) -> None:
    shift = a_position("volunteer")
    person = a_volunteer()
    mine = join(shift, person)
    undone = cancel(shift)
    other = join(a_position("volunteer", starts_at=held_of(shift).starts_at), person)
    with transaction():
        events.undo(undone, by=None)
    assert [one.id for one in clashes_of(mine)] == [other]


def test_messages_that_wait_are_not_read_on_the_site_either(
    client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    account = an_account()
    seats = a_position()
    join(seats, account.person_id)
    cancel(seats)
    sign_in(client, account)
    assert "活动取消" not in client.get("/me/messages").text
    clock.advance(minutes=16)
    assert "活动取消" in client.get("/me/messages").text


def test_the_button_stands_on_both_pages_for_staff_alone(client: CheckedClient, sign_in: SignIn) -> None:
    organisation = an_organisation()
    manager = staff(organisation, "manage_events")
    seats = a_position(organisation=organisation)
    join(seats)
    event_id = held_of(seats).event_id
    assert "撤销取消" not in client.get(f"/events/{event_id}").text
    sign_in(client, manager)
    page = client.post(f"/manage/events/{event_id}/cancel", data={"reason": "暴雪"}, follow_redirects=True)
    assert "撤销取消" in page.text and "还有 1" in page.text
    public = client.get(f"/events/{event_id}").text
    assert "撤销取消" in public
    (one,) = event_queries.undoable(event_id)
    answer = client.post(f"/manage/cancellations/{one.id}/undo", follow_redirects=True)
    assert "取消已撤销" in answer.text and "撤销取消" not in answer.text
    assert "已经撤销了" in client.post(f"/manage/cancellations/{one.id}/undo", follow_redirects=True).text


def test_what_is_cancelled_is_not_cancelled_twice(app: Flask) -> None:
    seats = a_position()
    join(seats)
    cancel(seats)
    with pytest.raises(WrongState):
        cancel(seats)
    assert len(session().scalars(select(Cancellation)).all()) == 1


def test_a_call_names_who_hears_of_it_by_what_and_ends_with_their_answer(
    client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    manager = staff(organisation, "manage_events")
    person = a_volunteer("孙好手")
    with transaction():
        get_row(Person, person).phone = "+8613600000077"  # only the telephone reaches them
    join(a_position("volunteer", organisation=organisation), person)
    shift = a_position(
        "volunteer", organisation=organisation, capacity=2, starts_at=city.now() + timedelta(days=20)
    )
    sign_in(client, manager)
    before = client.get(f"/manage/positions/{shift}/call-out").text
    assert "要打电话告诉" in before and "孙好手" in before
    with transaction():
        assert call_out(shift, note="帮个忙", most=5, by=manager.person_id) == 1
    (one,) = open_notices(None)
    assert (one.label, one.open) == ("缺人手，请志愿者帮忙", 1)
    assert "帮个忙" in client.get(f"/manage/notices/{one.notice.id}").text
    join(shift, person)
    assert open_notices(None) == []


def test_who_must_choose_finds_it_on_their_page_and_the_organiser_on_the_sessions(
    client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    manager = staff(organisation, "manage_events")
    account = an_account("赵志愿")
    first, _second, _mine, _other = two_shifts(account.person_id, organisation)
    move(first, 1)
    sign_in(client, account)
    assert client.get("/me").text.count("两个岗位时间重叠，请选一个") == 1
    session_id = held_of(first).id
    sign_in(client, manager)
    assert "等他们选一个" in client.get(f"/manage/sessions/{session_id}").text


@pytest.mark.parametrize("gateway", ["", RECORD])
def test_words_promise_only_what_can_be_sent(
    app: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch, gateway: str
) -> None:
    settings = app.extensions["kepu_settings"]
    monkeypatch.setitem(app.extensions, "kepu_settings", replace(settings, sms_url=gateway))
    seats = a_position(capacity=1)
    join(seats), join(seats)
    waits = join(seats)
    pages = [
        client.get(f"/positions/{seats}/sign-up").text,
        client.get(f"/signups/{guest_token(waits)}").text,
    ]
    for page in pages:
        assert ("到时会发短信告诉您" in page) == bool(gateway)
        assert ("本站现在发不了短信" in page) != bool(gateway)
        assert "我们会通知您" not in page
    assert ("还会用短信通知" in client.get("/calendar/subscribe?feed=/calendar/all.ics").text) == bool(
        gateway
    )


def test_who_was_told_is_forgotten_with_the_messages(app: Flask, clock: TestClock) -> None:
    seats = a_position()
    join(seats)
    cancel(seats)
    run_due()
    clock.advance(days=200)
    run_due()
    clock.advance(days=9)
    run_due()
    assert session().scalars(select(Telling)).all()
    clock.advance(days=200)
    run_due()  # announced
    assert session().scalars(select(Telling)).all()
    clock.advance(days=9)
    run_due()
    session().rollback()
    assert not session().scalars(select(Telling)).all() and not session().scalars(select(Notice)).all()
