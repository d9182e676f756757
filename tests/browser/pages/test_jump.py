"""搜索 at the top, with the keys alone, and on a phone or without scripts by its page."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.events import an_event, an_organisation, positions_of
from tests.factories.signups import a_guest, join
from tests.support.browser import DESK
from webapp.core.db import transaction
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission

Visit = Callable[..., Any]
NAME = "阎立本"


@pytest.fixture
def person(app: Flask) -> str:
    unit = an_organisation("画院")
    account = make_account("周馆长", "jump@example.cn")
    with transaction():
        organisations.set_membership(account.person_id, unit.id, [Permission.MANAGE_EVENTS], by=None)
    event = an_event(unit, title="步辇图里的科学")
    other = a_guest("阎立德")
    join(positions_of(event)[0].id, other)
    found = a_guest(NAME)
    join(positions_of(event)[0].id, found)
    return found


def _typed(page: Page, text: str) -> None:
    expect(page.get_by_role("combobox", name="搜索")).to_be_focused()
    page.keyboard.type(text)
    expect(page.get_by_role("option").first).to_be_visible()


def test_keys_alone_lead_to_a_person(person: str, visit: Visit) -> None:
    page = visit(viewport=DESK)
    sign_in(page, "jump@example.cn")
    page.goto("/manage/todo")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="搜索")
    expect(field).to_be_focused()
    _typed(page, "yanli")
    people = page.get_by_role("group", name="人").get_by_role("option")
    expect(people).to_have_count(2)
    expect(people.nth(0)).to_have_attribute("aria-selected", "true")
    looks_sound(page)
    page.keyboard.press("ArrowDown")
    expect(people.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/manage/people/{person}")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    looks_sound(page)


def test_escape_leaves_everything_as_it_was_and_what_is_composed_is_left_alone(
    person: str, visit: Visit
) -> None:
    page = visit(viewport=DESK)
    sign_in(page, "jump@example.cn")
    page.goto("/manage/todo")
    link = page.get_by_role("link", name="搜索")
    link.click()
    _typed(page, "yanli")
    field = page.get_by_role("combobox", name="搜索")
    field.evaluate(
        "one => one.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(field).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(link).to_be_focused()
    page.keyboard.press("Control+k")
    field.fill("无此人")
    expect(page.get_by_role("status").filter(has_text="没有找到“无此人”")).to_be_visible()
    field.press("Enter")  # the page says the same
    page.wait_for_url("**/manage/jump?q=*")
    expect(page.locator("main")).to_contain_text("没有找到")
    looks_sound(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_it_is_under_more(person: str, visit: Visit, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts)
    sign_in(page, "jump@example.cn")
    page.goto("/manage/todo")
    page.locator(".shell-more > summary").click()
    page.locator(".shell-sheet").get_by_role("link", name="搜索").click()
    if scripts:
        _typed(page, "步辇")
        looks_sound(page)
        page.get_by_role("button", name="关闭").click()
        page.goto("/manage/jump")
    page.get_by_role("searchbox", name="找什么").fill("ylb")
    page.locator("main").get_by_role("button", name="搜索").click()
    page.locator("main").get_by_role("link", name=NAME).click()
    page.wait_for_url(f"**/manage/people/{person}")
    expect(page.locator("main")).to_contain_text("步辇图里的科学")
    if scripts:
        looks_sound(page)
