"""The life of a team, who may do what in it, two at the same moment, and requests to staff a session."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.events import an_event, positions_of
from tests.factories.organisations import make_organisation, make_staff
from tests.factories.people import make_account
from tests.factories.signups import a_position, a_volunteer
from tests.factories.volunteers import make_member, make_profile, make_skill, make_team, require
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.outbox import OutboxMessage
from webapp.events import domain as events_domain
from webapp.events import service as events
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.people import service as people
from webapp.volunteers import domain, queries, service
from webapp.volunteers.domain import MemberState, TeamDetails, TeamKind
from webapp.volunteers.models import Team, TeamMembership

NOBODY = "0" * 18


def ask(team: str, person: str) -> str:
    with transaction():
        return service.ask_to_join(team, person, note="我会讲解").id


def told(person: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.subject).where(OutboxMessage.person_id == person)
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def test_a_team_from_its_founding_to_its_end(app: Flask) -> None:
    host = make_organisation()
    staff, leader = make_staff(host, Permission.MANAGE_EVENTS), make_account("周队长")
    details = TeamDetails("示例 应急队", TeamKind.EMERGENCY, "应急科普")
    with transaction():
        team = service.make_team(
            details, organisation_id=host.id, login=leader.email or "", by=staff.person_id
        ).id
    first, second, third = a_volunteer("甲一"), a_volunteer("乙一"), a_volunteer("丙一")
    rows = [ask(team, one) for one in (first, second, third)]
    with transaction():
        assert service.accept(team, rows[:2], by=leader.person_id) == 2
        assert service.decline(team, rows[1:], reason="这次满员", by=leader.person_id) == 1
    assert [one.person.name for one in queries.members_of(team)] == ["周队长", "甲一", "乙一"]
    assert told(third) == ["团队申请未通过：示例 应急队"]
    assert told(first) == ["加入团队：示例 应急队"]
    assert len(told(leader.person_id)) == 4
    with transaction():
        service.hand_over_lead(team, first, by=leader.person_id)
        service.leave(team, leader.person_id)
        service.remove_member(team, second, reason="搬去外地", by=staff.person_id)
        service.ask_to_join(team, second)
    assert queries.is_leader(first, team)
    assert not queries.is_leader(leader.person_id, team)
    with transaction():
        service.close_team(team, by=staff.person_id)
    assert queries.team_of(first) == []
    assert queries.teams_led_by(first) == []
    states = session().execute(select(TeamMembership.state, func.count()).group_by(TeamMembership.state))
    assert dict(states.all()) == {"member": 1, "left": 2, "declined": 2}  # type: ignore[arg-type]
    with pytest.raises(domain.TeamIsClosed), transaction():
        service.ask_to_join(team, third)


def test_who_may_do_what(app: Flask) -> None:
    host = make_organisation()
    stranger = make_staff(make_organisation(), Permission.MANAGE_EVENTS).person_id
    scanner = make_staff(host, Permission.SCAN).person_id
    team = make_team(organisation=host)
    leader, member = get_row(Team, team).leader_id, make_member(team)
    row = ask(team, a_volunteer())
    details = TeamDetails("另一个名字", TeamKind.ELDERS)
    for by, wanted in ((stranger, NotFound), (scanner, NotFound), (member, domain.NotLeader)):
        with pytest.raises(wanted), transaction():
            service.accept(team, [row], by=by)
        with pytest.raises(NotAllowed), transaction():
            service.change_team(team, details, by=by)
        with pytest.raises(NotAllowed), transaction():
            service.close_team(team, by=by)
        with pytest.raises(NotAllowed), transaction():
            service.make_team(details, organisation_id=host.id, login="x@example.cn", by=by)
        with pytest.raises(NotFound):
            queries.get_team_for(by, team)
    with pytest.raises(NotAllowed), transaction():
        service.change_team(team, details, by=leader)
    with pytest.raises(domain.LeaderStays), transaction():
        service.leave(team, leader)
    with pytest.raises(domain.LeaderStays), transaction():
        service.remove_member(team, leader, reason="不行", by=leader)
    with pytest.raises(domain.NotAMember), transaction():
        service.hand_over_lead(team, stranger, by=leader)
    with pytest.raises(domain.ReasonMissing), transaction():
        service.decline(team, [row], reason=" ", by=leader)
    other = make_team(leader)
    with pytest.raises(domain.NotAskingAnyMore), transaction():
        service.accept(other, [row], by=leader)
    with pytest.raises(domain.AlreadyInTeam), transaction():
        service.ask_to_join(team, member)
    with pytest.raises(domain.NotAMember), transaction():
        service.leave(team, stranger)


def test_names_and_leaders_that_cannot_be(app: Flask) -> None:
    host = make_organisation()
    staff = make_staff(host, Permission.MANAGE_EVENTS)
    name = get_row(Team, make_team(name="一队", organisation=host)).name
    make = partial(service.make_team, organisation_id=host.id, by=staff.person_id)
    for details, login, wanted in (
        (TeamDetails(f" {name} ", TeamKind.SERVICE), staff.email, domain.TeamNameTaken),
        (TeamDetails("", TeamKind.SERVICE), staff.email, domain.NameMissing),
        (TeamDetails("二队", "army"), staff.email, domain.NotOnTheList),
        (TeamDetails("字" * 61, TeamKind.SERVICE), staff.email, domain.TextTooLong),
        (TeamDetails("二队", TeamKind.SERVICE), "nobody@example.cn", domain.NoSuchLeader),
        (TeamDetails("二队", TeamKind.SERVICE), "谁", domain.NoSuchLeader),
    ):
        with pytest.raises(wanted), transaction():
            make(details, login=login or "")


def test_joining_twice_at_once_asks_once(app: Flask) -> None:
    team, person = make_team(), a_volunteer()
    answers = at_once(app, *[partial(ask, team, person)] * 6)
    assert sum(isinstance(one, str) for one in answers) == 1
    assert sum(isinstance(one, domain.AlreadyAsked) for one in answers) == 5
    session().rollback()
    living = queries.living_membership(person, team)
    assert living is not None
    assert living.state == MemberState.ASKED


def test_accepting_and_taking_back_at_once_ends_in_one_of_both(app: Flask) -> None:
    team = make_team()
    leader, person = get_row(Team, team).leader_id, a_volunteer()
    for _ in range(4):
        row = ask(team, person)

        def accept(row: str = row) -> None:
            with transaction():
                service.accept(team, [row], by=leader)

        def leave() -> None:
            with transaction():
                service.leave(team, person)

        at_once(app, accept, leave)
        session().rollback()
        assert get_row(TeamMembership, row).state == MemberState.LEFT


def test_two_handovers_at_once_leave_one_leader_who_is_a_member(app: Flask) -> None:
    team = make_team()
    leader, others = get_row(Team, team).leader_id, [make_member(team) for _ in range(2)]

    def hand(person: str) -> None:
        with transaction():
            service.hand_over_lead(team, person, by=leader)

    answers = at_once(app, *[partial(hand, one) for one in others])
    assert sum(one is None for one in answers) == 1
    assert sum(isinstance(one, domain.NotLeader) for one in answers) == 1
    session().rollback()
    assert get_row(Team, team).leader_id in others


def test_a_session_asks_a_team(app: Flask, clock: TestClock) -> None:
    host = make_organisation()
    staff = make_staff(host, Permission.MANAGE_EVENTS).person_id
    place = get_row(Position, a_position("volunteer", organisation=host)).session_id
    team, other = make_team(), make_team()
    leader = get_row(Team, team).leader_id
    with transaction():
        request = service.request_team(place, team, note="需要三位讲解员", by=staff).id
        service.request_team(place, other, note="", by=staff)
    with pytest.raises(domain.AlreadyRequested), transaction():
        service.request_team(place, team, note="", by=staff)
    with pytest.raises(NotAllowed), transaction():
        service.request_team(place, team, note="", by=leader)
    with pytest.raises(domain.NotOnTheList), transaction():
        service.request_team(place, NOBODY, note="", by=staff)
    with pytest.raises(NotFound), transaction():
        service.decline_request(request, answer="来不了", by=staff)
    assert [one.id for one in queries.requests_to(team)] == [request]
    with transaction():
        service.decline_request(request, answer="队员都在考试", by=leader)
    assert queries.requests_to(team) == []
    assert any("队员都在考试" in one.body for one in _messages(staff))
    with pytest.raises(domain.RequestSettled), transaction():
        service.decline_request(request, answer="还是来不了", by=leader)
    clock.advance(minutes=1)
    with transaction():
        assert service.request_team(place, team, note="换个时间", by=staff).id == request
    assert len(_messages(leader)) == 2
    clock.advance(days=8)
    with pytest.raises(domain.SessionIsOver), transaction():
        service.request_team(place, NOBODY, note="", by=staff)


def _messages(person: str) -> list[OutboxMessage]:
    session().rollback()
    return list(session().scalars(select(OutboxMessage).where(OutboxMessage.person_id == person)))


def test_what_is_asked_for_goes_with_a_draft_and_comes_with_a_copy(app: Flask) -> None:
    event, skill = an_event(published=False), make_skill()
    wanted = positions_of(event, "讲解员")[0].id
    require(wanted, skill=skill, team=make_team())
    with transaction():
        events.set_position_rules(
            wanted, events_domain.PositionRules(min_count=2, min_age=16, cancel_hours=24), by=None
        )
        copy = events.duplicate(event.id, by=None)
    new = positions_of(copy, "讲解员")[0]
    assert (new.min_count, new.min_age, new.cancel_hours) == (2, 16, 24)
    found = queries.requirements_of([wanted, new.id])
    assert found[new.id] == found[wanted]
    with transaction():
        events.discard(event.id, by=None)
    with transaction():
        events.remove_position(new.id, by=None)
    assert queries.requirements_of([wanted, new.id]) == {}


def test_who_closes_the_account_leaves_teams_and_profile(app: Flask) -> None:
    host = make_organisation()
    staff = make_staff(host, Permission.MANAGE_EVENTS).person_id
    account = make_account("吴队长")
    person = make_profile(account.person_id, skills=[make_skill()], note="周末有空")
    led, joined = make_team(person, organisation=host), make_team()
    make_member(joined, person)
    with transaction():
        people.close_account(account.id)
    assert queries.get_profile(person) is None
    assert queries.skills_of(person) == []
    assert queries.team_of(person) == []
    assert told(staff) == [f"团队需要新队长：{get_row(Team, led).name}"]
