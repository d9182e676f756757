"""Registering and one's own account, and what a wrong form is told."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.people import PASSWORD, make_account, make_token
from tests.support.client import CheckedClient
from webapp.core.db import db
from webapp.core.forms import secret_names
from webapp.organisations.queries import owner_of_token
from webapp.people.models import Account, ApiToken, Consent

GOOD = {"name": "李秀英", "login": "13800000001", "password": PASSWORD, "agree": "y"}


def test_register_and_be_signed_in(app: Flask, client: FlaskClient) -> None:
    answer = client.fill(
        "/register?next=/me/account", name="李秀英", login="13800000001", password=PASSWORD, agree="y"
    )
    assert (answer.status_code, answer.location) == (302, "/me/account")
    page = client.get("/me/account")
    assert "注册好了" in page.text
    assert "李秀英" in page.text
    assert "13800000001" in page.text
    assert db.session.scalar(select(func.count(Consent.id))) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", None, "请填写姓名"),
        ("name", "", "请填写姓名"),
        ("name", "   ", "请填写"),
        ("name", "王" * 5000, "最多 50 个字"),
        ("name", "王\x00明", "“U+0000”不能用在姓名里"),
        ("name", "<script>", "“&lt;”不能用在姓名里"),
        ("name", b"\xff\xfe\x80", "不能用在姓名里"),
        ("login", "", "请填写手机号或邮箱"),
        ("login", "12", "请填写 11 位手机号"),
        ("login", "a@b", "请填写 11 位手机号"),
        ("login", "a" * 5000 + "@example.cn", "最多 254 个字"),
        ("login", "li\x00@example.cn", "特殊字符"),
        ("login", b"\xc3\x28@example.cn", "请填写 11 位手机号"),
        ("password", "", "请设一个密码"),
        ("password", "1234567", "密码至少 8 个字"),
        ("password", "12345678", "常见密码"),
        ("password", "x" * 5000, "密码至少 8 个字"),
        ("agree", None, "请先看隐私说明"),
    ],
)
def test_a_wrong_field_gets_its_sentence_and_the_rest_stays(
    app: Flask, client: FlaskClient, field: str, value: str | bytes | None, sentence: str
) -> None:
    data = {name: kept for name, kept in (GOOD | {field: value}).items() if kept is not None}
    answer = client.post("/register", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text or field == "login"
    assert PASSWORD not in answer.text
    if field != "name":
        assert 'value="李秀英"' in answer.text
    assert db.session.scalar(select(func.count(Account.id))) == 0


def test_a_taken_number_and_a_form_sent_twice(app: Flask, client: FlaskClient) -> None:
    first = client.post("/register", data=GOOD)
    assert first.status_code == 302
    again = client.post("/register", data=GOOD)
    assert again.status_code == 409
    assert "已经注册过" in again.text
    assert db.session.scalar(select(func.count(Account.id))) == 1


@pytest.mark.parametrize(
    ("address", "said"), [("/register", "您填的内容都还在"), ("/sign-in", "请再输一次密码")]
)
def test_an_expired_form_is_offered_again_without_its_password(
    app: Flask, client: FlaskClient, address: str, said: str
) -> None:
    answer = client.post(
        address,
        data=GOOD | {"csrf_token": "old"},
        csrf=False,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="13800000001"' in answer.text
    assert PASSWORD not in answer.text
    forged = client.post(address, data=GOOD, csrf=False, headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 400
    assert 'value="13800000001"' not in forged.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"login=%ff%fe&password=%00", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"login=a&login=b&password[]=1", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_is_no_form_is_refused_in_order(
    app: Flask, client: FlaskClient, body: bytes, kind: str
) -> None:
    for address in ("/sign-in", "/register"):
        answer = client.post(address, data=body, content_type=kind)
        assert answer.status_code in {400, 422}


def test_a_key_is_shown_once_and_works_until_stopped(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    account = make_account("李秀英")
    sign_in(client, account)
    shown = client.fill("/me/account", "/me/account/tokens", name="社区电子屏")
    assert shown.status_code == 201
    found = re.search(r'id="new-token"[^>]*value="([^"]+)"', shown.text)
    assert found
    known = owner_of_token(found[1])
    assert known is not None
    assert known[0].id == account.person_id
    page = client.get("/me/account")
    assert "社区电子屏" in page.text
    assert found[1] not in page.text
    token_id = db.session.scalars(select(ApiToken.id)).one()
    assert client.post(f"/me/account/tokens/{token_id}/revoke").location == "/me/account"
    assert owner_of_token(found[1]) is None
    assert "已停用“社区电子屏”" in client.get("/me/account").text
    assert "正在使用的密钥" not in client.get("/me/account").text


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("", 422, "请写清给什么程序用"),
        ("字" * 61, 422, "最多 60 个字"),
        ("a\x07b", 422, "特殊字符"),
        ("测试程序", 409, "已有同名的密钥"),
    ],
)
def test_a_key_with_a_wrong_name(
    app: Flask,
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    name: str,
    status: int,
    sentence: str,
) -> None:
    account = make_account()
    make_token(account, "测试程序")
    sign_in(client, account)
    answer = client.post("/me/account/tokens", data={"name": name})
    assert answer.status_code == status
    assert sentence in answer.text
    assert db.session.scalar(select(func.count(ApiToken.id))) == 1


def test_nobody_stops_anothers_key(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    plain = make_token(make_account("李秀英"))
    token_id = db.session.scalars(select(ApiToken.id)).one()
    sign_in(client, make_account("王小明"))
    for wrong in (token_id, "0" * 18, "x"):
        assert client.post(f"/me/account/tokens/{wrong}/revoke").status_code == 404
    assert owner_of_token(plain) is not None


def test_a_page_of_ones_own_is_not_kept_by_the_browser(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    sign_in(client, make_account())
    assert client.get("/me/account").headers["Cache-Control"] == "no-store"


def test_no_expired_form_shows_what_was_typed_into_a_hidden_field(app: Flask, client: FlaskClient) -> None:
    secrets = secret_names()
    assert {"password", "old", "new"} <= secrets
    typed = {f"{prefix}{name}": PASSWORD for name in secrets for prefix in ("", "account-", "0-")}
    answer = client.post(
        "/me/account/password",
        data=typed | {"note": "别的内容"},
        csrf=False,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code in {400, 401}
    assert "别的内容" in answer.text
    assert PASSWORD not in answer.text


def test_a_copied_cookie_opens_nothing_after_signing_out(
    app: Flask, new_client: Callable[[], CheckedClient]
) -> None:
    make_account(email="li@example.cn")
    here, there, copy = new_client(), new_client(), new_client()
    for client in (here, there):
        client.fill("/sign-in", login="li@example.cn", password=PASSWORD)
    cookie = here.get_cookie("kepu_session")
    assert cookie is not None
    copy.set_cookie("kepu_session", cookie.value)
    assert copy.get("/me").status_code == 200
    here.post("/sign-out")
    assert copy.get("/me").status_code == 302
    assert there.get("/me").status_code == 200
