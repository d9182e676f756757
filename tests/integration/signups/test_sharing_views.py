"""Pages of courses, hand-overs, teams, calls, fitting shifts and expected turn-out."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from tests.factories.events import an_organisation, staff
from tests.factories.sharing import NAME, a_course_event
from tests.factories.signups import a_position, a_volunteer, an_account, join, status_of, taken
from tests.factories.volunteers import make_member, make_profile, make_team
from webapp.core import clock
from webapp.core.db import db, get_row, session, transaction
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.sharing import HandOverState
from webapp.signups.models import Called, CallOut, CourseSignup, HandOver, Signup
from webapp.signups.service.handing import ask_hand_over

SignIn = Callable[[FlaskClient, Any], FlaskClient]
GUEST = {"name": "赵桂兰", "phone": "138 0013 8000", "consent": "y"}


def _account_of(person_id: str) -> Account:
    return session().scalars(select(Account).where(Account.person_id == person_id)).one()


def test_a_guest_takes_a_whole_course_and_leaves_it(app: Flask, client: FlaskClient) -> None:
    made = a_course_event()
    event_id = made.id
    shown = client.get(f"/events/{event_id}").text
    address = f"/events/{event_id}/course?position={NAME}"
    assert f"整个系列都报：{NAME}，3 场" in shown
    page = client.get(address)
    assert page.status_code == 200 and "一次报上这 3 场" in page.text
    assert client.post(address, data={"name": ""}).status_code == 422
    sent = GUEST | {"nonce": "n1"}
    answer, again = client.post(address, data=sent), client.post(address, data=sent)
    assert answer.status_code == again.status_code == 302
    course = client.get(answer.location)
    assert course.status_code == 200 and course.text.count("已报名") == 3
    assert session().scalar(select(func.count()).select_from(Signup)) == 3
    assert client.get(again.location).status_code == 200
    stranger = app.test_client().post(address, data=GUEST | {"nonce": "n2"})
    assert stranger.status_code == 409 and not re.search(r"/signups/(?!find)", stranger.text)
    leave = answer.location + "/leave"
    assert "这 3 场会取消" in client.get(leave).text
    assert client.post(leave).status_code == 302
    assert "已退出这个系列" in client.get(answer.location).text
    assert {one.status for one in session().scalars(select(Signup))} == {SignupStatus.CANCELLED}
    assert client.get(f"/events/{event_id}/course?position=无").status_code == 404


def test_a_volunteer_takes_a_course_with_one_tap(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    event_id, account = a_course_event(kind="volunteer").id, an_account()
    address = f"/events/{event_id}/course"
    assert "/sign-in" in (client.get(address).location or "")
    sign_in(client, account)
    assert client.post(address, data={}).status_code == 422  # the risks were not read
    answer = client.fill(address, risk="y")
    assert "/me/courses/" in answer.location
    assert client.get(address).location == answer.location
    course = session().scalars(select(CourseSignup.id)).one()
    stranger = sign_in(app.test_client(), an_account())
    assert stranger.get(f"/me/courses/{course}").status_code == 404
    assert client.post(f"/me/courses/{course}/leave").status_code == 302


def test_a_hand_over_from_both_sides(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position, giver, taker = a_position("volunteer", 1), a_volunteer("李秀英"), a_volunteer("赵接手")
    team = make_team(giver)
    make_member(team, taker)
    signup = join(position, giver)
    sign_in(client, _account_of(giver))
    other = sign_in(app.test_client(), _account_of(taker))
    address = f"/signups/{signup}/hand-over"
    assert other.get(address).status_code == 404
    page = client.get(address).text
    assert "赵接手 " in page and "（" in page
    assert client.post(address, data={}).status_code == 422
    wrong = client.post(address, data={"name": "赵接手", "phone": "13800138000"})
    assert wrong.status_code == 422 and "姓名和手机号都相符" in wrong.text
    asked = client.fill(address, teammate=taker, note="讲稿在服务台").location
    assert client.get(address).location == asked
    assert "等对方答复" in client.get(asked).text
    seen = other.get(asked).text
    assert "李秀英" in seen and "讲稿在服务台" in seen
    assert sign_in(app.test_client(), an_account()).get(asked).status_code == 404
    assert other.post(asked + "/accept").status_code == 422  # the risks were not read
    accepted = other.post(asked + "/accept", data={"risk": "y"})
    again = other.post(asked + "/accept", data={"risk": "y"})
    assert accepted.status_code == again.status_code == 302 and accepted.location == again.location
    assert "对方已接手" in client.get(asked).text and "您已接手" in other.get(asked).text
    assert status_of(signup) == SignupStatus.CANCELLED and taken(position) == 1


def test_a_question_is_taken_back_or_answered_with_no(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    giver, taker = a_volunteer(), a_volunteer("赵接手")
    make_member(make_team(giver), taker)
    signup = join(a_position("volunteer"), giver)
    sign_in(client, _account_of(giver))
    other = sign_in(app.test_client(), _account_of(taker))
    for visitor, act in ((client, "withdraw"), (other, "decline")):
        asked = client.fill(f"/signups/{signup}/hand-over", teammate=taker).location
        assert visitor.post(f"{asked}/{act}").status_code == 302
        assert visitor.post(f"{asked}/{act}").status_code == 302  # sent twice
        assert client.get(asked).status_code == 200
    states = set(session().scalars(select(HandOver.state)))
    assert states == {HandOverState.WITHDRAWN, HandOverState.DECLINED}


def test_a_leader_signs_members_up(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position, leader = a_position("volunteer", 1), an_account("队长")
    held, team = get_row(Position, position).session_id, make_team(leader.person_id)
    members = [make_member(team) for _ in range(2)]
    address, field = f"/me/teams/{team}/sign-up/{held}", f"position_{position}"
    assert sign_in(app.test_client(), an_account()).get(address).status_code == 404
    sign_in(client, leader)
    assert client.get(address).status_code == 200
    assert "请至少选一位" in client.post(address, data={}).text
    many = client.post(address, data={field: members})
    assert many.status_code == 409 and "还有 1 个名额，您选了 2 位" in many.text and taken(position) == 0
    assert client.post(address, data={field: ["x"]}).status_code == 422
    assert client.post(address, data={field: members[:1]}).status_code == 302
    assert "已经报上的队员" in client.get(address).text and taken(position) == 1


def test_a_call_goes_out_once_however_often_it_is_sent(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    office = an_organisation()
    organiser = staff(office, Permission.MANAGE_EVENTS)
    position = a_position("volunteer", 1, organisation=session().get_one(Organisation, office.id))
    people = [make_profile(), make_profile()]
    address = f"/manage/positions/{position}/call-out"
    stranger = sign_in(app.test_client(), staff(an_organisation(), Permission.MANAGE_EVENTS))
    assert stranger.get(address).status_code in {403, 404}
    sign_in(client, organiser)
    page = client.get(address).text
    assert "合适、有空、可以请" in page and "李**" in page and "李秀英" not in page
    assert client.post(address, data={"most": "0", "nonce": "n"}).status_code == 422
    for _ in range(2):
        assert client.post(address, data={"most": "2", "note": "来帮忙", "nonce": "n1"}).status_code == 302
    assert session().scalar(select(func.count()).select_from(CallOut)) == 1
    assert set(session().scalars(select(Called.person_id))) == set(people)
    assert client.post(address, data={"most": "2", "nonce": "n2"}).status_code == 409


def _statements(client: FlaskClient, address: str) -> int:
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_lists_cost_the_same_however_long(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    office = an_organisation()
    organiser = staff(office, Permission.MANAGE_EVENTS)
    sign_in(client, organiser)
    costs = []
    for _ in range(2):
        for days in range(1, 4):
            home = session().get_one(Organisation, office.id)
            a_position("volunteer", 3, starts_at=clock.now() + timedelta(days=days), organisation=home)
        costs.append([_statements(client, address) for address in ("/me/shifts", "/manage/turnout")])
    assert costs[0] == costs[1] and max(costs[0]) < 25
    text = client.get("/manage/turnout").text
    assert text.count("还没有到场记录") == 6 and "call-out" in text
    assert "还有 3 个名额" in client.get("/me/shifts").text


def test_the_giver_s_pass_says_whom_was_asked_and_what_they_said(
    app: Flask, new_client: Callable[[], FlaskClient], sign_in: SignIn
) -> None:
    giver, taker = an_account("李秀英"), an_account("孙立国")
    signup = join(a_position(kind="volunteer"), giver.person_id)
    with transaction():
        asked = ask_hand_over(signup, taker.person_id, by=giver.person_id, note="").id
    one, other = sign_in(new_client(), giver), sign_in(new_client(), taker)
    page = one.get(f"/me/passes/{signup}").text
    assert "已请孙立国接手，等对方答复" in page
    assert f"/me/hand-overs/{asked}" in page
    assert "转交给别人" not in page
    assert other.post(f"/me/hand-overs/{asked}/decline").status_code == 302
    page = one.get(f"/me/passes/{signup}").text
    assert "孙立国来不了，岗位仍是您的" in page
    assert "转交给别人" in page
