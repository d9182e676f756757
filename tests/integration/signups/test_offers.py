"""Places offered to those who wait: the whole life by the clock, answers on pages, order, and who is asked at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.signups import (
    a_guest,
    a_position,
    a_volunteer,
    an_account,
    faults,
    join,
    leave,
    status_of,
    taken,
    tell_of_offer,
)
from tests.support.time import TestClock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import NotFound
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people import service as people
from webapp.signups import jobs, queries, service
from webapp.signups.domain import (
    BadPlace,
    CancelTooLate,
    CancelTooLateCall,
    NoOffer,
    NotWaiting,
    OfferExpired,
    ReasonMissing,
    SignupStatus,
)
from webapp.signups.models import Signup
from webapp.signups.queries import offers

SignIn = Callable[[FlaskClient, Any], FlaskClient]
S = SignupStatus


def _accept(signup_id: str, by: str | None = None) -> None:
    with transaction():
        service.accept_offer(signup_id, by=by)


def _decline(signup_id: str, by: str | None = None) -> None:
    with transaction():
        service.decline_offer(signup_id, by=by)


def _statuses(*signup_ids: str) -> list[SignupStatus]:
    return [status_of(one) for one in signup_ids]


def _until(signup_id: str) -> Any:
    session().rollback()
    return get_row(Signup, signup_id).offer_expires_at


def _bodies(fact: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.body).where(OutboxMessage.dedupe_key.like(f"%:{fact}%"))
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def test_a_waitlist_from_the_first_offer_to_the_start(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(days=4)
    position = a_position("volunteer", 1, starts_at=start)
    holder, a, b, c, d = (join(position, a_volunteer()) for _ in range(5))
    leave(holder)
    assert _statuses(holder, a, b) == [S.CANCELLED, S.OFFERED, S.WAITLISTED]
    assert _until(a) == start  # nothing ends it before somebody has told them
    tell_of_offer(a)
    assert _until(a) == clock.now + timedelta(hours=24)  # 15 hours, the night not counted
    assert queries.waitlist_place(get_row(Signup, b)) == 1
    clock.advance(hours=23, minutes=59)
    jobs.expire_offers()
    assert status_of(a) == S.OFFERED
    clock.advance(minutes=1)
    with pytest.raises(OfferExpired):
        _accept(a)
    jobs.expire_offers()
    jobs.expire_offers()
    assert _statuses(a, b, c) == [S.EXPIRED, S.OFFERED, S.WAITLISTED]
    assert len(_bodies("offer_expired")) == 1
    with pytest.raises(OfferExpired):
        _accept(a)
    _accept(b)
    _accept(b)  # sent twice
    assert (status_of(b), taken(position), _until(b)) == (S.CONFIRMED, 1, None)
    with pytest.raises(NoOffer):
        _decline(b)
    clock.set(start - timedelta(hours=10))
    leave(b)
    tell_of_offer(c)
    assert _until(c) == start  # two hours that do not run at night
    _decline(c)
    _decline(c)
    assert _statuses(c, d) == [S.CANCELLED, S.OFFERED]
    _decline(d)
    assert taken(position) == 0
    clock.set(start - timedelta(minutes=30))
    late = [join(position, a_volunteer()) for _ in range(2)]
    leave(late[0])  # a second thought
    assert _until(late[1]) == start  # not later than the shift begins
    clock.set(start)
    jobs.expire_offers()
    assert (status_of(late[1]), taken(position)) == (S.EXPIRED, 0)
    assert faults() == []


def test_an_offer_to_the_audience_may_last_until_the_end_and_an_expired_one_may_join_again(
    app: Flask, clock: TestClock
) -> None:
    position = a_position(capacity=1, starts_at=clock.now + timedelta(hours=1), hours=2)
    holder, person = join(position), a_guest()
    waiting = join(position, person)
    clock.advance(minutes=55)
    leave(holder)
    tell_of_offer(waiting)
    assert _until(waiting) == clock.now + timedelta(hours=2)
    clock.advance(hours=2)
    with transaction():
        service.promote(position)  # whoever locks the position ends what is over
    assert _statuses(waiting) == [S.EXPIRED]
    again = join(position, person)
    assert (status_of(again), taken(position)) == (S.CONFIRMED, 1)


def test_who_cannot_be_asked_gets_the_place_at_once(app: Flask) -> None:
    organisation = an_organisation()
    organiser = staff(organisation, Permission.MANAGE_EVENTS).person_id
    position = a_position(capacity=3, organisation=organisation)
    holders = [join(position) for _ in range(3)]
    with transaction():
        silent = people.find_or_make_person(name="孙长福", phone=None).id
    by_staff = [
        join(position, one, by=organiser, source="staff") for one in (silent, a_guest(), a_volunteer())
    ]
    for one in holders:
        leave(one)
    assert _statuses(*by_staff) == [S.CONFIRMED, S.CONFIRMED, S.OFFERED]
    assert len(_bodies("moved_up")) == 1  # nobody can tell the one without a telephone
    assert taken(position) == 3
    _accept(by_staff[2], organiser)  # who called the office
    with pytest.raises(NotFound):
        _accept(by_staff[2], a_guest())
    assert faults() == []


def test_an_offer_keeps_other_shifts_at_that_time_away_and_frees_them_when_it_ends(
    app: Flask, clock: TestClock
) -> None:
    start = clock.now + timedelta(days=5)
    first, second = (a_position("volunteer", 1, starts_at=start) for _ in range(2))
    holders = [join(one, a_volunteer()) for one in (first, second)]
    person = a_volunteer()
    waits = [join(one, person) for one in (first, second)]
    for one in holders:
        leave(one)
    assert _statuses(*waits) == [S.OFFERED, S.WAITLISTED]
    tell_of_offer(waits[0])
    clock.advance(hours=24)
    jobs.expire_offers()
    assert _statuses(*waits) == [S.EXPIRED, S.OFFERED]
    _decline(waits[1])
    assert faults() == []


def test_a_moved_session_shortens_its_offers_and_a_cancelled_one_ends_them(
    app: Flask, clock: TestClock
) -> None:
    start = clock.now + timedelta(days=3)
    position = a_position("volunteer", 1, starts_at=start)
    holder, waiting = join(position, a_volunteer()), join(position, a_volunteer())
    leave(holder)
    held = get_row(Position, position).session
    session_id, venue_id = held.id, held.venue_id
    earlier = clock.now + timedelta(hours=6)
    with transaction():
        events.reschedule(
            session_id, starts_at=earlier, ends_at=earlier + timedelta(hours=1), venue_id=venue_id, by=None
        )
    assert _until(waiting) == earlier
    with transaction():
        events.cancel_session(session_id, reason="停电", by=None)
    assert (status_of(waiting), _until(waiting), taken(position)) == (S.CANCELLED, None, 0)


def test_staff_change_the_order_with_a_reason(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    organisation = an_organisation()
    organiser = staff(organisation, Permission.MANAGE_EVENTS)
    position = a_position(capacity=1, organisation=organisation)
    holder, a, b, c = (join(position, a_guest(name)) for name in ("赵一", "钱二", "孙三", "李四"))

    def order() -> list[str]:
        session().rollback()
        return [one.signup_id for one in offers.waiting_lines(position)]

    for place in (0, 4):
        with pytest.raises(BadPlace), transaction():
            service.move_in_queue(c, place=place, reason="残障人士优先", by=organiser.person_id)
    with pytest.raises(ReasonMissing), transaction():
        service.move_in_queue(c, place=1, reason=" ", by=organiser.person_id)
    stranger_id = a_guest()
    with pytest.raises(NotFound), transaction():
        service.move_in_queue(c, place=1, reason="优先", by=stranger_id)
    with pytest.raises(NotWaiting), transaction():
        service.move_in_queue(holder, place=1, reason="优先", by=organiser.person_id)
    path = f"/manage/positions/{position}/waitlist"
    sign_in(client, organiser)
    page = client.get(path).text
    assert "钱二" in page and "137****" in page
    assert client.fill(path, form=path, signup=c, place="9", reason="残障人士优先").status_code == 422
    assert client.fill(path, form=path, signup=c, place="1", reason="").status_code == 422
    assert client.fill(path, form=path, signup=c, place="1", reason="残障人士优先").location == path
    assert order() == [c, a, b]
    with transaction():
        service.move_in_queue(c, place=3, reason="弄错了", by=organiser.person_id)
    assert order() == [a, b, c]
    newcomer = join(position)
    assert order() == [a, b, c, newcomer]
    reasons = session().scalars(
        select(AuditEntry.details).where(AuditEntry.action == "signup.reorder").order_by(AuditEntry.id)
    )
    assert [one["reason"] for one in reasons] == ["残障人士优先", "弄错了"]
    leave(holder)
    assert _statuses(a, c) == [S.OFFERED, S.WAITLISTED]
    stranger = sign_in(app.test_client(), staff(an_organisation(), Permission.MANAGE_EVENTS))
    assert stranger.get(path).status_code == 404


# ------------------------------------------------------------------------------------------------ pages


def test_an_offer_is_answered_on_its_page(
    app: Flask, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    position, account = a_position("volunteer", 1), an_account()
    holder, mine, behind = (
        join(position, a_volunteer()),
        join(position, account.person_id),
        join(position, a_volunteer()),
    )
    sign_in(client, account)
    path, own = f"/signups/{mine}/offer", f"/me/passes/{mine}"
    assert client.get(path).location == own
    leave(holder)
    assert path in client.get(own).text and "qr.svg" not in client.get(own).text
    assert "请确认参不参加" in client.get(own).text and "从通知到的时候算起" in client.get(path).text
    tell_of_offer(mine)
    assert "名额留到11月29日（周日）上午9:00" in client.get(own).text
    assert "留到11月29日（周日）上午9:00" in client.get(path).text
    assert client.post(path, data={}).status_code == 422
    clock.advance(days=1)
    late = client.post(path, data={"answer": "yes"})
    assert late.status_code == 410
    assert "确认的时间已经过了" in late.text and f"/positions/{position}/sign-up" in late.text
    assert _statuses(mine, behind) == [S.EXPIRED, S.OFFERED]  # nobody waited for the job
    assert "已经过了" in client.get(path).text
    assert "已经让出去了" in client.get(own).text
    other = sign_in(app.test_client(), an_account())
    assert other.get(path).status_code == other.post(path).status_code == 404


def test_a_guest_answers_by_the_link(app: Flask, client: FlaskClient) -> None:
    position = a_position(capacity=1)
    holder, first, second = (join(position) for _ in range(3))
    leave(holder)
    links = [f"/signups/{queries.guest_token(one)}" for one in (first, second)]
    assert links[0] + "/offer" in client.get(links[0]).text
    assert client.fill(links[0] + "/offer", answer="no").location == links[0]
    assert client.fill(links[1] + "/offer", answer="yes").location == links[1]
    assert client.post(links[1] + "/offer", data={"answer": "yes"}).location == links[1]
    assert "qr.svg" in client.get(links[1]).text
    assert _statuses(first, second) == [S.CANCELLED, S.CONFIRMED]
    assert client.get("/signups/" + "a" * 60 + "/offer").status_code == 404


# ---------------------------------------------------------------------------------------------- cancel in time


def test_when_it_is_too_late_only_staff_cancel_and_say_why(
    app: Flask, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    organisation = an_organisation()
    organiser = staff(organisation, Permission.MANAGE_EVENTS).person_id
    position = a_position("volunteer", 2, starts_at=clock.now + timedelta(hours=5), organisation=organisation)
    account = an_account()
    mine, other, waiting = (join(position, one) for one in (account.person_id, a_volunteer(), a_volunteer()))
    clock.advance(hours=2, minutes=1)
    with pytest.raises(CancelTooLate) as refusal:
        leave(mine, by=account.person_id)
    assert (refusal.value.code, refusal.value.extra) == ("closed", {"rule": "cancel_too_late"})
    with transaction() as current:
        current.get_one(type(organisation), organisation.id).phone = "0454-1234567"
    with pytest.raises(CancelTooLateCall):
        leave(mine)
    sign_in(client, account)
    assert "0454-1234567" in client.get(f"/me/passes/{mine}").text
    page = client.get(f"/signups/{mine}/cancel").text.split("<main")[1]
    assert "0454-1234567" in page and "<button" not in page  # no button that would be refused
    answer = client.post(f"/signups/{mine}/cancel")
    assert answer.status_code == 409 and "0454-1234567" in answer.text
    with pytest.raises(ReasonMissing):
        leave(mine, by=organiser)
    leave(mine, by=organiser, reason="临时生病")
    assert _statuses(mine, waiting) == [S.CANCELLED, S.OFFERED]
    _accept(waiting)
    leave(waiting)  # within ten minutes of taking it
    with pytest.raises(CancelTooLate):
        leave(other)
    assert taken(position) == 1
