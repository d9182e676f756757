"""Whoever is inside cannot be cancelled as if absent, by any door."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.factories.attendance import Scene, make_scene, sign_up
from tests.factories.signups import status_of
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core.db import get_row, transaction
from webapp.events import service as events
from webapp.events.models import EventSession
from webapp.people.service import Closing
from webapp.signups import queries, service
from webapp.signups.domain.telling import AlreadyCame, LeaveFirst, PeopleInside, StillInside
from webapp.signups.queries import guest_token
from webapp.signups.service import closing
from webapp.signups.service.companions import cancel_together

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


def enter(scene: Scene) -> str:
    """Somebody who is inside; their sign-up's id."""
    made = sign_up(scene.seats)
    assert scene.scan(queries.pass_code(made)).body["outcome"] == "accepted"
    return made.id


def test_no_door_cancels_who_is_inside(scene: Scene) -> None:
    inside = enter(scene)
    person = queries.get_with_session(inside).person_id
    ways: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: service.cancel_signup(inside, by=None), StillInside),
        (lambda: service.cancel_signup(inside, by=None, reason="重复报名"), StillInside),
        (lambda: cancel_together(inside), StillInside),
        (lambda: events.cancel(scene.event, reason="停电", by=None), PeopleInside),
        (lambda: events.cancel_session(scene.session, reason="停电", by=None), PeopleInside),
        (lambda: closing.on_closing(Closing(person)), LeaveFirst),
    ]
    for act, refusal in ways:
        with pytest.raises(refusal), transaction():
            act()
        assert status_of(inside) == "confirmed"


def test_the_refusal_is_a_sentence_on_the_page(scene: Scene, client: CheckedClient) -> None:
    inside = enter(scene)
    answer = client.post(f"/signups/{guest_token(inside)}/cancel", data={}, follow_redirects=True)
    assert answer.status_code in {200, 409} and "人还在场" in answer.text
    assert status_of(inside) == "confirmed"


def test_who_came_and_left_was_there_when_the_rest_is_cancelled(scene: Scene, clock: TestClock) -> None:
    from webapp.attendance.domain import Direction

    came, absent = enter(scene), sign_up(scene.seats).id
    code = queries.pass_code(queries.get_with_session(came))
    clock.advance(minutes=5)
    assert scene.scan(code, direction=Direction.OUT).status == 201
    with pytest.raises(AlreadyCame), transaction():
        service.cancel_signup(came, by=None)
    with transaction():
        events.cancel_session(scene.session, reason="停电", by=None)
    assert (status_of(came), status_of(absent)) == ("confirmed", "cancelled")


def test_when_it_is_over_nobody_is_inside(scene: Scene, clock: TestClock) -> None:
    came = enter(scene)
    clock.set(get_row(EventSession, scene.session).ends_at)
    with transaction():
        events.cancel_session(scene.session, reason="登记错了", by=None)
    assert status_of(came) == "confirmed"
