"""Signing in and out through the pages: sessions, cookies, pauses, where one goes next."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.factories.organisations import make_organisation, make_staff
from tests.factories.people import PASSWORD, make_account
from tests.support.time import TestClock
from webapp.core.db import db, transaction
from webapp.organisations.domain import Permission
from webapp.people import service
from webapp.people.domain import TooManyAttempts
from webapp.people.models import Account, SignInFailure

EMAIL = "li@example.cn"


def enter(client: FlaskClient, password: str = PASSWORD, *, login: str = EMAIL, **more: Any) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password}, **more)


def cookie_of(answer: TestResponse, name: str = "kepu_session") -> str:
    return next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(name + "="))


def test_sign_in_by_either_and_out_again(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL, phone="+8613800000001")
    assert client.get("/me/account").status_code == 302
    for login in (EMAIL, "LI@EXAMPLE.CN", "138 0000 0001"):
        answer = client.fill("/sign-in", login=login, password=PASSWORD)
        assert (answer.status_code, answer.location) == (302, "/me")
        assert client.get("/me/account").status_code == 200
        assert client.post("/sign-out").location == "/"
        assert client.get("/me/account").status_code == 302


def test_the_old_address_of_the_form_works_too(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    answer = client.fill("/login?next=/me/account", login=EMAIL, password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/me/account")
    other = app.test_client()
    assert other.post("/login", data={"login": EMAIL, "password": PASSWORD}).status_code == 302


def test_staff_go_to_their_work(app: Flask, client: FlaskClient) -> None:
    account = make_staff(make_organisation(), Permission.SCAN)
    assert enter(client, login=str(account.email)).location == "/manage/"


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/me/account", "/me/account"),
        ("/events/?q=%E8%AE%B2%E5%BA%A7", "/events/?q=%E8%AE%B2%E5%BA%A7"),
        ("https://evil.example/", "/me"),
        ("//evil.example", "/me"),
        ("/\\evil.example", "/me"),
        ("javascript:alert(1)", "/me"),
        ("/\tevil", "/me"),
        ("", "/me"),
    ],
)
def test_next_stays_on_this_site(app: Flask, client: FlaskClient, wanted: str, goes_to: str) -> None:
    make_account(email=EMAIL)
    answer = client.post(
        "/sign-in", query_string={"next": wanted}, data={"login": EMAIL, "password": PASSWORD}
    )
    assert answer.location == goes_to


def test_who_is_not_signed_in_is_asked_and_brought_back(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    asked = client.get("/me/account")
    assert asked.location == "/sign-in?next=/me/account"
    assert client.fill(asked.location, login=EMAIL, password=PASSWORD).location == "/me/account"


def test_two_pages_opened_at_once_ask_for_the_password_once(app: Flask, client: FlaskClient) -> None:
    """A browser that brings back yesterday's pages shows the form in each: after the first, the others go on."""
    make_account(email=EMAIL)
    forms = {target: client.get(f"/sign-in?next={target}").text for target in ("/me/account", "/me/data")}
    tokens = {
        target: re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
        for target, page in forms.items()
    }
    given = {"login": EMAIL, "password": PASSWORD}
    for target, token in tokens.items():
        answer = client.post(f"/sign-in?next={target}", data={**given, "csrf_token": token}, csrf=False)
        assert (answer.status_code, answer.location) == (302, target)
    assert client.get("/sign-in?next=/me/data").location == "/me/data"  # and one that loads now never asks
    assert client.get("/sign-in").status_code == 200  # whoever comes without aim may sign in as somebody else


def test_a_form_that_is_too_old_is_shown_again_with_the_name(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    given = {"login": EMAIL, "password": PASSWORD, "csrf_token": "old"}
    own = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/sign-in?next=/me/data", data=given, headers=own, csrf=False)
    assert answer.status_code == 400
    assert "请再输一次密码" in answer.text and f'value="{EMAIL}"' in answer.text
    assert PASSWORD not in answer.text
    assert client.get("/me/data").status_code == 302


def test_a_session_put_there_before_signing_in_is_not_kept(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    with client.session_transaction() as session:
        session["planted"] = "by someone else"
    client.fill("/sign-in", login=EMAIL, password=PASSWORD)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["_user_id"]


def test_the_cookie_is_for_this_site_alone(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    stays = cookie_of(enter(client))
    assert "HttpOnly" in stays
    assert "SameSite=Lax" in stays
    assert "Secure" not in stays  # no https here
    assert "Expires" not in stays  # the tick box was not sent
    kept = cookie_of(client.fill("/sign-in", login=EMAIL, password=PASSWORD))
    assert "Expires" in kept


@pytest.mark.settings(base_url="https://kepu.example.cn")
def test_behind_https_the_cookie_is_secure(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    answer = client.post(
        "/sign-in",
        data={"login": EMAIL, "password": PASSWORD},
        base_url="https://kepu.example.cn",
        csrf=False,
    )
    assert answer.status_code == 400  # the form's own token is asked for first
    client.get("/sign-in", base_url="https://kepu.example.cn")
    assert "Secure" in cookie_of(app.test_client().get("/sign-in", base_url="https://kepu.example.cn"))


def test_wrong_gets_a_sentence_and_keeps_the_name(app: Flask, client: FlaskClient) -> None:
    make_account(email=EMAIL)
    for login, password in ((EMAIL, "wrong wrong"), ("nobody@example.cn", PASSWORD)):
        answer = enter(client, password, login=login)
        assert answer.status_code == 422
        assert "账号或密码不对" in answer.text
        assert f'value="{login}"' in answer.text
        assert password not in answer.text


def test_after_five_wrong_ones_the_name_is_paused_and_then_opens(
    app: Flask, client: FlaskClient, clock: TestClock
) -> None:
    make_account(email=EMAIL)
    for _ in range(5):
        assert enter(client, "wrong wrong").status_code == 422
    refused = enter(client)  # even the right one, or guessing would go on
    assert refused.status_code == 429
    assert 50 < int(refused.headers["Retry-After"]) <= 60
    assert "请 1 分钟后再试" in refused.text
    assert (
        enter(client, "wrong wrong", login="Li@Example.cn").status_code == 429
    )  # the same name otherwise spelt
    clock.advance(seconds=61)
    assert enter(client, "wrong wrong").status_code == 422
    refused = enter(client)
    assert refused.status_code == 429
    assert 110 < int(refused.headers["Retry-After"]) <= 120
    clock.advance(seconds=121)
    assert enter(client).status_code == 302
    client.post("/sign-out")
    for _ in range(4):  # the right password made the count begin anew
        assert enter(client, "wrong wrong").status_code == 422
    assert enter(client).status_code == 302


def test_the_pause_is_told_to_every_device_and_to_unknown_names_alike(
    app: Flask, client: FlaskClient, clock: TestClock
) -> None:
    for _ in range(5):
        assert enter(client, login="nobody@example.cn").status_code == 422
    assert enter(app.test_client(), login="nobody@example.cn").status_code == 429
    make_account(email=EMAIL)
    assert enter(client).status_code == 302  # others at this address go on


def test_failures_are_forgotten_in_time_and_swept(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    make_account(email=EMAIL)
    for _ in range(4):
        enter(client, "wrong wrong")
    clock.advance(minutes=31)
    assert enter(client, "wrong wrong").status_code == 422
    assert enter(client).status_code == 302
    clock.advance(minutes=31)
    with transaction():
        assert service.forget_failures() == 1  # the address; the name went when the password was right
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_an_address_that_tries_many_names_is_paused(
    app: Flask, client: FlaskClient, clock: TestClock
) -> None:
    make_account(email=EMAIL)
    where = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    for number in range(100):
        with transaction():
            service.count_attempt(f"guess{number}@example.cn", address="192.0.2.7")
    assert enter(client, **where).status_code == 429
    assert enter(client, environ_base={"REMOTE_ADDR": "192.0.2.8"}).status_code == 302
    clock.advance(seconds=61)
    assert enter(client, **where).status_code == 302


def test_a_hall_behind_one_address_signs_in(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    account = make_account(email=EMAIL)
    for _ in range(150):  # right passwords do not add up
        with transaction():
            service.count_attempt(EMAIL, address="192.0.2.7")
        with transaction():
            service.settle_sign_in(account.id, EMAIL, address="192.0.2.7")
    assert enter(client, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 302


def test_one_ipv6_subscriber_is_one_address(app: Flask, clock: TestClock) -> None:
    for number in range(100):
        with transaction():
            service.count_attempt(f"guess{number}@example.cn", address=f"2001:db8::{number:x}")
    with pytest.raises(TooManyAttempts), transaction():
        service.count_attempt("one more@example.cn", address="2001:db8::ffff:1")
    with transaction():
        service.count_attempt("one more@example.cn", address="2001:db8:0:1::1")


def test_a_hash_of_another_cost_is_renewed(app: Flask, client: FlaskClient) -> None:
    from argon2 import PasswordHasher

    account_id = make_account(email=EMAIL).id
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with transaction() as session:
        session.execute(update(Account).values(password_hash=old))
    assert enter(client).status_code == 302
    new = db.session.get_one(Account, account_id).password_hash
    assert new != old
    assert "m=8,t=1,p=1" in new


def test_a_new_password_signs_other_devices_out(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    account = make_account(email=EMAIL)
    other = sign_in(app.test_client(), account)
    sign_in(client, account)
    assert other.get("/me/account").status_code == 200
    done = client.fill("/me/account/password", old=PASSWORD, new="another quiet river")
    assert done.location == "/me/account"
    assert client.get("/me/account").status_code == 200
    assert other.get("/me/account").status_code == 302
    assert enter(other, "another quiet river").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "status", "sentence"),
    [
        ("wrong wrong", "another quiet river", 422, "账号或密码不对"),
        (PASSWORD, "short", 422, "密码至少 8 个字"),
        (PASSWORD, "x" * 10_000, 422, "密码至少 8 个字"),
        ("", "", 422, "请填写现在的密码"),
    ],
)
def test_a_password_is_not_changed(
    app: Flask,
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    old: str,
    new: str,
    status: int,
    sentence: str,
) -> None:
    sign_in(client, make_account(email=EMAIL))
    answer = client.post("/me/account/password", data={"old": old, "new": new})
    assert answer.status_code == status
    assert sentence in answer.text
    assert service.authenticate(EMAIL, PASSWORD)


def test_whoever_holds_an_open_phone_may_not_guess_on(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient], clock: TestClock
) -> None:
    sign_in(client, make_account(email=EMAIL))
    for _ in range(5):
        client.post("/me/account/password", data={"old": "wrong wrong", "new": "another quiet river"})
    answer = client.post("/me/account/password", data={"old": PASSWORD, "new": "another quiet river"})
    assert answer.status_code == 429


@pytest.mark.settings(limit_sign_in="2 per minute")
def test_the_limit_of_an_address_is_a_setting(app: Flask, client: FlaskClient) -> None:
    for _ in range(2):
        assert enter(client, "wrong wrong").status_code == 422
    answer = enter(client, "wrong wrong")
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


def test_guesses_made_at_the_same_moment_count_too(app: Flask) -> None:
    """Ten at once: five are let through to the password, as if they had come one after another."""
    answers: list[str] = []
    start = threading.Barrier(10)

    def guess() -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    service.count_attempt(EMAIL, address="192.0.2.7")
                answers.append("counted")
            except TooManyAttempts:
                answers.append("paused")

    threads = [threading.Thread(target=guess) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["counted"] * 5 + ["paused"] * 5
