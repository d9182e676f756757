"""Leaving a team: it is handed on, or it ends and everybody who waits for it hears so."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.events import an_event, sessions_of, staff
from tests.factories.organisations import make_organisation, make_staff
from tests.factories.people import make_account
from tests.factories.signups import a_volunteer
from tests.factories.volunteers import make_member, make_team
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people import service as people
from webapp.volunteers import service
from webapp.volunteers.domain import LeaderStays
from webapp.volunteers.models import Team, TeamRequest


def told(person_id: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.subject).where(OutboxMessage.person_id == person_id)
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def test_a_leader_hands_it_on_in_one_step(
    app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock
) -> None:
    leader, heir = make_account("周队长"), a_volunteer("李队员")
    team = make_team(leader.person_id, name="红树林队")
    make_member(team, heir)
    sign_in(client, leader)
    page = client.get(f"/me/teams/{team}/leave").text
    assert "是“红树林队”的队长，队里有 1 人能接。" in page and "交给李队员" in page
    assert client.post(f"/me/teams/{team}/leave", data={f"what:team:{team}": heir}).status_code == 303
    session().rollback()
    assert get_row(Team, team).leader_id == heir
    assert "您成为队长：红树林队" in told(heir)
    assert client.get(f"/me/teams/{team}/leave").status_code == 404


def test_without_saying_who_the_leader_stays(app: Flask, clock: TestClock) -> None:
    leader = a_volunteer("周队长")
    team = make_team(leader)
    make_member(team)
    with pytest.raises(LeaderStays), transaction():
        service.leave(team, leader)


def test_a_team_nobody_can_lead_ends_and_all_hear_of_it(app: Flask, clock: TestClock) -> None:
    host = make_organisation()
    organiser = make_staff(host, Permission.MANAGE_EVENTS).person_id
    leader, applicant = a_volunteer("周队长"), a_volunteer("想加入")
    team = make_team(leader, name="红树林队", organisation=host)
    event = an_event()
    (held, *_) = [one.id for one in sessions_of(event)]
    unit = get_row(Organisation, get_row(Event, event.id).organisation_id)
    asking = staff(unit, Permission.MANAGE_EVENTS)
    asker, account_id = asking.person_id, asking.id
    successor = staff(unit, Permission.MANAGE_EVENTS, name="接手的").person_id
    with transaction():
        service.ask_to_join(team, applicant)
        request = service.request_team(held, team, note="请来", by=asker).id
    with transaction():
        people.close_account(account_id)  # whoever asked is gone: the unit hears the answer
    with transaction():
        service.leave(team, leader)
    session().rollback()
    assert get_row(Team, team).closed_at is not None
    assert "团队解散：红树林队" in told(organiser)
    assert "团队解散：红树林队" in told(applicant)
    assert get_row(TeamRequest, request).state == "declined"
    assert any(one.startswith("团队不能来") for one in told(successor))
