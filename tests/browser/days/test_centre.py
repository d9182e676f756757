"""The day of a helper at a community centre: signs a street's list up, pasted or as the decorated sheet it came as,
prints cards, next month ticks the same people, cancels one who telephoned, hangs the month on the notice board.

Not built yet, so not walked: ordering a lecture for March (预约).
"""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.events import a_venue, an_event, session_draft
from tests.factories.signups import a_position, taken
from tests.support import paper
from tests.support.browser import DESK
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


def _helper() -> str:
    with transaction():
        centre = organisations.make_organisation(name="示例社区中心", kind=OrganisationKind.CENTRE).id
    account = make_account("示例社区", "centre@example.cn")
    with transaction():
        organisations.set_membership(account.person_id, centre, [Permission.SIGN_UP_OTHERS], by=None)
    return centre


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
    page.get_by_role("button", name="显示电话号码").click()
    expect(page.get_by_role("link", name="13800138000")).to_be_visible()
    looks_sound(page)
    page.get_by_role("link", name="取消").first.click()
    page.locator("[name=reason]").fill("本人来电话，来不了")
    page.get_by_role("button", name="取消报名").click()
    expect(page.get_by_role("heading", name="赵桂兰")).to_be_visible()


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


# As the street office makes it: a merged title, decorated headings, one number short of a digit, a landline short of
# two, a name with a question mark, two people twice. Fourteen people.
SHEET = (
    ("赵 桂兰", "138 0013 8000"), ("王 芳", "138-0013-8001"),
    ("阿依古丽‧买买提", "13800138002"), ("周大爷", "0454-8888888"),
    ("周大娘", "0454-8888888"), ("孙凤琴", "1380013800"), ("李?梅", "13800138006"), ("吴秀云", "0454-88888"),
    ("郑长海", "+86 13800138008"), ("王芳", "13800138001"), ("冯玉珍", "13800138009"), ("陈桂英", ""),
    ("赵桂兰", "13800138000"), ("褚淑芬", "13800138011"), ("卫东升", "13800138012"), ("蒋月娥", "13800138013"),
)  # fmt: skip
FIRST_ROW = 4  # of the people, on the sheet


def _sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(["前进街道桥南社区老年人报名表（2026年12月）"])
    page.merge_cells("A1:D1")
    page.append([])
    page.append(["序号", "姓  名", "性别", "联系电话（必填）"])
    for number, (name, phone) in enumerate(SHEET, start=1):
        page.append([number, name, "女", phone])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _upload(page: Page, position: str) -> None:
    page.goto(f"{_event(page, position)}/sign-up-many")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    file = {"name": "桥南社区.xlsx", "mimeType": kind, "buffer": _sheet()}
    page.locator("[name=file]").set_input_files([file])  # type: ignore[list-item]
    page.locator("button[value=look]").last.click()
    expect(page.locator("main")).to_contain_text("11 行可以报，5 行有问题")
    looks_sound(page)
    for number, label, text in (
        (6, "手机号", "13800138005"),
        (7, "姓名", "李梅"),
        (8, "手机号", "0454-8888880"),
    ):
        page.locator(f"#row{FIRST_ROW + number - 1}").get_by_label(label).fill(text)
    for number in (10, 13):  # they stand on the sheet twice
        page.locator(f"#row{FIRST_ROW + number - 1}").get_by_label("不要这一行").check()
    page.locator("button[value=look]").last.click()
    expect(page.locator("main")).to_contain_text("14 行都可以报")
    looks_sound(page)
    page.locator("[name=consent]").check()
    page.locator("button[value=send]").click()
    expect(page.locator("h1")).to_have_text("名单已报名")
    expect(page.locator(".figures")).to_contain_text("12")
    assert taken(position) == 12


def _cards(page: Page, folder: Path) -> None:
    """Twelve cards on two sheets, the names as large as a person of 70 reads them: five millimetres."""
    page.get_by_role("link", name="打印凭证卡片").click()
    looks_sound(page)
    names = page.locator(".hand-card-name")
    expect(names).to_have_count(12)
    page.emulate_media(media="print")
    size = names.first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size / 96 * 25.4 >= 5, size
    file = page.pdf(prefer_css_page_size=True)
    assert len(paper.pages_of(file, folder, dpi=40)) == 2
    assert "阿依古丽·买买提" in paper.text_of(file, folder)
    page.emulate_media(media="screen")


def _on_the_notice_board(page: Page, folder: Path, month: str) -> None:
    """From the desk: the centre's calendar, its month, one A4 page."""
    page.goto("/manage/")
    page.get_by_role("link", name="订阅到日历").click()
    looks_sound(page)
    page.get_by_role("link", name="打印成 A4").click()
    looks_sound(page)
    page.goto(f"{page.url}&day={month}")
    expect(page.locator(".month")).to_contain_text("防电信诈骗")
    assert len(paper.pages_of(page.pdf(prefer_css_page_size=True), folder, dpi=40)) == 1


def test_a_decorated_sheet_cards_and_the_notice_board(app: Flask, visit: Visit, tmp_path: Path) -> None:
    starts = clock.now() + timedelta(days=3)
    position = a_position(capacity=12, starts_at=starts)
    centre = _helper()
    venue = a_venue("示例社区中心大厅", organisation_id=centre)
    comes = session_draft(starts, venue=venue)
    an_event(title="防电信诈骗讲座", sessions=[comes])
    page = visit(viewport=DESK)
    sign_in(page, "centre@example.cn")
    _upload(page, position)
    _cards(page, tmp_path)
    _on_the_notice_board(page, tmp_path, f"{clock.local(starts):%Y-%m}")
