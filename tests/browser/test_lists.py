"""A list of the staff's side: keys, narrowing while one types, acts on chosen rows, and all of it without scripts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.organisations import grant, make_organisation
from tests.support.browser import DESK, PHONE
from tests.support.messages import fact
from webapp.core import outbox
from webapp.core.db import session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.organisations.domain import Permission


@pytest.fixture
def login(app: Flask) -> str:
    """Of the office, with sixty messages that nobody got."""
    account = make_account("王丽", "office@example.cn")
    grant(account, make_organisation(), Permission.GOVERN)
    with transaction():
        for number in range(60):
            draft = outbox.Draft("sms", "+8613812345678", f"提醒：第{number}课", "明天上午九点。")
            outbox.queue(draft, fact(str(number)))
    with transaction():
        for row in session().scalars(select(OutboxMessage)):
            row.state = "kept"
    return "office@example.cn"


def _waiting() -> int:
    session().rollback()
    return session().scalar(select(func.count()).where(OutboxMessage.state == "waiting")) or 0


def test_keys_narrowing_and_acts(login: str, visit: Callable[..., Any]) -> None:
    page: Page = visit(viewport=DESK)
    sign_in(page, login)
    page.goto("/manage/messages")
    looks_sound(page)
    focused = page.locator("tr[data-row]:focus-within")
    # Made in the same thousandth of a second, the last two may stand either way.
    top = "".join(re.findall(r"第\d+课", page.locator("tr[data-row]").first.inner_text())[:1])
    page.keyboard.press("j")
    expect(focused).to_contain_text(top)
    page.keyboard.press("x")
    bar = page.locator("[data-listing-bar]")
    expect(bar).to_contain_text("选了 1 条")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(focused).to_contain_text(top)
    page.keyboard.press("Enter")
    expect(focused.locator("details")).to_have_attribute("open", "")
    looks_sound(page)
    page.keyboard.press("/")
    page.keyboard.type("第7")
    expect(page.locator("[data-listing-count]")).to_have_text("找到 1 条，共 60 条")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    assert "q=" in page.url
    page.keyboard.press("Enter")
    expect(focused).to_contain_text("第7课")
    page.keyboard.press("x")
    expect(bar).to_contain_text("选了 2 条")  # the other one is out of sight, and still chosen
    looks_sound(page)
    bar.get_by_role("button", name="再发一次").click()
    expect(page.locator(".notice-success")).to_contain_text("已放回待发 2 条")
    assert _waiting() == 2


def test_keys_can_be_turned_off(login: str, visit: Callable[..., Any]) -> None:
    page: Page = visit(viewport=DESK)
    sign_in(page, login)
    page.goto("/manage/messages")
    page.keyboard.press("?")
    page.get_by_label("用这些键").uncheck()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("tr[data-row]:focus-within")).to_have_count(0)


@pytest.mark.parametrize("view", ["normal", "elder", "contrast"])
def test_on_a_phone(login: str, visit: Callable[..., Any], view: str) -> None:
    page: Page = visit(viewport=PHONE)
    sign_in(page, login)
    page.context.add_cookies([{"name": "view", "value": view, "url": page.url}])
    page.goto("/manage/messages?state=kept&sort=-made")
    looks_sound(page)
    page.locator("tr[data-row] .listing-choose label").nth(1).click()
    expect(page.locator("[data-listing-bar]")).to_be_visible()
    looks_sound(page)
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height < (10_500 if view == "elder" else 8_500)  # 25 cards, of sixty or of three thousand


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "none"])
def test_a_phone_shows_filters_to_who_asks_for_them(
    login: str, visit: Callable[..., Any], has_scripts: bool
) -> None:
    page: Page = visit(viewport=PHONE, java_script_enabled=has_scripts)
    sign_in(page, login)
    page.goto("/manage/messages")
    order = page.get_by_label("排序", exact=True)
    expect(order).to_be_hidden()
    page.get_by_text("筛选和排序").click()
    expect(order).to_be_visible()
    page.goto("/manage/messages?sort=-made")
    expect(order).to_be_visible()  # what is set is seen
    page.set_viewport_size(DESK)
    expect(page.get_by_label("从哪天起")).to_be_visible()
    expect(page.get_by_text("筛选和排序")).to_be_hidden()


def test_without_scripts(login: str, visit: Callable[..., Any]) -> None:
    page: Page = visit(viewport=DESK, java_script_enabled=False)
    sign_in(page, login)
    page.goto("/manage/messages")
    page.locator("input[type=search]").fill("第7")
    page.locator("[data-listing-form] button").click()
    page.locator("tr[data-row] .form-check-input").check()
    page.locator("[data-listing-bar] button").click()
    expect(page.locator(".notice-success")).to_contain_text("已放回待发 1 条")
    assert _waiting() == 1
