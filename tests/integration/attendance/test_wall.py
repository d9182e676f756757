"""The code on the wall: opened, scanned with one's own phone, pressed; wrong guesses; odd patterns; both databases."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_scene, sign_up, volunteer_for
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.domain import Direction
from webapp.attendance.domain.phones import WallMode
from webapp.attendance.domain.wall import CROWD, SessionNotOpen, Visit, VisitOver, WallClosed, show_number
from webapp.attendance.models import Attendance, Scan, Wall
from webapp.attendance.queries import wall as walls
from webapp.attendance.service import recount
from webapp.attendance.service import wall as service
from webapp.core.audit import AuditEntry
from webapp.core.db import db, new_id, transaction
from webapp.events import service as events
from webapp.events.models import Position
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]
NewClient = Callable[[], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30, ends at 11:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def staff(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))


def open_wall(scene: Scene, mode: WallMode = WallMode.ROTATING) -> None:
    with transaction():
        service.open_wall(scene.session, mode=mode, by=scene.scanner)


def address(scene: Scene) -> str:
    """What the QR says now."""
    db.session.rollback()
    wall = walls.find(scene.session)
    assert wall is not None
    return f"/w/{walls.shown_now(wall).code.upper()}"


def as_volunteer(sign_in: SignIn, client: CheckedClient, signup: Signup) -> CheckedClient:
    account = db.session.scalars(select(Account).where(Account.person_id == signup.person_id)).one()
    return sign_in(client, as_signed_in(account))


def press(client: CheckedClient, page: str, signup: Signup) -> Any:
    """The button of the page."""
    own = page[page.index('action="/w/own"') :].partition("</form>")[0]
    fields = dict(re.findall(r'name="(signup|direction|nonce)" value="([^"]*)"', own))
    assert fields["signup"] == signup.id
    return client.post("/w/own", data=fields)


def attendance_of(signup: Signup) -> Attendance | None:
    db.session.rollback()
    return db.session.scalars(select(Attendance).where(Attendance.signup_id == signup.id)).one_or_none()


def test_a_volunteer_signs_in_between_and_presses(
    staff: CheckedClient, scene: Scene, new_client: NewClient, sign_in: SignIn, clock: TestClock
) -> None:
    shift = volunteer_for(scene.shift)
    path = f"/manage/sessions/{scene.session}/wall"
    assert "没有开放" in staff.get(path).text
    closed = staff.get(f"{path}/screen")  # the hall's screen never shows a page of the staff's
    assert "墙码已关闭" in closed.text
    assert "<form" not in closed.text.partition('id="wall"')[2]
    assert staff.fill(path, form=f"{path}/open", mode="rotating").status_code == 303
    screen = staff.get(f"{path}/screen").text
    now = staff.get(f"{path}/now.json").json
    assert now is not None
    assert now["picture"] in screen
    assert 0 < now["left"] <= 30
    phone = new_client()
    opened = phone.get(address(scene))
    assert opened.status_code == 303
    assert attendance_of(shift) is None  # a link preview checks nobody in
    guest_page = phone.get("/w/").text
    assert "/sign-in?next=/w/" in guest_page
    clock.advance(minutes=9)
    as_volunteer(sign_in, phone, shift)
    page = phone.get("/w/").text
    done = press(phone, page, shift)
    assert "签到成功" in done.text
    came = attendance_of(shift)
    assert came is not None
    assert came.grade == "scan"
    # Pressed twice is pressed once.
    assert "签到成功" in press(phone, page, shift).text
    clock.advance(minutes=60)
    assert phone.get("/w/").status_code == 410
    phone.get(address(scene))
    left = press(phone, phone.get("/w/").text, shift)
    assert "签退成功" in left.text
    assert "已经签退过了" in phone.get("/w/").text
    came = attendance_of(shift)
    assert came is not None
    assert came.out_at is not None
    assert recount.differences(scene.session) == []
    kept = db.session.scalars(select(Scan).order_by(Scan.received_at)).all()
    assert [(one.method, one.by_person_id, one.outcome) for one in kept] == [
        ("wall", shift.person_id, "accepted")
    ] * 2
    assert len({one.device for one in kept}) == 1
    assert kept[0].device.startswith("wall:")


def test_a_code_is_judged_when_it_is_opened(
    scene: Scene, new_client: NewClient, clock: TestClock, staff: CheckedClient
) -> None:
    open_wall(scene)
    first = address(scene)
    clock.advance(seconds=40)
    late = new_client()
    assert late.get(first).status_code == 303  # the step before is still good
    clock.advance(seconds=30)
    answer = new_client().get(first)
    assert (answer.status_code, "已经过期" in answer.text) == (410, True)
    assert late.get(first).headers["Location"].endswith("/w/")  # the same phone reloads its page
    for odd in ("/w/x", "/w/" + "0" * 47, first[:-1], first[:-1] + ("A" if first[-1] != "A" else "B")):
        answer = new_client().get(odd)
        assert (answer.status_code, "不是本系统的墙码" in answer.text) == (404, True)
    # Renewed: what was opened before has to be opened again; closed: nothing can be.
    staff.post(f"/manage/sessions/{scene.session}/wall/renew")
    assert late.get("/w/").status_code == 410
    assert late.get(address(scene)).status_code == 303
    last = address(scene)
    staff.post(f"/manage/sessions/{scene.session}/wall/close")
    staff.post(f"/manage/sessions/{scene.session}/wall/close")
    assert "现在不能用墙码签到" in new_client().get(last).text
    assert "现在不能用墙码签到" in late.get("/w/").text
    assert late.post("/w/code", data={"code": "7K2M9Q"}).status_code == 422
    done = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("wall.%")).order_by(AuditEntry.at)
    ).all()
    assert done == ["wall.open", "wall.renew", "wall.close"]


def test_a_guest_types_the_code_of_the_pass(scene: Scene, new_client: NewClient, clock: TestClock) -> None:
    open_wall(scene)
    guest, other = sign_up(scene.seats, name="王小明"), make_scene()
    stranger = sign_up(other.seats)
    phone = new_client()
    assert phone.post("/w/code", data={"code": guest.short_code}).status_code == 410  # nothing was scanned
    phone.get(address(scene))
    for wrong in (stranger.short_code, "222222", pass_code(stranger)):
        answer = phone.post("/w/code", data={"code": wrong, "nonce": new_id()})
        assert answer.status_code == 422
        assert "这一场没有这个报名码" in answer.text
    assert "请输入报名码" in phone.post("/w/code", data={"code": ""}).text
    refused = phone.post("/w/code", data={"code": guest.short_code, "direction": "out", "nonce": new_id()})
    assert "还没有签到，不能签退" in refused.text
    answer = phone.fill("/w/", form="/w/code", code=f" {guest.short_code[:3]} {guest.short_code[3:].lower()}")
    assert "签到成功" in answer.text
    assert "王小明" not in answer.text
    whole = phone.post("/w/code", data={"code": pass_code(guest), "direction": "out", "nonce": new_id()})
    assert "签退成功" in whole.text
    came = attendance_of(guest)
    assert came is not None
    assert came.out_at is not None
    assert (
        db.session.scalar(select(func.count()).select_from(Scan)) == 3
    )  # guesses of nobody's code make no scan
    # Someone else's sign-up cannot be pressed with its id.
    assert phone.post("/w/own", data={"signup": guest.id}).status_code == 302


def test_the_printed_code_asks_for_the_number(
    scene: Scene, new_client: NewClient, staff: CheckedClient, clock: TestClock
) -> None:
    open_wall(scene, WallMode.PRINTED)
    guest, path = sign_up(scene.seats), f"/manage/sessions/{scene.session}/wall"
    wall = db.session.get_one(Wall, scene.session)
    number = walls.number_of(wall)
    assert show_number(number) in staff.get(path).text
    assert "data:image/svg" in staff.get(f"{path}/sheet").text
    assert staff.get(f"{path}/now.json").json == {"picture": None, "left": None}
    paper, phone = address(scene), new_client()
    clock.advance(hours=1)
    phone.get(paper)
    assert "输入现场的数字" in phone.get("/w/").text
    early = phone.post("/w/code", data={"code": guest.short_code, "nonce": new_id()})
    assert (early.status_code, attendance_of(guest)) == (422, None)
    wrong = f"{(int(number) + 1) % 1_000_000:06d}"
    answer = phone.post("/w/number", data={"number": wrong})
    assert (answer.status_code, "数字不对" in answer.text) == (422, True)
    assert phone.post("/w/number", data={"number": show_number(number)}).status_code == 303
    assert "输入现场的数字" not in phone.get("/w/").text
    # Another number: the sheet stays good, those who gave the old one give the new one.
    staff.post(f"{path}/renew")
    assert address(scene) == paper
    assert phone.get("/w/").status_code == 410
    phone.get(paper)
    assert phone.post("/w/number", data={"number": number}).status_code == 422
    db.session.rollback()
    fresh = walls.number_of(db.session.get_one(Wall, scene.session))
    assert fresh != number
    assert phone.post("/w/number", data={"number": fresh}).status_code == 303
    assert "签到成功" in phone.fill("/w/", form="/w/code", code=guest.short_code).text
    # Shown on a screen instead: the sheet is void.
    staff.post(f"{path}/open", data={"mode": "rotating"})
    assert "现在不能用墙码签到" in new_client().get(paper).text


def test_guessing_ends_soon_and_only_for_the_one_who_guesses(scene: Scene, new_client: NewClient) -> None:
    open_wall(scene, WallMode.PRINTED)
    number = walls.number_of(db.session.get_one(Wall, scene.session))
    wrong = f"{(int(number) + 1) % 1_000_000:06d}"
    thief, honest = new_client(), new_client()
    for phone in (thief, honest):
        phone.get(address(scene))
    tries = [thief.post("/w/number", data={"number": wrong}).status_code for _ in range(6)]
    assert tries == [422] * 5 + [429]
    stopped = thief.post("/w/number", data={"number": number})
    assert (stopped.status_code, "试的次数太多" in stopped.text) == (429, True)
    assert honest.post("/w/number", data={"number": number}).status_code == 303


def test_other_peoples_sign_ups_and_sessions(
    scene: Scene, new_client: NewClient, sign_in: SignIn, clock: TestClock
) -> None:
    open_wall(scene)
    shift, other = volunteer_for(scene.shift), volunteer_for(scene.shift)
    phone = as_volunteer(sign_in, new_client(), shift)
    phone.get(address(scene))
    for signup in (other.id, "0" * 18, ""):
        answer = phone.post("/w/own", data={"signup": signup, "direction": "in", "nonce": new_id()})
        assert answer.status_code == 404
    nobody = as_volunteer(sign_in, new_client(), volunteer_for(make_scene().shift))
    nobody.get(address(scene))
    page = nobody.get("/w/").text
    assert "您没有报名这一场" in page
    assert f"/events/{scene.event}" in page
    with transaction() as session:
        session.get_one(Position, scene.seats).closes_at = clock.now
    clock.advance(minutes=31)  # the session has started, and helpers sign up before that
    nobody.get(address(scene))
    page = nobody.get("/w/").text
    assert "请到签到台登记" in page
    assert f"/events/{scene.event}" not in page
    cancelled = new_client()
    cancelled.get(address(scene))
    with transaction():
        events.cancel_session(scene.session, reason="大雪", by=scene.scanner)
    with pytest.raises(SessionNotOpen), transaction():
        service.open_wall(scene.session, mode=WallMode.PRINTED, by=scene.scanner)
    guest_answer = cancelled.post("/w/code", data={"code": shift.short_code, "nonce": new_id()})
    assert "签到成功" not in guest_answer.text


def test_two_phones_one_person_and_two_who_open(app: Flask, scene: Scene) -> None:
    def opens() -> None:
        with transaction():
            service.open_wall(scene.session, mode=WallMode.ROTATING, by=scene.scanner)

    assert at_once(app, opens, opens, opens) == [None] * 3
    db.session.rollback()
    assert db.session.get_one(Wall, scene.session).serial == 1
    guest = sign_up(scene.seats)
    signup_id, code = guest.id, guest.short_code

    def comes(phone: str) -> Callable[[], str]:
        def work() -> str:
            visit = Visit(scene.session, 1, WallMode.ROTATING, phone, has_number=False)
            with transaction():
                answer, _found = service.check_in_by_code(
                    visit, code, by=None, direction=Direction.IN, nonce=new_id()
                )
            return str(answer.body["outcome"])

        return work

    outcomes = at_once(app, comes("one"), comes("two"), comes("three"))
    assert sorted(outcomes) == ["accepted", "already_in", "already_in"]
    wanted = select(func.count()).select_from(Attendance).where(Attendance.signup_id == signup_id)
    db.session.rollback()
    assert db.session.scalar(wanted) == 1


def test_odd_patterns_are_shown_and_block_nobody(
    app: Flask, scene: Scene, staff: CheckedClient, clock: TestClock
) -> None:
    open_wall(scene)
    family = [sign_up(scene.seats) for _ in range(3)]
    crowd = [sign_up(scene.seats) for _ in range(CROWD)]

    def arrive(signup: Signup, phone: str) -> None:
        visit = Visit(scene.session, 1, WallMode.ROTATING, phone, has_number=False)
        with transaction():
            answer, _id = service.check_in_by_code(
                visit, signup.short_code, by=None, direction=Direction.IN, nonce=new_id()
            )
        assert answer.body["outcome"] == "accepted"

    for signup in family[:2]:
        arrive(signup, "family")
        clock.advance(seconds=15)
    assert walls.patterns(scene.session) == []
    arrive(family[2], "family")
    clock.advance(minutes=5)
    for number, signup in enumerate(crowd):
        arrive(signup, f"phone {number}")
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    found = walls.patterns(scene.session)
    sql_events.remove(db.engine, "before_cursor_execute", note)
    assert [(one.kind, one.params["count"]) for one in found] == [("crowd", CROWD), ("one_phone", 3)]
    assert len([one for one in statements if one.startswith("SELECT")]) == 2
    page = staff.get(f"/manage/sessions/{scene.session}/wall").text
    assert "同一部手机给 3 人签到" in page
    assert f"10 秒内有 {CROWD} 人签到" in page
    board = staff.get(f"/manage/sessions/{scene.session}/board").text
    assert "同一部手机给 3 人签到" in board
    assert f"/manage/sessions/{scene.session}/door" in board


def test_visits_that_may_not(scene: Scene) -> None:
    guest = sign_up(scene.seats)

    def come(serial: int, mode: WallMode) -> None:
        visit = Visit(scene.session, serial, mode, "phone", has_number=True)
        with transaction():
            service.check_in_by_code(visit, guest.short_code, by=None, direction=Direction.IN, nonce=new_id())

    with pytest.raises(WallClosed):
        come(1, WallMode.ROTATING)
    with pytest.raises(WallClosed), transaction():
        service.renew(scene.session, by=scene.scanner)
    open_wall(scene, WallMode.PRINTED)
    open_wall(scene, WallMode.PRINTED)
    for serial, mode in ((1, WallMode.ROTATING), (2, WallMode.PRINTED)):
        with pytest.raises(VisitOver):
            come(serial, mode)
    come(1, WallMode.PRINTED)
