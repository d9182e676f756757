"""The mail of a day's 待办: chosen, confirmed, sent once a day by whichever worker, ended by one press."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy import event as listen

from tests.factories.events import an_event, an_organisation, session_draft, staff
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.postbox import Postbox, postbox
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core import delivery, inbox, todo
from webapp.core.audit import AuditEntry
from webapp.core.db import db, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.organisations.queries import permissions_of
from webapp.pages import jobs
from webapp.pages.models import TodoMail
from webapp.pages.queries import todo_mail as queries
from webapp.pages.service import own_data, todo_mail
from webapp.people import service as people
from webapp.people.models import Account, Person

SignIn = Callable[..., FlaskClient]
SITE = "https://kepu.example.cn"


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return times.from_local(datetime(2026, 11, day, hour, minute))  # noqa: DTZ001


@pytest.fixture
def box(app: Flask, clock: TestClock) -> Iterator[Postbox]:
    """A real mail server, an installation that knows its own address, and a Monday morning before eight."""
    clock.set(_at(30, 7, 30))
    with postbox() as made:
        settings = app.extensions["kepu_settings"]
        app.extensions["kepu_settings"] = replace(settings, base_url=SITE, mail_url=made.url)
        yield made


def _somebody(
    unit: Organisation | None = None, *, drafts: int = 1, confirmed: bool = True, language: str = "zh"
) -> Account:
    """An organiser who wants it, with so many drafts that wait."""
    unit = unit or an_organisation()
    account = staff(unit, Permission.MANAGE_EVENTS)
    for number in range(drafts):
        an_event(unit, title=f"讲座{number + 1:02d}", published=False)
    with transaction():
        mark = queries.mark(account.email or "") if confirmed else None
        session().add(
            TodoMail(
                person_id=account.person_id,
                wanted=True,
                language=language,
                asked_at=times.now(),
                confirmed_for=mark,
            )
        )
    return account


def _send() -> None:
    jobs.send_todo_mails()
    delivery.send_due()
    db.session.rollback()


def _path(url: str) -> str:
    return urlsplit(url).path


# --- choosing


def _part(browser: FlaskClient) -> str:
    return str(browser.get("/me/account").text.split('id="todo-mail"')[1].split("</section>")[0])


def test_it_is_chosen_and_the_mailbox_says_yes(
    app: Flask, box: Postbox, client: CheckedClient, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    account = staff(an_organisation(), Permission.MANAGE_EVENTS)
    mine = sign_in(client, account)
    assert "/me/account#todo-mail" in mine.get("/manage/todo").text
    assert "每天发给我" in _part(mine)
    for said in ("确认信发出去了", "已经发过确认信"):
        mine.post("/me/account/todo-mail", data={"language": "zh"})
        assert said in mine.get("/me/account").text
    assert "还差一步" in _part(mine)
    assert "/me/account#todo-mail" not in mine.get("/manage/todo").text
    _send()
    (asked,) = box.mails  # the second press asked nobody again
    assert asked["List-Unsubscribe"] is None
    path = _path(re.findall(r"https://\S+", asked.get_content())[0])
    assert path not in mine.get("/me/messages").text and inbox.count_unread(account.person_id) == 0
    anyone = new_client()
    assert "是我选的" in anyone.get(path).text
    assert "还差一步" in _part(mine)  # reading the link confirms nothing
    for _again in range(2):
        assert "确认好了" in anyone.post(path).text
    assert f"发到 {account.email}" in _part(mine)
    acts = session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in acts if one.startswith("todo_mail")] == ["todo_mail.choose", "todo_mail.confirm"]


def test_what_cannot_be_sent_is_not_offered_and_says_why(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    account = staff(an_organisation(), Permission.MANAGE_EVENTS)
    mine = sign_in(client, account)

    def says(**settings: str) -> str:
        app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], **settings)
        return _part(mine)

    assert "还没有接通邮件" in says() and "每天发给我" not in says()
    assert "#todo-mail" not in mine.get("/manage/todo").text
    mine.post("/me/account/todo-mail", data={"language": "zh"})
    assert session().scalar(select(TodoMail.person_id)) is None
    assert "自己的网址" in says(mail_url="record:")
    assert "每天发给我" in says(base_url=SITE)
    with transaction():
        session().execute(update(Account).values(email=None, phone="+8613800000009"))
    assert "填写登录邮箱" in says()


def test_who_has_no_work_here_sees_nothing_of_it(
    client: CheckedClient, sign_in: SignIn, box: Postbox
) -> None:
    account = staff(an_organisation())
    mine = sign_in(client, account)
    assert "todo-mail" not in mine.get("/me/account").text
    assert mine.post("/me/account/todo-mail", data={"language": "zh"}).status_code == 403


def test_a_link_of_another_address_confirms_nothing(
    app: Flask, box: Postbox, client: CheckedClient, clock: TestClock
) -> None:
    account = _somebody(confirmed=False)
    with transaction():
        todo_mail.choose(account.person_id, "zh")
    _send()
    path = _path(re.findall(r"https://\S+", box.mails[0].get_content())[0])
    with transaction():
        session().execute(update(Account).values(email="other@example.cn"))
    assert client.get(path).status_code == 410
    assert client.post(path).status_code == 410
    clock.advance(days=15)
    with transaction():
        session().execute(update(Account).values(email=account.email))
    assert client.get(path).status_code == 410
    assert session().scalar(select(TodoMail.confirmed_for)) is None


# --- sending


def test_what_the_mail_says(app: Flask, box: Postbox, clock: TestClock) -> None:
    unit = an_organisation()
    account = _somebody(unit, drafts=23)
    an_event(unit, title="今天的讲座", sessions=[session_draft(_at(30, 14))])
    clock.set(_at(30, 8))
    number = len(todo.collect(todo.Viewer(account.person_id, permissions_of(account.person_id))))
    _send()
    (mail,) = box.mails
    assert (mail["To"], mail["Subject"]) == (account.email, f"11月30日（周一）待办 {number} 件")
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    parts = text.replace("\r\n", "\n").strip().split("\n\n")
    assert parts[0] == "今天的活动"
    assert parts[1].startswith("· 11月30日（周一）下午2:00–4:00 · 今天的讲座 · ")
    assert re.search(rf"\n  {SITE}/manage/sessions/\w{{18}}$", parts[1])
    rows = [one for one in parts if re.match(r"\d+\. ", one)]
    assert len(rows) == 20
    assert re.search(rf"\n   12月7日（周一）上午7:30 · 打开：{SITE}/manage/events/\w{{18}}$", rows[-1]), rows[
        -1
    ]
    assert f"另有 {number - 20} 件：{SITE}/manage/todo" in parts
    assert parts[-1].endswith(str(mail["List-Unsubscribe"]).strip("<>"))
    assert not re.search(r"1[3-9]\d{9}", text) and "李组织" not in text


def test_a_program_finds_where_one_press_ends_it(app: Flask, box: Postbox, clock: TestClock) -> None:
    _somebody()
    clock.set(_at(30, 8))
    _send()
    (mail,) = box.mails
    (raw,) = box.raw
    assert re.search(rf"^List-Unsubscribe: <{SITE}/todo-mail/end/[^>\s]+>\r?$", raw, re.MULTILINE), raw
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    settings = app.extensions["kepu_settings"]
    app.extensions["kepu_settings"] = replace(settings, base_url="http://kepu.example.cn")
    clock.set(_at(30, 8) + timedelta(days=1))
    _send()
    assert str(box.mails[1]["List-Unsubscribe"]).startswith("<http://kepu.example.cn/")
    assert box.mails[1]["List-Unsubscribe-Post"] is None  # RFC 8058 allows it for https alone


def test_once_a_day_and_only_on_days_that_are_worked(app: Flask, box: Postbox, clock: TestClock) -> None:
    _somebody()
    sent = []
    for moment in (
        *(_at(28, 8), _at(29, 9)),  # a weekend
        *(_at(30, 7, 59), _at(30, 10), _at(30, 10, 5), _at(30, 17)),  # the server came back at ten
    ):
        clock.set(moment)
        _send()
        sent.append(len(box.mails))
    assert sent == [0, 0, 0, 1, 1, 1]
    clock.set(_at(30, 18) + timedelta(days=1))  # of that day nobody sends any more
    _send()
    clock.set(_at(30, 8) + timedelta(days=2))
    _send()
    assert len(box.mails) == 2
    assert "Dec" not in str(box.mails[1]["Subject"])


def test_in_english_for_who_chose_it(app: Flask, box: Postbox, clock: TestClock) -> None:
    _somebody(language="en")
    clock.set(_at(30, 8))
    _send()
    text = box.mails[0].get_content()
    assert "The draft “讲座01” is not published" in text and "Mon 7 Dec" in text


def test_nothing_waits_no_mail_and_the_day_is_over(app: Flask, box: Postbox, clock: TestClock) -> None:
    unit = an_organisation()
    _somebody(unit, drafts=0)
    clock.set(_at(30, 8))
    _send()
    an_event(unit, title="到九点才有", published=False)
    clock.set(_at(30, 9))
    _send()
    assert box.mails == [] and session().scalar(select(OutboxMessage.id)) is None


@pytest.mark.parametrize("queued", [False, True], ids=["before it is written", "before it leaves"])
@pytest.mark.parametrize("what", ["right", "disabled", "closed", "address", "stopped"])
def test_who_is_gone_gets_nothing(
    app: Flask, box: Postbox, clock: TestClock, what: str, queued: bool
) -> None:
    account = _somebody()
    person_id, account_id = account.person_id, account.id
    clock.set(_at(30, 8))
    if queued:
        jobs.send_todo_mails()
    with transaction() as current:
        if what == "right":
            current.execute(delete(Membership))
        elif what == "disabled":
            current.execute(update(Account).values(disabled_at=times.now()))
        elif what == "address":
            current.execute(update(Account).values(email="other@example.cn"))
        elif what == "stopped":
            todo_mail.end(person_id, way="account")
        else:
            people.close_account(account_id)
    _send()
    assert box.mails == []
    if what == "closed":
        assert session().scalar(select(TodoMail.person_id)) is None
        assert session().scalar(select(OutboxMessage.id)) is None


def test_what_leaves_late_says_what_waits_then(app: Flask, box: Postbox, clock: TestClock) -> None:
    unit = an_organisation()
    _somebody(unit)
    clock.set(_at(30, 8))
    jobs.send_todo_mails()
    an_event(unit, title="八点以后的", published=False)
    clock.set(_at(30, 17))
    delivery.send_due()
    assert "八点以后的" in box.mails[0].get_content()
    clock.set(_at(30, 8) + timedelta(days=1))
    jobs.send_todo_mails()
    clock.advance(hours=10)
    delivery.send_due()
    last = session().scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)).one()
    assert (len(box.mails), last.state, last.reason) == (1, "lapsed", "past")


def test_a_mailbox_that_is_none_has_to_answer_again(app: Flask, box: Postbox, clock: TestClock) -> None:
    account = _somebody()
    box.refusals[account.email or ""] = "550 no such user"
    for day in (30, 31):
        clock.set(_at(30, 8) + timedelta(days=day - 30))
        _send()
    states = session().scalars(select(OutboxMessage.state)).all()
    assert list(states) == ["failed"]
    assert session().scalar(select(TodoMail.confirmed_for)) is None


def test_two_workers_send_one(app: Flask, box: Postbox, clock: TestClock) -> None:
    for _ in range(3):
        _somebody()
    clock.set(_at(30, 8))
    at_once(app, *[jobs.send_todo_mails] * 4)
    db.session.rollback()
    keys = session().scalars(select(OutboxMessage.dedupe_key)).all()
    assert len(keys) == len(set(keys)) == 3


def test_who_is_slower_takes_nothing(app: Flask, box: Postbox, clock: TestClock) -> None:
    """Both have written it, and then both take the day."""
    account = _somebody()
    clock.set(_at(30, 8))
    today = times.today()
    both = [todo_mail.prepare(account.person_id, today) for _ in range(2)]
    taken = []
    for ready in both:
        assert ready is not None
        with transaction():
            taken.append(todo_mail.send(ready, today))
    assert taken == [True, False]
    assert len(session().scalars(select(OutboxMessage.id)).all()) == 1


def test_a_process_that_dies_half_way_leaves_the_day_free(
    app: Flask, box: Postbox, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _somebody()
    _somebody()
    clock.set(_at(30, 8))

    def die(*_: object, **__: object) -> bool:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(todo_mail.outbox, "queue", die)
        jobs.send_todo_mails()
    db.session.rollback()
    assert set(session().scalars(select(TodoMail.last_on))) == {None}
    _send()
    assert len(box.mails) == 2


# --- ending


def test_one_press_ends_it_without_signing_in(
    app: Flask, box: Postbox, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    account = _somebody()
    clock.set(_at(30, 8))
    _send()
    path = _path(str(box.mails[0]["List-Unsubscribe"]).strip("<>"))
    assert "不用登录" in client.get(path).text
    assert session().scalar(select(TodoMail.wanted)) is True  # a scanner of links may open it
    for _twice in range(2):  # as a mail program sends it: no cookie, no token of a form, no redirect followed
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, csrf=False)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert "不再发了" in answer.text
    clock.set(_at(30, 8) + timedelta(days=1))
    _send()
    assert len(box.mails) == 1
    acts = session().scalars(select(AuditEntry).where(AuditEntry.action == "todo_mail.end")).all()
    assert [(one.actor_id, one.details) for one in acts] == [(account.person_id, {"way": "link"})]
    assert client.post(path[:-3] + "xxx").status_code == 404
    mine = sign_in(client, account)
    mine.post("/me/account/todo-mail", data={"language": "en"})  # the mailbox has answered once
    assert f"发到 {account.email}" in _part(mine)
    mine.post("/me/account/todo-mail/stop")
    assert "每天发给我" in _part(mine)


def test_it_is_in_what_one_takes_away_and_not_among_ones_messages(
    app: Flask, box: Postbox, clock: TestClock
) -> None:
    account = _somebody()
    clock.set(_at(30, 8))
    _send()
    found = {one.key: one for one in own_data.gather(account.person_id)}
    assert found["todo_mail"].rows[0]["language"] == "zh"
    assert len(found["messages"].rows) == 1
    assert inbox.list_own(account.person_id) == [] and inbox.count_unread(account.person_id) == 0
    assert session().scalar(select(Person.id).where(Person.id == account.person_id))


def test_offering_it_costs_the_page_of_todos_two_statements(
    app: Flask, box: Postbox, client: CheckedClient, sign_in: SignIn
) -> None:
    mine = sign_in(client, staff(an_organisation(), Permission.MANAGE_EVENTS))
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    def cost(**settings: str) -> int:
        app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], **settings)
        asked.clear()
        mine.get("/manage/todo")
        return len(asked)

    listen.listen(db.engine, "before_cursor_execute", note)
    try:
        with_it, without = cost(), cost(mail_url="")
    finally:
        listen.remove(db.engine, "before_cursor_execute", note)
    assert with_it - without <= 2  # the wish, and from when on the house sends anything
