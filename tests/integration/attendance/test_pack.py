"""The pack: what is in it and what is not, who gets it, when it is sent again, what it costs."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events

from tests.factories.attendance import Scene, make_account, make_scene, person_of, sign_up
from tests.factories.people import make_token
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.api.forms.packs import PackOut
from webapp.attendance.domain import Direction
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.service import devices
from webapp.core import signing
from webapp.core.db import db, transaction
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups import service as signups
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code
from webapp.volunteers.domain import AgeBand

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


@pytest.fixture
def scanner(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))


def _pack(scanner: CheckedClient, scene: Scene) -> dict[str, Any]:
    answer = scanner.get(f"/scan/{scene.session}/pack.json")
    assert answer.status_code == 200
    found = answer.json
    assert found is not None
    PackOut.model_validate(found)
    return found


def _line(found: dict[str, Any], signup: Signup) -> list[Any]:
    (line,) = [row for row in found["roster"] if row[0] == signup.id]
    return list(line)


def test_what_a_phone_keeps(scanner: CheckedClient, scene: Scene, clock: TestClock) -> None:
    came, gone, again, young = (sign_up(scene.seats, name="王小明") for _ in range(4))
    scene.scan(pass_code(came))
    clock.advance(minutes=30)
    scene.scan(pass_code(came), direction=Direction.OUT)
    with transaction() as session:
        signups.cancel_signup(gone.id, by=scene.scanner, reason="重复报名")
        signups.reissue_pass(again.id, by=None)
        child = session.get_one(Signup, young.id)
        child.age_band, child.company = AgeBand.FROM_10, "李老师"
    found = _pack(scanner, scene)

    assert found["session"]["id"] == scene.session and found["session"]["open"]
    assert found["rules"] == {
        "early_minutes": 120,
        "late_minutes": 120,
        "tolerance_seconds": 120,
        "undo_minutes": 15,
    }
    assert found["keys"] == signing.public_keys()
    places = {one["id"]: number for number, one in enumerate(found["positions"])}
    assert set(places) == {scene.seats, scene.shift}
    line = _line(found, came)
    assert line[1:6] == [1, "王小明", places[scene.seats], "confirmed", came.short_code]
    assert line[7] - line[6] == 30 * 60 and line[8] is None
    phone = person_of(came).phone or ""
    assert line[9] == phone[-4:] and line[10].split()[0] == "wxm"
    assert _line(found, young)[8] == "guardian" and _line(found, young)[12:] == ["under_14", "李老师"]
    assert line[12:] == [None, None]
    assert found["gone"] == [gone.id] and found["gone_as"] == {} and found["session"]["state"] == "on"
    assert found["revoked"] == [[again.id, 2]] and _line(found, again)[1] == 2
    assert phone[-8:] not in json.dumps(found)


def test_a_tablet_before_a_crowd_gets_no_names(
    scanner: CheckedClient, new_client: Callable[[], CheckedClient], scene: Scene, clock: TestClock
) -> None:
    sign_up(scene.seats, name="欧阳海风")
    tablet, until = new_client(), clock.now + timedelta(hours=8)
    with transaction():
        made = devices.offer_pairing(
            name="平板", kind=DeviceKind.KIOSK, session_ids=[scene.session], until=until, by=scene.scanner
        )
        code = devices.pairing_code(made)
    tablet.fill(f"/scan/pair/{code}")
    found = _pack(tablet, scene)
    (line,) = found["roster"]
    assert line[2] == "欧阳**" and line[9:] == ["", "", None, None, None]
    whole = _pack(scanner, scene)
    assert whole["roster"][0][2] == "欧阳海风" and found["version"] != whole["version"]


def test_it_is_sent_again_only_when_it_changed(scanner: CheckedClient, scene: Scene) -> None:
    path = f"/scan/{scene.session}/pack.json"
    first = scanner.get(path)
    for tag in (first.headers["ETag"], f'"{first.json["version"]}"', f'"x", W/"{first.json["version"]}"'):
        same = scanner.get(path, headers={"If-None-Match": tag})
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    small = scanner.get(path, headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in small.headers["Vary"]
    assert gzip.decompress(small.data) == first.data
    sign_up(scene.seats)
    other = scanner.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200 and other.json["version"] != first.json["version"]


def test_programs_get_the_same(scanner: CheckedClient, new_client: Any, scene: Scene) -> None:
    sign_up(scene.seats)
    token = make_token(db.session.get_one(Account, scene.scanner_account))
    path = f"/api/v1/sessions/{scene.session}/pack"
    program, headers = new_client(), {"Authorization": f"Bearer {token}"}
    answer = program.get(path, headers=headers)
    assert (answer.status_code, answer.json) == (200, _pack(scanner, scene))
    known = program.get(path, headers=headers | {"If-None-Match": answer.headers["ETag"]})
    assert known.status_code == 304
    spec = program.get("/api/v1/openapi.json").json
    assert (
        "PackOut" in spec["components"]["schemas"] and "/api/v1/sessions/{session_id}/pack" in spec["paths"]
    )


def test_nobody_else_gets_it(new_client: Any, sign_in: SignIn, scene: Scene) -> None:
    path = f"/scan/{scene.session}/pack.json"
    assert new_client().get(path).status_code in {302, 401}
    stranger = sign_in(new_client(), make_account("别人", "other@example.cn"))
    assert stranger.get(path).status_code == 403
    theirs = make_scene()
    foreign = sign_in(new_client(), as_signed_in(db.session.get_one(Account, theirs.scanner_account)))
    assert foreign.get(path).status_code in {403, 404}


def test_a_long_list_costs_as_many_questions_as_a_short_one(scanner: CheckedClient, scene: Scene) -> None:
    def cost() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        sql_events.listen(db.engine, "before_cursor_execute", note)
        _pack(scanner, scene)
        sql_events.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    sign_up(scene.seats)
    cost()  # what is looked up once
    few = cost()
    for _ in range(6):
        sign_up(scene.seats)
    assert cost() == few
