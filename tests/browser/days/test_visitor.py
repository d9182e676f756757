"""The day of a visitor of 68: large type, a phone shared with a daughter, no e-mail.

Not built yet, so the walk leaves it out: a poster to print (it leads to the event's page, where the walk begins), a
button that reads aloud (the phone reads the page itself: axe looks at every page of the way), five stars and a
sentence at the exit, and a code by SMS (the way back is the phone itself, or telephone and short code).
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import Scene, make_scene
from tests.factories.signups import taken
from webapp.attendance.models import Attendance
from webapp.core import clock
from webapp.core.db import db, get_row, transaction
from webapp.core.spelling import compact
from webapp.organisations.models import Organisation
from webapp.people import service as people
from webapp.people.models import Account
from webapp.signups import service as signups

Visit = Callable[..., Any]
NAME, PHONE, HOST = "王桂兰", "138 0454 6688", "0454-8888888"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; HLK-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/107.0.5304.141 Mobile Safari/537.36 MicroMessenger/8.0.42 Language/zh_CN"
)


@pytest.fixture
def scene(app: Flask) -> Scene:
    """Tomorrow's lecture of a unit with a telephone."""
    made = make_scene(starts_at=clock.now() + timedelta(minutes=50))
    with transaction():
        get_row(Organisation, made.organisation).phone = HOST
    return made


def _poster(page: Page, scene: Scene) -> None:
    page.goto(f"/events/{scene.event}")
    expect(page.locator("h1")).to_have_text("示例健康讲座")


def _large(page: Page) -> None:
    page.get_by_role("button", name="长辈版").click()
    expect(page.get_by_role("button", name="标准版")).to_be_visible()
    looks_sound(page)


def _sign_up(page: Page, name: str, phone: str = PHONE) -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill(phone)
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="确认报名").click()
    expect(page.locator("h1")).to_have_text("已报名")
    looks_sound(page)


def _poster_again(page: Page, scene: Scene) -> None:
    """The same poster: signed up, and the pass is one tap away."""
    _poster(page, scene)
    mine = page.locator(".notice", has_text=NAME)
    expect(mine).to_contain_text("您已报名")
    looks_sound(page)
    mine.get_by_role("link", name="打开凭证").click()
    expect(page.get_by_role("img", name="签到二维码")).to_be_visible()
    expect(page.locator(".pass-name").first).to_have_text(NAME)


def _with_a_neighbour(page: Page, scene: Scene) -> None:
    _poster(page, scene)
    page.get_by_role("link", name="我要报名").click()
    expect(page.locator("main")).to_contain_text("要给别人报名，在下面填他的姓名")
    looks_sound(page)
    _sign_up(page, "李淑芬")
    assert taken(scene.seats) == 2
    _poster(page, scene)
    expect(page.locator("main")).to_contain_text("李淑芬")
    looks_sound(page)


def _cancel_and_think_again(page: Page, scene: Scene) -> None:
    _poster(page, scene)
    page.locator(".notice", has_text=NAME).get_by_role("link", name="打开凭证").click()
    page.get_by_role("link", name="我来不了，取消报名").click()
    looks_sound(page)
    page.get_by_role("button", name="取消报名").click()
    expect(page.locator("h1")).to_have_text("报名已取消")
    looks_sound(page)
    assert taken(scene.seats) == 1
    page.get_by_role("link", name="改主意了，再报一次").click()
    expect(page.locator("[name=name]")).to_have_value(NAME)
    looks_sound(page)
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="确认报名").click()
    expect(page.locator("h1")).to_have_text("已报名")
    assert taken(scene.seats) == 2


def _daughter(page: Page, scene: Scene, code: str) -> None:
    """On another phone: whom to call, with a number; with the short code the pass itself."""
    _poster(page, scene)
    expect(page.get_by_text("您已报名")).to_have_count(0)
    page.get_by_role("link", name="报过名？找回凭证").click()
    looks_sound(page)
    expect(page.get_by_role("link", name=HOST)).to_have_attribute("href", f"tel:{HOST}")
    page.locator("[name=phone]").fill(PHONE)
    page.locator("[name=code]").fill("AAAAAA")
    page.get_by_role("button", name="找回凭证").click()
    expect(page.locator("main")).to_contain_text("没有找到")
    looks_sound(page)
    expect(page.locator("[name=phone]")).to_have_value(PHONE)
    page.locator("[name=code]").fill(code.lower())
    page.get_by_role("button", name="找回凭证").click()
    expect(page.locator(".pass-name").first).to_have_text(NAME)
    looks_sound(page)


def _signs_up_twice(page: Page, scene: Scene) -> None:
    """The second try on another phone is no dead end."""
    page.goto(f"/positions/{scene.seats}/sign-up")
    page.locator("[name=name]").fill(NAME)
    page.locator("[name=phone]").fill(PHONE)
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="确认报名").click()
    expect(page.locator("main")).to_contain_text("到现场说姓名就能签到")
    expect(page.get_by_role("link", name="报过名？找回凭证")).to_be_visible()
    looks_sound(page)


def _namesakes(scene: Scene) -> None:
    for number in (1, 2):
        with transaction():
            person = people.find_or_make_person(name=NAME, phone=f"+861390000110{number}")
            signups.sign_up(scene.seats, person.id, by=person.id, source="guest")


def _door(page: Page, scene: Scene) -> None:
    """The phone is empty: the name, three have it, the last four digits; inside within ten seconds, once."""
    page.goto(f"/scan/{scene.session}")
    expect(page.locator('[data-count="expected"]')).to_have_text("4")
    began = time.monotonic()
    page.locator("#typed-code").fill(NAME)
    page.get_by_role("button", name="核对").click()
    mine = page.locator(".door-person", has_text=NAME)
    expect(mine).to_have_count(3)
    page.locator("#find").fill("6688")
    expect(mine.filter(visible=True)).to_have_count(1)
    mine.filter(visible=True).locator('[data-part="in"]').click()
    expect(page.locator('[data-count="came"]')).to_have_text("1")
    assert time.monotonic() - began < 10


def test_the_day_of_a_visitor_of_68(app: Flask, scene: Scene, visit: Visit) -> None:
    staff = db.session.get_one(Account, scene.scanner_account).email
    assert staff is not None
    own = visit(user_agent=WECHAT)
    _poster(own, scene)
    _large(own)
    own.get_by_role("link", name="我要报名").first.click()
    looks_sound(own)
    _sign_up(own, NAME)
    _poster_again(own, scene)
    _with_a_neighbour(own, scene)
    _cancel_and_think_again(own, scene)
    _poster_again(own, scene)
    code = compact(own.locator(".qr-code, .qr strong").first.inner_text())

    other = visit()
    _daughter(other, scene, code)
    _signs_up_twice(other, scene)

    _namesakes(scene)
    door = visit()
    sign_in(door, staff)
    _door(door, scene)
    db.session.rollback()
    assert db.session.query(Attendance).filter_by(session_id=scene.session).count() == 1
