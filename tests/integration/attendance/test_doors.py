"""The door without a phone: ticks, the signed sheet entered later, everyone out; on both databases."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories.attendance import Scene, make_scene, person_of, sign_up, volunteer_for
from tests.factories.organisations import grant
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.domain import Direction
from webapp.attendance.domain.doors import Ticks
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import leaving, recount
from webapp.attendance.service import ticks as ticking
from webapp.attendance.views import ticks as ticks_page
from webapp.core import clock as city
from webapp.core.audit import AuditEntry
from webapp.core.db import db, transaction
from webapp.events import service as events
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordStatus, Turnout
from webapp.recognition.models import ServiceRecord
from webapp.signups import service as signups
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30, ends at 11:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def scanner(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))


def attendances() -> dict[str, Attendance]:
    db.session.rollback()
    wanted = select(Attendance).where(Attendance.annulled_at.is_(None))
    return {one.signup_id: one for one in db.session.scalars(wanted)}


def at(clock_text: str) -> str:
    """A time of the scene's day as a form sends it."""
    return f"{city.today():%Y-%m-%d}T{clock_text}"


def moment(one: Any) -> str:
    return f"{city.local(one):%H:%M}"


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        ("session cancelled", ("这一场已取消", "下大雪")),
        ("event cancelled", ("活动已取消", "下大雪")),
        ("postponed", ("已延期，新时间待定",)),
        ("draft", ("活动还没有发布",)),
    ],
)
def test_pages_of_what_is_not_held_say_so_and_ask_for_nothing(
    scanner: CheckedClient, scene: Scene, happened: str, said: tuple[str, ...]
) -> None:
    account = db.session.get_one(Account, scene.scanner_account)
    grant(account, db.session.get_one(Organisation, scene.organisation), Permission.MANAGE_EVENTS)
    with transaction() as session:
        if happened == "session cancelled":
            events.cancel_session(scene.session, reason="下大雪", by=None)
        elif happened == "event cancelled":
            events.cancel(scene.event, reason="下大雪", by=None)
        else:
            session.get_one(Event, scene.event).status = happened
    for page in ("ticks", "walk-in", "headcounts", "check-out", "wall", "photos"):
        shown = scanner.get(f"/manage/sessions/{scene.session}/{page}").text
        assert all(text in shown for text in (*said, "这一场不能")), page
        assert "活动发布以后才能" not in shown
        forms = re.findall(r'<form[^>]* action="([^"]*)"', shown.partition('<main id="main"')[2])
        assert forms == [], page
    assert scanner.post(f"/manage/sessions/{scene.session}/photos", fault=True).status_code == 409


def test_several_are_ticked_in_and_out(scanner: CheckedClient, scene: Scene, clock: TestClock) -> None:
    path = f"/manage/sessions/{scene.session}/ticks"
    guests = [sign_up(scene.seats, name="王小明") for _ in range(3)]
    shift = volunteer_for(scene.shift)
    page = scanner.get(path)
    assert "王小明" in page.text
    assert not any((person_of(one).phone or "-") in page.text for one in guests)  # of numbers the ends alone
    assert page.text.count('name="came"') == 4
    done = scanner.fill(path, form=path, came=[guests[0].id, shift.id], came_at=at("08:50"), left_at=None)
    assert done.status_code == 303
    came = attendances()
    assert {moment(one.in_at) for one in came.values()} == {"08:50"}
    assert {one.grade for one in came.values()} == {"roster"}
    assert not any(one.entered_late for one in came.values())
    assert recount.differences(scene.session) == []
    clock.advance(hours=1)
    # One page: one comes now, one leaves now, one would leave without having come.
    page = scanner.post(
        path,
        data={"came": guests[1].id, "left": [shift.id, guests[2].id], "nonce": "n1"},
        follow_redirects=True,
    )
    assert "签到 1 人，签退 1 人" in page.text
    assert "还没有签到，不能签退" in page.text
    again = scanner.post(
        path, data={"came": guests[1].id, "left": [shift.id], "nonce": "n1"}, follow_redirects=True
    )
    assert "没有重复登记" in again.text
    came = attendances()
    assert len(came) == 3
    assert moment(came[shift.id].out_at) == "10:00"
    assert came[guests[1].id].in_at == city.now()
    assert recount.differences(scene.session) == []
    kept = db.session.scalars(select(Scan).order_by(Scan.received_at)).all()
    assert [one.method for one in kept] == ["roster"] * 5
    assert [one.outcome for one in kept if not one.valid] == ["not_in"]


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ({}, "还没有勾选任何人"),
        ({"came_at": "10:30"}, "这个时间还没有到"),
        ({"came_at": "06:30"}, "时间要在活动开始前 2 小时"),
        ({"came_at": "08:50", "left_at": "08:40", "both": True}, "签退时间不能早于签到时间"),
        ({"came_at": "nonsense"}, "请填写日期和时间"),
    ],
)
def test_a_page_that_cannot_be_right_keeps_what_was_entered(
    scanner: CheckedClient, scene: Scene, entered: dict[str, Any], sentence: str
) -> None:
    signup = sign_up(scene.seats)
    data = {name: at(text) for name, text in entered.items() if name != "both"}
    if entered:
        data["came"] = signup.id
    if entered.get("both"):
        data["left"] = signup.id
    refused = scanner.post(f"/manage/sessions/{scene.session}/ticks", data=data | {"nonce": "n"})
    assert refused.status_code == 422
    assert sentence in refused.text
    assert not entered or " checked>" in refused.text
    assert attendances() == {}


def test_whom_the_rules_refuse_is_named_and_the_others_are_taken(
    scanner: CheckedClient, scene: Scene
) -> None:
    good, gone, scanned = sign_up(scene.seats), sign_up(scene.seats, name="张三"), sign_up(scene.seats)
    other = sign_up(make_scene().seats)
    scene.scan(pass_code(scanned))
    with transaction():
        signups.cancel_signup(gone.id, by=gone.person_id)
    ids = [good.id, gone.id, scanned.id, other.id, "x' or 1=1", "签到\x00" * 5]
    page = scanner.post(
        f"/manage/sessions/{scene.session}/ticks", data={"came": ids, "nonce": "n"}, follow_redirects=True
    )
    assert "签到 1 人" in page.text
    assert "有 2 人没有登记" in page.text
    assert "张三（这个报名已经取消）" in page.text
    assert set(attendances()) == {good.id, scanned.id}
    assert recount.differences(scene.session) == []


def test_the_signed_sheet_is_entered_afterwards_and_says_so(
    scanner: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    live, sheet = (f"/manage/sessions/{scene.session}/ticks{more}" for more in ("", "?from=sheet"))
    seat, shift = sign_up(scene.seats), volunteer_for(scene.shift)
    data = {"came": [seat.id, shift.id], "left": shift.id, "came_at": at("09:30"), "left_at": at("11:30")}
    early = scanner.post(sheet, data=data)
    assert (early.status_code, "活动还没有结束" in early.text) == (422, True)
    clock.advance(days=3)
    closed = scanner.post(live, data={"came": seat.id})
    assert (closed.status_code, "从签到表补录" in closed.text) == (422, True)
    assert "请填写时间" in scanner.post(sheet, data={"came": seat.id}).text
    assert scanner.post(sheet, data=data).status_code == 303
    came = attendances()
    assert {one.grade for one in came.values()} == {"roster"}
    assert all(one.entered_late for one in came.values())
    assert moment(came[shift.id].out_at) == "11:30"
    assert {one.method for one in db.session.scalars(select(Scan))} == {"paper"}
    assert recount.differences(scene.session) == []
    assert "补录" in scanner.get(f"/manage/sessions/{scene.session}").text
    assert scanner.get(sheet).text.count('<span class="tag">补录</span>') == 2
    clock.advance(days=12)  # 15 days after
    late = scanner.post(sheet, data={"left": seat.id, "left_at": at("11:30")})
    assert (late.status_code, "超过 14 天" in late.text) == (409, True)


def test_hours_follow_a_sheet_entered_after_its_volunteer_was_missed(
    scanner: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    shift, entered = volunteer_for(scene.shift), {"came_at": at("09:30"), "left_at": at("11:30")}

    def record() -> ServiceRecord:
        db.session.rollback()
        for session_id in recognition.sessions_to_settle():
            with transaction():
                recognition.settle_session(session_id)
        wanted = select(ServiceRecord).where(ServiceRecord.status != RecordStatus.VOID)
        return db.session.scalars(wanted.execution_options(populate_existing=True)).one()

    clock.advance(days=1)
    absent = record()
    clock.advance(days=9)
    for record_id in recognition.overdue():
        with transaction():
            recognition.note_no_show(record_id)
    assert db.session.get_one(ServiceRecord, absent.id).turnout == Turnout.NO_SHOW
    path = f"/manage/sessions/{scene.session}/ticks?from=sheet"
    assert scanner.post(path, data=entered | {"came": shift.id, "left": shift.id}).status_code == 303
    after = record()
    assert (after.minutes, after.source, after.turnout) == (120, "roster", Turnout.AS_PLANNED)


def test_everyone_leaves_with_one_button_and_hours_follow(
    scanner: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    path = f"/manage/sessions/{scene.session}/check-out"
    assert "没有人要签退" in scanner.get(path).text
    seat, shift, left = sign_up(scene.seats), volunteer_for(scene.shift), volunteer_for(scene.shift)
    for one in (seat, shift, left):
        scene.scan(pass_code(one))
    scene.scan(pass_code(left), direction=Direction.OUT)
    clock.advance(hours=2)
    assert "2 人全部签退" in scanner.get(path).text
    assert "2 人已全部签退" in scanner.post(path, follow_redirects=True).text
    assert "没有人要签退" in scanner.post(path, follow_redirects=True).text
    came = attendances()
    assert [moment(came[one.id].out_at) for one in (seat, shift, left)] == ["11:00", "11:00", "09:00"]
    assert came[seat.id].grade == "scan"
    sweeps = db.session.scalars(select(Scan).where(Scan.method == "sweep")).all()
    assert [(one.direction, one.valid, one.outcome) for one in sweeps] == [("out", True, "accepted")] * 2
    audited = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "attendance.sweep")).all()
    assert [one.details["count"] for one in audited] == [2]
    clock.advance(hours=3)
    with transaction():
        recognition.settle_session(scene.session)
    record = db.session.scalars(select(ServiceRecord).where(ServiceRecord.signup_id == shift.id)).one()
    assert moment(record.out_at) == "11:00"


def test_the_scanner_checks_everyone_out(scanner: CheckedClient, scene: Scene) -> None:
    path = f"/scan/{scene.session}/check-out"
    for _ in range(2):
        scene.scan(pass_code(sign_up(scene.seats)))
    first = scanner.post(path, json={})
    assert (first.json["left"], first.json["counts"]["inside"]) == (2, 0)
    assert scanner.post(path, json={}).json["left"] == 0
    with transaction():
        events.cancel_session(scene.session, reason="下雨", by=scene.scanner)
    refused = scanner.post(path, json={})
    assert (refused.status_code, refused.json["code"]) == (409, "event_cancelled")
    assert scanner.post(f"/scan/{'0' * 18}/check-out", json={}).status_code == 404


def test_who_is_swept_out_long_after_left_when_the_doors_closed(scene: Scene, clock: TestClock) -> None:
    scene.scan(pass_code(sign_up(scene.seats)))
    clock.advance(days=1)
    with transaction():
        assert leaving.check_out_all(scene.session, by=scene.scanner) == 1
    (came,) = attendances().values()
    assert moment(came.out_at) == "13:30"


def test_phones_pages_and_the_last_button_at_once(app: Flask) -> None:
    """Nobody is in twice, nobody leaves before coming, no lock waits for another, and the ledger is right."""
    scene = make_scene()
    people = [sign_up(scene.seats) for _ in range(12)]
    ids, codes = [one.id for one in people], [pass_code(one) for one in people]

    def page(came: list[str], left: list[str], nonce: str) -> Callable[[], Any]:
        def send() -> Any:
            with transaction():
                return ticking.tick(scene.session, Ticks(came, left, None, None, nonce), by=scene.scanner)

        return send

    def sweep() -> int:
        with transaction():
            return leaving.check_out_all(scene.session, by=scene.scanner)

    def phone() -> None:
        for code in codes:
            scene.scan(code)

    def leave() -> None:
        for one in people[::3]:
            with transaction():
                signups.cancel_signup(one.id, by=one.person_id)

    at_once(
        app, phone, page(ids, [], "a"), page(ids, [], "a"), sweep, page([], ids, "b"), sweep, phone, leave
    )
    came = attendances()
    assert {one.id for one in people if one.id not in came} <= {one.id for one in people[::3]}
    assert all(one.out_at is None or one.out_at >= one.in_at for one in came.values())
    assert recount.differences(scene.session) == []


def test_a_long_list_has_pages_and_one_numbering(
    scanner: CheckedClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticks_page, "NAMES_SHOWN", 2)
    people = [sign_up(scene.seats) for _ in range(3)]
    path = f"/manage/sessions/{scene.session}/ticks"
    assert people[2].short_code not in scanner.get(path).text
    for number in ("2", "99"):
        second = scanner.get(f"{path}?page={number}")
        assert people[2].short_code in second.text
        assert ">3</td>" in second.text
        assert people[0].short_code not in second.text
    assert scanner.get(f"{path}?page=x&position=x").status_code == 200


def test_ticks_stay_while_one_looks_for_others_and_turns_pages(
    scanner: CheckedClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without scripts: the search and the pages send the form, nothing is recorded, and nothing entered is lost."""
    monkeypatch.setattr(ticks_page, "NAMES_SHOWN", 2)
    people = [sign_up(scene.seats, name=name) for name in ("王一", "王二", "李三", "赵四")]
    path = f"/manage/sessions/{scene.session}/ticks"
    sent: dict[str, Any] = {
        "came": [people[0].id, people[3].id],
        "left": people[0].id,
        "came_at": at("08:50"),
    }
    for look, q, shown in (
        ("find", "ls", "李三"),
        ("2", "", "李三"),
        ("1", "", "王二"),
        ("all", "李", "王一"),
    ):
        page = scanner.post(path, data=sent | {"look": look, "q": q, "nonce": "n"})
        assert page.status_code == 200
        assert shown in page.text and at("08:50") in page.text
        for name, signup in (("came", people[0]), ("came", people[3]), ("left", people[0])):
            box = re.search(rf'<input[^>]*name="{name}" value="{signup.id}"[^>]*>', page.text)
            assert box and " checked" in box[0], (look, name)
    assert attendances() == {}

    def ticked(page: str) -> int:
        return len(re.findall(r'data-label="[^"]+" checked>', page))

    everybody = scanner.post(path, data={"look": "tick", "q": "王", "nonce": "n"}).text
    assert ticked(everybody) == 2
    lost = scanner.post(path, data=sent | {"look": "find", "q": "没有这人", "nonce": "n"}).text
    assert "没有找到" in lost and "walk-in?name=" in lost and ticked(lost) == 3
    # One person alone by their own button: the others stay ticked; with nobody else one is back at an empty search.
    alone = scanner.post(path, data=sent | {"now": f"came:{people[1].id}", "q": "王二", "nonce": "n"})
    assert alone.status_code == 200
    assert set(attendances()) == {people[1].id} and "签到 1 人，签退 0 人" in alone.text
    assert ticked(alone.text) == 3 and 'value="王二"' not in alone.text
    assert scanner.post(path, data={"now": f"came:{people[2].id}", "nonce": "m"}).status_code == 303
    assert scanner.post(path, data={"now": "came:x' or", "nonce": "k"}).status_code == 422
    assert scanner.post(path, data={"now": "other:1", "nonce": "k"}).status_code == 422
    assert set(attendances()) == {people[1].id, people[2].id}


def test_the_page_of_names_costs_the_same_for_many(scanner: CheckedClient, scene: Scene) -> None:
    def statements(send: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        sql_events.listen(db.engine, "before_cursor_execute", note)
        assert send().status_code < 400
        sql_events.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    path = f"/manage/sessions/{scene.session}/ticks"
    few = [sign_up(scene.seats).id]
    costs = [
        statements(lambda: scanner.get(path)),
        statements(lambda: scanner.post(path, data={"came": few})),
    ]
    many = [sign_up(scene.seats).id for _ in range(6)]
    again = [
        statements(lambda: scanner.get(path)),
        statements(lambda: scanner.post(path, data={"came": many})),
    ]
    assert again == costs


def _main(client: CheckedClient, path: str) -> str:
    return client.get(path).text.split("<main")[1].split("</main>")[0]


def test_everyone_checked_out_too_early_is_inside_again(
    scanner: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    gone, seat, shift = sign_up(scene.seats), sign_up(scene.seats), volunteer_for(scene.shift)
    for one in (gone, seat, shift):
        scene.scan(pass_code(one))
    clock.advance(minutes=5)
    scene.scan(pass_code(gone), direction=Direction.OUT)
    path = f"/manage/sessions/{scene.session}/check-out"
    assert "撤回" not in _main(scanner, path)
    scanner.post(path)
    assert "全部签退了 2 人" in scanner.get(path).text
    scanner.post(f"{path}/undo")
    assert "2 人又算在场" in scanner.get(path).text
    assert [one.out_at is None for one in map(attendances().get, (gone.id, seat.id, shift.id)) if one] == [
        False,
        True,
        True,
    ]
    assert scanner.post(f"{path}/undo").status_code == 303  # twice is once
    assert "没有可以撤回的" in scanner.get(path).text
    assert recount.differences(scene.session) == []
    # In the end they do leave; and after a quarter of an hour nobody takes that back.
    clock.advance(hours=2)
    scanner.post(path)
    assert moment(attendances()[shift.id].out_at) == "11:05"
    clock.advance(minutes=16)
    assert "撤回" not in _main(scanner, path)
    scanner.post(f"{path}/undo")
    assert attendances()[shift.id].out_at is not None


def test_staff_take_one_exit_back_with_a_reason(
    scanner: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    shift = volunteer_for(scene.shift)
    scene.scan(pass_code(shift))
    clock.advance(hours=1)
    scene.scan(pass_code(shift), direction=Direction.OUT)
    sheet = f"/manage/sessions/{scene.session}"
    path = f"/manage/attendances/{attendances()[shift.id].id}/reopen"
    assert path in scanner.get(sheet).text
    page = scanner.get(path).text
    assert "志愿者的时长也会跟着改" in page
    assert scanner.post(path, data={"reason": " "}).status_code == 422
    assert scanner.post(path, data={"reason": "人还在帮忙"}).status_code == 303
    assert attendances()[shift.id].out_at is None
    assert path not in scanner.get(sheet).text
    assert scanner.post(path, data={"reason": "再来一次"}).status_code == 409
    clock.advance(hours=1)
    scene.scan(pass_code(shift), direction=Direction.OUT)
    assert moment(attendances()[shift.id].out_at) == "11:00"
    assert recount.differences(scene.session) == []
