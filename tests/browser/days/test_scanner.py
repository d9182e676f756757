"""The day of a scanner in a village hall: no network from nine to four, two doors, a borrowed phone, a hundred and
twenty people; at five all is in, the figure is right, and two questions wait for the organiser.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import func, select, update

from tests.browser.attendance import conftest as attendance
from tests.browser.attendance.doors import Door, Guest
from tests.browser.attendance.phones import Phone, wait_until
from tests.browser.attendance.test_engine import SHELL_KEPT
from tests.browser.attendance.test_scan import answer, picture, ready, type_code
from tests.browser.attendance.test_village import opened, type_all
from tests.browser.test_whole_way import looks_sound
from tests.factories.attendance import make_scene, sign_up
from tests.support.browser import DESK, launch, visitor
from tests.support.server import LiveServer
from webapp.attendance.models import Attendance
from webapp.attendance.service import recount
from webapp.core import clock
from webapp.core.db import db, transaction
from webapp.events.models import Position
from webapp.people.models import Person
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code
from webapp.signups.service.offering import accept_offer

settings, app, live_server = attendance.settings, attendance.app, attendance.live_server
door, forgive_lost_requests = attendance.door, attendance.forgive_lost_requests

PEOPLE, WITHOUT_PASS, CHILDREN = 120, 9, 30
FRAMES = 30  # a second of Chromium's camera
WITHOUT = ("单桂芝", "关长海", "阿依古丽·买买提", "孟广财", "佟秀云", "那文斌", "付立伟", "傅丽薇", "赫哲仁")
FAMILY = ("高振国", "高小满", "高小年")


@dataclass
class Village:
    """Who comes to which door with what."""

    with_pass: list[Guest]
    family: list[Guest]
    without: list[Guest]
    another_day: str  # a pass of next week's
    calls_off: Guest  # telephones at noon that she does not come, and comes
    waits: Guest  # moves up when she calls off
    tails: dict[str, str]


def _tail(guest: Guest) -> str:
    db.session.rollback()
    asked = select(Person.phone).join(Signup, Signup.person_id == Person.id).where(Signup.id == guest.signup)
    return (db.session.scalar(asked) or "")[-4:]


@pytest.fixture
def village(door: Door) -> Village:
    session_id = door.path.rsplit("/", 1)[-1]

    def room_for(number: int) -> None:
        with transaction() as current:
            current.execute(
                update(Position)
                .where(Position.session_id == session_id, Position.kind == "audience")
                .values(capacity=number)
            )

    room_for(PEOPLE)
    family = [door.another(name) for name in FAMILY]
    without = [door.another(name) for name in WITHOUT]
    calls_off = door.another("孙凤琴")
    known = [*door.guests, *family, *without, calls_off]
    others = [door.another(f"村民{chr(0x4E00 + number)}") for number in range(PEOPLE - len(known))]
    waits = door.another("于德水")
    with transaction() as current:  # a family has one telephone
        phone = current.get_one(Person, current.get_one(Signup, family[0].signup).person_id).phone
        for one in family[1:]:
            current.get_one(Person, current.get_one(Signup, one.signup).person_id).phone = phone
    next_week = make_scene(starts_at=clock.now().replace(microsecond=0) + timedelta(days=7))
    made = sign_up(next_week.seats, name="魏来早")
    return Village(
        with_pass=[*door.guests, *others],
        family=family,
        without=without,
        another_day=f"https://kepu.example.cn/p/{pass_code(made)}",
        calls_off=calls_off,
        waits=waits,
        tails={one.signup: _tail(one) for one in without},
    )


# --- before nine


@pytest.fixture
def phones(playwright: Playwright, tmp_path: Path, door: Door) -> Iterator[list[Phone]]:
    """The scanner's own, a borrowed one on which nobody is signed in, and the caretaker's, to go on with."""
    made = [Phone(playwright, tmp_path / "own", door)]
    made += [Phone(playwright, tmp_path / name, replace(door, cookies=[])) for name in ("borrowed", "third")]
    yield made
    for phone in made:
        phone.switch_off()


@pytest.fixture
def organiser(playwright: Playwright, door: Door) -> Iterator[Page]:
    """Somebody of the unit at a desk, signed in."""
    browser = launch(playwright)
    with visitor(browser, door.address, viewport=DESK) as page:
        page.context.add_cookies([{**cookie, "url": door.address} for cookie in door.cookies])
        yield page
    browser.close()


def pair(desk: Page, phone: Phone, name: str) -> None:
    """The organiser's screen says a code; it is typed on the phone, and one press pairs it."""
    desk.goto(f"/manage/sessions/{phone.session}/devices")
    desk.locator("[name=name]").fill(name)
    desk.get_by_role("button", name="出配对码").click()
    code = desk.locator("main .qr-code").inner_text()
    phone.switch_on()
    page = phone.page("/scan")
    looks_sound(page)
    page.get_by_role("link", name="输入配对码").click()
    page.locator("[name=code]").fill(code)
    page.get_by_role("button", name="配对这台手机").click()
    page.locator(f"main a[href$='{phone.session}']").click()
    ready(page)
    wait_until(page, SHELL_KEPT)
    phone.switch_off()
    expect(desk.locator("main")).to_contain_text("配对好了")


# --- at the doors


def cracked(code: str) -> Image.Image:
    """A pass on a screen that fell: a crack across it, another beside it, a finger near its edge, little light."""
    shown = picture(code).point(lambda grey: 40 + grey // 2)
    pen = ImageDraw.Draw(shown)
    for at in (20, 330):
        pen.line([(at + 90, 0), (at + 130, 210), (at + 40, 480)], fill=30, width=2)
    pen.ellipse([(560, 380), (700, 520)], fill=90)
    return shown


def film(path: Path, pictures: list[Image.Image]) -> Path:
    """Each held before the camera for three seconds, one after another, over and over."""

    def frame(shown: Image.Image) -> bytes:
        made = path.with_suffix(".jpg")
        shown.convert("RGB").save(made, "JPEG", quality=80, subsampling=2)
        return made.read_bytes()

    wall = frame(Image.new("L", (640, 480), 110))
    with path.open("wb") as file:
        for shown in pictures:
            file.write(wall * 2 * FRAMES + frame(shown) * 3 * FRAMES)
    return path


def by_camera(phone: Phone, village: Village, path: Path) -> None:
    """Paper, and a cracked screen."""
    phone.film = film(path, [picture(village.with_pass[0].url), cracked(village.with_pass[1].url)])
    page = opened(phone)
    expect(page.locator('[data-count="came"]')).to_have_text("2", timeout=60_000)
    phone.switch_off()
    phone.film = None


def find(page: Page, guest: Guest, words: str) -> None:
    """Somebody without a pass says a name, or four digits: typed where codes are typed, picked from who is found."""
    type_code(page, words)
    page.locator(f'[data-part="people"] > li[data-signup="{guest.signup}"]:visible').get_by_role(
        "button", name="签到"
    ).click()
    assert guest.full_name in answer(page, "accepted")
    expect(page.locator(".answer")).to_be_hidden()


def without_pass(page: Page, village: Village) -> None:
    """Three by name, three by initials, three by the last digits of their telephone."""
    words = ["单桂芝", "长海", "阿依古丽", "mgc", "txy", "nwb"]
    words += [village.tails[one.signup] for one in village.without[6:]]
    for guest, said in zip(village.without, words, strict=True):
        find(page, guest, said)


def children(page: Page, number: int) -> None:
    """A class comes in: counted, not listed."""
    page.get_by_text("没有报名的人").click()
    page.get_by_label("现场点数").fill(str(number))
    page.get_by_label("人群").select_option("青少年")
    page.get_by_role("button", name="登记人数").click()
    assert f"已登记 {number} 人" in answer(page, "accepted")


def at_noon(door: Door, village: Village) -> None:
    """At the office somebody calls off by telephone, and whoever waited has her place. Nobody tells the village."""
    door.cancel(village.calls_off)
    with transaction():
        accept_offer(village.waits.signup, by=None)


def back_in_the_net(page: Page) -> None:
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.locator('[data-part="offline"]')).to_be_hidden(timeout=60_000)
    expect(page.locator('[data-part="waiting"]')).to_be_hidden(timeout=60_000)


@pytest.mark.usefixtures("forgive_lost_requests")
def test_a_village_hall_from_nine_to_five(
    app: Flask,
    door: Door,
    village: Village,
    phones: list[Phone],
    organiser: Page,
    live_server: LiveServer,
    tmp_path: Path,
) -> None:
    own, borrowed, third = phones
    wait_until(opened(own), SHELL_KEPT)
    own.switch_off()
    pair(organiser, borrowed, "王会计的手机")
    pair(organiser, third, "张老师的手机")
    north, south = village.with_pass[2:50], village.with_pass[50:]
    at_noon(door, village)
    live_server.kill()
    try:
        by_camera(own, village, tmp_path / "north.mjpeg")
        page = opened(own)
        type_code(page, village.another_day)
        assert "不是这一场" in answer(page, "refused")  # and says so without a network
        page.keyboard.press("Escape")
        type_all(page, [one.url for one in north])
        without_pass(page, village)
        children(page, CHILDREN)
        other = opened(borrowed)
        assert "没有网络" in other.locator('[data-part="offline"]').inner_text()
        type_all(other, [one.url for one in village.family])  # three passes on one telephone
        type_all(other, [north[0].url])  # was at the other door before, and looks in here
        type_code(other, village.calls_off.url)
        answer(other, "accepted")
        type_code(other, village.waits.url)
        assert "候补" in answer(other, "refused")
        other.keyboard.press("Escape")
        borrowed.switch_off()  # the battery is empty
        last = opened(third)
        type_all(last, [one.url for one in south])
        type_all(last, [village.family[0].url])  # again, at a phone that cannot know it
    finally:
        live_server.start()
    back_in_the_net(page)
    back_in_the_net(last)
    back_in_the_net(opened(borrowed))  # charged in the evening, it hands in what it kept
    everything_once(door, village)
    two_questions(organiser, door, village)


# --- in the evening


def everything_once(door: Door, village: Village) -> None:
    """Who came with a pass or without is counted once, whatever doors they used; children apart from them."""
    session_id = door.path.rsplit("/", 1)[-1]
    came = len(village.with_pass) + len(village.family) + len(village.without)
    assert came == PEOPLE - 1
    db.session.rollback()
    people = select(func.count(func.distinct(Attendance.signup_id))).where(
        Attendance.session_id == session_id, Attendance.annulled_at.is_(None)
    )
    assert db.session.scalar(people) == door.arrivals() == came  # she who called off is asked about first
    assert door.heads() == CHILDREN
    assert recount.differences(session_id) == []


def two_questions(desk: Page, door: Door, village: Village) -> None:
    """The desk says how many wait; each says why it is asked, and each is answered by one choice."""
    desk.goto("/manage/")
    desk.get_by_role("listitem").filter(has_text="2 条没有网络时放行的签到要核对").get_by_role("link").click()
    looks_sound(desk)
    desk.locator("main tbody .row-head a").first.click()
    looks_sound(desk)
    rows = desk.locator("main tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="孙凤琴")).to_contain_text("没有网络时放行了，按规则不该放行")
    expect(rows.filter(has_text="孙凤琴")).to_contain_text("这个报名已经取消")
    expect(rows.filter(has_text="于德水")).to_contain_text("手机没有放行，按最新名单本可以放行")
    expect(rows.first).to_contain_text("王会计的手机")
    for name, choice in (("孙凤琴", "本人到场，算签到"), ("于德水", "不算")):
        rows.filter(has_text=name).get_by_role("checkbox").check()
        desk.get_by_label(choice).check()
        desk.get_by_role("button", name="处理勾选的").click()
        expect(desk.locator("body")).to_contain_text("处理好了 1 条")
    expect(desk.locator("main")).to_contain_text("没有要核对的")
    assert door.arrivals() == PEOPLE
    assert recount.differences(door.path.rsplit("/", 1)[-1]) == []
    desk.goto("/manage/")
    expect(desk.locator("main")).not_to_contain_text("没有网络时放行的签到要核对")
