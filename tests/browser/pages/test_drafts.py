"""A long form that saves its draft by itself: left, gone on with, without network, signed out, and sent."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories import events as made
from tests.factories.attendance import make_account
from tests.support.browser import DESK
from webapp.core.db import session, transaction
from webapp.core.drafts import FormDraft
from webapp.events.models import Event
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.venues.models import Venue

Visit = Callable[..., Any]
NEW, PLACE = "/manage/events/new", "/manage/venues/new"
AFTER_A_PAUSE, AGAIN = 3_000, 16_000  # milliseconds of the page's own clock
BAD_LUCK = ("ERR_INTERNET_DISCONNECTED", "status of 400")  # no network; a token of before the sign-in


@pytest.fixture
def logins(app: Flask) -> list[str]:
    """Two people of one unit, at the same computer."""
    unit = made.an_organisation()
    made.a_type()
    found = ["first@example.cn", "second@example.cn"]
    for login in found:
        account = make_account("周馆长", login)
        with transaction():
            organisations.set_membership(account.person_id, unit.id, [Permission.MANAGE_EVENTS], by=None)
    return found


@pytest.fixture
def page(logins: list[str], visit: Visit) -> Page:
    opened: Page = visit(viewport=DESK, expected=BAD_LUCK)
    opened.clock.install()
    sign_in(opened, logins[0])
    return opened


def begun(page: Page, title: str) -> None:
    """The form, with its draft saved."""
    page.goto(NEW)
    page.locator("[name=title]").fill(title)
    saved(page)


def saved(page: Page, wait: int = AFTER_A_PAUSE) -> None:
    page.clock.fast_forward(wait)
    expect(page.locator("[data-draft]")).to_contain_text("草稿已保存")


def kept() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(FormDraft)) or 0


def titles() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Event.title).order_by(Event.title)))


def venues() -> set[str]:
    session().rollback()
    return set(session().scalars(select(Venue.name)))


def test_left_and_gone_on_with_and_sent_once(page: Page) -> None:
    begun(page, "认识星空")
    page.locator("[name=summary]").fill("最后一句没有等到保存。")
    page.goto("/manage/todo")
    page.goto(NEW)
    expect(page.locator(".draft-offer")).to_contain_text("的草稿")
    looks_sound(page)
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("[name=title]")).to_have_value("认识星空")
    expect(page.locator("[name=summary]")).to_have_value("最后一句没有等到保存。")
    page.locator("[name=type_slug]").select_option(index=1)
    page.get_by_role("button", name="删掉第 1 场").click()
    page.get_by_role("button", name="存成草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("认识星空")
    assert (titles(), kept()) == (["认识星空"], 0)
    page.go_back()
    expect(page.get_by_role("button", name="存成草稿")).to_be_visible()  # and no question about sending again
    expect(page.locator(".draft-offer")).to_have_count(0)


def test_back_and_sent_again_makes_one_thing_and_loses_nothing(page: Page) -> None:
    """In a browser that brings back what was typed, as they do without https."""
    made.a_district()
    before = venues()
    page.goto(PLACE)
    page.locator("[name=district_code]").select_option(index=1)
    page.locator("#name").fill("长安社区活动室")
    page.locator("#address").fill("长安路 1 号二楼")
    store(page, "已添加")
    page.go_back()
    expect(page.locator("#name")).to_have_value("长安社区活动室")
    store(page, "没有重复办")
    assert venues() == {*before, "长安社区活动室"}
    page.go_back()
    page.locator("#name").fill("长安社区党群服务中心")
    store(page, "已经存过一份")
    looks_sound(page)
    expect(page.locator("#name")).to_have_value("长安社区党群服务中心")
    expect(page.locator("[data-draft]")).to_contain_text(
        "草稿已保存"
    )  # at once: no address leads to this page
    page.reload()
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("#name")).to_have_value("长安社区党群服务中心")
    store(page, "已添加")
    assert venues() == {*before, "长安社区党群服务中心", "长安社区活动室"}
    assert kept() == 0


def store(page: Page, said: str) -> None:
    """Press its button, and read what is said."""
    page.locator("form:has(#address) .submit-row .btn-primary").click()
    expect(page.locator("main, .flashes").first).to_contain_text(said)


def test_sent_after_the_sign_in_ended_is_taken_once_signed_in_again(page: Page, logins: list[str]) -> None:
    begun(page, "晚上写的课")
    other = page.context.new_page()
    leave(other)
    page.locator("[name=summary]").fill("退出以后写的。")
    page.locator("[name=type_slug]").select_option(index=1)
    page.locator("button[value=remove-session-0]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请先登录")
    sign_in(other, logins[0])
    page.get_by_role("button", name="继续").click()
    expect(page.locator("[name=summary]")).to_have_value("退出以后写的。")
    page.get_by_role("button", name="存成草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("晚上写的课")
    assert (titles(), kept()) == (["晚上写的课"], 0)


def leave(page: Page) -> None:
    """Sign out."""
    page.goto("/me")
    page.get_by_role("button", name="退出").first.click()
    page.wait_for_load_state()


def test_two_tabs_have_a_draft_each(page: Page) -> None:
    begun(page, "第一页写的")
    other = page.context.new_page()
    begun(other, "第二页写的")
    page.locator("[name=summary]").fill("第一页接着写。")
    saved(page)
    third = page.context.new_page()
    third.goto(NEW)
    expect(third.locator(".draft-offer")).to_have_count(2)
    third.get_by_role("button", name="接着写").first.click()
    expect(third.locator("[name=title]")).to_have_value("第一页写的")


def test_without_network_it_says_so_and_saves_when_it_is_back(page: Page) -> None:
    begun(page, "山里的课")
    page.route("**/drafts", lambda route: route.abort("internetdisconnected"))
    page.context.set_offline(True)
    page.locator("[name=summary]").fill("没有网络时写的。")
    page.clock.fast_forward(AFTER_A_PAUSE)
    expect(page.locator("[data-draft]")).to_contain_text("还没有保存到服务器")
    page.get_by_role("button", name="存成草稿").click()
    expect(page.locator("[data-draft]")).to_contain_text("没有网络，还没有发出去")
    expect(page.locator("[name=summary]")).to_have_value("没有网络时写的。")
    page.unroute("**/drafts")
    page.context.set_offline(False)
    saved(page, AGAIN)
    page.goto(NEW)
    page.get_by_role("button", name="接着写").click()
    expect(page.locator("[name=summary]")).to_have_value("没有网络时写的。")


def test_signed_out_meanwhile_nothing_is_lost_and_the_next_person_sees_nothing(
    page: Page, logins: list[str]
) -> None:
    begun(page, "只给自己看")
    other = page.context.new_page()
    leave(other)
    page.locator("[name=summary]").fill("退出以后写的。")
    page.clock.fast_forward(AFTER_A_PAUSE)
    expect(page.locator("[data-draft]")).to_contain_text("已经退出登录")
    sign_in(other, logins[0])
    saved(page, AGAIN)
    stored = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "只给自己看" not in stored
    page.close()
    leave(other)
    sign_in(other, logins[1])
    other.goto(NEW)
    expect(other.locator(".draft-offer")).to_have_count(0)
    assert kept() == 1
