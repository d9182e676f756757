"""Who is expected to come, by those who came before."""

from datetime import timedelta

from flask import Flask

from tests.factories.attendance import make_scene, sign_up, volunteer_for
from tests.factories.signups import a_position, a_volunteer, join
from tests.support.time import TestClock
from webapp.attendance.queries.turnout import short_of_people
from webapp.core import clock as city
from webapp.core.db import session
from webapp.organisations.models import Organisation
from webapp.signups.domain.turnout import Basis, Past
from webapp.signups.queries import pass_code


def test_expected_turn_out_rests_on_who_came_before(app: Flask, clock: TestClock) -> None:
    scene = make_scene()
    came, _missing = volunteer_for(scene.shift), volunteer_for(scene.shift)
    sign_up(scene.seats)  # the audience says nothing of volunteers
    scene.scan(pass_code(came))
    clock.advance(days=1)

    def coming(confirmed: int, capacity: int) -> str:
        home = session().get_one(Organisation, scene.organisation)
        start = city.now() + timedelta(days=2)
        made = a_position("volunteer", capacity, starts_at=start, organisation=home)
        for _ in range(confirmed):
            join(made, a_volunteer())
        return made

    short, late = coming(2, 3), city.now() + timedelta(days=14)
    found = {one.position.id: one for one in short_of_people([scene.organisation], until=late)}
    assert set(found) == {short}
    one = found[short]
    assert (one.confirmed, one.need, one.turnout.past) == (2, 3, Past(2, 1))
    assert one.turnout.basis == Basis.OWN and 0.5 < one.turnout.rate < 0.8
    assert short_of_people([], until=late) == []
    assert [row.position.id for row in short_of_people(None, until=late)] == [short]
