"""One's own messages, the office's list of what left, and the rules of the house."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.factories.organisations import grant, make_organisation
from tests.factories.people import make_account
from tests.support.messages import fact
from webapp.core import delivery, inbox, outbox
from webapp.core.audit import AuditEntry
from webapp.core.db import db, get_row, session, transaction
from webapp.core.letters import RefusedForGood
from webapp.core.options import Option, list_options
from webapp.core.outbox import OutboxMessage
from webapp.core.senders import Recorder
from webapp.organisations.domain import Permission
from webapp.people.models import Account
from webapp.signups.service.reminders import REMIND_HOURS


def queue(number: int, person_id: str | None, channel: str = "sms") -> str:
    with transaction():
        outbox.queue(
            outbox.Draft(
                channel, "+8613812345678", f"提醒：第{number}课", "明天<上午>九点。", person_id=person_id
            ),
            fact(f"{person_id}{number}"),
        )
    return session().scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc()).limit(1)).one()


@pytest.fixture
def office(app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    account = make_account()
    grant(account, make_organisation(), Permission.GOVERN)
    return sign_in(client, account)


def test_my_messages_from_unread_to_read(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    account: Account = make_account()
    person, other = account.person_id, make_account().person_id
    ids = [queue(number, person) for number in range(23)]
    foreign = queue(99, other)
    delivery.send_due()  # no SMS gateway: kept, and readable here all the same
    sign_in(client, account)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page = client.get("/me/messages").text
    assert len([one for one in statements if one.startswith("SELECT")]) <= 4
    assert page.count("未读") == 20
    assert "第22课" in page
    assert "第99课" not in page
    assert "第2课" in client.get(f"/me/messages?before={ids[3]}").text
    assert "明天&lt;上午&gt;九点。" in client.get(f"/me/messages/{ids[0]}").text
    assert inbox.count_unread(person) == 23  # looking writes nothing
    assert client.post(f"/me/messages/{ids[0]}/read").location == "/me/messages"
    assert inbox.count_unread(person) == 22
    assert client.get(f"/me/messages/{foreign}").status_code == 404
    assert client.post(f"/me/messages/{foreign}/read").status_code == 404
    client.post("/me/messages/read")
    assert (inbox.count_unread(person), inbox.count_unread(other)) == (0, 1)
    client.get("/me/messages")  # with the flash of it
    assert "全部标为已读" not in client.get("/me/messages").text


@pytest.mark.settings(sms_url="record:")
def test_the_office_sees_why_and_sends_once_more(
    app: Flask, office: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Recorder, _letter: object) -> None:
        raise RefusedForGood("HTTP 400")

    Recorder.letters.clear()
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "send", refuse)
        message = queue(1, None)
        delivery.send_due()
    page = office.get("/manage/messages?state=failed").text
    assert "HTTP 400" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "发送程序没有运行" in page
    assert inbox.count_failed() == 1
    assert office.post(f"/manage/messages/{message}/again").status_code == 302
    delivery.send_due()
    session().rollback()
    assert get_row(OutboxMessage, message).state == "sent"
    assert session().scalars(select(AuditEntry.action).where(AuditEntry.action == "message.again")).all()
    assert office.post(f"/manage/messages/{message}/again").status_code == 302  # a late second click
    assert delivery.send_due() == 0
    assert office.post("/manage/messages/000000000000000000/again").status_code == 404


def test_rules_of_the_house(app: Flask, office: FlaskClient) -> None:
    held = {one.key: one.show(one.get()) for one in list_options()}
    assert held["remind_hours"] == "24、2"
    wrong = office.post("/manage/settings", data=held | {"remind_hours": "一天"})
    assert wrong.status_code == 422
    assert "范围 1–336" in wrong.text
    assert "一天" in wrong.text
    assert office.post("/manage/settings", data=held | {"remind_hours": "48，24 2"}).status_code == 302
    session().rollback()
    assert REMIND_HOURS.get() == [48, 24, 2]
    assert session().scalars(select(Option.key)).all() == ["remind_hours"]  # only what was changed
    entry = session().scalars(select(AuditEntry).where(AuditEntry.action == "option.set")).one()
    assert (entry.details["before"], entry.details["after"]) == ([24, 2], [48, 24, 2])
    assert office.post("/manage/settings", data=held | {"remind_hours": ""}).status_code == 302
    session().rollback()
    assert REMIND_HOURS.get() == []
