"""Rows that were read and a question to the database give the same list, whatever the address asks for."""

import random
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import event, select

from tests.support.messages import fact
from webapp.core import clock, outbox
from webapp.core.db import db, session, transaction
from webapp.core.listing import Column, Filter, Query, Rows, Shown, Table, day_of, holding, show
from webapp.core.outbox import OutboxMessage

WORDS = ("提醒", "改期", "ABC", "abc", "50%", "a_b", "axb", "三楼", "\\", "12")
ASKED = ("", "提醒", "abc", "%", "_", "a_b", "ＡＢＣ 三楼", "\\", "12", "没有", "改期 提醒", "x y", "'")
TABLE = Table(
    columns=[
        Column("subject", "消息", lambda one: one.subject, kind="head"),
        Column(
            "left", "发出", lambda one: one.sent_at, sort=lambda one: one.sent_at, order=OutboxMessage.sent_at
        ),
        Column(
            "tries",
            "次数",
            lambda one: one.attempts,
            sort=lambda one: one.attempts,
            order=OutboxMessage.attempts,
        ),
    ],
    filters=[
        Filter(
            "state",
            "状态",
            [("sent", "已发出"), ("kept", "留着"), ("failed", "没有")],
            lambda one, value: one.state == value,
            lambda value: OutboxMessage.state == value,
        ),
        Filter(
            "since",
            "从",
            None,
            lambda one, value: one.created_at >= clock.start_of_day(day_of(value) or clock.today()),
            lambda value: OutboxMessage.created_at >= clock.start_of_day(day_of(value) or clock.today()),
        ),
    ],
    words=lambda one: f"{one.subject} {one.body}",
    search=holding(OutboxMessage.subject, OutboxMessage.body),
    size=7,
)
QUERY = Query(select(OutboxMessage), OutboxMessage.id, (OutboxMessage.id.desc(),))


def _some_messages(chance: random.Random, number: int) -> None:
    with transaction():
        for one in range(number):
            subject = " ".join(chance.choices(WORDS, k=2))
            outbox.queue(outbox.Draft("mail", "a@example.cn", subject, chance.choice(WORDS)), fact(f"{one}"))
    with transaction():
        for row in session().scalars(select(OutboxMessage)):
            row.state = chance.choice(["sent", "kept", "failed"])
            row.attempts = chance.randrange(4)
            row.created_at = clock.now() - timedelta(days=chance.randrange(5))
            row.sent_at = (
                clock.now() - timedelta(hours=chance.randrange(4)) if chance.random() < 0.6 else None
            )


def _address(chance: random.Random) -> str:
    return "/?" + urlencode(
        {
            "q": chance.choice(ASKED),
            "state": chance.choice(["", "sent", "kept", "nonsense"]),
            "since": chance.choice(["", "x", str(clock.today() - timedelta(days=2))]),
            "sort": chance.choice(["", "left", "-left", "tries", "-tries", "subject", "-"]),
            "page": chance.choice(["1", "2", "3", "99", "x"]),
            "all": chance.choice(["", "", "1"]),
        }
    )


def _seen(shown: Shown) -> tuple[list[str], int, int, int, int]:
    return [row.id for row in shown.rows], shown.found, shown.total, shown.first, shown.pages


def test_both_sources_give_the_same(app: Flask) -> None:
    chance = random.Random(16)
    _some_messages(chance, 60)
    rows = list(session().scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())))
    narrowed = 0
    for _time in range(150):
        address = _address(chance)
        with app.test_request_context(address):
            asked, read = show(TABLE, QUERY, at="pages.home"), show(TABLE, Rows(rows), at="pages.home")
            assert _seen(asked) == _seen(read), address
            narrowed += 0 < asked.found < asked.total
    assert narrowed > 30


def test_three_statements_however_many(app: Flask) -> None:
    _some_messages(random.Random(17), 30)
    statements: list[str] = []
    note: Callable[..., None] = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for address, most in (
            ("/", 2),
            ("/?page=3&sort=-left", 2),
            ("/?q=abc&state=sent", 3),
            ("/?format=csv", 2),
        ):
            statements.clear()
            with app.test_request_context(address):
                show(TABLE, QUERY, at="pages.home")
            asked = [one for one in statements if one.startswith("SELECT")]
            assert len(asked) <= most, asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
