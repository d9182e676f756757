"""One's own messages, the office's list of what left, and the rules of the house."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
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
    assert inbox.messages_failed()[0] == 1
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


def _file(answer: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return list(book.active.iter_rows(values_only=True))


def test_the_office_takes_away_what_it_found(app: Flask, office: FlaskClient) -> None:
    for number in range(60):
        queue(number, None, "mail" if number % 2 else "sms")
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page = office.get("/manage/messages?q=提醒").text
    assert len([one for one in statements if "FROM outbox_message" in one]) <= 6
    assert page.count("data-row") == 25 and "找到 60 条，共 60 条" in page
    heads, *rows = _file(office.get("/manage/messages?channel=mail&q=第5&format=xlsx"))
    assert heads == ("消息", "状态", "方式", "发给", "写好的时间", "没有发出的原因")
    assert [row[0] for row in rows] == [f"提醒：第{number}课" for number in (59, 57, 55, 53, 51, 5)]
    assert {row[3] for row in rows} == {"138****5678"}
    text = office.get("/manage/messages?channel=mail&format=csv&cols=left").data.decode("utf-8-sig")
    assert (text.splitlines()[0], len(text.splitlines())) == ("消息,发出的时间,没有发出的原因", 31)
    session().rollback()
    noted = session().scalars(select(AuditEntry).where(AuditEntry.action == "messages.reveal")).all()
    assert [one.details["rows"] for one in noted] == [6]  # the other file says of nobody
    assert office.get("/manage/messages?since=2999-01-01").text.count("data-row") == 0


@pytest.mark.settings(sms_url="record:")
def test_several_are_sent_once_more_and_those_left_are_named(app: Flask, office: FlaskClient) -> None:
    failed, sent, meanwhile, waiting = (queue(number, None) for number in range(4))
    with transaction():
        for one, state in ((failed, "failed"), (sent, "sent"), (meanwhile, "failed")):
            get_row(OutboxMessage, one).state = state
    page = office.get("/manage/messages")
    marks = re.findall(r'name="as_seen" value="([^"]+)"', page.text)
    with transaction():
        get_row(OutboxMessage, meanwhile).state = "kept"
    chosen = {"row": [failed, sent, meanwhile], "act": "again", "as_seen": marks}
    answer = office.post("/manage/messages/chosen?q=提醒", data=chosen)
    assert answer.status_code == 303 and answer.location.endswith("/manage/messages?q=%E6%8F%90%E9%86%92")
    told = office.get("/manage/messages").text
    assert "已放回待发 1 条" in told and "没有处理 2 条" in told and "现在是“已发出”" in told
    session().rollback()
    states = [get_row(OutboxMessage, one).state for one in (failed, sent, meanwhile, waiting)]
    assert states == ["waiting", "sent", "kept", "waiting"]
    nothing = office.post("/manage/messages/chosen", data={"act": "again"})
    assert nothing.status_code == 422 and "还没有选" in nothing.text
    others = office.post("/manage/messages/chosen?state=kept", data={"act": "again", "everything": "2"})
    assert others.status_code == 409 and "原来找到 2 条，现在是 1 条" in others.text
    everything = office.post("/manage/messages/chosen?state=kept", data={"act": "again", "everything": "1"})
    assert everything.status_code == 303
    session().rollback()
    assert get_row(OutboxMessage, meanwhile).state == "waiting"
