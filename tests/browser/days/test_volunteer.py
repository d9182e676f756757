"""The day of a volunteer of 24, on the bus: what fits, two shifts at once, a move, a friend, the calendar, the hours.

The organiser's move and the door's scans are made through the services: they have days of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.test_volunteer_life import issue
from tests.browser.test_whole_way import looks_sound, sign_in
from tests.factories.attendance import Scene, make_account, make_scene
from tests.factories.events import GUIDES, an_event, positions_of, session_draft, sessions_of
from tests.factories.volunteers import make_member, make_team
from tests.support import paper
from tests.support.browser import DESK
from tests.support.server import LiveServer
from webapp.attendance.domain import Direction
from webapp.core import clock
from webapp.core.clock import freeze
from webapp.core.db import db, get_row, transaction
from webapp.events import service as events
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Account
from webapp.recognition import service as recognition
from webapp.signups import service as signups
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code

Visit = Callable[..., Any]
NAME, FRIEND, LOGIN = "陈晓雨", "刘洋", "rain@example.cn"
GUIDE = GUIDES.name


@dataclass
class Shift:
    """A shift of an event of its own."""

    title: str
    position: str
    session: str
    event: str


def _shift(title: str, starts_at: datetime) -> Shift:
    event: Event = an_event(title=title, sessions=[session_draft(starts_at, positions=[GUIDES])])
    return Shift(title, positions_of(event)[0].id, sessions_of(event)[0].id, event.id)


def _sign_up(page: Page) -> None:
    looks_sound(page)
    page.locator("[name=risk]").check()
    page.get_by_role("button", name="确认报名").click()


def _calendar_address(page: Page) -> str:
    page.goto("/me")
    page.get_by_role("link", name="我的日历地址").click()
    looks_sound(page)
    page.get_by_role("button", name="建日历地址").click()
    address = page.get_by_label("日历地址", exact=True).input_value()
    looks_sound(page)
    return address


def _calendar(page: Page, address: str) -> dict[str, tuple[datetime, str]]:
    """What the phone's calendar shows: title → start and status."""
    found = Calendar.from_ical(page.request.get(address).text())
    return {
        str(one["SUMMARY"]): (clock.local(one["DTSTART"].dt), str(one.get("STATUS", "CONFIRMED")))
        for one in found.walk("VEVENT")
    }


def _shows(page: Page, address: str, *, standing: dict[str, datetime], gone: list[str]) -> None:
    found = _calendar(page, address)
    stands = {name: start for name, (start, status) in found.items() if status == "CONFIRMED"}
    for title, start in standing.items():
        (shown,) = [when for name, when in stands.items() if title in name]
        assert shown == clock.local(start).replace(microsecond=0), (title, shown, start)
    for title in gone:
        assert not [name for name in stands if title in name], (title, found)


def _swap(page: Page, first: Shift, second: Shift) -> None:
    """Another shift overlaps: which one is said, and one tick and one tap swap."""
    page.goto(f"/positions/{second.position}/sign-up")
    expect(page.locator("main")).to_contain_text("这个时间您已有别的岗位")
    expect(page.locator("main")).to_contain_text(first.title)
    page.get_by_label("放下它，换成这一个").check()
    _sign_up(page)
    expect(page.locator("h1")).to_have_text("已报名")
    page.goto("/me")
    expect(page.locator("main")).to_contain_text(second.title)


def _move(shift: Shift, hours: int) -> None:
    """What the organiser does; told from the page of the move, which has its own tests."""
    held = get_row(EventSession, shift.session)
    by = timedelta(hours=hours)
    with transaction():
        events.reschedule(
            held.id, starts_at=held.starts_at + by, ends_at=held.ends_at + by, venue_id=held.venue_id, by=None
        )


def _choose(page: Page, moved: Shift, other: Shift) -> None:
    """Both are kept until she chooses; she keeps the one that was moved."""
    page.goto("/me")
    expect(page.locator("main")).to_contain_text("等您答复")
    for one in (moved, other):
        expect(page.locator("main")).to_contain_text(one.title)
    looks_sound(page)
    page.locator("main .links li", has_text=moved.title).get_by_role("link").click()
    looks_sound(page)
    page.locator("[name=answer][value=this]").check()
    page.get_by_role("button", name="就这样定").click()
    page.goto("/me")
    expect(page.locator("main")).not_to_contain_text("等您答复")


def _hand_over(page: Page, friend: Page, shift: Shift) -> None:
    """From her page: the shift, hand over, the friend's name, ask. Four taps."""
    page.goto("/me")
    page.locator(".events").get_by_role("link", name=shift.title).first.click()
    page.get_by_role("link", name="转交给别人").click()
    looks_sound(page)
    page.get_by_label(FRIEND).check()
    page.get_by_role("button", name="请对方接手").click()
    expect(page.locator("main")).to_contain_text("对方答应之前，岗位仍是您的")
    looks_sound(page)
    friend.goto("/me")
    friend.get_by_role("link", name="有人请您接一个岗位").click()
    looks_sound(friend)
    friend.locator("[name=risk]").check()
    friend.get_by_role("button", name="我来接手").click()
    expect(friend.get_by_role("img", name="签到二维码")).to_be_visible()


def _serve(scene: Scene, person_id: str, *, out: timedelta | None) -> None:
    """In three minutes after the start, out when she leaves; without `out` she forgets."""
    db.session.rollback()
    found = db.session.query(Signup).filter_by(position_id=scene.shift, person_id=person_id).one()
    code = pass_code(found)
    start = get_row(EventSession, scene.session).starts_at
    with freeze(start + timedelta(minutes=3)):
        scene.scan(code)
    if out is not None:
        with freeze(start + out):
            scene.scan(code, direction=Direction.OUT)
    with freeze(start + timedelta(hours=5)), transaction():
        recognition.settle_session(scene.session)


def _leader_confirms(page: Page) -> None:
    """One sign-out is missing: the leader finds it on the work page and says when she left."""
    page.goto("/manage/")
    page.get_by_role("link", name="没有签退").first.click()
    looks_sound(page)
    page.get_by_role("link", name="确认签退").click()
    looks_sound(page)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("117 分钟")
    looks_sound(page)


def _certificate(page: Page, office: Page, live_server: LiveServer, folder: Path) -> str:
    page.goto("/me/certificates")
    page.locator("[name=organisation]").first.check()
    page.locator("[name=purpose]").fill("申请实践学分")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("已申请")
    issue(office)
    page.goto("/me/certificates")
    link = page.locator("a[href$='.pdf']").get_attribute("href")
    assert link is not None
    (sheet,) = paper.pages_of(page.request.get(link).body(), folder, dpi=300)
    (code,) = paper.codes_on(sheet)
    return code.removeprefix(live_server.url)


def _login(account_id: str) -> str:
    return str(db.session.get_one(Account, account_id).email)


def test_what_fits_two_at_once_a_move_and_a_friend(app: Flask, visit: Visit) -> None:
    start = clock.now().replace(second=0, microsecond=0) + timedelta(days=7)
    talk, stall, fair = (
        _shift("社区义诊", start),
        _shift("科普大集", start + timedelta(hours=1)),
        _shift("航模课堂", start + timedelta(hours=3)),
    )
    me = make_account(NAME, LOGIN)
    friend = make_account(FRIEND, "friend@example.cn")
    team = make_team()
    for one in (me, friend):
        make_member(team, one.person_id)

    page = visit()
    sign_in(page, LOGIN)
    page.goto("/me/shifts")
    looks_sound(page)
    page.get_by_role("link", name=talk.title).click()
    _sign_up(page)
    expect(page.locator("h1")).to_have_text("已报名")
    address = _calendar_address(page)
    _shows(page, address, standing={talk.title: start}, gone=[])

    _swap(page, talk, stall)
    moments = {stall.title: start + timedelta(hours=1)}
    _shows(page, address, standing=moments, gone=[talk.title])

    page.goto(f"/positions/{fair.position}/sign-up")
    _sign_up(page)
    _move(stall, 1)
    moments = {stall.title: start + timedelta(hours=2), fair.title: start + timedelta(hours=3)}
    _shows(page, address, standing=moments, gone=[])
    _choose(page, stall, fair)
    _shows(page, address, standing={stall.title: start + timedelta(hours=2)}, gone=[fair.title])

    other = visit()
    sign_in(other, "friend@example.cn")
    _hand_over(page, other, stall)
    _shows(page, address, standing={}, gone=[talk.title, stall.title, fair.title])
    db.session.rollback()
    assert get_row(Position, stall.position).taken == 1


def test_hours_to_the_minute_and_a_certificate_that_verifies(
    app: Flask, live_server: LiveServer, visit: Visit, tmp_path: Path
) -> None:
    with freeze(clock.now().replace(second=0, microsecond=0) - timedelta(days=4)):
        scenes = [make_scene(), make_scene(starts_at=clock.now() + timedelta(days=1))]
        me = make_account(NAME, LOGIN)
        for scene in scenes:
            with transaction():
                signups.sign_up(scene.shift, me.person_id, by=me.person_id, source="self")
    logins = [_login(scene.scanner_account) for scene in scenes]
    _serve(scenes[0], me.person_id, out=timedelta(hours=1, minutes=50))
    _serve(scenes[1], me.person_id, out=None)

    page = visit()
    sign_in(page, LOGIN)
    page.goto("/me/hours")
    expect(page.locator("main")).to_contain_text("有 1 次没有签退")
    looks_sound(page)
    leader = visit(viewport=DESK)
    sign_in(leader, logins[1])
    _leader_confirms(leader)
    with freeze(clock.now() + timedelta(days=40)), transaction():
        recognition.finish_notices()

    page.goto("/me/hours")
    looks_sound(page)
    expect(page.locator("main")).to_contain_text("107 分钟")
    expect(page.locator("main")).to_contain_text("117 分钟")
    office = visit(viewport=DESK)
    sign_in(office, logins[0])
    address = _certificate(page, office, live_server, tmp_path)
    anyone = visit()  # at the university
    anyone.goto(address)
    expect(anyone.locator("main")).to_contain_text("陈**")
    looks_sound(anyone)
