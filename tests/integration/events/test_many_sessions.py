"""An event of a year: its pages are read by month, and a session's rare acts wait in a menu."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import events as make
from tests.support import html
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.organisations.domain import Permission

PAGES = ("sessions", "messages", "things", "print", "outcome")


def weekly(count: int, **values: Any) -> Any:
    start = city.now() + timedelta(days=1)
    drafts = [make.session_draft(start + timedelta(weeks=week)) for week in range(count)]
    return make.an_event(values.pop("organisation", None), sessions=drafts, **values)


def rows_of(page: str) -> int:
    return page.count('<details class="work-open"')


@pytest.mark.databases("sqlite")
def test_staff_see_one_month_of_sixty_sessions(app: Flask, sign_in: Any, clock: TestClock) -> None:
    unit = make.an_organisation()
    event = weekly(60, organisation=unit)
    client: CheckedClient = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    address = f"/manage/events/{event.id}/sessions"

    page = client.get(address)
    assert rows_of(page.text) == 1  # 29 November
    assert "2026年12月" in page.text
    assert rows_of(client.get(f"{address}?month=2026-12").text) == 4
    assert rows_of(client.get(f"{address}?month=nonsense&show=nonsense").text) == 1
    clock.advance(days=35)
    assert rows_of(client.get(f"{address}?show=past&month=2026-12").text) == 5


@pytest.mark.databases("sqlite")
def test_a_few_sessions_stand_in_one_list(app: Flask, sign_in: Any) -> None:
    unit = make.an_organisation()
    event = weekly(4, organisation=unit)
    client: CheckedClient = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    page = client.get(f"/manage/events/{event.id}/sessions")
    assert rows_of(page.text) == 4
    assert "month=" not in page.text
    main = next(html.parse(page.data)[0].iter("main"))
    inside = {link for one in main.iter("details") for tag in ("a", "button") for link in one.iter(tag)}
    acts = [one for one in (*main.iter("a"), *main.iter("button")) if one not in inside]
    assert len(acts) < 17, "what is seldom done belongs into a menu or a row that opens"


@pytest.mark.databases("sqlite")
def test_each_page_of_a_workspace_opens_for_who_manages_looks_or_neither(app: Flask, sign_in: Any) -> None:
    unit = make.an_organisation()
    event = weekly(3, organisation=unit)
    pages = [f"/manage/events/{event.id}{one}" for one in ("", *(f"/{n}" for n in PAGES))]
    for permission, status in (
        (Permission.MANAGE_EVENTS, 200),
        (Permission.INSPECT, 200),
        (Permission.SCAN, 403),
    ):
        client = sign_in(app.test_client(), make.staff(unit, permission))
        assert {client.get(one).status_code for one in pages} == {status}
    other = sign_in(app.test_client(), make.staff(make.an_organisation(), Permission.MANAGE_EVENTS))
    assert {other.get(one).status_code for one in pages} == {403}


@pytest.mark.databases("sqlite")
def test_visitors_find_the_first_month_open(app: Flask) -> None:
    event = weekly(30)
    page = app.test_client().get(f"/events/{event.id}").text
    assert page.count('<details class="month-fold" open>') == 1
    assert page.count('<details class="month-fold">') >= 6
    few = app.test_client().get(f"/events/{weekly(3).id}").text
    assert "month-fold" not in few
