"""A decision holds for what its page showed: what others decided meanwhile is said, with who and when, and stays."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.events import an_event, an_organisation, sessions_of, staff
from tests.factories.recognition import make_record
from tests.factories.signups import a_guest, a_position, a_volunteer, an_account, join, status_of
from tests.factories.volunteers import make_course, make_team, make_training
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from tests.support.time import TestClock
from webapp.core.db import get_row, session, transaction
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.people import service as people
from webapp.recognition.domain.certificates import Application
from webapp.recognition.models import Certificate, ServiceRecord, Star
from webapp.recognition.service import certificates
from webapp.signups.models import HandOver, Signup
from webapp.signups.service.handing import ask_hand_over
from webapp.volunteers.models import Training

SignIn = Callable[[CheckedClient, Any], CheckedClient]
NewClient = Callable[[], CheckedClient]


def form_of(client: CheckedClient, page: str, action: str) -> Callable[..., Any]:
    """The form of a page that is open in a tab: it may be sent later, and again."""
    answer = client.get(page)
    assert answer.status_code == 200, page
    found = [
        one for one in html.parse(answer.data)[0].iter("form") if (one.get("action") or "").startswith(action)
    ]
    assert found, [one.get("action") for one in html.parse(answer.data)[0].iter("form")]
    fields = fields_of(found[0])
    return lambda **more: client.post(found[0].get("action") or action, data=fields | more)


def two_desks(new_client: NewClient, sign_in: SignIn, host: Organisation, *rights: Permission) -> Any:
    wanted = rights or (Permission.MANAGE_EVENTS,)
    people = [staff(host, *wanted, name=name) for name in ("王芳", "赵桂芝")]
    return [sign_in(new_client(), one) for one in people]


def to_approve(host: Organisation) -> str:
    position = a_position(capacity=5, organisation=host)
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position).values(needs_approval=True))
    return position


def a_served_shift(host: Organisation, clock: TestClock) -> str:
    """Id of a final record of a shift that is over."""
    volunteer, position = a_volunteer("孙立国"), a_position("volunteer", organisation=host)
    signup = join(position, volunteer)
    clock.advance(days=8)
    session_id = get_row(Position, position).session_id
    return make_record(volunteer, session_id=session_id, signup_id=signup, minutes=120).id


def a_certificate(host: Organisation) -> str:
    volunteer = a_volunteer("诸葛建国")
    make_record(volunteer, organisation=host, served_on=date(2026, 3, 7), minutes=125)
    with transaction():
        asked = Application(host.id, date(2026, 1, 1), date(2026, 11, 28), "")
        return certificates.apply(asked, person_id=volunteer).id


def test_what_another_decided_is_said_with_name_and_time_and_what_was_written_stays(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    page = f"/manage/certificates/{a_certificate(host)}"
    accept = form_of(first, page, page + "/accept")
    reject = form_of(second, page, page + "/reject")
    clock.advance(minutes=3)
    assert accept().status_code == 302
    clock.advance(minutes=3)
    answer = reject(reason="资料不全，请补交身份证明")
    assert answer.status_code == 409
    assert "王芳在" in answer.text
    assert "现在是“已受理”" in answer.text
    assert "资料不全，请补交身份证明" in answer.text
    assert get_row(Certificate, page.rpartition("/")[2]).status == "accepted"
    # Looked at as it is now, it may be decided.
    assert form_of(second, page, page + "/reject")(reason="资料不全").status_code == 302


def test_the_same_form_sent_twice_is_quiet_and_leads_where_the_first_one_led(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    page = f"/manage/certificates/{a_certificate(host)}"
    accept, other = form_of(first, page, page + "/accept"), form_of(second, page, page + "/accept")
    one, again = accept(), accept()
    assert (one.status_code, again.status_code) == (302, 303)
    assert again.location == one.location
    assert "刚才已经办好了" in first.get(again.location).text
    answer = other()  # the same decision, but of somebody else
    assert answer.status_code == 409
    assert "王芳" in answer.text


def test_the_same_decision_of_the_same_person_from_another_page_is_quiet_too(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    page = f"/manage/certificates/{a_certificate(host)}"
    one = form_of(first, page, page + "/reject")
    clock.advance(minutes=1)
    two, other = form_of(first, page, page + "/reject"), form_of(first, page, page + "/accept")
    assert one(reason="资料不全").status_code == 302
    assert two(reason="资料不全").status_code == 303
    answer = two(reason="不是本单位的活动")  # not the same
    assert answer.status_code == 409
    assert "您自己在" in answer.text
    assert other().status_code == 409
    assert second.get(page).status_code == 200


def test_a_button_of_a_list_tells_on_a_page_of_its_own_and_leads_back(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    training = make_training(a_volunteer(), make_course(), organisation=host)
    action = f"/manage/trainings/{training}/void"
    one, two = (form_of(desk, action, action) for desk in (first, second))
    assert one().status_code == 303
    answer = two()
    assert answer.status_code == 409
    assert "王芳" in answer.text
    assert "现在是“已作废”" in answer.text
    assert get_row(Training, training).voided_at is not None


def test_several_are_decided_on_together_or_none_and_every_name_that_changed_is_said(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    position = to_approve(host)
    asking = [join(position, a_guest(name)) for name in ("张一", "张二", "张三")]
    page = f"/manage/positions/{position}/pending"
    mine, other = form_of(first, page, page), form_of(second, page, page)
    assert other(signup=asking[:2], decision="approve").status_code == 200
    answer = mine(signup=asking, decision="decline", reason="名额改给了老队员")
    assert answer.status_code == 409
    assert "张一（赵桂芝在" in answer.text
    assert "张二（赵桂芝在" in answer.text
    assert "名额改给了老队员" in answer.text
    assert [status_of(one) for one in asking] == ["confirmed", "confirmed", "pending"]
    assert mine(signup=asking[2:], decision="decline", reason="名额改给了老队员").status_code == 200
    assert status_of(asking[2]) == "declined"


def test_hours_are_not_changed_over_another_s_word(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    shift = a_served_shift(host, clock)
    first, second = two_desks(new_client, sign_in, host)
    path = f"/manage/hours/records/{shift}/mark"
    one, two = form_of(first, path, path), form_of(second, path, path)
    assert one(turnout="part", reason="提前走了").status_code == 303
    answer = two(turnout="longer", reason="留下来收拾")
    assert answer.status_code == 409
    assert "王芳" in answer.text
    assert "留下来收拾" in answer.text


def test_an_office_decides_on_stars_once(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    office = an_organisation("市科协")
    first, second = two_desks(new_client, sign_in, office, Permission.GOVERN)
    volunteer = a_volunteer()
    make_record(volunteer, minutes=6000)
    with transaction():
        star = Star(person_id=volunteer, level=1, minutes=6000)
        session().add(star)
        session().flush()
        star_id = star.id
    decline = form_of(first, f"/manage/stars/{star_id}/decline", f"/manage/stars/{star_id}/decline")
    grant = form_of(second, "/manage/stars", f"/manage/stars/{star_id}/grant")
    assert grant().status_code == 303
    answer = decline(note="时长里有两场重复")
    assert answer.status_code == 409
    assert "赵桂芝" in answer.text
    assert "时长里有两场重复" in answer.text
    assert get_row(Star, star_id).state == "granted"


def test_a_draft_thrown_away_twice_is_thrown_away(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    page = f"/manage/events/{an_event(host, published=False).id}"
    mine, other = form_of(first, page, page + "/discard"), form_of(second, page, page + "/discard")
    one, again = mine(), mine()
    assert (one.status_code, again.status_code) == (303, 303)
    assert again.location == one.location
    answer = other()
    assert answer.status_code == 409
    assert "已经删掉了" in answer.text


def test_an_event_is_published_as_it_was_read(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    event = an_event(host, published=False)
    page = f"/manage/events/{event.id}"
    publish = form_of(first, page, page + "/publish")
    assert second.fill(page + "/edit", title="另一个名字").status_code == 303
    answer = publish()
    assert answer.status_code == 409
    assert "赵桂芝" in answer.text
    assert get_row(Event, event.id).status == "draft"


def test_a_session_is_cancelled_as_it_stood(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    held = sessions_of(an_event(host))[0]
    cancel = form_of(first, f"/manage/sessions/{held.id}/cancel", f"/manage/sessions/{held.id}/cancel")
    move = f"/manage/sessions/{held.id}/move"
    start = (held.starts_at + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    end = (held.ends_at + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    assert second.fill(move, starts_at=start, ends_at=end).status_code == 303
    answer = cancel(reason="大雪封路")
    assert answer.status_code == 409
    assert "大雪封路" in answer.text
    assert get_row(EventSession, held.id).cancelled_at is None


def test_rights_are_given_on_what_they_were(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    office = an_organisation("市科协")
    first, second = two_desks(new_client, sign_in, office, Permission.GOVERN)
    helper = staff(an_organisation("旁边的单位"), Permission.SCAN, name="小李")
    unit = get_row(Organisation, session().scalar(_unit_of(helper.person_id)) or "").id
    page = f"/manage/organisations/{unit}/members/{helper.person_id}"
    one, two = form_of(first, page, page), form_of(second, page, page)
    assert one(permissions=["manage_events"]).status_code == 302
    answer = two(permissions=["scan", "inspect"])
    assert answer.status_code == 409
    assert "王芳" in answer.text


def _unit_of(person_id: str) -> Any:
    return select(Membership.organisation_id).where(Membership.person_id == person_id)


def test_names_of_staff_are_not_told_to_who_does_not_work_here(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    organiser = sign_in(new_client(), staff(host, Permission.MANAGE_EVENTS, name="王芳"))
    account = an_account()
    signup = join(to_approve(host), account.person_id)
    own = sign_in(new_client(), account)
    cancel = form_of(own, f"/signups/{signup}/cancel", f"/signups/{signup}/cancel?next=/me")
    page = f"/manage/positions/{get_row(Signup, signup).position_id}/pending"
    assert (
        form_of(organiser, page, page)(signup=[signup], decision="decline", reason="人满").status_code == 200
    )
    answer = cancel()
    assert answer.status_code == 409
    assert "别人在" in answer.text
    assert "现在是“没有通过审核”" in answer.text
    assert "王芳" not in answer.text


def test_a_hand_over_taken_back_is_not_answered(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    giver, taker = an_account("李秀英"), an_account("孙立国")
    signup = join(a_position(kind="volunteer"), giver.person_id)
    with transaction():
        asked = ask_hand_over(signup, taker.person_id, by=giver.person_id, note="").id
    page = f"/me/hand-overs/{asked}"
    one, other = sign_in(new_client(), giver), sign_in(new_client(), taker)
    withdraw, decline = form_of(one, page, page + "/withdraw"), form_of(other, page, page + "/decline")
    assert withdraw().status_code == 302
    answer = decline()
    assert answer.status_code == 409
    assert "现在是“已收回”" in answer.text
    assert get_row(HandOver, asked).state == "withdrawn"


def test_words_of_a_form_stay_and_what_is_otherwise_now_stands_beside_them(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, second = two_desks(new_client, sign_in, host)
    team = make_team(organisation=host, name="晨光队")
    page = f"/manage/teams/{team}"
    one, two = form_of(first, page, page), form_of(second, page, page)
    assert one(about="每周六在社区教用手机").status_code == 303
    answer = two(about="每周日在图书馆")
    assert answer.status_code == 409
    assert "王芳" in answer.text
    assert "每周日在图书馆" in answer.text
    assert "现在是“每周六在社区教用手机”" in answer.text


def test_programs_say_what_they_saw(
    app: Flask, clock: TestClock, client: CheckedClient, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    account = staff(host, Permission.MANAGE_EVENTS, name="王芳")
    event = an_event(host, published=False)
    with transaction():
        bearer = {"Authorization": f"Bearer {people.create_token(account.person_id, 'test')}"}
    shown = client.get(f"/api/v1/events/{event.id}", headers=bearer).json
    page = f"/manage/events/{event.id}/edit"
    assert sign_in(new_client(), account).fill(page, title="另一个名字").status_code == 303
    address = f"/api/v1/events/{event.id}/publish"
    answer = client.post(address, query_string={"seen": shown["seen"]}, headers=bearer)
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "changed_meanwhile"
    assert answer.json["now"] == "草稿"
    assert answer.json["decided_at"]
    now = client.get(f"/api/v1/events/{event.id}", headers=bearer).json["seen"]
    assert client.post(address, query_string={"seen": now}, headers=bearer).status_code == 200


@pytest.mark.databases("postgresql")
def test_of_two_at_the_same_moment_one_decides(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    shift = a_served_shift(host, clock)
    desks = two_desks(new_client, sign_in, host)
    path = f"/manage/hours/records/{shift}/mark"
    forms = [form_of(desk, path, path) for desk in desks]
    answers: list[int] = []
    start = threading.Barrier(2)

    def send(form: Callable[..., Any], turnout: str) -> None:
        start.wait()
        answers.append(form(turnout=turnout, reason="核对过现场").status_code)

    threads = [
        threading.Thread(target=send, args=pair) for pair in zip(forms, ("part", "longer"), strict=True)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [303, 409]
    assert len([one for one in session().query(ServiceRecord) if one.status != "void"]) == 1


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        ":::",
        "certificate:\0:a:1",
        "certificate:nobody:abc:zz",
        "hours_rule:x:none:1",
        "certificate:a:b:" + "f" * 60,
    ],
)
def test_a_mark_nobody_gave_does_no_harm(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn, sent: str
) -> None:
    host = an_organisation("佳木斯市科学技术协会")
    first, _ = two_desks(new_client, sign_in, host)
    page = f"/manage/certificates/{a_certificate(host)}"
    assert first.post(page + "/accept", data={"as_seen": sent}).status_code in {302, 409}


def test_the_rule_of_hours_says_who_made_the_version_in_between(
    app: Flask, clock: TestClock, new_client: NewClient, sign_in: SignIn
) -> None:
    office = an_organisation("市科协")
    first, second = two_desks(new_client, sign_in, office, Permission.GOVERN)
    page = "/manage/hours/rule"
    one, two = form_of(first, page, page), form_of(second, page, page)
    assert one(notice_days="7").status_code == 303
    answer = two(notice_days="5")
    assert answer.status_code == 409
    assert "王芳" in answer.text
