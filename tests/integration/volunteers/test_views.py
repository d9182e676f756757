"""The pages: a profile saved and saved again, a team's life on screen, lists of staff, rules of a position."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests.factories.organisations import make_organisation, make_staff
from tests.factories.people import make_account
from tests.factories.signups import a_position, a_volunteer, an_account, join
from tests.factories.venues import seed_districts
from tests.factories.volunteers import (
    give_skill,
    make_course,
    make_member,
    make_skill,
    make_team,
    make_training,
)
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.listing import ON_A_PAGE
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people.models import Consent
from webapp.volunteers import queries, service
from webapp.volunteers.models import PositionRequirement, Skill, VolunteerSkill

SignIn = Callable[[CheckedClient, Any], CheckedClient]


def count(model: Any, *where: Any) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(model).where(*where)) or 0


def statements(app: Flask, do: Callable[[], Any]) -> int:
    from sqlalchemy import event

    from webapp.core.db import db

    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        do()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_profile_from_nothing_to_a_certificate_that_runs_out(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    seed_districts()
    plain, papered = make_skill("讲解"), make_skill("急救", needs_certificate=True)
    account = an_account()
    person = account.person_id
    sign_in(client, account)
    address = "/me/profile"
    skills, times, about, calls = (f"{address}/{step}" for step in ("skills", "times", "about", "calls"))
    answer = client.fill(skills, then="times")  # everything is optional
    assert answer.status_code == 303
    assert answer.location.endswith(times)
    assert count(Consent, Consent.person_id == person, Consent.purpose == "profile") == 1
    rows = {"讲解": "skills-0", "急救": "skills-1"}
    if [one.id for one in queries.list_skills()] != [plain, papered]:
        rows = {"急救": "skills-0", "讲解": "skills-1"}
    certificate = {
        f"{rows['讲解']}-has": "y",
        f"{rows['急救']}-has": "y",
        f"{rows['急救']}-certificate": "红十字救护员 230001",
        f"{rows['急救']}-expires_on": "2027-01-20",
    }
    for _ in range(2):  # two tabs, or sent twice: nothing is lost
        assert client.fill(skills, **certificate).status_code == 303
        assert client.fill(times, times=["6-am", "7-eve"], districts=["230803"]).status_code == 303
        said = {"languages": ["俄语"], "age_band": "adult"}
        assert client.fill(about, **said).status_code == 303
        assert client.fill(address, number="23080012").status_code == 303
        assert client.fill(calls, note="周末都行", then="about").location.endswith(about)
    assert count(Consent, Consent.person_id == person, Consent.purpose == "profile") == 1
    profile = queries.get_profile(person)
    assert profile is not None
    assert (profile.times, profile.districts, profile.languages) == (["6-am", "7-eve"], ["230803"], ["俄语"])
    assert (profile.age_band, profile.number, profile.takes_calls) == ("adult", "23080012", True)
    assert profile.note == "周末都行"
    held = {one.skill_id: one for one in queries.skills_of(person)}
    assert set(held) == {plain, papered}
    page = client.get(address).text
    assert "“急救”快到期了" in page
    assert "证书还没核对" in page
    bad = client.fill(skills, **{f"{rows['急救']}-expires_on": "明年"})
    assert bad.status_code == 422
    assert "请填写日期" in bad.text
    bad = client.fill(address, number="编号")
    assert bad.status_code == 422
    assert "只有数字和字母" in bad.text
    assert "编号" in bad.text  # what was entered stays
    with transaction():
        service.change_skill(plain, "讲解", needs_certificate=False, is_open=False, by=None)
    assert client.fill(skills, **{"skills-0-has": None}).status_code == 303
    assert [one.skill_id for one in queries.skills_of(person)] == [
        plain
    ]  # closed: not offered, not taken away
    assert client.get(f"{address}/elsewhere").status_code == 404
    clock.advance(days=400)
    assert client.get(address).status_code == 200


def test_one_step_of_the_profile_leaves_the_others_alone(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    seed_districts()
    account = an_account()
    sign_in(client, account)
    client.fill("/me/profile/about", age_band="adult")
    first = queries.get_profile(account.person_id)
    assert first is not None
    asked = first.age_band_on
    clock.advance(days=3)
    client.fill("/me/profile/calls", takes_calls=None, note="")
    session().expire_all()
    profile = queries.get_profile(account.person_id)
    assert profile is not None
    assert (profile.takes_calls, profile.age_band, profile.age_band_on) == (False, "adult", asked)
    assert client.get("/me/profile/elsewhere").status_code == 404


def test_teams_of_a_city_come_a_page_at_a_time(app: Flask, client: CheckedClient) -> None:
    leader, host = a_volunteer(), make_organisation()
    for number in range(ON_A_PAGE + 1):
        make_team(leader, name=f"第{number:03d}队", organisation=host)
    first = client.get("/teams/").text
    assert first.count("队</a><span") == ON_A_PAGE
    assert "第050队" not in first
    assert 'rel="next"' in first
    second = client.get("/teams/?page=2").text
    assert second.count("队</a><span") == 1
    assert "第050队" in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second
    assert "没有更多团队" in client.get("/teams/?page=9").text
    assert "第000队" in client.get("/teams/?page=nonsense").text


def test_a_team_on_screen(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    host = make_organisation()
    staff, leader = make_staff(host, Permission.MANAGE_EVENTS), make_account("周队长")
    sign_in(client, staff)
    given = {"name": "示例应急队", "kind": "emergency", "about": "应急科普", "organisation_id": host.id}
    assert client.fill("/manage/teams/new", **given, login="nobody@example.cn").status_code == 422
    made = client.fill("/manage/teams/new", **given, login=leader.email)
    assert made.status_code == 303
    team = made.location.rsplit("/", 1)[1]
    assert client.fill("/manage/teams/new", **given, login=leader.email).status_code == 409
    assert client.fill(f"/manage/teams/{team}", f"/manage/teams/{team}", about="新的介绍").status_code == 303
    assert "周队长" in client.get(f"/me/teams/{team}").text
    assert count(AuditEntry, AuditEntry.action == "team.reveal") == 1
    people = [an_account(name) for name in ("甲一一", "乙一一", "丙一一")]
    for one in people:
        sign_in(client, one)
        assert "申请加入" in client.get(f"/teams/{team}").text
        assert client.fill(f"/teams/{team}/join", note="我会急救").status_code == 303
        assert client.post(f"/teams/{team}/join", data={"note": ""}).status_code == 409
        assert client.get(f"/me/teams/{team}").status_code == 404
    assert "等队长答复" in client.get("/me/teams").text
    sign_in(client, leader)
    page = client.get(f"/me/teams/{team}").text
    assert "甲一一" in page
    assert "3 人申请加入" in client.get("/me/teams").text
    rows = {one.person.name: one.id for one in queries.asking(team)}
    answer = f"/me/teams/{team}/answer"
    some = {"ids": [rows["甲一一"], rows["乙一一"]], "action": "accept"}
    assert client.post(answer, data=some).status_code == 303
    assert client.post(answer, data={"ids": [rows["丙一一"]], "action": "decline"}).status_code == 422
    assert client.post(answer, data={"ids": [], "action": "accept"}).status_code == 409
    last = {"ids": [rows["丙一一"], rows["甲一一"]], "action": "decline", "reason": "满员"}
    assert client.post(answer, data=last).status_code == 303
    first, second = people[0].person_id, people[1].person_id
    assert client.fill(f"/me/teams/{team}/members/{second}/remove", reason="").status_code == 422
    assert client.fill(f"/me/teams/{team}/members/{second}/remove", reason="搬家").status_code == 303
    assert client.get(f"/me/teams/{team}/members/{second}/remove").status_code == 404
    client.post(f"/me/teams/{team}/leave")
    assert "队长不能直接退出" in client.get("/me/teams").text
    assert client.post(f"/me/teams/{team}/members/{first}/lead").location.endswith("/me/teams")
    client.post(f"/me/teams/{team}/leave")
    assert "退出" in client.get("/me/teams").text
    visitor = CheckedClient(app, app.response_class)
    for address in ("/teams/", "/teams/?kind=emergency", "/teams/?kind=x", f"/teams/{team}"):
        page = visitor.get(address).text
        assert "示例应急队" in page
        assert not any(name in page for name in ("周队长", "甲一一", "乙一一"))
    sign_in(client, staff)
    assert client.post(f"/manage/teams/{team}/close").status_code == 303
    assert "已解散" in client.get("/manage/teams").text
    assert "已解散" in visitor.get(f"/teams/{team}").text
    assert "示例应急队" not in visitor.get("/teams/").text


def test_an_invitation_on_screen(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    host = make_organisation()
    staff, leader = make_staff(host, Permission.MANAGE_EVENTS), make_account("周队长")
    team = make_team(leader.person_id, name="示例讲解队")
    place = get_row(Position, a_position("volunteer", organisation=host)).session_id
    sign_in(client, staff)
    address = f"/manage/sessions/{place}/teams"
    assert client.fill(address, team_id="").status_code == 422
    assert client.fill(address, team_id=team, note="三位讲解员").status_code == 303
    assert client.post(address, data={"team_id": team}).status_code == 409
    sign_in(client, leader)
    assert "1 个活动邀请" in client.get("/me/teams").text
    assert "三位讲解员" in client.get(f"/me/teams/{team}").text
    request = queries.requests_to(team)[0].id
    assert client.fill(f"/me/team-requests/{request}/decline", reason="都在考试").status_code == 303
    assert client.post(f"/me/team-requests/{request}/decline", data={"reason": "是"}).status_code == 409
    sign_in(client, staff)
    assert "都在考试" in client.get(address).text


def test_rules_of_a_position_on_screen(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    host = make_organisation()
    staff = make_staff(host, Permission.MANAGE_EVENTS)
    position = a_position("volunteer", capacity=3, organisation=host)
    skill, course, team = make_skill("急救"), make_course("讲解培训"), make_team()
    join(position, a_volunteer())
    sign_in(client, staff)
    address = f"/manage/positions/{position}/rules"
    event_id = get_row(Position, position).session.event_id
    assert address in client.get(f"/manage/events/{event_id}/sessions").text
    given = {
        "min_count": "2",
        "min_age": "16",
        "needs_approval": "y",
        "opens_at": "2026-11-20T08:00",
        "closes_at": "2026-12-01T08:00",
        "cancel_hours": "24",
        "skills": [skill],
        "courses": [course],
        "teams": [team],
    }
    assert client.fill(address, **given).status_code == 303
    row = get_row(Position, position)
    assert (row.min_count, row.min_age, row.needs_approval, row.cancel_hours) == (2, 16, True, 24)
    assert row.taken == 1  # who was signed up stays
    assert count(PositionRequirement) == 3
    assert client.fill(address, teams=[]).status_code == 303
    assert count(PositionRequirement) == 2
    for field, value in (("min_count", "4"), ("closes_at", "2026-11-19T08:00"), ("cancel_hours", "169")):
        assert client.fill(address, **{field: value}).status_code == 422
    assert client.fill(address, min_count="两").status_code == 422
    assert client.fill(address, revision="1").status_code == 409
    sign_in(client, make_staff(make_organisation(), Permission.MANAGE_EVENTS))
    assert client.get(address).status_code == 403


def test_the_offices_lists_on_screen(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    with transaction():
        service.seed_skills()
        service.seed_skills()
    first = count(Skill)
    sign_in(client, make_staff(make_organisation(), Permission.GOVERN))
    address = "/manage/skills"
    add = {"name": "无人机", "needs_certificate": "y"}
    for status in (303, 409):
        assert client.fill("/manage/skills/new", **add).status_code == status
        assert client.fill("/manage/courses/new", name="讲解培训").status_code == status
    assert client.fill("/manage/skills/new", name="").status_code == 422
    assert client.fill("/manage/courses/new", name="另一个", valid_months="0").status_code == 422
    assert client.fill("/manage/courses/new", name="另一个", valid_months="一年").status_code == 422
    assert count(Skill) == first + 1
    skill, course = queries.list_skills()[-1].id, queries.list_courses()[0].id
    assert client.fill(f"/manage/skills/{skill}", is_open=None).status_code == 303
    assert client.fill(f"/manage/courses/{course}", valid_months="24").status_code == 303
    assert get_row(Skill, skill).closed_at is not None
    assert "24 个月" in client.get(address).text


def test_certificates_and_trainings_on_screen(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    host = make_organisation()
    staff = make_staff(host, Permission.MANAGE_EVENTS)
    skill, course = make_skill("急救", needs_certificate=True), make_course("讲解培训")
    member, served, other = a_volunteer("甲一一"), a_volunteer("乙一一"), a_volunteer("丙一一")
    make_member(make_team(organisation=host), member)
    join(a_position("volunteer", organisation=host), served)
    ends = clock.today() + timedelta(days=300)
    papers = [give_skill(one, skill, expires_on=ends) for one in (member, served, other)]
    sign_in(client, staff)
    page = client.get("/manage/papers").text
    assert "甲一一" in page
    assert "乙一一" in page
    assert "丙一一" not in page
    address = f"/manage/papers/{papers[0]}"
    assert client.get(f"/manage/papers/{papers[2]}").status_code == 404
    assert "甲一一" in client.get(address).text
    assert count(AuditEntry, AuditEntry.action == "certificate.reveal") == 1
    assert client.post(address, data={"certificate": "别的", "expires_on": ""}).location.endswith(address)
    assert client.post(address, data={"certificate": "别的", "expires_on": "x"}).status_code == 404
    assert get_row(VolunteerSkill, papers[0]).checked_at is None
    assert client.fill(address).status_code == 303
    assert get_row(VolunteerSkill, papers[0]).checked_by == staff.person_id
    client.post(f"{address}/undo")
    session().rollback()
    assert get_row(VolunteerSkill, papers[0]).checked_at is None
    new = f"/manage/organisations/{host.id}/trainings/new"
    given = {"course_id": course, "held_on": "2026-11-01", "hours": "1.5", "place": "科技馆"}
    assert client.fill(new, **given).status_code == 422  # nobody
    assert client.fill(new, **given | {"hours": "一"}, people=[member]).status_code == 422
    assert client.fill(new, **given | {"hours": "0"}, people=[member]).status_code == 422
    assert client.fill(new, **given | {"held_on": "2100-01-01"}, people=[member]).status_code == 422
    for _ in range(2):
        assert client.fill(new, **given, people=[member, served]).status_code == 303
    assert client.get("/manage/trainings").text.count('data-label="日期"') == 2
    assert client.post(new, data=given | {"people": [other]}).status_code == 422
    training = queries.trainings_of(member)[0].id
    client.post(f"/manage/trainings/{training}/void")
    client.post(f"/manage/trainings/{training}/void")
    assert "已经作废" in client.get("/manage/trainings").text
    assert queries.trainings_of(member)[0].voided_by == staff.person_id
    sign_in(client, make_staff(make_organisation(), Permission.MANAGE_EVENTS))
    assert client.get(new).status_code == 403
    assert client.post(f"/manage/trainings/{training}/void").status_code == 403


def test_lists_cost_the_same_number_of_statements(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    host = make_organisation()
    staff, leader = make_staff(host, Permission.MANAGE_EVENTS), make_account("周队长")
    team = make_team(leader.person_id, organisation=host)
    skill, course = make_skill(needs_certificate=True), make_course()

    def more() -> None:
        person = make_member(make_team(leader.person_id, organisation=host), make_member(team))
        give_skill(person, skill)
        make_training(person, course, organisation=host)
        applicant = a_volunteer()
        with transaction():
            service.ask_to_join(team, applicant)

    def cost() -> list[int]:
        found = []
        for who, addresses in (
            (staff, ("/manage/teams", "/manage/papers", "/manage/trainings", f"/me/teams/{team}")),
            (leader, ("/me/teams", f"/me/teams/{team}")),
        ):
            sign_in(client, who)
            found += [statements(app, lambda one=address: client.get(one)) for address in addresses]  # type: ignore[misc]
        return [*found, statements(app, lambda: client.get("/teams/"))]

    more()
    few = cost()
    for _ in range(3):
        more()
    assert cost() == few
