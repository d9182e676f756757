"""The test client and the fixtures notice what they are there to notice."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, g, request
from sqlalchemy import insert, select

from tests.support.client import CheckedClient
from tests.support.time import START, TestClock
from webapp.core import clock as core_clock
from webapp.core.db import db, transaction
from webapp.people.models import Person

PAGE = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{0}</title></head><body><main>
<h1>{0}</h1>{1}</main></body></html>"""
FORM = """<form method="post" action="/take"><input type="hidden" name="csrf_token" value="{}">
<label>姓名 <input name="name" value="王小明"></label>
<label>区 <select name="district"><option value="a">前进区</option>
<option value="b" selected>东风区</option></select></label><label><input type="checkbox" name="agree"> 同意</label>
<button>报名</button></form>"""

Add = Callable[[str, Callable[[], Any]], None]


pytestmark = pytest.mark.own_app


@pytest.fixture
def add(app: Flask) -> Add:
    """Adds a view to this test's application."""

    def one(address: str, view: Callable[[], Any]) -> None:
        app.add_url_rule(address, address, view, methods=["GET", "POST"])

    return one


def _person() -> Person:
    return Person(name="王小明", phone="+8613800000001")


def test_a_write_that_is_not_kept_fails_the_request(add: Add, client: CheckedClient) -> None:
    def flushed() -> dict[str, Any]:
        db.session.add(_person())
        db.session.flush()
        return {}

    def forgotten() -> dict[str, Any]:
        db.session.add(_person())
        return {}

    def executed() -> dict[str, Any]:
        db.session.execute(insert(Person).values(id="x", name="王小明"))
        return {}

    views = [flushed, forgotten, executed]
    for number, view in enumerate(views):
        add(f"/lost/{number}", view)
    for number in range(len(views)):
        with pytest.raises(AssertionError, match="not kept"):
            client.get(f"/lost/{number}")


def test_a_kept_write_is_seen_by_the_test(app: Flask, add: Add, client: CheckedClient) -> None:
    def kept() -> dict[str, Any]:
        with transaction() as session:
            session.add(_person())
        return {}

    add("/kept", kept)
    assert db.session.scalars(select(Person)).all() == []
    client.get("/kept")
    assert db.session.scalars(select(Person.name)).all() == ["王小明"]


def test_requests_share_nothing_with_the_test_or_each_other(add: Add, client: CheckedClient) -> None:
    def count() -> list[int]:
        g.seen = g.get("seen", 0) + 1
        return [g.seen]

    add("/count", count)
    g.seen = 7
    assert [client.get("/count").json for _ in range(2)] == [[1], [1]]


def test_a_fault_and_a_broken_page_fail_the_test(add: Add, client: CheckedClient) -> None:
    add("/fault", lambda: ({}, 500))
    add("/broken", lambda: PAGE.format("报名", "<p id=a><p id=a>"))
    with pytest.raises(AssertionError, match="/fault"):
        client.get("/fault")
    assert client.get("/fault", fault=True).status_code == 500
    with pytest.raises(AssertionError, match="stands 2 times"):
        client.get("/broken")


def test_fill_sends_what_a_browser_would(add: Add, client: CheckedClient) -> None:
    from flask_wtf.csrf import generate_csrf

    def take() -> dict[str, Any]:
        return {key: request.form.getlist(key) for key in request.form if key != "csrf_token"}

    add("/form", lambda: PAGE.format("报名", FORM.format(generate_csrf())))
    add("/take", take)
    assert client.fill("/form").json == {"name": ["王小明"], "district": ["b"]}
    assert client.fill("/form", name="李", agree="on").json == {
        "name": ["李"],
        "district": ["b"],
        "agree": ["on"],
    }
    with pytest.raises(AssertionError, match="no field 'phone'"):
        client.fill("/form", phone="1")


def test_a_write_needs_the_csrf_token_which_the_client_brings(add: Add, client: CheckedClient) -> None:
    add("/take", lambda: ["taken"])
    assert client.post("/take", csrf=False).status_code == 400
    assert client.post("/take").json == ["taken"]
    assert client.post("/take", data={"name": "李"}).json == ["taken"]
    assert client.post("/take", json={"name": "李"}).json == ["taken"]


def test_the_clock_stands_and_moves(clock: TestClock) -> None:
    assert core_clock.now() == START
    clock.advance(hours=2)
    assert (core_clock.now() - START).total_seconds() == 7200
