"""The day of an organiser at a health centre: Monday before the first patient, a speaker who falls ill, the day itself.

Not built yet, so not walked: one list of all that waits (待办), and the sheet of what came of a session with its
thanks to people; what stands for them today is the desk's home page, photos and hours.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import make_account
from tests.factories.attendance import sign_up as a_guest_signs_up
from tests.factories.events import an_event, an_organisation, session_draft, sessions_of
from tests.factories.recognition import make_record
from tests.factories.signups import a_position, a_volunteer, join
from tests.factories.volunteers import give_skill, make_skill
from tests.support.browser import DESK
from webapp.core import clock
from webapp.core.config import RECORD
from webapp.core.db import get_row, session, transaction
from webapp.events.domain import PositionDraft
from webapp.events.domain.questions import QuestionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.events.service.questions import add_question
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people import service as people
from webapp.signups.models import Answer, Signup
from webapp.signups.queries import pass_code

Visit = Callable[..., Any]
TABLET = {"width": 1024, "height": 768}
GATEWAYS = pytest.mark.settings(
    mail_url=RECORD, sms_url=RECORD, hook_secret="for the tests of days only"
)  # messages leave by both


@pytest.fixture
def centre(app: Flask) -> Organisation:
    unit = an_organisation("示例社区卫生服务中心", phone="+864548888888")
    account = make_account("周医生", "doctor@example.cn")
    with transaction():
        organisations.set_membership(
            account.person_id, unit.id, [Permission.MANAGE_EVENTS, Permission.SCAN], by=None
        )
    return unit


@pytest.fixture
def desk(centre: Organisation, visit: Visit) -> Page:
    """Her computer, signed in."""
    page = visit(viewport=DESK)
    sign_in(page, "doctor@example.cn")
    return page


# --- Monday, 8:00


def seven_ask(centre: Organisation) -> str:
    """Seven volunteers want to help next week: two of them known, one with a first-aid certificate."""
    position = a_position("volunteer", 8, organisation=centre)
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position).values(needs_approval=True))
        event_id = current.get_one(Position, position).session.event_id
        question = add_question(event_id, QuestionDraft("text", "会量血压吗？", (), False), by=None).id
    asked = [a_volunteer(f"志愿者{name}") for name in "甲乙丙丁戊己庚"]
    give_skill(asked[0], make_skill("急救", needs_certificate=True), checked=True)
    make_record(asked[1], minutes=150)
    made = [join(position, one) for one in asked]
    with transaction() as current:
        current.add(Answer(signup_id=made[2], question_id=question, value="会，退休护士"))
    return position


def decide_seven(page: Page, position: str) -> None:
    """From the desk by one link; what speaks for each stands beside the name; six at once, one with a reason."""
    page.goto("/manage/")
    looks_sound(page)
    line = page.get_by_role("listitem").filter(has_text="7 人报名")
    line.get_by_role("link").click()
    looks_sound(page)
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(7)
    expect(rows.filter(has_text="志愿者甲")).to_contain_text("急救（证书已核")
    expect(rows.filter(has_text="志愿者乙")).to_contain_text("累计 2.5 小时")
    expect(rows.filter(has_text="志愿者丙")).to_contain_text("会，退休护士")
    expect(rows.filter(has_text="志愿者庚")).to_contain_text("近一年没有参加过")
    page.get_by_label("这 7 人全部选上").check()
    rows.filter(has_text="志愿者庚").get_by_role("checkbox").uncheck()
    page.get_by_role("radio", name="通过").check()
    page.get_by_role("button", name="处理打勾的人").click()
    expect(page.locator("main")).to_contain_text("刚才处理了 6 人")
    page.get_by_label("志愿者庚").check()
    page.get_by_role("radio", name="婉拒").check()
    page.locator("main [name=reason]").fill("这次人已够，下次先找您。")
    page.get_by_role("button", name="处理打勾的人").click()
    expect(page.locator("main")).to_contain_text("没有等审核的报名")
    session().rollback()
    found = session().scalars(select(Signup.status).where(Signup.position_id == position)).all()
    assert sorted(found) == ["confirmed"] * 6 + ["declined"]


def two_drafts(page: Page) -> None:
    """One is published with one press; of the other it is said at once what it lacks."""
    page.goto("/manage/")
    page.get_by_role("link", name="草稿甲：口腔健康").click()
    page.get_by_role("button", name="发布").click()
    expect(page.locator("body")).to_contain_text("活动已发布")
    page.goto("/manage/")
    page.get_by_role("link", name="草稿乙：合理用药").click()
    looks_sound(page)
    expect(page.locator("main")).to_contain_text("发布前还差")
    expect(page.locator("main")).to_contain_text("简介")


def this_months_from_last_months(page: Page) -> None:
    """Two screens: the copy, and its time and place; the new hall is added where it is chosen."""
    page.goto("/manage/events")
    page.get_by_role("link", name="上个月的高血压讲座").click()
    page.locator(".work-acts summary").click()
    page.get_by_role("button", name="复制成新草稿").click()
    expect(page.locator("main")).to_contain_text("草稿")
    page.get_by_text("改动这一场").click()
    page.get_by_role("link", name="改时间地点").click()
    looks_sound(page)
    on = clock.local(clock.now() + timedelta(days=11)).replace(hour=14, minute=0)
    page.locator("[name=starts_at]").fill(f"{on:%Y-%m-%dT%H:%M}")
    page.locator("[name=ends_at]").fill(f"{on + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.get_by_text("列表里没有？加一个新地点").click()
    page.get_by_label("新地点的名称").fill("长安社区新会堂")
    page.get_by_label("县（市）区").select_option("230803")
    page.get_by_label("地址").fill("长安路 9 号二楼")
    looks_sound(page)
    page.get_by_role("button", name="存好", exact=True).last.click()
    expect(page.locator("body")).to_contain_text("地点“长安社区新会堂”已加好")
    expect(page.locator("main")).to_contain_text("长安社区新会堂")
    page.get_by_role("button", name="发布").click()
    expect(page.locator("body")).to_contain_text("活动已发布")
    looks_sound(page)


def test_monday_before_the_first_patient(centre: Organisation, desk: Page) -> None:
    position = seven_ask(centre)
    soon = clock.now() + timedelta(days=5)
    an_event(centre, published=False, title="草稿甲：口腔健康", sessions=[session_draft(soon)])
    an_event(centre, published=False, title="草稿乙：合理用药", summary="", sessions=[session_draft(soon)])
    last = an_event(
        centre, title="上个月的高血压讲座", sessions=[session_draft(clock.now() + timedelta(hours=1))]
    )
    with transaction() as current:
        held = sessions_of(last)[0]
        current.execute(
            update(EventSession)
            .where(EventSession.id == held.id)
            .values(starts_at=held.starts_at - timedelta(days=28), ends_at=held.ends_at - timedelta(days=28))
        )
    decide_seven(desk, position)
    two_drafts(desk)
    this_months_from_last_months(desk)


# --- Thursday: the speaker is ill


def fourteen_come(centre: Organisation) -> tuple[str, list[str]]:
    """Eleven with mail or a mobile, three with a landline alone."""
    draft = PositionDraft("观众", "audience", 30, True)
    starts = clock.now() + timedelta(days=3)
    event = an_event(centre, title="中医养生讲座", sessions=[session_draft(starts, positions=[draft])])
    seats = (
        session().scalars(select(Position.id).where(Position.session_id == sessions_of(event)[0].id)).one()
    )
    for number in range(11):
        a_guest_signs_up(seats, name=f"听众{'一二三四五六七八九十甲'[number]}")
    landlines = ["周桂兰", "郑长海", "吴秀云"]
    for number, name in enumerate(landlines):
        with transaction():
            person = people.find_or_make_person(name=name, phone=f"+86454888000{number}").id
        join(seats, person)
    return event.id, landlines


@GATEWAYS
def test_thursday_the_speaker_falls_ill(centre: Organisation, desk: Page) -> None:
    event_id, landlines = fourteen_come(centre)
    desk.goto(f"/manage/events/{event_id}")
    desk.get_by_text("改动这一场").click()
    desk.get_by_role("link", name="改时间地点").click()
    later = clock.local(clock.now() + timedelta(days=10)).replace(hour=9, minute=30)
    desk.locator("[name=starts_at]").fill(f"{later:%Y-%m-%dT%H:%M}")
    desk.locator("[name=ends_at]").fill(f"{later + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    desk.get_by_role("button", name="看看要告诉谁").click()
    looks_sound(desk)
    said = desk.locator("main")
    expect(said).to_contain_text("要告诉 14 个报了名的人")
    expect(said.locator(".fact", has_text="会收到短信")).to_contain_text("11 人")
    expect(said.locator(".fact", has_text="要打电话告诉")).to_contain_text("、".join(sorted(landlines)[:1]))
    expect(said.locator(".fact", has_text="要打电话告诉")).to_contain_text("3 人")
    desk.get_by_role("button", name="确认修改，告诉 14 人").click()
    expect(desk.locator("body")).to_contain_text("时间和地点已改好")
    call_three(desk, landlines)


def call_three(page: Page, names: list[str]) -> None:
    """The list is one link from the desk: what to say, the numbers after one press, a tick for each."""
    page.goto("/manage/")
    expect(page.locator("main")).to_contain_text("还有 3 个人要打电话告诉")
    page.get_by_role("link", name="看名单和要说的话").click()
    page.get_by_role("link", name="中医养生讲座").first.click()
    looks_sound(page)
    script = page.locator("main .card, main .panel").filter(has_text="电话里这样说")
    expect(script).to_contain_text("中医养生讲座")
    expect(script).to_contain_text("9:30")
    page.get_by_role("button", name="显示电话号码").click()
    for number, name in enumerate(names):
        row = page.locator("main tbody tr").filter(has_text=name)
        expect(row.get_by_role("link", name=f"0454888000{number}")).to_have_attribute(
            "href", f"tel:+86454888000{number}"
        )
        row.get_by_role("button", name="已告知").click()
        expect(page.locator("main tbody tr").filter(has_text=name)).to_contain_text("✓ 周医生")
    expect(page.locator("main")).to_contain_text("还剩 0 人")
    looks_sound(page)
    page.goto("/manage/")
    expect(page.locator("main")).not_to_contain_text("要打电话告诉")


# --- the day


@pytest.fixture
def today(centre: Organisation) -> EventSession:
    """Starts in half an hour, five people signed up."""
    draft = [PositionDraft("观众", "audience", 30, True), PositionDraft("志愿者", "volunteer", 2, True)]
    event = an_event(
        centre,
        title="三减三健讲座",
        sessions=[session_draft(clock.now() + timedelta(minutes=30), positions=draft)],
    )
    return sessions_of(event)[0]


def helper_paired(page: Page, phone: Page) -> None:
    """From the list of the day to a code on the tablet; the helper types it, and may scan."""
    page.get_by_role("link", name="现场", exact=True).click()
    page.locator("main").get_by_role("link", name="签到手机", exact=True).click()
    looks_sound(page)
    page.get_by_label("手机叫什么").fill("小李的手机")
    page.get_by_role("button", name="出配对码").click()
    code = page.locator("main .qr-code").inner_text()
    phone.goto("/scan")
    phone.get_by_role("link", name="输入配对码").click()
    phone.get_by_label("配对码").fill(code)
    looks_sound(phone)
    phone.get_by_role("button", name="配对这台手机").click()
    expect(page.locator("main")).to_contain_text("配对好了")  # by itself
    phone.get_by_role("link", name="三减三健讲座").click()
    phone.locator("#scan[data-ready]").wait_for()


def typed(phone: Page, code: str) -> None:
    phone.locator("#typed-code").fill(code)
    phone.locator("#typed-code").press("Enter")
    shown = "kind => document.querySelector(`.answer-${kind}:not([hidden])`)?.innerText"
    phone.wait_for_function(shown, arg="accepted")
    expect(phone.locator(".answer")).to_be_hidden()


def test_the_day_with_a_tablet_a_helper_and_no_network(
    centre: Organisation, desk: Page, visit: Visit, today: EventSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support import browser as browsers

    known = (*browsers.ANSWERS_WITH_A_SENTENCE, "Failed to load resource", "ERR_INTERNET_DISCONNECTED")
    monkeypatch.setattr(browsers, "ANSWERS_WITH_A_SENTENCE", known)
    held = today.id
    seats = (
        session()
        .scalars(select(Position.id).where(Position.session_id == held, Position.kind == "audience"))
        .one()
    )
    passes = [pass_code(a_guest_signs_up(seats, name=f"听众{name}")) for name in "一二三四五"]
    tablet, phone = visit(viewport=TABLET), visit()
    sign_in(tablet, "doctor@example.cn")
    tablet.goto("/manage/")
    tablet.get_by_role("link", name="看板").click()
    looks_sound(tablet)
    board = tablet.locator("#board")
    expect(board).to_contain_text("应到 5 人")
    desk.goto(f"/manage/sessions/{held}")
    helper_paired(desk, phone)
    typed(phone, passes[0])
    expect(board.locator(".figures")).to_contain_text("还没到")
    expect(tablet.locator("main")).to_contain_text("听众一", timeout=30_000)
    phone.context.set_offline(True)
    typed(phone, passes[1])
    typed(phone, passes[2])
    expect(phone.locator('[data-part="offline"]')).to_contain_text("没有网络")
    phone.context.set_offline(False)
    expect(phone.locator('[data-part="offline"]')).to_be_hidden(timeout=30_000)
    arrived = board.locator("section", has_text="刚到的人")
    expect(arrived).to_contain_text("听众三", timeout=30_000)
    as_excel(desk, held)


def as_excel(page: Page, held: str) -> None:
    """The director wants the list, now: one press on the list of the day."""
    page.goto(f"/manage/sessions/{held}")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Excel", exact=True).click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    people_sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in people_sheet.iter_rows()]
    assert rows[0][:3] == ["姓名", "手机号", "岗位"]
    assert [row[0] for row in rows[1:]] == [f"听众{name}" for name in "一二三四五"]
    assert sum(row[4] is not None for row in rows[1:]) == 3


# --- Friday


def test_friday_photos_and_hours(centre: Organisation, desk: Page, today: EventSession) -> None:
    """What came of it in one sheet, and thanks to people, are not built yet: the walk ends with photos and hours."""
    held = today.id
    desk.goto(f"/manage/sessions/{held}")
    desk.get_by_role("link", name="现场", exact=True).click()
    desk.locator("main").get_by_role("link", name="现场照片").click()
    looks_sound(desk)
    shown = io.BytesIO()
    Image.effect_noise((800, 600), 60).convert("RGB").save(shown, "JPEG")
    desk.locator("input[type=file]").set_input_files(
        {"name": "会场.jpg", "mimeType": "image/jpeg", "buffer": shown.getvalue()}
    )
    desk.locator("main form button[type=submit]").first.click()
    expect(desk.locator("main img").first).to_be_visible()
    looks_sound(desk)
    desk.goto(f"/manage/sessions/{held}")
    desk.get_by_label("这一场").get_by_role("link", name="时长").click()
    looks_sound(desk)
    assert get_row(Event, today.event_id).title == "三减三健讲座"
