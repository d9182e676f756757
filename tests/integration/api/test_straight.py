"""The check-in almost everyone makes goes straight to PostgreSQL; everything else finds the usual way by itself."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_account, make_scene, sign_up, volunteer_for
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance import queries, service
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.service import recount
from webapp.core.db import db, new_id, transaction
from webapp.core.direct import Errand
from webapp.people import service as people
from webapp.people.queries import list_tokens
from webapp.signups.queries import pass_code

pytestmark = pytest.mark.databases("postgresql")

Post = Callable[..., Any]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Iterator[Scene]:
    made = make_scene(tasks=2)
    yield made
    db.session.rollback()
    assert recount.differences(made.session) == []
    assert queries.totals_differ() == []


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way each check-in took."""
    taken: list[str] = []
    straight, usual = service.check_in_straight, service.check_in

    def note_straight(errand: Errand, *given: Any, **more: Any) -> Any:
        found = straight(errand, *given, **more)
        taken.extend(["straight"] if found else [])
        return found

    def note_usual(*given: Any, **more: Any) -> Any:
        taken.append("usual")
        return usual(*given, **more)

    monkeypatch.setattr(service, "check_in_straight", note_straight)
    monkeypatch.setattr(service, "check_in", note_usual)
    return taken


@pytest.fixture
def post(app: Flask, scene: Scene) -> Post:
    with transaction():
        token = people.create_token(scene.scanner, "test")

    def send(code: str, *, token: str = token, **more: Any) -> Any:
        body = {"code": code, "session": scene.session, "direction": "in", "nonce": new_id(), "device": "d"}
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return app.test_client().post("/api/v1/checkins", json=body | more, headers=headers)

    return send


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_good_pass_goes_straight_and_leaves_what_the_usual_way_leaves(
    scene: Scene, post: Post, ways: list[str]
) -> None:
    straight, usual = sign_up(scene.seats, name="欧阳建国"), sign_up(scene.seats, name="欧阳建国")
    answer = post(pass_code(straight).upper())
    assert ways == ["straight"]
    other = scene.scan(pass_code(usual), device="d")
    assert (answer.status_code, other.status) == (201, 201)
    own = {"id", "signup", "person"}
    assert {n: v for n, v in answer.json.items() if n not in own} == {
        n: v for n, v in other.body.items() if n not in own
    }
    kept = {row.signup_id: row for row in db.session.scalars(select(Scan))}
    differ = {"id", "signup_id", "nonce", "code", "answer", "device", "method"}
    for column in set(Scan.__table__.columns.keys()) - differ:
        assert getattr(kept[straight.id], column) == getattr(kept[usual.id], column), column
    assert answer.json["person"] == {"display_name": "欧阳建国"}
    assert kept[straight.id].answer == answer.json | {"person": {"display_name": "欧阳**"}}
    stays = {row.signup_id: row for row in db.session.scalars(select(Attendance))}
    for column in set(Attendance.__table__.columns.keys()) - {"id", "signup_id", "person_id", "in_scan_id"}:
        assert getattr(stays[straight.id], column) == getattr(stays[usual.id], column), column
    assert count(LedgerEntry) == 2 * (2 + 1), "each task: two visits, one session held"


def test_a_volunteer_goes_straight_too(scene: Scene, post: Post, ways: list[str]) -> None:
    assert post(pass_code(volunteer_for(scene.shift))).json["position"] == "讲解员"
    assert ways == ["straight"]


def test_whatever_is_not_that_plain_finds_the_usual_way(
    scene: Scene, post: Post, ways: list[str], clock: TestClock
) -> None:
    signup = sign_up(scene.seats)
    code = pass_code(signup)
    assert post(code, nonce="one").status_code == 201
    again = post(code, nonce="one")
    assert (again.status_code, again.json["replayed"]) == (200, True)
    assert post(code).json["outcome"] == "already_in"
    assert post(code, direction="out").json["outcome"] == "accepted"
    assert post(sign_up(scene.seats).short_code).status_code == 201
    assert post("not a pass").status_code == 404
    assert post(pass_code(sign_up(scene.seats))[:-4]).json["reason"] == "damaged"
    other = make_scene()
    assert post(pass_code(sign_up(other.seats))).json["outcome"] == "wrong_session"
    assert ways == ["straight"] + ["usual"] * 7
    late = sign_up(scene.seats)
    clock.advance(hours=8)
    assert post(pass_code(late)).json["outcome"] == "too_late"
    assert count(Attendance) == 2


def test_one_nonce_for_two_people_answers_for_the_first(scene: Scene, post: Post) -> None:
    first, second = sign_up(scene.seats), sign_up(scene.seats)
    assert post(pass_code(first), nonce="one").status_code == 201
    answer = post(pass_code(second), nonce="one")
    assert (answer.status_code, answer.json["signup"]) == (200, first.id)
    assert (count(Scan), count(Attendance)) == (1, 1)


def test_only_who_may_scan_here(scene: Scene, post: Post) -> None:
    code = pass_code(sign_up(scene.seats))
    stranger = make_account("示例别人", "stranger@example.cn").person_id
    elsewhere = make_scene().scanner
    with transaction():
        nothing = people.create_token(stranger, "t")
        other_place = people.create_token(elsewhere, "t")
    assert post(code, token="").status_code == 401
    assert post(code, token="wrong").status_code == 401
    assert post(code, token="wrong", direction="up").status_code == 401, "nor is anything said of the body"
    assert post(code, token=nothing, direction="up").status_code == 403
    assert post(code, direction="up").status_code == 422
    assert post(code, token=nothing).status_code == 403
    assert post(code, token=other_place).status_code == 403
    assert (count(Scan), count(Attendance)) == (0, 0)


def test_a_revoked_token_stops_at_once(scene: Scene, post: Post) -> None:
    with transaction():
        plain = people.create_token(scene.scanner, "t")
    assert post(pass_code(sign_up(scene.seats)), token=plain).status_code == 201
    (row,) = [one for one in list_tokens(scene.scanner) if one.name == "t"]
    with transaction():
        people.revoke_token(scene.scanner, row.id)
    assert post(pass_code(sign_up(scene.seats)), token=plain).status_code == 401


def test_sixteen_doors_and_one_person(app: Flask, scene: Scene, post: Post) -> None:
    code = pass_code(sign_up(scene.seats))
    answers = at_once(app, *(lambda: post(code) for _ in range(16)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 15
    assert {one.json["outcome"] for one in answers} == {"accepted", "already_in"}
    assert (count(Scan), count(Attendance)) == (16, 1)


def test_one_request_sent_sixteen_times(app: Flask, scene: Scene, post: Post) -> None:
    code = pass_code(sign_up(scene.seats))
    answers = at_once(app, *(lambda: post(code, nonce="same") for _ in range(16)))
    assert sorted(one.status_code for one in answers) == [200] * 15 + [201]
    assert len({one.json["id"] for one in answers}) == 1
    assert (count(Scan), count(Attendance)) == (1, 1)


def test_the_first_sixteen_make_the_session_held_once(
    app: Flask, scene: Scene, post: Post, ways: list[str]
) -> None:
    codes = [pass_code(sign_up(scene.seats)) for _ in range(16)]
    answers = at_once(app, *(lambda code=code: post(code) for code in codes))  # type: ignore[misc]
    assert {one.status_code for one in answers} == {201}
    assert ways == ["straight"] * 16
    db.session.rollback()
    held = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.metric == "sessions")
    assert db.session.scalar(held) == 2, "one for each task"
