"""Acts in the rows of 待办, with the keys alone: one stays where one was, and what was done can be taken back."""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.events import an_event, an_organisation
from tests.support.browser import DESK
from webapp.core.db import transaction
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission

Visit = Callable[..., Any]


def _publish(page: Page, number: int) -> Locator:
    return page.get_by_role("button", name=re.compile(f"发布.*看种子{number}”"))


def test_three_drafts_are_published_one_after_the_other(app: Flask, visit: Visit) -> None:
    unit = an_organisation("种子站")
    account = make_account("周馆长", "todo@example.cn")
    with transaction():
        organisations.set_membership(account.person_id, unit.id, [Permission.MANAGE_EVENTS], by=None)
    for number in range(30):
        an_event(unit, title=f"看种子{number:02d}", published=False)
    page = visit(viewport=DESK)
    sign_in(page, "todo@example.cn")
    page.goto("/manage/todo")
    looks_sound(page)
    _publish(page, 20).focus()
    for following in (21, 22):
        before = page.evaluate("scrollY")
        assert before > 0
        page.keyboard.press("Enter")
        expect(_publish(page, following)).to_be_focused()
        expect(page.get_by_text("发布了“看种子")).to_be_in_viewport()
        assert page.url.endswith("/manage/todo")
    page.get_by_role("button", name="撤回").first.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已撤回")).to_be_visible()
    expect(_publish(page, 21)).to_be_visible()
