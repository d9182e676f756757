"""`flask account …` and `flask token …`."""

import re

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from tests.factories.organisations import make_organisation
from tests.factories.people import PASSWORD, make_account
from webapp.core.db import db
from webapp.organisations import queries
from webapp.organisations.queries import owner_of_token
from webapp.people import queries as people
from webapp.people import service
from webapp.people.domain import WrongPassword
from webapp.people.models import Account, ApiToken

OFFICE = ["--organisation", "市科协", "--permission", "govern"]


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


def test_an_account_with_a_generated_password(app: Flask) -> None:
    make_organisation("市科协")
    done = run(app, "account", "create", "--name", "韩主任", "--email", "han@example.cn", *OFFICE)
    assert done.exit_code == 0, done.output
    found = re.search(r"Password: (\S+)", done.output)
    assert found
    account = service.authenticate("han@example.cn", found[1])
    assert "govern" in queries.permissions_of(account.person_id)


def test_a_second_time_changes_nothing_but_adds_what_is_missing(app: Flask) -> None:
    make_organisation("市科协")
    words = ["account", "create", "--name", "韩主任", "--email", "han@example.cn", "--password", PASSWORD]
    assert run(app, *words).exit_code == 0
    again = run(app, *words[:-1], "another quiet river", *OFFICE)
    assert again.exit_code == 0
    assert "was there already" in again.output
    assert "Password" not in again.output
    account = service.authenticate("han@example.cn", PASSWORD)
    assert "govern" in queries.permissions_of(account.person_id)
    assert db.session.scalar(select(func.count(Account.id))) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--email", "nonsense"], "is not an e-mail address"),
        (["--phone", "han@example.cn"], "is not a telephone number"),
        (["--email", "han@example.cn", "--password", "short"], "密码至少 8 个字"),
        (["--email", "han@example.cn", "--organisation", "市科协"], "belong together"),
        (["--email", "han@example.cn", "--permission", "scan"], "belong together"),
        (["--email", "han@example.cn", "--permission", "fly", "--organisation", "市科协"], "is not one of"),
        (["--email", "han@example.cn", *OFFICE[:1], "市气象局", *OFFICE[2:]], "There are: 市科协"),
        (["--email", "one@example.cn", "--phone", "13800000002"], "two different accounts"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(app: Flask, words: list[str], sentence: str) -> None:
    make_organisation("市科协")
    make_account(email="one@example.cn")
    make_account(phone="+8613800000002")
    done = run(app, "account", "create", "--name", "韩主任", *words)
    assert done.exit_code != 0
    assert sentence in done.output
    assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit)
    assert db.session.scalar(select(func.count(Account.id))) == 2


def test_a_forgotten_password(app: Flask) -> None:
    account = make_account(email="li@example.cn")
    cookie = account.get_id()
    done = run(app, "account", "set-password", "li@example.cn")
    found = re.search(r"Password: (\S+)", done.output)
    assert found
    assert service.authenticate("li@example.cn", found[1])
    assert people.account_of_cookie(cookie) is None
    with pytest.raises(WrongPassword):
        service.authenticate("li@example.cn", PASSWORD)
    assert "There is no account" in run(app, "account", "set-password", "nobody@example.cn").output
    assert run(app, "account", "set-password", "li@example.cn", "--password", "short").exit_code == 1


def test_a_token_is_printed_and_nothing_else(app: Flask) -> None:
    account = make_account(email="li@example.cn", phone="+8613800000001")
    for login in ("li@example.cn", "LI@example.cn", "13800000001"):
        done = run(app, "token", "create", login)
        assert done.exit_code == 0
        assert re.fullmatch(r"\S{20,}\n", done.stdout)
        found = owner_of_token(done.stdout.strip())
        assert found is not None
        assert found[0].id == account.person_id
    named = run(app, "token", "create", "li@example.cn", "--name", "社区电子屏")
    assert named.exit_code == 0
    assert "社区电子屏" in db.session.scalars(select(ApiToken.name)).all()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody@example.cn"], "There is no account for nobody@example.cn"),
        (["nonsense"], "neither an e-mail address nor a telephone number"),
        (["li@example.cn", "--name", "字" * 61], "1 to 60"),
    ],
)
def test_a_token_for_nobody(app: Flask, words: list[str], sentence: str) -> None:
    make_account(email="li@example.cn")
    done = run(app, "token", "create", *words)
    assert done.exit_code == 1
    assert sentence in done.output
    assert db.session.scalar(select(func.count(ApiToken.id))) == 0
