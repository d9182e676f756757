"""The day of a helper at a community centre (lists that are uploaded have their own): signs a street's list up, prints
cards, next month ticks the same people, cancels one who telephoned.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.signups import a_position, taken
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.events.models import Position
from webapp.organisations import service as organisations
from webapp.organisations.domain import OrganisationKind, Permission

Visit = Callable[..., Any]

# As such a list is typed: a column filled up with a blank, a number copied from a phone, another middle dot, one number
# for a couple, one person twice.
LIST = (
    "赵桂兰 138 0013 8000\n王 芳\t\u202d13800138001\u202c\n阿依古丽‧买买提 13800138002\n"
    "周大爷 0454-8888888\n周大娘 0454-8888888\n王芳 13800138001"
)


def _event(page: Page, position: str) -> str:
    session().rollback()
    return f"/manage/sessions/{get_row(Position, position).session_id}"


def _helper() -> None:
    with transaction():
        centre = organisations.make_organisation(name="示例社区中心", kind=OrganisationKind.CENTRE).id
    account = make_account("示例社区", "centre@example.cn")
    with transaction():
        organisations.set_membership(account.person_id, centre, [Permission.SIGN_UP_OTHERS], by=None)


def _paste(page: Page, position: str) -> None:
    page.goto(f"{_event(page, position)}/sign-up-many")
    page.locator("[name=people]").fill(LIST)
    page.locator("button[value=look]").click()
    expect(page.locator("main")).to_contain_text("5 行可以报，1 行有问题")
    expect(page.locator("main")).to_contain_text("和第 2 行是同一个人")
    expect(page.locator("main")).to_contain_text("阿依古丽·买买提")
    page.locator("[name=skip]").check()
    page.locator("[name=consent]").check()
    page.locator("button[value=send]").click()
    expect(page.locator("h1")).to_have_text("名单已报名")


def _tick(page: Page, position: str) -> None:
    page.goto(f"{_event(page, position)}/sign-up")
    page.get_by_role("link", name="从以前报过的人里选").click()
    looks_sound(page)
    for name in ("赵桂兰", "周大娘"):
        page.get_by_label(name).check()
    page.locator("[name=q]").fill("买买提")
    page.locator("button[value=find]").click()
    page.get_by_label("阿依古丽·买买提").check()
    page.locator("button[value=look]").click()
    expect(page.locator("main")).to_contain_text("3 人有名额，0 人候补")
    looks_sound(page)
    page.get_by_label("这一次也已").check()
    page.locator("button[value=send]").click()
    expect(page.locator("h1")).to_have_text("名单已报名")


def _cancel_one(page: Page) -> None:
    page.goto("/manage/elders")
    page.locator("[name=q]").fill("8000")
    page.get_by_role("button", name="查找").click()
    looks_sound(page)
    page.get_by_role("link", name="赵桂兰").click()
    page.get_by_role("button", name="显示手机号").click()
    expect(page.get_by_role("link", name="13800138000")).to_be_visible()
    looks_sound(page)
    page.get_by_role("link", name="取消").first.click()
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()


def test_a_street_list_next_month_by_ticks_and_one_who_telephones(app: Flask, visit: Visit) -> None:
    this_month = a_position(capacity=3, starts_at=clock.now() + timedelta(days=3))
    next_month = a_position(capacity=9, starts_at=clock.now() + timedelta(days=33))
    _helper()
    page = visit()
    sign_in(page, "centre@example.cn")
    _paste(page, this_month)
    assert taken(this_month) == 3
    page.goto("/manage/elders/sessions")
    looks_sound(page)
    page.locator("th a").first.click()
    looks_sound(page)
    expect(page.get_by_role("link", name="打印凭证卡片")).to_be_visible()
    _tick(page, next_month)
    assert taken(next_month) == 3
    _cancel_one(page)
    assert taken(next_month) == 2
