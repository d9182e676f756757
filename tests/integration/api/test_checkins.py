"""Check-ins through the API, as programs send them that were written from the contract alone."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_account, make_scene, sign_up
from tests.integration.api.test_api import Program, token_for
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import recount
from webapp.core import clock as times
from webapp.core.db import db, new_id, transaction
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership
from webapp.signups.queries import pass_code


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


@pytest.fixture
def staff(app: Flask, scene: Scene) -> Program:
    return Program(app.test_client(), token_for(scene.scanner))


def scan_of(scene: Scene, code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "session": scene.session, "direction": "in", "nonce": new_id()} | changes


def written(body: dict[str, Any]) -> bytes:
    """JSON as phones write it: what is no character stays as its escape."""
    return json.dumps(body).encode()


def check_in(staff: Program, scene: Scene, code: str, **changes: Any) -> Any:
    return staff.call("POST", "/checkins", written(scan_of(scene, code, **changes)))


def hand_in(staff: Program, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = staff.call("POST", "/checkins/batch", written({"device": "village", "items": list(items)}))
    assert answer.status_code == 200, answer.text
    return list(answer.json["results"])


def told(results: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    return [(one["outcome"], one["flagged"]) for one in results]


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    "at",
    [
        "0001-01-01T00:00:00+08:00", "1970-01-01T00:00:00Z", "2099-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59.999999-12:00", "2026-11-28T09:00:00+23:59", "2026-11-28T09:00:00.123456789+08:00",
    ],
)  # fmt: skip
def test_a_phones_clock_may_say_anything(staff: Program, scene: Scene, at: str) -> None:
    """Nobody is kept waiting at the door for it, nor does it keep back a batch."""
    first, second = (pass_code(sign_up(scene.seats)) for _ in range(2))
    live = check_in(staff, scene, first, scanned_at=at)
    assert (live.status_code, live.json["outcome"]) == (201, "accepted"), live.text
    assert hand_in(staff, scan_of(scene, second, scanned_at=at))[0]["outcome"] in {"accepted", "too_early"}
    assert count(Scan) == 2


def test_a_scan_without_a_moment_counts_when_it_arrives(staff: Program, scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    assert told(hand_in(staff, scan_of(scene, code))) == [("accepted", False)]


@pytest.mark.parametrize(
    "code", ["6901234567892\x1d", "\x00", "\ud83d", "🎉", "x" * 3000, "https://例子.中国/p/"]
)
def test_whatever_a_camera_read_is_answered_and_kept(staff: Program, scene: Scene, code: str) -> None:
    answer = check_in(staff, scene, code)
    assert (answer.status_code, answer.json["outcome"]) == (404, "unknown"), answer.text
    assert answer.json["title"] == answer.json["detail"] == "不是本系统的报名码"
    good = scan_of(scene, pass_code(sign_up(scene.seats)))
    assert told(hand_in(staff, scan_of(scene, code), good)) == [("unknown", True), ("accepted", False)]
    assert count(Scan) == 3


def test_a_refusal_is_named_by_its_own_title(staff: Program, scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    check_in(staff, scene, code)
    again = check_in(staff, scene, code)
    assert again.content_type == "application/problem+json"
    assert (again.status_code, again.json["code"], again.json["outcome"]) == (409, "already_in", "already_in")
    assert again.json["title"] == "已经签到过了"


def test_a_scan_without_a_device_is_taken_back_without_one(app: Flask, staff: Program, scene: Scene) -> None:
    made = check_in(staff, scene, pass_code(sign_up(scene.seats))).json["id"]
    named = check_in(staff, scene, pass_code(sign_up(scene.seats)), device="door").json["id"]
    other = make_account("示例同事", "other@example.cn").person_id
    with transaction() as session:
        permissions = [Permission.SCAN]
        session.add(Membership(person_id=other, organisation_id=scene.organisation, permissions=permissions))
    colleague = Program(app.test_client(), token_for(other))
    assert colleague.call("POST", f"/checkins/{made}/annul", {}).status_code == 403
    assert staff.call("POST", f"/checkins/{named}/annul", {}).status_code == 403
    assert staff.call("POST", f"/checkins/{made}/annul", {}).json == {"id": made, "outcome": "annulled"}
    again = staff.call("POST", f"/checkins/{made}/annul", {})
    assert (again.status_code, again.json["code"]) == (409, "already_annulled")


# --- batches -----------------------------------------------------------------------------------------------------


def test_a_batch_answers_each_scan_where_it_was_asked(staff: Program, scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))

    def ago(minutes: int) -> str:
        return (times.now() - timedelta(minutes=minutes)).isoformat()

    items = [
        scan_of(scene, code, direction="out", scanned_at=ago(1)),
        scan_of(scene, code, nonce="twice", scanned_at=ago(5), device="village"),
        scan_of(scene, code, nonce="twice", scanned_at=ago(5)),
        scan_of(scene, code, scanned_at=ago(9)),
    ]
    results = hand_in(staff, *items)
    assert [one["nonce"] for one in results] == [one["nonce"] for one in items]
    assert told(results) == [
        ("accepted", False),
        ("already_in", False),
        ("already_in", False),
        ("accepted", False),
    ]
    assert [one["replayed"] for one in results] == [False, False, True, False]
    assert [one["replayed"] for one in hand_in(staff, *items)] == [True] * 4
    db.session.rollback()
    (stay,) = db.session.scalars(select(Attendance))
    assert (stay.in_at.isoformat(), stay.out_at and stay.out_at.isoformat()) == (ago(9), ago(1))
    assert count(Scan) == 3


def test_a_session_nobody_knows_does_not_keep_back_the_others(staff: Program, scene: Scene) -> None:
    elsewhere = make_scene()
    unknown = scan_of(scene, "7K2M9Q", session="0" * 18)
    theirs = scan_of(elsewhere, pass_code(sign_up(elsewhere.seats)))
    mine = scan_of(scene, pass_code(sign_up(scene.seats)))
    assert told(hand_in(staff, unknown)) == [("unknown", True)]
    assert told(hand_in(staff, unknown, theirs, mine)) == [
        ("unknown", True),
        ("unknown", True),
        ("accepted", False),
    ]
    assert count(Attendance) == 1
    assert db.session.scalars(select(Scan.flag).where(Scan.session_id == elsewhere.session)).all() == [
        "device"
    ]


def test_who_may_scan_for_none_of_them_is_told(app: Flask, staff: Program, scene: Scene) -> None:
    elsewhere = make_scene()
    item = scan_of(elsewhere, pass_code(sign_up(elsewhere.seats)))
    refused = staff.call("POST", "/checkins/batch", {"device": "village", "items": [item]})
    assert (refused.status_code, refused.json["code"]) == (403, "not_allowed")
    nobody = Program(app.test_client(), token_for(make_account("示例志愿者", "v@example.cn").person_id))
    assert nobody.call("POST", "/checkins/batch", {"device": "village", "items": [item]}).status_code == 403
    assert count(Scan) == 0


def test_a_batch_is_of_one_device_and_of_five_hundred(staff: Program, scene: Scene) -> None:
    def sent(items: list[dict[str, Any]]) -> Any:
        return staff.call("POST", "/checkins/batch", {"device": "village", "items": items})

    other = sent([scan_of(scene, "7K2M9Q", device="town")])
    assert (other.status_code, list(other.json["errors"])) == (422, ["body"])
    many = [scan_of(scene, "7K2M9Q") for _ in range(501)]
    assert sent(many).status_code == 422
    assert told(sent(many[:500]).json["results"]) == [("unknown", True)] * 500
    assert sent([]).status_code == 422


def test_overlapping_batches_and_live_scans_at_once(app: Flask, staff: Program, scene: Scene) -> None:
    """A phone sends again what it got no answer for, while the first sending is still being worked on."""
    elsewhere = make_scene()
    with transaction() as session:
        grant = Membership(
            person_id=scene.scanner, organisation_id=elsewhere.organisation, permissions=[Permission.SCAN]
        )
        session.add(grant)
    people = [(one, pass_code(sign_up(one.seats))) for one in (scene, elsewhere) for _ in range(8)]
    items = [
        scan_of(one, code, scanned_at=times.now().isoformat(), nonce=f"{place}-{time}")
        for time in range(2)
        for place, (one, code) in enumerate(people)
    ] + [scan_of(scene, code, nonce=f"wrong-{place}") for place, (_, code) in enumerate(people)]
    results: dict[str, set[tuple[str, bool]]] = {}

    def batch(first: int) -> Callable[[], None]:
        def work() -> None:
            program = Program(app.test_client(), staff.token)
            for one in hand_in(program, *items[first:], *items[:first]):
                results.setdefault(one["nonce"], set()).add((one["outcome"], one["flagged"]))

        return work

    def live(place: int) -> Callable[[], None]:
        def work() -> None:
            answer = Program(app.test_client(), staff.token).call(
                "POST", "/checkins", items[place] | {"device": "village"}
            )
            assert answer.status_code in {200, 201, 409}, answer.text

        return work

    at_once(app, *[batch(first) for first in (0, 11, 23, 40)], *[live(place) for place in (0, 9, 35, 45)])
    assert all(len(answers) == 1 for answers in results.values()), results
    assert count(Scan) == len(items)
    assert count(Attendance) == len(people)
    with transaction():
        assert recount.reconcile_session(scene.session) + recount.reconcile_session(elsewhere.session) == 0
