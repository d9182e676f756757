"""`flask doctor` says what would hurt in real use."""

from dataclasses import replace

from flask import Flask

from tests.factories.attendance import make_account
from webapp.core import jobs
from webapp.pages.cli import DANGER, prepare


def doctor(app: Flask, **changes: object) -> tuple[int, str]:
    app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], **changes)  # type: ignore[arg-type]
    answer = app.test_cli_runner().invoke(args=["doctor"])
    return answer.exit_code, answer.output


def test_a_sound_installation_has_nothing_to_mend(app: Flask) -> None:
    jobs.beat()
    good = {"base_url": "https://kepu.example.cn", "mail_url": "smtp://mail.example.cn"}
    assert doctor(app, **good) == (0, "Nothing found.\n")


def test_what_is_missing_is_named(app: Flask) -> None:
    code, text = doctor(app, base_url="", mail_url="")
    assert code == 0
    assert "BASE_URL" in text
    assert "MAIL_URL" in text
    assert "jobs worker" in text


def test_demonstration_accounts_within_reach_of_others_are_shouted_about(app: Flask) -> None:
    make_account("示例科协", "office@demo.test")
    assert prepare()[0].startswith("Demonstration accounts")
    code, text = doctor(app, host="0.0.0.0")
    assert code == 1
    assert DANGER in text
    assert prepare() == [DANGER]
