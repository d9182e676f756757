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


def weekly(count: int, **values: Any) -> Any:
    start = city.now() + timedelta(days=1)
    drafts = [make.session_draft(start + timedelta(weeks=week)) for week in range(count)]
    return make.an_event(values.pop("organisation", None), sessions=drafts, **values)


@pytest.mark.databases("sqlite")
def test_staff_see_one_month_of_sixty_sessions(app: Flask, sign_in: Any, clock: TestClock) -> None:
    unit = make.an_organisation()
    event = weekly(60, organisation=unit)
    client: CheckedClient = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    address = f"/manage/events/{event.id}"

    page = client.get(address)
    assert page.text.count("session-panel") == 1  # 29 November
    assert "2026年12月" in page.text
    december = client.get(f"{address}?month=2026-12")
    assert december.text.count("session-panel") == 4
    assert client.get(f"{address}?month=nonsense").text.count("session-panel") == 1


@pytest.mark.databases("sqlite")
def test_a_few_sessions_stand_in_one_list(app: Flask, sign_in: Any) -> None:
    unit = make.an_organisation()
    event = weekly(4, organisation=unit)
    client: CheckedClient = sign_in(app.test_client(), make.staff(unit, Permission.MANAGE_EVENTS))
    page = client.get(f"/manage/events/{event.id}")
    assert page.text.count("session-panel") == 4
    assert "?month=" not in page.text
    main = next(html.parse(page.data)[0].iter("main"))
    menus = [one for one in main.iter("details") if "menu" in (one.get("class") or "").split()]
    inside = {link for menu in menus for link in menu.iter("a")}
    acts = [one for one in (*main.iter("a"), *main.iter("button")) if one not in inside]
    assert len(acts) < 20, "what is seldom done belongs into a menu"


@pytest.mark.databases("sqlite")
def test_visitors_find_the_first_month_open(app: Flask) -> None:
    event = weekly(30)
    page = app.test_client().get(f"/events/{event.id}").text
    assert page.count('<details class="month-fold" open>') == 1
    assert page.count('<details class="month-fold">') >= 6
    few = app.test_client().get(f"/events/{weekly(3).id}").text
    assert "month-fold" not in few
