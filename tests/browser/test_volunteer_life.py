"""Two lives in a browser: a volunteer from registration to certificate; a centre that signs up thirty elders from a
sheet and prints their cards.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import PASSWORD, Scene, make_account, make_scene
from tests.support import paper
from tests.support.browser import DESK
from tests.support.server import LiveServer
from webapp.attendance.domain import Direction
from webapp.core import clock
from webapp.core.clock import freeze
from webapp.core.db import db, get_row, transaction
from webapp.events.models import EventSession
from webapp.organisations import service as organisations
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.people.models import Account
from webapp.recognition import service as recognition
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code
from webapp.venues.models import Venue

Visit = Callable[..., Any]


def register(page: Page) -> None:
    page.goto("/register")
    page.locator("[name=name]").fill("示例志愿者")
    page.locator("[name=login]").fill("13800001234")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=agree]").check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/me")


def fill_profile(page: Page) -> None:
    page.get_by_role("link", name="想做志愿者").click()  # after registering, the page says where to go
    looks_sound(page)
    page.get_by_role("link", name="开始填").click()
    looks_sound(page)
    page.get_by_role("button", name="存好，下一步").click()
    page.locator("input[name=districts]").first.check()
    looks_sound(page)
    page.get_by_role("button", name="语言、年龄段").click()  # going elsewhere saves too
    page.locator("[name=age_band]").select_option("adult")
    looks_sound(page)
    page.get_by_role("button", name="存好，先到这里").click()
    expect(page.locator("main")).to_contain_text("向阳区")
    expect(page.locator("main")).to_contain_text("18 岁")
    looks_sound(page)


def take_shift(page: Page, scene: Scene) -> None:
    page.goto(f"/positions/{scene.shift}/sign-up")
    looks_sound(page)
    page.locator("[name=risk]").check()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("已报名")


def _soon() -> datetime:
    """In half an hour, unless that is tomorrow: certificates are asked for up to today."""
    soon = clock.now() + timedelta(minutes=30)
    is_today = clock.local_date(soon) == clock.today()
    return soon if is_today else clock.now() + timedelta(minutes=1)


def serve(scene: Scene) -> None:
    """In and out at the door, then the days go by: the record is noticed, and nobody objects."""
    db.session.rollback()
    code = pass_code(db.session.query(Signup).filter_by(position_id=scene.shift).one())
    start = get_row(EventSession, scene.session).starts_at
    with freeze(start):
        scene.scan(code)
    with freeze(start + timedelta(hours=2)):
        scene.scan(code, direction=Direction.OUT)
    with freeze(start + timedelta(hours=5)), transaction():
        recognition.settle_session(scene.session)
    with freeze(start + timedelta(days=30)), transaction():
        recognition.finish_notices()


def issue(page: Page) -> None:
    """Staff take the application up and issue the certificate."""
    page.goto("/manage/")
    looks_sound(page)
    page.goto("/manage/certificates")
    looks_sound(page)
    page.locator("main tbody a").first.click()
    page.get_by_role("button", name="受理", exact=True).click()
    page.locator("[name=head]").fill("张主任")
    page.locator("[name=handler]").fill("李经办")
    page.locator("[name=contact]").fill("0454-8888888")
    looks_sound(page)
    page.get_by_role("button", name="开具证明").click()
    expect(page.locator("main")).to_contain_text("已开具")


def test_from_registration_to_certificate(
    app: Flask, live_server: LiveServer, visit: Visit, tmp_path: Path
) -> None:
    scene = make_scene(starts_at=_soon())
    staff_login = db.session.get_one(Account, scene.scanner_account).email
    assert staff_login is not None
    me = visit()
    register(me)
    looks_sound(me)
    fill_profile(me)
    me.goto("/me/shifts")
    looks_sound(me)
    expect(me.locator("main")).to_contain_text("示例健康讲座")
    take_shift(me, scene)
    serve(scene)

    me.goto("/me/hours")
    looks_sound(me)
    expect(me.locator("main")).to_contain_text("2.0")
    me.goto("/me")
    looks_sound(me)
    expect(me.locator("main")).to_contain_text("志愿服务时长")
    me.goto("/me/certificates")
    me.locator("[name=organisation]").first.check()
    me.locator("[name=purpose]").fill("申请实践学分")
    looks_sound(me)
    me.get_by_role("button", name="提交申请").click()
    expect(me.locator("main")).to_contain_text("已申请")

    office = visit(viewport=DESK)
    sign_in(office, staff_login)
    issue(office)

    me.goto("/me/certificates")
    link = me.locator("a[href$='.pdf']").get_attribute("href")
    assert link is not None
    pdf = me.request.get(link).body()
    (sheet,) = paper.pages_of(pdf, tmp_path, dpi=300)
    (code,) = paper.codes_on(sheet)
    assert code.startswith(f"{live_server.url}/verify/KPX-")
    anyone = visit()
    anyone.goto(code.removeprefix(live_server.url))
    looks_sound(anyone)
    expect(anyone.locator("main")).to_contain_text("示**")
    assert "示例志愿者" not in anyone.locator("body").inner_text()
    assert "13800001234" not in anyone.content()


def sheet_of_elders(path: Path) -> Path:
    """Thirty people as a centre keeps them, one of them with a telephone that is too short."""
    book = Workbook()
    book.active.append(["姓名", "手机号"])
    for number in range(30):
        phone = f"1390454{number // 2:04d}" if number != 7 else "1390454"
        book.active.append([f"长者{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'一二三'[number // 10]}", phone])
    book.save(path)
    return path


def test_a_centre_signs_up_thirty_elders_and_prints_their_cards(
    app: Flask, live_server: LiveServer, visit: Visit, tmp_path: Path
) -> None:
    scene = make_scene(starts_at=clock.now() + timedelta(days=3))
    with transaction():
        centre = organisations.make_organisation(name="示例社区中心", kind=OrganisationKind.CENTRE).id
    account = make_account("示例社区", "centre@example.cn")
    with transaction():
        organisations.set_membership(account.person_id, centre, [Permission.SIGN_UP_OTHERS], by=None)
        get_row(Venue, scene.venue).organisation_id = centre
    page = visit(viewport=DESK)
    sign_in(page, "centre@example.cn")
    page.goto("/manage/")
    page.get_by_role("link", name="代报名").click()
    page.locator("a[href$='/sign-up-many']").click()
    looks_sound(page)
    page.locator("[name=file]").set_input_files(sheet_of_elders(tmp_path / "elders.xlsx"))
    page.get_by_role("button", name="看一遍名单").click()
    expect(page.locator("main")).to_contain_text("29 行可以报，1 行有问题")
    looks_sound(page)
    listed = page.locator("main [name=people]").input_value()
    page.locator("main [name=people]").fill(listed.replace("1390454\n", "13904549999\n"))
    page.get_by_role("button", name="再看一遍", exact=True).click()
    expect(page.locator("main")).to_contain_text("30 行都可以报")
    page.locator("[name=consent]").check()
    page.locator("button[value=send]").click()
    expect(page.locator("h1")).to_have_text("名单已报名")
    looks_sound(page)

    page.locator("a[href*='/cards']").first.click()
    expect(page.locator("main")).to_contain_text("30")
    looks_sound(page)
    link = page.locator("a[href*='cards.pdf']").get_attribute("href")
    assert link is not None
    printed, codes = page.request.get(link).body(), set()
    for dpi in (300, 240, 360):  # zbar misses one in a hundred at one size; a camera moves until it reads
        sheets = paper.pages_of(printed, tmp_path, dpi=dpi)
        assert len(sheets) == 3
        codes |= {code for sheet in sheets for code in paper.codes_on(sheet)}
        if len(codes) == 30:
            break
    assert len(codes) == 30
    phone = visit()
    phone.goto(min(codes).removeprefix(live_server.url))
    looks_sound(phone)
