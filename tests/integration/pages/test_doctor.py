"""`flask doctor` says what would hurt in real use."""

from dataclasses import replace
from typing import Any

from flask import Flask

from tests.factories.attendance import make_account
from tests.factories.organisations import grant, make_organisation
from tests.support.client import CheckedClient
from webapp.core import jobs
from webapp.organisations.domain import Permission
from webapp.pages.cli import DANGER, prepare


def doctor(app: Flask, **changes: object) -> tuple[int, str]:
    app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], **changes)  # type: ignore[arg-type]
    answer = app.test_cli_runner().invoke(args=["doctor"])
    return answer.exit_code, answer.output


def test_a_sound_installation_has_nothing_to_mend(app: Flask) -> None:
    jobs.beat()
    good = {
        "base_url": "https://kepu.example.cn",
        "mail_url": "smtp://mail.example.cn",
        "mail_from": "kepu@example.cn",
    }
    assert doctor(app, **good) == (0, "Nothing found.\n")


def test_what_is_missing_is_named(app: Flask) -> None:
    code, text = doctor(app, base_url="", mail_url="")
    assert code == 0
    assert "BASE_URL" in text
    assert "MAIL_URL" in text
    assert "jobs worker" in text


def test_mail_without_a_sender_is_said_to_the_operator_and_to_the_office(
    app: Flask, client: CheckedClient, sign_in: Any
) -> None:
    code, text = doctor(app, base_url="https://kepu.example.cn", mail_url="smtp://mail.example.cn")
    assert code == 1
    assert "MAIL_FROM" in text
    office = make_account("示例科协", "office@example.cn")
    grant(office, make_organisation(), Permission.GOVERN)
    assert "MAIL_FROM" in sign_in(client, office).get("/manage/").text


def test_demonstration_accounts_within_reach_of_others_are_shouted_about(app: Flask) -> None:
    make_account("示例科协", "office@demo.test")
    assert prepare()[0].startswith("Demonstration accounts")
    code, text = doctor(app, host="0.0.0.0")
    assert code == 1
    assert DANGER in text
    assert prepare() == [DANGER]
