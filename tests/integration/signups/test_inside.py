"""Whoever is inside cannot be cancelled as if absent, by any door."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_scene, sign_up
from tests.factories.events import staff
from tests.factories.signups import status_of
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance.domain import Direction
from webapp.attendance.models import LedgerEntry
from webapp.attendance.service import recount
from webapp.core import clock as city
from webapp.core.db import get_row, session, transaction
from webapp.core.leaving import End, Ending
from webapp.events import queries as events_queries
from webapp.events import service as events
from webapp.events.models import Cancellation, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
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
        (lambda: closing.on_closing(Ending(End.ACCOUNT, person)), LeaveFirst),
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


def test_what_an_organiser_may_not_do_is_said_on_their_pages(
    scene: Scene, client: CheckedClient, sign_in: Any, clock: TestClock
) -> None:
    """While somebody is inside, and once somebody else was faster: the page comes again, with the sentence."""
    inside = enter(scene)
    held = events_queries.get_session(scene.session)
    event, starts_at, ends_at, venue_id = held.event_id, held.starts_at, held.ends_at, held.venue_id
    sign_in(client, staff(get_row(Organisation, held.event.organisation_id), Permission.MANAGE_EVENTS))
    later = city.local(starts_at + timedelta(days=1)), city.local(ends_at + timedelta(days=1))
    moved = {"starts_at": f"{later[0]:%Y-%m-%dT%H:%M}", "ends_at": f"{later[1]:%Y-%m-%dT%H:%M}"}
    moved["venue_id"] = venue_id
    preview = client.post(f"/manage/sessions/{scene.session}/move", data=moved).text
    (moved["previewed"],) = re.findall(r'name="previewed"[^>]*value="([^"]+)"', preview)
    asked: list[tuple[str, dict[str, str]]] = [
        (f"/manage/events/{event}/cancel", {"reason": "停电"}),
        (f"/manage/sessions/{scene.session}/cancel", {"reason": "停电"}),
        (f"/manage/sessions/{scene.session}/move", moved),
    ]
    for address, data in asked:
        answer = client.post(address, data=data)
        assert 400 < answer.status_code < 500, address
        assert "请先给他们签退" in answer.text or "已经有人签到" in answer.text, address
    assert status_of(inside) == "confirmed"
    code = queries.pass_code(queries.get_with_session(inside))
    clock.advance(minutes=5)
    assert scene.scan(code, direction=Direction.OUT).status == 201
    assert client.post(asked[0][0], data=asked[0][1]).status_code == 303
    for address, data in asked:  # a second press, or somebody else's
        answer = client.post(address, data=data)
        assert 300 < answer.status_code < 500, address
    for page in ("postpone", "resume"):
        assert client.get(f"/manage/events/{event}/{page}").status_code < 500, page


def test_who_came_and_left_was_there_when_the_rest_is_cancelled(scene: Scene, clock: TestClock) -> None:
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


def test_figures_follow_a_cancellation_and_its_undoing(scene: Scene, clock: TestClock) -> None:
    came = enter(scene)
    sign_up(scene.seats)
    code = queries.pass_code(queries.get_with_session(came))
    clock.advance(minutes=5)
    assert scene.scan(code, direction=Direction.OUT).status == 201
    before = figures()
    with transaction():
        events.cancel_session(scene.session, reason="停电", by=None)
    assert before and not any(figures().values())
    with transaction():
        events.undo(session().scalars(select(Cancellation.id)).one(), by=None)
    assert figures() == before and recount.differences(scene.session) == []


def figures() -> dict[str, int]:
    """What the ledger says, by metric."""
    session().rollback()
    rows = session().execute(
        select(LedgerEntry.metric, func.sum(LedgerEntry.quantity)).group_by(LedgerEntry.metric)
    )
    return {row[0]: int(row[1]) for row in rows}
