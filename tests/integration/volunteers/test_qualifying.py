"""What positions ask for and what people have: names, expiry, checked papers, and a constant number of statements."""

from datetime import date, timedelta

from flask import Flask

from tests.factories.signups import a_position, a_volunteer
from tests.factories.volunteers import (
    give_skill,
    make_course,
    make_member,
    make_profile,
    make_skill,
    make_team,
    make_training,
    require,
)
from tests.support.time import TestClock
from webapp.core import clock as city_clock
from webapp.core.db import session, transaction
from webapp.events import service as events
from webapp.events.domain import PositionRules
from webapp.volunteers import queries
from webapp.volunteers.domain import Lacks, Requirements
from webapp.volunteers.models import Team


def test_what_positions_ask_for(app: Flask) -> None:
    plain, aged, full = a_position(), a_position(), a_position("volunteer")
    first_aid, driving = make_skill("急救"), make_skill("驾驶")
    course, team = make_course("科普讲解培训"), make_team(name="示例队")
    with transaction():
        events.set_position_rules(aged, PositionRules(min_age=16), by=None)
        events.set_position_rules(full, PositionRules(min_age=18, cancel_hours=3), by=None)
    require(full, skill=first_aid, course=course, team=team)
    require(full, skill=driving)
    found = queries.requirements_of([plain, aged, full])
    assert found == {
        aged: Requirements(min_age=16),
        full: Requirements(
            skills=frozenset({first_aid, driving}),
            courses=frozenset({course}),
            teams=frozenset({team}),
            min_age=18,
        ),
    }
    words = {lack: str(queries.lack_words(full, lack)) for lack in Lacks}
    assert sorted(words[Lacks.SKILL].split("、")) == ["急救", "驾驶"]
    assert words[Lacks.TRAINING] == "科普讲解培训"
    assert words[Lacks.TEAM] == "示例队"
    assert words[Lacks.AGE] == "年满 18 岁"


def test_what_people_have_on_a_day(app: Flask, clock: TestClock) -> None:
    said, papered = make_skill("讲解"), make_skill("急救", needs_certificate=True)
    once, yearly = make_course(), make_course(valid_months=12)
    team, dissolved = make_team(), make_team()
    today = city_clock.today()
    person, other = make_profile(skills=[said], age_band="adult"), a_volunteer()
    give_skill(person, papered, checked=True, expires_on=today)
    give_skill(other, papered)
    give_skill(other, said, expires_on=today - timedelta(days=1))
    for one in (once, yearly):
        make_training(person, one, held_on=date(2025, 11, 28))
        make_training(other, one, held_on=date(2025, 11, 27))
    for one in (team, dissolved):
        make_member(one, person)
    with transaction() as current:
        current.get(Team, dissolved).closed_at = city_clock.now()  # type: ignore[union-attr]
    has = queries.qualifications_of([person, other], on=today)
    assert has[person].skills == {said, papered}
    assert has[person].courses == {once, yearly}
    assert has[person].teams == {team}
    assert has[person].age_band == "adult"
    assert has[other].skills == frozenset()
    assert has[other].courses == {once}
    assert (has[other].teams, has[other].age_band) == (frozenset(), None)
    later = queries.qualifications_of([person], on=today + timedelta(days=366))[person]
    assert later.skills == {said}
    assert later.courses == {once}
    assert later.age_band == "adult"
    ends = {one.name: one.is_over for one in queries.running_out(person, on=today)}
    assert ends["急救"] is False
    assert len(ends) == 2
    session().rollback()
