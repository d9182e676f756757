"""Two at once, in threads with connections of their own: the second sees what the first did, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.factories import events as make
from tests.integration.events.test_manage_views import Organiser, SignIn, entered
from webapp.core.db import session, transaction
from webapp.core.errors import ChangedMeanwhile, Refusal
from webapp.events import service
from webapp.events.domain import (
    AlreadyCreated,
    CapacityBelowTaken,
    EventChanges,
    PositionNameTaken,
    WrongState,
)
from webapp.events.models import Event, EventSession, Position


def race(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """Let all acts go at the same moment; what each of them gave, or how it was refused."""
    session().rollback()
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction():
                    results[number] = acts[number]() or "done"
            except Refusal as refusal:
                results[number] = refusal
            except Exception as fault:  # noqa: BLE001  (shown by the test)
                results[number] = fault

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    session().rollback()
    return results


def kinds(results: list[Any]) -> list[type]:
    return [type(one) for one in results if isinstance(one, Exception)]


def test_two_organisers_edit_the_same_event(app: Flask) -> None:
    event_id = make.an_event().id
    revision = session().get_one(Event, event_id).revision

    def edit(title: str) -> str:
        return service.update_event(event_id, EventChanges(title=title), revision=revision, by=None).id

    results = race(app, [partial(edit, f"第{n}人") for n in range(6)])
    assert kinds(results) == [ChangedMeanwhile] * 5
    assert session().get_one(Event, event_id).revision == revision + 1


def test_an_event_is_published_once(app: Flask) -> None:
    event_id = make.an_event(published=False).id
    heard: list[str] = []
    service.counting_changed.connect(heard.append)
    try:
        results = race(app, [lambda: service.publish(event_id, by=None).id for _ in range(6)])
    finally:
        service.counting_changed._followers.remove(heard.append)
    assert kinds(results) == [WrongState] * 5
    event = session().get_one(Event, event_id)
    assert (event.status, event.revision, len(heard)) == ("published", 2, 1)
    assert [one.sequence for one in make.sessions_of(event)] == [1]


def test_cancelled_while_someone_moves_it(app: Flask) -> None:
    event = make.an_event()
    event_id = event.id
    (one,) = make.sessions_of(event)
    venue, session_id, starts, ends = make.a_venue().id, one.id, one.starts_at, one.ends_at

    def move() -> str:
        return service.reschedule(session_id, starts_at=starts, ends_at=ends, venue_id=venue, by=None).id

    results = race(app, [move, lambda: service.cancel(event_id, reason="暴雪", by=None).id] * 2)
    assert session().get_one(Event, event_id).status == "cancelled"
    assert {WrongState} >= set(kinds(results))
    moved = results[0] == session_id or results[2] == session_id
    # Once for being published, once for being cancelled, and once for having moved before that.
    assert session().get_one(EventSession, session_id).sequence == 2 + moved


def test_capacity_is_lowered_while_people_take_places(app: Flask) -> None:
    event = make.an_event()
    (seats,) = make.positions_of(event, "观众")
    seats_id = seats.id

    def take() -> bool:
        taken = session().scalar(
            update(Position)
            .where(Position.id == seats_id, Position.taken < Position.capacity)
            .values(taken=Position.taken + 1)
            .returning(Position.id)
        )
        return taken is not None

    def lower() -> str:
        return service.change_position(seats_id, name="观众", capacity=8, waitlist=True, by=None).id

    results = race(app, [take] * 12 + [lower] * 2 + [take] * 12)
    position = session().get_one(Position, seats_id)
    assert set(kinds(results)) <= {CapacityBelowTaken}
    assert position.taken <= position.capacity
    lowered = any(one == seats_id for one in results)
    assert position.capacity == (8 if lowered else 30)
    refused = [one for one in results if isinstance(one, CapacityBelowTaken)]
    assert all(one.params["taken"] > 8 for one in refused)


def test_two_add_a_position_of_one_name(app: Flask) -> None:
    event = make.an_event()
    (one,) = make.sessions_of(event)
    session_id = one.id
    draft = make.PositionDraft("司机", "volunteer", 1)
    results = race(app, [lambda: service.add_position(session_id, draft, by=None).id for _ in range(4)])
    assert kinds(results) == [PositionNameTaken] * 3


def test_one_form_from_two_windows_makes_one_event(app: Flask) -> None:
    draft = replace(make.event_draft(), id="r123456789abcdefgh")
    results = race(app, [lambda: service.create_event(draft, by=None).id for _ in range(5)])
    assert kinds(results) == [AlreadyCreated] * 4
    assert session().scalar(select(func.count(EventSession.id))) == 1


@pytest.mark.usefixtures("clock")
def test_an_impatient_organiser_presses_twice(app: Flask, sign_in: SignIn) -> None:
    organiser = Organiser(app, sign_in)
    data = entered(organiser)
    clients = [sign_in(app.test_client(), organiser.account) for _ in range(3)]
    session().rollback()
    answers: list[Any] = []

    def press(client: Any) -> None:
        answers.append(
            client.post("/manage/events/new", data={k: v for k, v in data.items() if k != "csrf_token"})
        )

    threads = [threading.Thread(target=press, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert session().scalar(select(func.count(Event.id))) == 1
