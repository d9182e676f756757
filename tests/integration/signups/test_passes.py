"""Passes: keys that come and go, a pass replaced once by whoever may, and the commands for the keys."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.attendance import Scene, make_account, make_scene, sign_up
from tests.factories.events import staff
from tests.factories.signups import a_guest, a_position, join
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance import service as attendance
from webapp.core import signing
from webapp.core.audit import AuditEntry
from webapp.core.config import current_settings
from webapp.core.db import db, get_row, transaction
from webapp.core.outbox import OutboxMessage
from webapp.organisations.domain import Permission
from webapp.signups import queries, service
from webapp.signups.domain import NoPass, PassState
from webapp.signups.domain.telling import StillInside
from webapp.signups.models import Signup

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


def command(app: Flask, *words: str) -> str:
    answer = app.test_cli_runner().invoke(args=["keys", *words])
    return f"{answer.exit_code} {answer.output}"


def test_keys_come_and_go(app: Flask, scene: Scene) -> None:
    signup = sign_up(scene.seats)
    old, kid = queries.pass_code(signup), signing.current_key().kid
    assert old == queries.pass_code(signup)
    assert f"{kid}" in command(app, "list") and "signs" in command(app, "list")
    assert command(app, "retire", kid).startswith("1 Error: This is the only key left")

    assert "signs from now on" in command(app, "rotate")
    new = queries.pass_code(signup)
    assert new != old and {queries.read_code(code).state for code in (old, new)} == {PassState.GOOD}
    assert [key["kid"] for key in signing.public_keys()] == [kid, signing.current_key().kid]

    assert command(app, "retire", kid).startswith("0")
    assert command(app, "retire", kid).startswith("1")
    assert "retired" in command(app, "list")
    read = queries.read_code(old)
    assert (read.state, read.signup_id, read.serial) == (PassState.VOID, signup.id, 1)
    assert queries.read_pass(old) is None and queries.read_pass(new) == (signup.id, 1)
    assert [key["kid"] for key in signing.public_keys()] == [signing.current_key().kid]

    path = current_settings().data_dir / signing.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert ["chmod 600" in one for one in signing.problems()] == [True]
    path.write_text("{", "utf-8")
    os.utime(path, (1, 1))
    assert ["backup" in one for one in signing.problems()[1:]] == [True]
    assert command(app, "list").startswith("1 Error:")


def test_a_reading_says_for_what_the_pass_is(app: Flask, scene: Scene) -> None:
    signup = sign_up(scene.seats)
    held = signup.position.session
    read = queries.read_code(queries.pass_address("https://kepu.example.cn", queries.pass_code(signup)))
    assert read.sessions == (signup.session_id,)
    assert read.valid_from and read.valid_until
    assert (held.starts_at - read.valid_from).days == (read.valid_until - held.ends_at).days == 1


def test_a_new_pass_voids_the_old_one(client: CheckedClient, scene: Scene) -> None:
    signup = sign_up(scene.seats)
    old, short = queries.pass_code(signup), signup.short_code
    for _ in range(2):  # pressed twice
        with transaction():
            service.reissue_pass(signup.id, by=None, seen=1)
    again = queries.get_with_session(signup.id)
    assert (again.pass_serial, again.status) == (2, "confirmed") and again.short_code != short
    finder = client.get(f"/p/{old}")  # whoever found the telephone must not find the new pass
    assert finder.status_code == 410 and "已作废" in finder.text
    assert again.short_code[:3] not in finder.text and "qr.svg" not in finder.text
    assert client.get(f"/p/{queries.pass_code(again)}").status_code == 200
    assert scene.scan(old).body["outcome"] == "revoked"
    assert scene.scan(short).body["outcome"] == "unknown"
    scanned = scene.scan(queries.pass_code(again)).body
    assert scanned["outcome"] == "accepted"
    with pytest.raises(StillInside), transaction():
        service.cancel_signup(signup.id, by=None)
    with transaction():
        attendance.annul_scan(scanned["id"], by=scene.scanner, device="door", is_staff=True, reason="错了")
        service.cancel_signup(signup.id, by=None)
    with pytest.raises(NoPass), transaction():
        service.reissue_pass(signup.id, by=None)


def test_who_may_replace_a_pass(
    app: Flask, clock: TestClock, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    position = a_position()
    made = join(position, a_guest("王小明"))
    organiser = staff(get_row(Signup, made).position.session.event.organisation, Permission.MANAGE_EVENTS)
    path = f"/signups/{made}/new-pass"
    stranger = sign_in(new_client(), make_account("别人", "other@example.cn"))
    assert stranger.get(path).status_code == 404
    assert new_client().get(path).status_code == 302

    desk = sign_in(new_client(), organiser)
    assert path in desk.get(f"/manage/signups/{made}").text
    page = desk.get(path)
    assert "会通知王小明" in page.text
    seen = {"seen": re.findall(r'name="seen"[^>]*value="(\d+)"', page.text)[0]}
    for _ in range(2):
        assert desk.post(path, data=seen).status_code == 302
    assert desk.post(path, data={"seen": "x"}).status_code == 422
    db.session.rollback()
    assert get_row(Signup, made).pass_serial == 2
    (noted,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "pass.reissue"))
    assert noted.actor_id == organiser.person_id
    (told,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.subject.contains("签到码换了")))
    assert get_row(Signup, made).short_code[:3] in told.body

    own = f"/signups/{queries.guest_token(made)}"
    guest = new_client()
    assert f"{own}/new-pass" in guest.get(own).text
    assert guest.post(f"{own}/new-pass", data={"seen": "2"}).location == own
    db.session.rollback()
    assert get_row(Signup, made).pass_serial == 3
