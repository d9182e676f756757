"""Several doors at once, on both databases: threads in one process, then processes of the real server, then kill -9."""

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_scene, sign_up
from tests.support.server import LiveServer
from webapp.attendance import queries
from webapp.attendance.domain import CountMethod
from webapp.attendance.domain.doors import CountedBefore, Heads
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import annul_scan, count_heads, count_page, fold, recount
from webapp.core.db import db, new_id, transaction
from webapp.people import service as people
from webapp.signups.queries import pass_code

WORKERS = 8


def all_at_once(app: Flask, work: list[Any]) -> list[Any]:
    """Call every function of `work` from threads that start together."""
    barrier = threading.Barrier(min(len(work), WORKERS))

    def run(number: int, function: Any) -> Any:
        if number < WORKERS:
            barrier.wait(10)
        with app.app_context():
            return function()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(len(work)), work))


def assert_sound(scene: Scene, attendances: int) -> None:
    db.session.rollback()
    standing = db.session.scalar(
        select(func.count()).select_from(Attendance).where(Attendance.annulled_at.is_(None))
    )
    assert standing == attendances
    assert recount.differences(scene.session) == []
    assert queries.totals_differ() == []


def test_one_pass_at_eight_doors_is_accepted_once(app: Flask) -> None:
    scene = make_scene()
    code = pass_code(sign_up(scene.seats))
    answers = all_at_once(app, [lambda number=n: scene.scan(code, device=f"door{number}") for n in range(24)])
    assert Counter(answer.body["outcome"] for answer in answers) == {"accepted": 1, "already_in": 23}
    assert_sound(scene, 1)


def test_one_nonce_sent_eight_times_has_one_answer(app: Flask) -> None:
    scene = make_scene()
    code = pass_code(sign_up(scene.seats))
    answers = all_at_once(app, [lambda: scene.scan(code, nonce="same") for _ in range(16)])
    assert {answer.body["outcome"] for answer in answers} == {"accepted"}
    assert Counter(answer.status for answer in answers) == {201: 1, 200: 15}
    assert_sound(scene, 1)
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 1


def test_first_arrivals_make_one_session_held(app: Flask) -> None:
    scene = make_scene(tasks=2)
    codes = [pass_code(sign_up(scene.seats)) for _ in range(30)]
    answers = all_at_once(app, [lambda code=code: scene.scan(code) for code in codes])
    assert {answer.status for answer in answers} == {201}
    assert_sound(scene, 30)
    held = [one.quantity for one in queries.progress(scene.tasks)[scene.tasks[1]] if one.metric == "sessions"]
    assert held == [1]


def test_scans_undoing_counting_and_folding_together_add_up(app: Flask) -> None:
    scene = make_scene()
    codes = [pass_code(sign_up(scene.seats)) for _ in range(12)]

    def in_and_undo(code: str) -> None:
        answer = scene.scan(code)
        with transaction():
            annul_scan(answer.body["id"], by=scene.scanner, device="door", is_staff=False, reason="")

    def heads() -> None:
        with transaction():
            count_heads(
                scene.session, audience="公众", count=7, method=CountMethod.COUNTED, note="", by=scene.scanner
            )

    def fold_some() -> None:
        with transaction():
            fold()

    work: list[Any] = []
    for place, code in enumerate(codes):
        work.append(
            (lambda code=code: in_and_undo(code)) if place % 2 else (lambda code=code: scene.scan(code))
        )
        work.append(heads if place % 3 == 0 else fold_some)
    all_at_once(app, work)
    assert_sound(scene, 6)


def post(url: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """One call of the API; connection faults are raised."""
    request = urllib.request.Request(
        f"{url}/api/v1/checkins",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_two_server_processes_accept_a_pass_once(app: Flask, live_server: LiveServer) -> None:
    scene = make_scene()
    with transaction():
        token = people.create_token(scene.scanner, "test")
    codes = [pass_code(sign_up(scene.seats)) for _ in range(10)]
    bodies = [
        {"code": code, "session": scene.session, "nonce": new_id(), "device": f"door{door}"}
        for code in codes
        for door in range(4)
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(lambda body: post(live_server.url, token, body), bodies))
    assert Counter(status for status, _ in answers) == {201: 10, 409: 30}
    assert_sound(scene, 10)


@pytest.mark.durable
def test_every_acknowledged_checkin_survives_kill_9(app: Flask, live_server: LiveServer) -> None:
    """Promise 3: an answer is given only after the commit; the server is killed in the middle of the rush."""
    scene = make_scene()
    with transaction():
        token = people.create_token(scene.scanner, "test")
    codes = [pass_code(sign_up(scene.seats)) for _ in range(50)]
    bodies = [
        {"code": code, "session": scene.session, "nonce": f"n{place}", "device": "door"}
        for place, code in enumerate(codes)
    ]
    acknowledged: list[tuple[int, dict[str, Any]]] = []
    enough = threading.Event()

    def scan(place: int) -> None:
        try:
            status, body = post(live_server.url, token, bodies[place])
        except (OSError, ValueError, http.client.HTTPException):
            return  # killed before it could answer, or half-way through the answer
        assert status == 201, body
        acknowledged.append((place, body))
        if len(acknowledged) >= 15:
            enough.set()

    with ThreadPoolExecutor(WORKERS) as pool:
        running = [pool.submit(scan, place) for place in range(len(bodies))]
        assert enough.wait(30)
        live_server.kill()
        for one in running:
            one.result()
    assert 15 <= len(acknowledged) < len(bodies), "the kill came in the middle"

    live_server.start()
    for place, first in acknowledged:
        status, body = post(live_server.url, token, bodies[place])
        assert status == 200
        assert body == first | {"replayed": True}
    for (
        body
    ) in bodies:  # the phone sends everything again, answered or not: nobody is lost, nobody counted twice
        post(live_server.url, token, body)
    assert_sound(scene, len(bodies))


def test_one_page_of_heads_pressed_at_the_same_moment_counts_once(app: Flask) -> None:
    scene = make_scene()
    heads = Heads("老年人", 12, CountMethod.COUNTED, nonce=new_id())

    def press() -> str:
        with transaction():
            try:
                return count_page(scene.session, heads, by=scene.scanner).id
            except CountedBefore:
                return ""

    made = all_at_once(app, [press] * WORKERS)
    assert sorted(made) == [""] * (WORKERS - 1) + [heads.nonce]
    db.session.rollback()
    assert queries.session_counts(scene.session).heads == 12
