"""API version 1: the whole way, then everything a careless or hostile program may send."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.attendance import Scene, make_account, make_scene
from tests.factories.signups import a_position, taken
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core.db import db, transaction
from webapp.events.domain.questions import AskedOf, QuestionDraft, QuestionKind
from webapp.events.service.questions import add_question
from webapp.people import service as people
from webapp.people.queries import standing_guardianship
from webapp.plan.models import PlanTask
from webapp.signups.models import Signup
from webapp.signups.queries.answers import answers_of


@dataclass
class Program:
    """A program with a token."""

    client: FlaskClient
    token: str | None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request under /api/v1."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        kwargs: dict[str, Any] = {"headers": given}
        if isinstance(body, bytes):
            kwargs |= {"data": body, "content_type": "application/json"}
        elif body is not None:
            kwargs["json"] = body
        return self.client.open(f"/api/v1{path}", method=method, **kwargs)


def token_for(person_id: str) -> str:
    with transaction():
        return people.create_token(person_id, "test")


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


@pytest.fixture
def staff(app: Flask, scene: Scene) -> Program:
    return Program(app.test_client(), token_for(scene.scanner))


@pytest.fixture
def volunteer(app: Flask, scene: Scene) -> Program:
    return Program(app.test_client(), token_for(make_account("示例志愿者", "vol@example.cn").person_id))


@pytest.fixture
def nobody(app: Flask) -> Program:
    return Program(app.test_client(), None)


def event_body(scene: Scene, **changes: Any) -> dict[str, Any]:
    """A good event."""
    starts = times.local(times.now() + timedelta(minutes=30))
    task = db.session.get_one(PlanTask, scene.tasks[0])
    return {
        "title": "老年人智能手机课",
        "type": "lecture",
        "summary": "学会扫码、挂号和识别诈骗短信。",
        "organisation": scene.organisation,
        "plan": task.plan.code,
        "tasks": [task.code],
        "risk_statement": "室内活动，注意台阶。",
        "sessions": [
            {
                "starts_at": starts.isoformat(),
                "ends_at": (starts + timedelta(hours=2)).isoformat(),
                "venue": scene.venue,
                "positions": [
                    {"name": "讲解员", "kind": "volunteer", "capacity": 1, "waitlist": True},
                    {"name": "观众", "kind": "audience", "capacity": 2, "waitlist": True},
                ],
            }
        ],
    } | changes


def figures(nobody: Program, scene: Scene) -> dict[str, int]:
    task = db.session.get_one(PlanTask, scene.tasks[0])
    answer = nobody.call("GET", f"/tasks/{task.code}/progress?plan={task.plan.code}&by=district")
    assert answer.status_code == 200, answer.text
    return {f"{one['metric']}/{one['grade']}": one["quantity"] for one in answer.json["total"]}


def test_the_whole_way(staff: Program, volunteer: Program, nobody: Program, scene: Scene) -> None:
    made = staff.call("POST", "/events", event_body(scene))
    assert made.status_code == 201, made.text
    event = made.json
    assert event["status"] == "draft"
    assert nobody.call("GET", f"/events/{event['id']}").status_code == 404
    assert staff.call("GET", f"/events/{event['id']}").json["id"] == event["id"]
    assert staff.call("POST", f"/events/{event['id']}/publish").json["status"] == "published"
    assert [one["id"] for one in nobody.call("GET", "/events?q=手机").json["items"]] == [event["id"]]

    session = event["sessions"][0]
    shift, seats = session["positions"]
    signup = volunteer.call("POST", f"/positions/{shift['id']}/signups", {})
    assert (signup.status_code, signup.json["status"]) == (201, "confirmed")
    again = volunteer.call("POST", f"/positions/{shift['id']}/signups", {})
    assert (again.status_code, again.json["code"]) == (409, "already_signed_up")
    assert again.json["title"] == again.json["detail"], "that of the status speaks of somebody else"
    elders = [
        staff.call(
            "POST", f"/positions/{seats['id']}/signups", {"person": {"name": "示例老人", "phone": phone}}
        )
        for phone in ("13900000001", "139 0000 0002", "+8613900000003")
    ]
    assert [one.json["status"] for one in elders] == ["confirmed", "confirmed", "waitlisted"]
    assert elders[2].json["waitlist_place"] == 1

    scan = {"session": session["id"], "direction": "in", "nonce": "1", "device": "door"}
    first = staff.call("POST", "/checkins", scan | {"code": signup.json["pass"]["url"]})
    assert first.status_code == 201, first.text
    assert first.json["person"] == {"display_name": "示例志愿者"}
    replay = staff.call("POST", "/checkins", scan | {"code": signup.json["pass"]["url"]})
    assert (replay.status_code, replay.json) == (200, first.json | {"replayed": True})
    typed = staff.call(
        "POST", "/checkins", scan | {"code": elders[0].json["pass"]["short_code"], "nonce": "2"}
    )
    assert typed.status_code == 201
    waiting = staff.call("POST", "/checkins", scan | {"code": elders[2].json["pass"]["code"], "nonce": "3"})
    assert (waiting.status_code, waiting.json["outcome"]) == (409, "waitlisted")
    assert waiting.content_type == "application/problem+json"
    assert figures(nobody, scene) == {"volunteers/scan": 1, "visits/scan": 1, "sessions/held": 1}

    assert staff.call("DELETE", f"/signups/{elders[1].json['id']}").status_code == 204
    roster = staff.call("GET", f"/sessions/{session['id']}/roster").json
    assert sorted(one["status"] for one in roster["items"]) == ["confirmed"] * 3
    assert {"示例老人", "示例志愿者"} == {row["display_name"] for row in roster["items"]}

    heads = {"audience": "老年人", "count": 40, "method": "counted", "note": "门口点数"}
    assert staff.call("POST", f"/sessions/{session['id']}/headcounts", heads).status_code == 201
    annulled = staff.call("POST", f"/checkins/{first.json['id']}/annul", {"device": "door"})
    assert annulled.status_code == 200, annulled.text
    assert figures(nobody, scene) == {"visits/scan": 1, "visits/headcount": 40, "sessions/held": 1}

    me = volunteer.call("GET", "/people/me").json
    assert me["name"] == "示例志愿者"
    hours = volunteer.call("GET", "/people/me/hours").json
    assert (hours["items"], hours["next"], hours["minutes"]) == ([], None, 0)
    assert set(hours["totals"].values()) == {0}
    assert hours["stars"] == {"granted": 0, "applied_for": None, "may_apply_for": None}

    out = scan | {"direction": "out", "nonce": "4", "code": elders[0].json["pass"]["code"]}
    _cancel_once_everyone_is_out(staff, event["id"], out)
    assert figures(nobody, scene) == {}


def _cancel_once_everyone_is_out(staff: Program, event_id: str, out: dict[str, Any]) -> None:
    inside = staff.call("POST", f"/events/{event_id}/cancel", {"reason": "停电"})
    assert inside.status_code == 409, "somebody is in the hall"
    assert staff.call("POST", "/checkins", out).status_code == 201
    cancelled = staff.call("POST", f"/events/{event_id}/cancel", {"reason": "停电"})
    assert cancelled.json["status"] == "cancelled"


def test_a_session_is_moved(staff: Program, scene: Scene) -> None:
    starts = times.now() + timedelta(days=2)
    body = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=1)).isoformat()}
    moved = staff.call("PATCH", f"/sessions/{scene.session}", body)
    assert moved.status_code == 200, moved.text
    assert moved.json["starts_at"] == times.local(starts).isoformat(timespec="seconds")
    reversed_ = {"starts_at": body["ends_at"], "ends_at": body["starts_at"]}
    refused = staff.call("PATCH", f"/sessions/{scene.session}", reversed_)
    assert (refused.status_code, refused.json["code"]) == (422, "ends_before_start")


def test_what_lies_outside_the_plan_is_asked_about(staff: Program, scene: Scene) -> None:
    """The scene's plan ends with 2026: the answer is 409 until the program says what to do."""
    body = event_body(scene)
    (held,) = body["sessions"]
    held |= {"starts_at": "2031-05-08T09:00:00+08:00", "ends_at": "2031-05-08T11:00:00+08:00"}
    asked = staff.call("POST", "/events", body)
    assert (asked.status_code, asked.json["code"]) == (409, "outside_plan")
    assert (asked.json["confirm"], asked.json["choices"]) == ("outside_plan", ["follow", "drop", "keep"])
    assert asked.json["day"] == "2031-05-08"
    none = staff.call("POST", "/events", body | {"outside_plan": "follow"})
    assert (none.status_code, none.json["code"]) == (422, "no_plan_then")
    assert staff.call("POST", "/events", body | {"outside_plan": "maybe"}).status_code == 422
    made = staff.call("POST", "/events", body | {"outside_plan": "drop"})
    assert (made.status_code, made.json["tasks"]) == (201, [])
    move = {"starts_at": held["starts_at"], "ends_at": held["ends_at"]}
    path = f"/sessions/{scene.session}"
    assert staff.call("PATCH", path, move).json["code"] == "outside_plan"
    assert staff.call("PATCH", path, move | {"outside_plan": "keep"}).status_code == 200


def test_a_key_gets_the_first_answer_again(staff: Program, scene: Scene) -> None:
    body = event_body(scene)
    first = staff.call("POST", "/events", body, Idempotency_Key="k1")
    again = staff.call("POST", "/events", body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    other = staff.call("POST", "/events", body | {"title": "另一个"}, Idempotency_Key="k1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    bad = staff.call("POST", "/events", body, Idempotency_Key="x" * 201)
    assert (bad.status_code, bad.json["code"]) == (422, "idempotency_key_invalid")


def test_a_key_sent_twice_at_once_gets_the_first_answer_both_times(
    app: Flask, volunteer: Program, scene: Scene, new_client: Callable[[], CheckedClient]
) -> None:
    """20 of 20: the second waits for the first one's answer, and is not judged on what the first one did."""
    for number in range(20):
        position = a_position("volunteer", 3, starts_at=times.now() + timedelta(days=number + 1))
        asks = [Program(new_client(), volunteer.token) for _ in range(3)]
        answers = at_once(
            app,
            *[
                partial(one.call, "POST", f"/positions/{position}/signups", {}, Idempotency_Key=f"k{number}")
                for one in asks
            ],
        )
        assert [one.status_code for one in answers] == [201] * 3, [one.text for one in answers]
        assert len({json.dumps(one.json) for one in answers}) == 1
        assert taken(position) == 1


def test_a_title_is_of_one_line_at_every_door(staff: Program, scene: Scene) -> None:
    body = event_body(scene)
    for line_end in ("\n", "\r\n", "\u2028", "\x0b"):
        for wrong in (
            body | {"title": f"一{line_end}二"},
            body | {"bring": f"纸{line_end}笔"},
            body | {"sessions": [body["sessions"][0] | {"title": f"上{line_end}午"}]},
        ):
            refused = staff.call("POST", "/events", wrong)
            assert (refused.status_code, refused.json["code"]) == (422, "invalid"), refused.text
    assert "换行" in staff.call("POST", "/events", body | {"title": "一\n二"}).json["detail"]


def test_reference_lists(nobody: Program, staff: Program, scene: Scene) -> None:
    for path in ("/plans", "/organisations", "/venues?q=示例", "/districts", "/event-types"):
        answer = nobody.call("GET", path)
        assert answer.status_code == 200, answer.text
        assert answer.json["items"], path
        assert "next" in answer.json
    assert [one["id"] for one in staff.call("GET", "/organisations?mine=1").json["items"]] == [
        scene.organisation
    ]
    assert nobody.call("GET", "/organisations?mine=1").json["items"] == []
    plan = nobody.call("GET", "/plans").json["items"][0]
    tasks = nobody.call("GET", f"/plans/{plan['code']}/tasks").json["items"]
    assert tasks[0]["progress_mode"] == "event"
    assert nobody.call("GET", f"/tasks/{tasks[0]['code']}?plan={plan['id']}").json["id"] == tasks[0]["id"]


def test_who_may_not(nobody: Program, volunteer: Program, scene: Scene) -> None:
    for program, status, code in ((nobody, 401, "unauthorized"), (volunteer, 403, "not_allowed")):
        for method, path, body in (
            ("POST", "/events", event_body(scene)),
            ("POST", f"/events/{scene.event}/cancel", {"reason": "x"}),
            ("POST", "/checkins", {"code": "x", "session": scene.session, "nonce": "1"}),
            ("GET", f"/sessions/{scene.session}/roster", None),
        ):
            answer = program.call(method, path, body)
            assert (answer.status_code, answer.json["code"]) == (status, code), (path, answer.text)
            assert answer.content_type == "application/problem+json"


def test_another_organisations_staff_may_not(app: Flask, staff: Program, scene: Scene) -> None:
    other = make_scene()
    stranger = Program(app.test_client(), token_for(other.scanner))
    for method, path, body in (
        ("POST", f"/events/{scene.event}/cancel", {"reason": "x"}),
        ("PATCH", f"/sessions/{scene.session}", {"title": "x"}),
        ("GET", f"/sessions/{scene.session}/roster", None),
        ("POST", "/checkins", {"code": "x", "session": scene.session, "nonce": "1"}),
        ("POST", f"/sessions/{scene.session}/headcounts", {"audience": "公众", "count": 1}),
        ("POST", "/events", event_body(scene)),
    ):
        answer = stranger.call(method, path, body)
        assert answer.status_code in {403, 404}, (path, answer.text)


def test_the_sign_in_cookie_is_not_a_token(app: Flask, scene: Scene, client: Any, sign_in: Any) -> None:
    from webapp.people.queries import account_of_cookie  # noqa: F401  (the loader in use)

    answer = client.get("/api/v1/people/me")
    assert answer.status_code == 401


@pytest.mark.parametrize("token", ["", "x", "Bearer", "é", "x" * 5000])
def test_a_wrong_token_is_refused(nobody: Program, token: str) -> None:
    nobody.token = token
    answer = nobody.call("GET", "/people/me")
    assert answer.status_code == 401


BAD_BODIES: list[Any] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"a": 1e999}',
    b"[" * 2000,
    {},
    {"unknown": 1},
]


@pytest.mark.parametrize("place", range(len(BAD_BODIES)))
def test_bad_bodies_are_told_what_is_wrong(staff: Program, scene: Scene, place: int) -> None:
    for method, path in (
        ("POST", "/events"),
        ("POST", f"/events/{scene.event}/cancel"),
        ("POST", "/checkins"),
        ("POST", "/checkins/batch"),
        ("POST", f"/sessions/{scene.session}/headcounts"),
    ):
        answer = staff.call(method, path, BAD_BODIES[place])
        assert answer.status_code in {400, 422}, (path, answer.status_code, answer.text)
        assert answer.content_type == "application/problem+json"
        assert answer.json["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"title": 5}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"sessions": []}, "sessions"),
        ({"sessions": [{}] * 61}, "sessions"),
        ({"tasks": []}, "tasks"),
        ({"audiences": ["火星人"]}, "audiences.0"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_bad_field_is_named(staff: Program, scene: Scene, change: dict[str, Any], field: str) -> None:
    body = json.dumps(event_body(scene, **change)).encode()
    answer = staff.call("POST", "/events", body)
    assert answer.status_code in {400, 422}, answer.text
    if answer.json["code"] == "invalid":
        assert field in answer.json["errors"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"starts_at": "2026-02-31T09:00:00+08:00"}, 422),
        ({"starts_at": "2026-11-28T09:00:00"}, 422),
        ({"starts_at": "20260-11-28T09:00:00+08:00"}, 422),
        ({"starts_at": 12}, 422),
        ({"ends_at": "2026-01-01T09:00:00+08:00"}, 422),
        ({"venue": "nowhere"}, 422),
        ({"positions": []}, 422),
        ({"positions": [{"name": "观众", "kind": "audience", "capacity": -1}]}, 422),
        ({"positions": [{"name": "观众", "kind": "audience", "capacity": 10**12}]}, 422),
        ({"positions": [{"name": "观众", "kind": "audience", "capacity": "5"}]}, 422),
        ({"positions": [{"name": "观众", "kind": "robot", "capacity": 5}]}, 422),
        ({"positions": [{"name": "同", "kind": "audience", "capacity": 5}] * 2}, 422),
    ],
)
def test_a_bad_session_is_refused(staff: Program, scene: Scene, change: dict[str, Any], status: int) -> None:
    body = event_body(scene)
    body["sessions"][0] |= change
    answer = staff.call("POST", "/events", body)
    assert answer.status_code in {status, 404}, answer.text
    assert answer.json["detail"]


def test_unknown_things_are_not_found(staff: Program, volunteer: Program, scene: Scene) -> None:
    for program, method, path, body in (
        (staff, "GET", "/events/nothing", None),
        (staff, "POST", "/events/nothing/publish", None),
        (staff, "PATCH", "/sessions/nothing", {"title": "x"}),
        (staff, "GET", "/sessions/nothing/roster", None),
        (staff, "POST", "/checkins/nothing/annul", {"reason": "x"}),
        (volunteer, "POST", "/positions/nothing/signups", {}),
        (volunteer, "DELETE", "/signups/nothing", None),
        (staff, "GET", "/tasks/Z9-9", None),
        (staff, "GET", "/plans/nothing/tasks", None),
        (staff, "POST", "/checkins", {"code": "x", "session": "nothing", "nonce": "1"}),
        (staff, "GET", "/nothing", None),
        (staff, "POST", "/events", event_body(scene, tasks=["Z9-9"])),
        (staff, "POST", "/events", event_body(scene, organisation="nothing")),
    ):
        answer = program.call(method, path, body)
        assert answer.status_code in {404, 422, 403}, (path, answer.text)
        assert answer.content_type == "application/problem+json", path


def test_a_volunteer_cannot_sign_up_others(volunteer: Program, scene: Scene) -> None:
    body = {"person": {"name": "示例老人", "phone": "13900000001"}}
    assert volunteer.call("POST", f"/positions/{scene.seats}/signups", body).status_code == 403


@pytest.mark.parametrize(
    "person",
    [
        {"name": "", "phone": "13900000001"},
        {"name": "示例老人", "phone": "12345"},
        {"name": "示例老人", "phone": "１３９００００"},
        {"name": "<script>", "phone": "13900000001"},
        {"name": "x" * 51, "phone": "13900000001"},
        {"name": "示例老人"},
    ],
)
def test_a_person_needs_a_name_and_a_phone(staff: Program, scene: Scene, person: dict[str, str]) -> None:
    answer = staff.call("POST", f"/positions/{scene.seats}/signups", {"person": person})
    assert answer.status_code == 422, answer.text


def test_the_description_fits_the_routes(app: Flask, nobody: Program) -> None:
    described = nobody.call("GET", "/openapi.json").json
    assert described["openapi"].startswith("3.1")
    rules = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }
    assert set(described["paths"]) == rules
    text = json.dumps(described)
    for reference in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert reference in described["components"]["schemas"], reference


def test_a_refused_scan_says_what_is_described(staff: Program, scene: Scene) -> None:
    described = staff.call("GET", "/openapi.json").json
    schemas, checkins = described["components"]["schemas"], described["paths"]["/api/v1/checkins"]["post"]
    for status in ("200", "404", "409"):
        assert "#/components/schemas/ScanRefused" in json.dumps(checkins["responses"][status]), status
    refused, problem = schemas["ScanRefused"], schemas["Problem"]
    scan = {"code": "nobody", "session": scene.session, "nonce": "1"}
    first, again = staff.call("POST", "/checkins", scan), staff.call("POST", "/checkins", scan)
    assert (first.status_code, again.status_code) == (404, 200)
    for answer, extra in ((first.json, problem["properties"]), (again.json, {})):
        assert set(refused["required"]) <= set(answer) <= {*refused["properties"], *extra}


def test_sentences_follow_what_the_program_asks_for(nobody: Program) -> None:
    chinese = nobody.call("GET", "/people/me").json["detail"]
    english = nobody.call("GET", "/people/me", Accept_Language="en").json["detail"]
    assert chinese == "请先登录。"
    assert english != chinese


def test_other_methods_are_named(nobody: Program) -> None:
    answer = nobody.call("PUT", "/plans")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_program_answers_questions_and_names_a_guardian(
    scene: Scene, staff: Program, volunteer: Program
) -> None:
    draft = QuestionDraft(QuestionKind.TEXT, "几点到？", is_required=True, asked_of=AskedOf.ALL)
    with transaction():
        question = add_question(scene.event, draft, by=scene.scanner).id
    path = f"/positions/{scene.seats}/signups"
    missing = volunteer.call("POST", path, {})
    assert missing.status_code == 422
    assert missing.json["code"] == "answers_invalid"
    assert list(missing.json["errors"]) == [f"answers.{question}"]
    child = {"person": {"name": "示例儿童", "phone": "13900000009"}, "answers": {question: "九点"}}
    alone = staff.call("POST", path, child | {"age_band": "under_14"})
    assert (alone.status_code, alone.json["code"]) == (422, "guardian_needed")
    guardian = {"name": "示例家长", "phone": "13900000008"}
    child |= {"age_band": "under_14"}
    own = staff.call("POST", path, child | {"guardian": {"name": "示例儿童", "phone": "13900000009"}})
    assert (own.status_code, own.json["code"]) == (422, "guardian_is_child")
    lone = staff.call("POST", path, child | {"guardian": guardian})
    assert (lone.status_code, lone.json["code"]) == (422, "company_needed")
    made = staff.call("POST", path, child | {"guardian": guardian, "company": "示例家长"})
    assert made.status_code == 201
    db.session.rollback()
    signup = db.session.get_one(Signup, made.json["id"])
    assert signup.age_band == "under_14"
    assert standing_guardianship(signup.person_id) is not None
    assert answers_of(signup.id) == {question: "九点"}
    (item,) = staff.call("GET", f"/sessions/{scene.session}/roster").json["items"]
    assert (item["minor"], item["lacks"], item["company"]) == ("under_14", None, "示例家长")
    assert staff.call("DELETE", f"/signups/{signup.id}").status_code == 204
    grown = {key: child[key] for key in ("person", "answers")} | {"age_band": "adult"}
    again = staff.call("POST", path, grown)
    assert (again.status_code, again.json["code"]) == (409, "age_disagrees")
    assert staff.call("POST", path, grown | {"age_confirmed": True}).status_code == 201
    assert volunteer.call("POST", path, {"answers": {question: "八点"}}).status_code == 201
