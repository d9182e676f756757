"""Closing an account: what hangs on it is named, handed on or told; two at once; only the last office stays."""

from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import signups as made
from tests.factories.events import staff
from tests.factories.organisations import grant, make_organisation, make_staff
from tests.factories.people import PASSWORD, make_account, make_token
from tests.factories.recognition import make_record
from tests.factories.volunteers import make_member, make_team
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.core import leaving, todo
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.organisations.domain import LastGovernor, Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import permissions_of
from webapp.people import service as people
from webapp.people.models import Account, Person
from webapp.recognition.models import Certificate
from webapp.signups.domain import SignupExtra
from webapp.signups.models import HandOver
from webapp.signups.service.handing import ask_hand_over
from webapp.signups.service.taking import sign_up
from webapp.volunteers.models import Team

CLOSE = {"password": PASSWORD, "understood": "y"}


def close(account: Account, **choices: str) -> None:
    account_id = account.id
    with transaction():
        people.close_account(account_id, choices)


def told(person_id: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.subject).where(OutboxMessage.person_id == person_id)
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def waiting(person_id: str) -> list[str]:
    viewer = todo.Viewer(person_id, permissions_of(person_id))
    return [one.text % one.values for one in todo.collect(viewer)]


def hangs(account: Account) -> str:
    found = leaving.hanging(people.closing_of(account.person_id))
    return " ".join(one.text % one.values for one in found)


def test_the_page_names_everything_before(
    app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock
) -> None:
    host = make_organisation("南岗社区")
    make_staff(make_organisation("市科协"), Permission.GOVERN)
    me = make_staff(host, Permission.MANAGE_EVENTS, name="周队长")
    sign_in(client, me)
    make_member(make_team(me.person_id, name="红树林队", organisation=host), made.a_volunteer("李队员"))
    make_token(me, "排班程序")
    made.join(made.a_position(), me.person_id)
    page = client.get("/me/data/close").text
    for words in ("红树林队", "李队员", "请南岗社区指定", "排班程序", "报了 1 场", "唯一能“组织活动”"):
        assert words in page, words
    assert client.post("/me/data/close", data=CLOSE).status_code == 302


def test_a_team_goes_to_whom_was_chosen_else_its_host_is_told(app: Flask, clock: TestClock) -> None:
    host = make_organisation()
    organiser = make_staff(host, Permission.MANAGE_EVENTS).person_id
    leader, heir = make_account("周队长"), made.a_volunteer("李队员")
    first, second = (
        make_team(leader.person_id, organisation=host),
        make_team(leader.person_id, organisation=host),
    )
    make_member(first, heir)
    make_member(second, heir)
    close(leader, **{f"team:{first}": heir, f"team:{second}": made.a_volunteer()})  # the last is in no team
    assert get_row(Team, first).leader_id == heir
    assert "您成为队长：" + get_row(Team, first).name in told(heir)
    assert "团队需要新队长：" + get_row(Team, second).name in told(organiser)
    assert [one for one in waiting(organiser) if "没有队长" in one] == [
        f"团队“{get_row(Team, second).name}”没有队长，原来的队长离开了"
    ]
    kept = session().scalars(select(AuditEntry).where(AuditEntry.action == "account.close")).one()
    assert kept.details["choices"][f"team:{first}"] == heir


def test_without_organiser_the_office_hears_of_it(app: Flask, clock: TestClock) -> None:
    office = make_staff(make_organisation("市科协"), Permission.GOVERN).person_id
    host = make_organisation("南岗社区")
    only = make_staff(host, Permission.MANAGE_EVENTS, Permission.SCAN)
    team = make_team(only.person_id, organisation=host)
    close(only)
    assert "团队需要新队长：" + get_row(Team, team).name in told(office)
    assert "南岗社区没有人能组织活动了" in told(office)
    assert "南岗社区现在没有人能“组织活动”，原来的人离开了" in waiting(office)
    make_staff(host, Permission.MANAGE_EVENTS, Permission.SCAN)
    assert not [one for one in waiting(office) if "南岗社区" in one]


def test_whoever_asked_for_a_shift_to_be_taken_hears_that_it_stays(app: Flask, clock: TestClock) -> None:
    giver, taker = made.a_volunteer("李秀英"), make_account("孙建国")
    shift = made.join(made.a_position("volunteer"), giver)
    with transaction():
        asked = ask_hand_over(shift, taker.person_id, by=giver, note="").id
    assert "还没答复" in hangs(taker)
    close(taker)
    assert get_row(HandOver, asked).state == "declined"
    assert any(one.startswith("没有接手") for one in told(giver))


@pytest.mark.parametrize("together", [False, True])
def test_who_comes_along_keeps_the_place_or_goes_too(app: Flask, clock: TestClock, together: bool) -> None:
    me, position = make_account("女儿"), made.a_position()
    organiser = staff(session().scalars(select(Organisation)).one(), Permission.MANAGE_EVENTS).person_id
    seat = made.join(position, me.person_id)
    with transaction():
        person = people.find_or_make_person(name="外公", phone=None).id
        extra = SignupExtra(with_signup_id=seat)
        along = sign_up(position, person, by=None, source="guest", extra=extra).id
    assert "带了 1 个人一起报名：外公。" in hangs(me)
    close(me, **({"companions": "together"} if together else {}))
    assert made.status_of(seat) == "cancelled"
    assert made.status_of(along) == ("cancelled" if together else "confirmed")
    assert len([one for one in told(organiser) if "报名人请多留意" in one]) == (0 if together else 1)
    assert made.faults() == []


def test_open_papers_end_and_who_served_keeps_the_name(app: Flask, clock: TestClock) -> None:
    me = make_account("李秀英")
    record = make_record(me.person_id)
    with transaction() as current:
        paper = Certificate(
            person_id=me.person_id,
            organisation_id=record.organisation_id,
            from_on=record.served_on,
            until_on=record.served_on,
        )
        current.add(paper)
    assert "1 份服务证明" in hangs(me)
    person_id, paper_id = me.person_id, paper.id
    close(me)
    ended = get_row(Certificate, paper_id)
    assert (ended.status, ended.end_reason) == ("rejected", "本人注销了账号")
    assert get_row(Person, person_id).name == "李秀英"  # ten years, as the page says


def test_only_the_last_office_is_kept_and_told_the_way(
    app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock
) -> None:
    office = make_organisation("市科协")
    me = make_staff(office, Permission.GOVERN)
    sign_in(client, me)
    page = client.get("/me/data/close").text
    assert "最后一位" in page and "/manage/organisations" in page and 'name="password"' not in page
    assert client.post("/me/data/close", data=CLOSE).status_code == 422
    assert client.post("/me/data/close", data={}).status_code == 422  # the page is whole all the same
    other = make_account("另一位")
    grant(other, office, Permission.GOVERN)
    assert client.post("/me/data/close", data=CLOSE).status_code == 302


def test_the_last_two_of_the_office_leaving_at_once_leave_one(app: Flask) -> None:
    for _ in range(3):
        two = [make_staff(make_organisation(), Permission.GOVERN) for _ in range(2)]
        ids = [one.id for one in two]

        def leave(account_id: str) -> None:
            with transaction():
                people.close_account(account_id)

        answers = at_once(app, *(partial(leave, one) for one in ids))
        assert [isinstance(one, LastGovernor) for one in answers].count(True) == 1
        session().rollback()
        left = [one for one in ids if session().get(Account, one)]
        assert len(left) == 1
        # Whoever is left goes the way of the others, once there is somebody else.
        with transaction() as current:
            for row in current.scalars(select(Account).where(Account.id.in_(left))):
                row.disabled_at = row.created_at


def test_two_leaders_leaving_at_once_leave_no_team_to_somebody_gone(app: Flask) -> None:
    for _ in range(3):
        host = make_organisation()
        make_staff(host, Permission.MANAGE_EVENTS)
        one, two = make_account("甲"), make_account("乙")
        people_of = (one.person_id, two.person_id)
        teams = (
            make_team(people_of[0], organisation=host),
            make_team(people_of[1], organisation=host),
        )
        make_member(teams[0], people_of[1])
        make_member(teams[1], people_of[0])

        def leave(account_id: str, team: str, heir: str) -> None:
            with transaction():
                people.close_account(account_id, {f"team:{team}": heir})

        ids = (one.id, two.id)
        answers = at_once(
            app,
            partial(leave, ids[0], teams[0], people_of[1]),
            partial(leave, ids[1], teams[1], people_of[0]),
        )
        assert answers == [None, None]
        session().rollback()
        organiser_told = session().scalars(
            select(OutboxMessage.subject).where(OutboxMessage.subject.like("团队需要新队长%"))
        )
        named = set(organiser_told)
        for team in teams:
            assert f"团队需要新队长：{get_row(Team, team).name}" in named


@pytest.mark.parametrize("way", ["page", "command"])
def test_one_way_for_every_channel(
    app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock, way: str
) -> None:
    host = make_organisation()
    leader, heir = make_account("周队长", email="leader@example.cn"), made.a_volunteer("李队员")
    team = make_team(leader.person_id, organisation=host)
    make_member(team, heir)
    if way == "page":
        sign_in(client, leader)
        client.post("/me/data/close", data={**CLOSE, f"what:team:{team}": heir})
    else:
        words = ["account", "close", "leader@example.cn", "--choose", f"team:{team}={heir}", "--yes"]
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
        assert "队长" in done.output
    session().rollback()
    assert get_row(Team, team).leader_id == heir
