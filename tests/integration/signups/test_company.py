"""Courses whose dates are left and taken again, and people who come along later."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.events import staff
from tests.factories.people import make_token
from tests.factories.sharing import a_course_event, join_course, position_ids
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
)
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance import service as attendance
from webapp.attendance.domain import Direction, Method, ScanRequest
from webapp.core.db import get_row, new_id, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Person
from webapp.people.queries import account_of
from webapp.signups import queries, service
from webapp.signups.domain import LIVING
from webapp.signups.domain.giving import Companion, Given, NotWithYou, TooManyCompanions
from webapp.signups.domain.rows import Named
from webapp.signups.models import Signup
from webapp.signups.queries import get_with_session
from webapp.signups.queries.courses import get_course, guest_course_token
from webapp.signups.service.companions import add_companions
from webapp.signups.service.course_leaving import leave_course
from webapp.signups.service.many import sign_up_many

SignIn = Callable[..., CheckedClient]


def living(person_id: str) -> list[Signup]:
    session().rollback()
    wanted = select(Signup).where(Signup.person_id == person_id, Signup.status.in_(LIVING))
    return list(session().scalars(wanted.order_by(Signup.id)))


def manager_of(position_id: str) -> str:
    organisation_id = get_row(Position, position_id).session.event.organisation_id
    return staff(get_row(Organisation, organisation_id), Permission.MANAGE_EVENTS, Permission.SCAN).person_id


# --- a course -----------------------------------------------------------------------------------------------------


def test_a_date_that_was_left_is_taken_again_and_belongs_to_the_course(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    person = account.person_id
    event = a_course_event(3, capacity=5)
    made = join_course(event.id, person, by=person)
    leave(made.signups[0], by=person)
    sign_in(client, account)
    page = client.get(f"/me/courses/{made.course_id}")
    first = position_ids(event)[0]
    assert "再报这一场" in page.text and f"/positions/{first}/sign-up" in page.text
    assert client.fill(f"/positions/{first}/sign-up").status_code == 302
    assert [one.course_id for one in living(person)] == [made.course_id] * 3
    assert "再报这一场" not in client.get(f"/me/courses/{made.course_id}").text
    told = select(OutboxMessage.body).where(OutboxMessage.person_id == person)
    assert [one for one in session().scalars(told) if "这一场已报上" in one]
    leaving = client.get(f"/me/courses/{made.course_id}/leave")
    assert "这 3 场会取消" in leaving.text
    client.fill(f"/me/courses/{made.course_id}/leave")
    assert living(person) == []
    assert sum(taken(one) for one in position_ids(event)) == 0
    assert faults() == []


def test_a_guest_takes_a_date_again_without_typing_all_of_it(app: Flask, client: CheckedClient) -> None:
    event = a_course_event(2, capacity=5)
    guest = a_guest("赵桂兰")
    made = join_course(event.id, guest)
    leave(made.signups[1])
    page = client.get(f"/signups/courses/{guest_course_token(made.course_id)}")
    link = next(one for one in page.text.split('"') if "/sign-up?again=" in one)
    form = client.get(link)
    assert "赵桂兰" in form.text
    assert client.fill(link, consent="y").status_code == 302
    assert [one.course_id for one in living(guest)] == [made.course_id] * 2
    with transaction():
        left = leave_course(made.course_id, by=None)
    assert len(left.cancelled) == 2 and living(guest) == []


@pytest.mark.parametrize("channel", ["staff", "api", "list"])
def test_on_every_channel_a_date_joins_the_course(
    app: Flask, client: CheckedClient, sign_in: SignIn, channel: str
) -> None:
    event = a_course_event(2, capacity=5)
    guest = a_guest("赵桂兰")
    made = join_course(event.id, guest)
    leave(made.signups[0])
    first = position_ids(event)[0]
    one = get_row(Person, guest)
    person = {"name": one.name, "phone": (one.phone or "").removeprefix("+86")}
    organisation = get_row(Organisation, event.organisation_id)
    helper = staff(organisation, Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)
    if channel == "api":
        head = {"Authorization": f"Bearer {make_token(helper)}"}
        answer = client.post(f"/api/v1/positions/{first}/signups", json={"person": person}, headers=head)
        assert answer.status_code == 201
    elif channel == "staff":
        sign_in(client, helper)
        page = f"/manage/sessions/{get_row(Position, first).session_id}/sign-up"
        assert client.fill(page, position=first, consent="y", **person).status_code == 302
    else:
        with transaction():
            sign_up_many(first, [Named(one.name, one.phone)], by=helper.person_id)
    assert [one.course_id for one in living(guest)] == [made.course_id] * 2


def test_leaving_says_what_stays(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    """A shift so near that only staff take it back, and one at which they are already."""
    account = an_account()
    person = account.person_id
    event = a_course_event(3, kind="volunteer", capacity=5)
    made = join_course(event.id, person, by=person)
    first = get_row(Position, position_ids(event)[0]).session
    clock.set(first.starts_at - timedelta(minutes=20))
    request = ScanRequest(
        session_id=first.id, direction=Direction.IN, nonce=new_id(), device="door",
        by=manager_of(position_ids(event)[0]), method=Method.ROSTER, signup_id=made.signups[0],
    )  # fmt: skip
    with transaction():
        assert attendance.check_in(request).body["outcome"] == "accepted"
    sign_in(client, account)
    page = client.get(f"/me/courses/{made.course_id}/leave").text
    assert "这 2 场会取消" in page and "这 1 场还在" in page
    client.fill(f"/me/courses/{made.course_id}/leave")
    assert [one.id for one in living(person)] == [made.signups[0]]
    assert get_course(person, made.course_id).course.cancelled_at is not None


def test_who_is_in_a_course_leaves_it_when_nothing_is_left_to_come(app: Flask) -> None:
    event = a_course_event(2, capacity=5)
    guest = a_guest()
    made = join_course(event.id, guest)
    for one in made.signups:
        leave(one)
    with transaction():
        left = leave_course(made.course_id, by=None)
    assert left.cancelled == []
    assert join_course(event.id, guest).signups


def test_why_a_date_was_declined_stands_on_the_course_and_for_programs(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    person = account.person_id
    event = a_course_event(2, kind="volunteer", capacity=5)
    with transaction():
        for one in position_ids(event):
            get_row(Position, one).needs_approval = True
    made = join_course(event.id, person, by=person)
    leader = manager_of(position_ids(event)[0])
    with transaction():
        service.decline([made.signups[0]], reason="要会手语", by=leader)
    sign_in(client, account)
    assert "要会手语" in client.get(f"/me/courses/{made.course_id}").text
    assert "要会手语" in client.get(f"/me/passes/{made.signups[0]}").text
    assert "再报这一场" in client.get(f"/me/courses/{made.course_id}").text


# --- company ------------------------------------------------------------------------------------------------------


def test_people_come_along_later_and_stand_together(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    position = a_position(capacity=9)
    given = {"name": "赵桂兰", "phone": "13800138000", "consent": "y"}
    link = client.fill(f"/positions/{position}/sign-up", **given).location
    join(position, a_guest("后来的"))
    page = client.get(link).text
    assert "再带几个人一起来" in page
    more = link + "/companions"
    assert client.fill(more, consent="y").status_code == 422
    assert client.fill(more, consent="y", **{"companions-0-name": "赵桂兰"}).status_code == 422
    sent = {"companions-0-name": "钱大爷", "companions-1-name": "孙奶奶", "consent": "y"}
    assert client.fill(more, **sent).status_code == 302
    assert client.get(link).text.count("qr.svg") == 3
    main = next(one for one in queries.roster(get_row(Position, position).session_id) if one.name == "赵桂兰")
    helper = manager_of(position)
    held = get_row(Position, position).session_id
    names = [(one.name, one.along_with) for one in queries.roster(held)]
    assert names == [("赵桂兰", ""), ("钱大爷", "赵桂兰"), ("孙奶奶", "赵桂兰"), ("后来的", "")]
    sign_in(client, account_of(helper))
    for address in (f"/manage/sessions/{held}", f"/manage/sessions/{held}/sign-sheet"):
        shown = client.get(address).text
        assert "和赵桂兰一起来" in shown, address
        assert shown.index("孙奶奶") < shown.index("后来的"), address
    three = [Companion(name) for name in ("一", "二", "三")]
    with pytest.raises(TooManyCompanions), transaction():
        add_companions(get_with_session(main.signup_id), three, phone="+8613800138000", given=Given())
    assert taken(position) == 4
    client.fill(link + "/cancel", whole="all")
    assert taken(position) == 1
    with pytest.raises(NotWithYou), transaction():
        add_companions(get_with_session(main.signup_id), [Companion("一")], phone=None, given=Given())
    assert faults() == []


def test_who_is_signed_in_brings_a_child_later_whose_guardian_agrees(
    app: Flask, client: CheckedClient, sign_in: SignIn
) -> None:
    account = an_account()
    position = a_position(capacity=2, waitlist=False)
    mine = join(position, account.person_id, by=account.person_id, source="self")
    sign_in(client, account)
    page = f"/signups/{mine}/companions"
    child = {"companions-0-name": "小明", "companions-0-age_band": "under_14", "consent": "y"}
    assert client.fill(page, **child).status_code == 422
    guardian = {"guardian_name": "李秀英", "guardian_phone": "13900139000", "guardian_consent": "y"}
    assert client.fill(page, **child, **guardian).status_code == 302
    assert taken(position) == 2
    full = client.fill(page, consent="y", **{"companions-0-name": "小红"})
    assert full.status_code == 409 and "一个也没有报上" in full.text
    assert status_of(mine) == "confirmed"
    volunteer = a_volunteer()
    shift = join(a_position("volunteer"), volunteer, by=volunteer, source="self")
    assert client.get(f"/signups/{shift}/companions").status_code == 404
