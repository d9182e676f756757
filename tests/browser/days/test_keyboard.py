"""A day at the desk with the keyboard alone, its keys and screens counted: what the day may cost stands here.

Seven sign-ups are approved, three people rung up, two drafts published, somebody who stands at the door is ticked, and
the hours of somebody who did not sign out are confirmed.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.days.test_organiser import GATEWAYS, seven_ask
from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.attendance import sign_up as a_guest_signs_up
from tests.factories.events import an_event, an_organisation, positions_of, session_draft, sessions_of
from tests.factories.recognition import make_record
from tests.factories.signups import join
from tests.support.browser import DESK
from webapp.attendance.models import Attendance
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Event
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people import service as people
from webapp.recognition.models import ServiceRecord
from webapp.signups.models import Signup, Telling

Visit = Callable[..., Any]
AT_MOST_KEYS, AT_MOST_SCREENS = 80, 23
LANDLINES = ("周桂兰", "郑长海", "吴秀云")


class Keyboard:
    """Presses keys on a page, counts them, and counts the screens that come."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys, self.screens = page, 0, 0
        page.on("domcontentloaded", self._saw)

    def _saw(self, page: Page) -> None:
        self.screens += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def go(self, *keys: str) -> None:
        """Keys of which the last one leads to another screen."""
        with self.page.expect_navigation():
            self.press(*keys)

    def jump(self, words: str) -> None:
        """To what is called so, by the search that opens everywhere."""
        self.press("Control+k", *words)
        expect(self.page.locator("#jump-found [role=option]").first).to_be_visible()
        self.go("Enter")

    def down_to(self, words: str) -> None:
        """With j to the row that says so."""
        here = self.page.locator("main :focus")
        for _ in range(20):
            self.press("j")
            row = here.locator("xpath=ancestor::*[self::tr or self::li or self::section][1]")
            if words in row.inner_text():
                return
        raise AssertionError(f"no row says {words}")

    def tab_to(self, name: str) -> None:
        """With Tab to the control of that name."""
        for _ in range(20):
            self.press("Tab")
            if name in str(self.page.evaluate("document.activeElement.innerText || ''")):
                return
        raise AssertionError(f"Tab does not come to {name}")


@pytest.fixture
def centre(app: Flask) -> Organisation:
    unit = an_organisation("示例社区卫生服务中心", phone="+864548888888")
    account = make_account("周医生", "doctor@example.cn")
    with transaction():
        organisations.set_membership(
            account.person_id, unit.id, [Permission.MANAGE_EVENTS, Permission.SCAN], by=None
        )
    return unit


def three_to_ring(centre: Organisation) -> None:
    """A lecture was moved; three who come have only a landline."""
    draft = PositionDraft("观众", "audience", 30, True)
    lecture = an_event(
        centre,
        title="中医养生讲座",
        sessions=[session_draft(clock.now() + timedelta(days=3), positions=[draft])],
    )
    (seats,), (held,) = positions_of(lecture), sessions_of(lecture)
    for number, name in enumerate(LANDLINES):
        with transaction():
            person = people.find_or_make_person(name=name, phone=f"+86454888000{number}").id
        join(seats.id, person)
    later = timedelta(days=7)
    with transaction():
        events.reschedule(
            held.id,
            starts_at=held.starts_at + later,
            ends_at=held.ends_at + later,
            venue_id=held.venue_id,
            by=None,
        )


def a_day(centre: Organisation) -> None:
    """What waits on a morning, and a lecture that begins in half an hour."""
    seven_ask(centre)
    three_to_ring(centre)
    soon = clock.now() + timedelta(days=5)
    for title in ("草稿甲：口腔健康", "草稿乙：合理用药"):
        an_event(centre, published=False, title=title, sessions=[session_draft(soon)])
    draft = [PositionDraft("观众", "audience", 30, True)]
    today = an_event(
        centre,
        title="三减三健讲座",
        sessions=[session_draft(clock.now() + timedelta(minutes=30), positions=draft)],
    )
    for name in ("韩春梅", *(f"听众{one}" for one in "甲乙丙丁戊己庚辛壬癸子丑")):
        a_guest_signs_up(positions_of(today)[0].id, name=name)
    make_record(organisation=centre, status="to_confirm", out_at=None, minutes=0)


@GATEWAYS
def test_a_day_with_the_keyboard_alone(centre: Organisation, visit: Visit) -> None:
    a_day(centre)
    page = visit(viewport=DESK)
    sign_in(page, "doctor@example.cn")
    page.goto("/manage/")
    desk = Keyboard(page)
    one_at_the_door(desk)
    seven_approved(desk)
    three_rung_up(desk)
    two_published(desk)
    hours_confirmed(desk)
    cost = f"{desk.keys} keys, {desk.screens} screens"
    assert desk.keys <= AT_MOST_KEYS, cost
    assert desk.screens <= AT_MOST_SCREENS, cost


def _statuses(column: Any) -> list[Any]:
    session().rollback()
    return list(session().scalars(select(column)))


def one_at_the_door(desk: Keyboard) -> None:
    """By name from the list of what is on now: found, chosen, let in."""
    desk.down_to("三减三健讲座")
    desk.go("Enter")
    desk.press("/", *"hcm")
    expect(desk.page.locator("[data-listing-count]")).to_contain_text("找到 1 条")
    desk.press("Enter", "x")
    looks_sound(desk.page)
    desk.press("a")
    expect(desk.page.get_by_role("button", name="登记已到")).to_be_focused()
    desk.go("Enter")
    expect(desk.page.locator("main")).to_contain_text("已登记 1 人到场")
    assert len(_statuses(Attendance.id)) == 1


def seven_approved(desk: Keyboard) -> None:
    """All of a page are chosen with one key, and answered with the next two."""
    desk.jump("db")
    desk.down_to("7 人报名")
    desk.go("Enter")
    desk.press("X", "a")
    expect(desk.page.get_by_role("radio", name="通过")).to_be_focused()
    desk.press("Space")
    desk.go("Enter")
    expect(desk.page.locator("main")).to_contain_text("刚才处理了 7 人")


def three_rung_up(desk: Keyboard) -> None:
    """The numbers, then a tick for each: after a tick one goes on with the next row."""
    desk.jump("db")
    desk.down_to("3 个人要打电话")
    desk.go("Enter")
    desk.press("j")
    desk.go("Enter")
    desk.press("a")
    expect(desk.page.get_by_role("button", name="显示电话号码")).to_be_focused()
    desk.go("Enter")
    rows = desk.page.locator("main tbody tr")
    for number in range(3):
        desk.press("j")
        expect(rows.nth(number).locator(":focus")).to_have_attribute("href", re.compile("^tel:"))
        desk.tab_to("已告知")
        desk.go("Enter")
        expect(rows.nth(number)).to_contain_text("✓")
    assert len([one for one in _statuses(Telling.told_at) if one]) == 3


def two_published(desk: Keyboard) -> None:
    """From 待办 to the draft, its one act, and back."""
    for title in ("草稿甲", "草稿乙"):
        desk.jump("db")
        desk.down_to(title)
        desk.go("Enter")
        desk.press("a")
        expect(desk.page.get_by_role("button", name="发布")).to_be_focused()
        desk.go("Enter")
        expect(desk.page.locator("body")).to_contain_text("活动已发布")
    assert set(_statuses(Event.status)) == {"published"}


def hours_confirmed(desk: Keyboard) -> None:
    """Who did not sign out: that they left as planned is confirmed in the row."""
    desk.jump("db")
    desk.down_to("没有签退")
    if "按计划" not in str(desk.page.evaluate("document.activeElement.innerText")):
        desk.tab_to("按计划的时间确认")
    desk.go("Enter")
    assert "to_confirm" not in _statuses(ServiceRecord.status)
    assert set(_statuses(Signup.status)) == {"confirmed"}
