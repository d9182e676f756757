"""The demonstration's volunteers: profiles, teams, trainings and a position that asks for something."""

import json

from flask import Flask
from sqlalchemy import func, select

from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.db import session, transaction
from webapp.pages.cli import DATA
from webapp.pages.service.demo_volunteers import TEAMS, add_volunteers
from webapp.pages.service.stage import set_stage
from webapp.people.service import prepare_password
from webapp.volunteers import queries
from webapp.volunteers.models import PositionRequirement, Team, TeamMembership, Training, Volunteer


def count(model: type) -> int:
    return session().scalar(select(func.count()).select_from(model)) or 0


def test_they_have_profiles_teams_and_trainings(app: Flask, clock: TestClock) -> None:
    data = json.loads(DATA.read_text("utf-8"))
    password = prepare_password("a long quiet river")
    odd = {"draft", "submitted", "cancelled", "postponed", "today", "full"}
    own = [one for one in data["events"] if one["organisation"] == data["unit"] and one["roles"]]
    recipe = next(one for one in own if not odd & set(one))
    with transaction():
        stage = set_stage(data, password)
        stage.announce(0, recipe | {"coming": [9, recipe["coming"][1]]})
        add_volunteers(stage)
    assert (count(Volunteer), count(Team), count(Training)) == (20, 3, 12)
    assert count(TeamMembership) == 19
    assert count(PositionRequirement) == 1
    assert [one.name for one in queries.list_teams()] == sorted(name for name, *_ in TEAMS)
    assert queries.running_out(stage.volunteers[2], on=city.today())
    position = session().scalars(select(PositionRequirement.position_id)).one()
    wanted = queries.requirements_of([position])[position]
    has = queries.qualifications_of(stage.volunteers, on=city.today())
    assert (
        sum(wanted.skills <= one.skills for one in has.values()) == 4
    )  # the fifth paper waits to be looked at
