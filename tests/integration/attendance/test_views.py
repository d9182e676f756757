"""Pages of attendance: a pass opened as a link, the door without script, heads, undoing, and `ledger verify`."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories.attendance import Scene, make_account, make_scene, person_of, sign_up
from tests.factories.phones import Phone
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance import queries, service
from webapp.attendance.domain import CountMethod, Method
from webapp.attendance.domain.doors import Heads
from webapp.attendance.domain.phones import Settlement
from webapp.attendance.models import Attendance, HeadCount, LedgerEntry, Scan
from webapp.attendance.service.review import settle
from webapp.core.db import db, new_id, transaction
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups import service as signups
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


def signed_in(client: CheckedClient, sign_in: SignIn, account_id: str) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, account_id)))


@pytest.fixture
def scanner(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return signed_in(client, sign_in, scene.scanner_account)


def attendances() -> list[Attendance]:
    db.session.rollback()
    return list(db.session.scalars(select(Attendance)))


def test_a_scanner_who_opens_a_pass_checks_in(scanner: CheckedClient, scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats, name="王小明"))
    page = scanner.get(f"/p/{code}")
    assert page.status_code == 200
    assert "签到成功" in page.text
    assert "王小明" in page.text
    again = scanner.get(f"/p/{code}")
    assert "已经签到过了" in again.text
    left = scanner.post(f"/p/{code}", data={"direction": "out", "nonce": "n1"})
    assert "签退" in left.text
    (came,) = attendances()
    assert came.out_at is not None
    assert db.session.scalars(select(Scan.method)).all() == ["link"] * 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"},  # a picture, a frame, a script
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"X-Purpose": "preview"},
    ],
)
def test_only_a_scanner_who_opens_it_checks_in(
    scanner: CheckedClient, scene: Scene, headers: dict[str, str]
) -> None:
    """Another site, and a browser that fetches what may be opened next, get the button alone."""
    code = pass_code(sign_up(scene.seats))
    page = scanner.get(f"/p/{code}", headers=headers)
    assert page.status_code == 200
    assert attendances() == []
    scanner.post(f"/p/{code}", data={"direction": "in", "nonce": "n1"})
    assert len(attendances()) == 1


def test_asking_for_the_head_of_a_page_checks_nobody_in(scanner: CheckedClient, scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    assert scanner.head(f"/p/{code}").status_code == 200
    assert attendances() == []
    opened = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}
    assert "签到成功" in scanner.get(f"/p/{code}", headers=opened).text


def test_anyone_else_sees_only_the_pass(client: CheckedClient, sign_in: SignIn, scene: Scene) -> None:
    signup = sign_up(scene.seats, name="王小明")
    path = f"/p/{pass_code(signup)}"
    for visitor in (client, signed_in(client, sign_in, make_account("示例志愿者", "v@example.cn").id)):
        page = visitor.get(path)
        assert page.status_code == 200
        assert "王小明" not in page.text
        assert signup.short_code[:3] in page.text
        assert "no-store" in page.headers["Cache-Control"]
        assert visitor.post(path, data={"direction": "in"}).status_code in {302, 403}
    assert attendances() == []


def test_the_day_sheet_keeps_the_grades_apart_and_leads_everywhere(
    scanner: CheckedClient, scene: Scene
) -> None:
    scene.scan(pass_code(sign_up(scene.seats)))
    for _ in range(2):
        scene.scan(signup_id=sign_up(scene.seats).id, method=Method.ROSTER)
    path = f"/manage/sessions/{scene.session}"
    for page in (scanner.get(path).text, scanner.get(f"{path}/board").text):
        shown = re.sub(r"<[^>]+>", "", page)
        assert "实名签到 1 人" in shown
        assert "名册勾到 2 人" in shown
    assert f'href="{path}/door"' in scanner.get(path).text
    sheet = scanner.get(f"{path}/door").text
    for link in ("board", "ticks", "walk-in", "check-out", "photos"):
        assert f'href="{path}/{link}"' in sheet, link


def test_the_day_sheet_costs_the_same_for_many(scanner: CheckedClient, scene: Scene) -> None:
    def cost(path: str) -> int:
        seen: list[str] = []
        engine = db.session.get_bind()
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        sql_events.listen(engine, "before_cursor_execute", listen)
        scanner.get(path)
        sql_events.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    paths = [f"/manage/sessions/{scene.session}{more}" for more in ("", "/headcounts", "/check-out")]
    costs = []
    for number in (1, 6):
        for _ in range(number):
            scene.scan(pass_code(sign_up(scene.seats)))
            fields = {"audience": "老年人", "count": "3", "method": "counted", "nonce": new_id()}
            scanner.post(paths[1], data=fields)
        costs.append([cost(path) for path in paths])
    assert costs[1] <= costs[0]


def test_whoever_was_let_in_after_all_is_on_the_day_sheet(scanner: CheckedClient, scene: Scene) -> None:
    one, missing = sign_up(scene.seats, name="李四方"), sign_up(scene.seats)
    with transaction():
        signups.cancel_signup(one.id, by=scene.scanner, reason="重复报名")
    phone = Phone(scene)
    phone.scan(pass_code(one))
    phone.hand_in()
    (scan,) = db.session.scalars(select(Scan.id).where(Scan.flag.is_not(None)))
    with transaction():
        settle(scene.session, [scan], settlement=Settlement.COUNTED, note="", by=scene.scanner)
    sheet = scanner.get(f"/manage/sessions/{scene.session}").text
    assert "李四方" in sheet
    assert "/annul" in sheet  # and can be taken back
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", sheet))
    assert "还没到 1 人" in shown
    assert "还没到 1 人" in re.sub(r"<[^>]+>", "", scanner.get("/manage/").text)
    assert missing.short_code


def test_another_organisations_scanner_is_anyone_else(
    client: CheckedClient, sign_in: SignIn, scene: Scene
) -> None:
    other = make_scene()
    visitor = signed_in(client, sign_in, other.scanner_account)
    assert visitor.get(f"/p/{pass_code(sign_up(scene.seats))}").status_code == 200
    assert visitor.get(f"/scan/{scene.session}").status_code in {403, 404}
    assert attendances() == []


@pytest.mark.parametrize("code", ["x", "9" * 36, "签到", "%00", "a" * 3000])
def test_what_is_no_pass_is_not_found(client: CheckedClient, scene: Scene, code: str) -> None:
    assert client.get(f"/p/{code}").status_code == 404


def test_the_door_works_without_script(scanner: CheckedClient, scene: Scene) -> None:
    typed, ticked = sign_up(scene.seats), sign_up(scene.seats)
    path = f"/scan/{scene.session}/checkins"
    first = scanner.post(path, data={"code": typed.short_code, "direction": "in"}, follow_redirects=True)
    assert "签到成功" in first.text
    second = scanner.post(path, data={"signup": ticked.id, "direction": "in"}, follow_redirects=True)
    assert "签到成功" in second.text
    wrong = scanner.post(path, data={"code": "ZZZZZZ", "direction": "in"}, follow_redirects=True)
    assert "不是本系统的报名码" in wrong.text
    assert sorted(one.grade for one in attendances()) == ["roster", "scan"]


@pytest.mark.parametrize(
    "fields", [{}, {"code": "  "}, {"signup": "", "code": "\x00"}, {"code": "x" * 301, "nonce": "n" * 81}]
)
def test_a_form_without_a_code_says_so(scanner: CheckedClient, scene: Scene, fields: dict[str, str]) -> None:
    answer = scanner.post(f"/scan/{scene.session}/checkins", data=fields, follow_redirects=True)
    assert answer.status_code == 200
    assert "报名码" in answer.text


@pytest.mark.parametrize("odd", ["\x00", "n\x00", "\x07"])
def test_hidden_fields_may_hold_what_no_database_keeps(
    scanner: CheckedClient, scene: Scene, odd: str
) -> None:
    code = pass_code(sign_up(scene.seats))
    door = f"/scan/{scene.session}/checkins"
    assert scanner.post(door, data={"signup": odd}).status_code == 303
    assert scanner.post(door, data={"code": code, "nonce": odd}).status_code == 303
    assert len(attendances()) == 1
    assert scanner.post(f"/p/{code}", data={"direction": "out", "nonce": odd}).status_code == 200
    settled = {"scans": [odd], "settlement": "dismissed", "note": ""}
    assert scanner.post(f"/manage/sessions/{scene.session}/review", data=settled).status_code == 303


def test_heads_are_entered_and_taken_back(scanner: CheckedClient, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/headcounts"
    good = {"audience": "老年人", "count": "120", "method": "counted", "note": "门口点数"}
    assert scanner.get(path).status_code == 200
    for field, wrong in (
        ("count", "0"),
        ("count", "many"),
        ("count", "1e9"),
        ("audience", "火星人"),
        ("method", "?"),
    ):
        refused = scanner.post(path, data=good | {field: wrong, "note": "写过的话"})
        assert refused.status_code == 422, (field, wrong)
        assert "写过的话" in refused.text
    assert scanner.post(path, data=good).status_code == 303
    assert queries.session_counts(scene.session).heads == 120
    (row,) = db.session.scalars(select(HeadCount)).all()
    undo = f"/manage/headcounts/{row.id}/annul"
    assert "老年人 120 人" in re.sub(r"<[^>]+>", "", scanner.get(undo).text)
    assert scanner.post(undo, data={"reason": " "}).status_code == 422
    assert scanner.post(undo, data={"reason": "数错了"}).status_code == 303
    assert scanner.post(undo, data={"reason": "数错了"}).status_code == 409
    db.session.rollback()
    assert queries.session_counts(scene.session).heads == 0


def test_heads_sent_twice_are_counted_once(scanner: CheckedClient, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/headcounts"
    page = scanner.get(path).text
    assert '<option selected value="老年人">' in page  # whom the event is for
    assert "（选填）（选填）" not in page.replace("</span>", "").replace('<span class="optional">', "")
    fields = {"audience": "老年人", "count": "12", "method": "sheet", "nonce": new_id()}
    for _ in range(2):  # pressed twice, or sent again from the page before
        assert scanner.post(path, data=fields).status_code == 303
    sheet = scanner.get(f"/manage/sessions/{scene.session}").text
    assert "没有重复登记" in sheet
    assert "按签到表清点" in sheet  # a figure says how it was got
    assert scanner.post(path, data=fields | {"nonce": new_id(), "others": "y"}).status_code == 303
    assert queries.session_counts(scene.session).heads == 24
    # What another session knows by this number is nobody's business here.
    other = make_scene()
    (first, _second) = db.session.scalars(select(HeadCount).order_by(HeadCount.created_at, HeadCount.id))
    with transaction():
        heads = Heads("公众", 1, CountMethod.COUNTED, nonce=first.id)
        made = service.count_page(other.session, heads, by=scene.scanner)
    assert made.session_id == other.session


def test_the_same_figure_on_a_page_opened_anew_is_asked_about(
    scanner: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    """Chrome fetches the page anew when one goes back, and keeps the figure: another nonce, the same people."""
    path = f"/manage/sessions/{scene.session}/headcounts"

    def count(**changed: str) -> Any:
        return scanner.post(
            path, data={"audience": "农民", "count": "12", "method": "counted", "nonce": new_id()} | changed
        )

    def counted() -> int:
        db.session.rollback()
        return sum(one.count for one in db.session.scalars(select(HeadCount)) if not one.annulled_at)

    assert "是另外一批人" not in scanner.get(path).text
    assert count().status_code == 303
    asked = count()
    assert asked.status_code == 409
    assert "您刚登记过农民 12 人" in asked.text
    assert 'name="others"' in asked.text
    assert 'value="12"' in asked.text
    assert counted() == 12
    assert count(count="13").status_code == 303  # another figure, another group: nothing to ask
    assert count(audience="老年人").status_code == 303
    assert counted() == 37
    assert count(others="y").status_code == 303
    assert counted() == 49
    clock.advance(minutes=11)
    assert count().status_code == 303
    assert counted() == 61


def test_what_was_entered_outlives_the_sign_in(client: CheckedClient, sign_in: SignIn, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/headcounts"
    entered = {"audience": "老年人", "count": "35", "method": "counted", "note": "写了很久"}
    own = {"Sec-Fetch-Site": "same-origin"}
    kept = client.post(path, data=entered, headers=own)
    assert kept.status_code == 401
    assert "写了很久" in kept.text
    assert "/sign-in" in kept.text
    # The form's token went with the sign-in: that is not said first, and then that one is signed out.
    assert client.post(path, data=entered, headers=own, csrf=False).status_code == 401
    signed_in(client, sign_in, scene.scanner_account)
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', kept.text))
    assert client.post(path, data=again).status_code == 303
    assert queries.session_counts(scene.session).heads == 35
    # Another site gets nothing to press.
    client.post("/sign-out")
    foreign = client.post(path, data=entered, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code in {302, 400}
    assert "写了很久" not in foreign.text


def test_heads_that_were_entered_are_shown_where_more_are(scanner: CheckedClient, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/headcounts"
    assert "已经登记的" not in scanner.get(path).text
    scanner.fill(path, audience="老年人", count="37", method="estimated")
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", scanner.get(path).text))
    assert "已经登记的" in page
    assert "老年人 37 人" in page


def test_an_attendance_is_taken_back_with_a_reason(scanner: CheckedClient, scene: Scene) -> None:
    signup = sign_up(scene.seats)
    name = person_of(signup).name
    scene.scan(pass_code(signup))
    (row,) = attendances()
    path = f"/manage/attendances/{row.id}/annul"
    page = scanner.get(path).text
    for text in (name, "观众", "上午9:00", "实名签到"):  # who, and what is taken back
        assert text in page, text
    assert scanner.post(path, data={}).status_code == 422
    assert scanner.post(path, data={"reason": "扫错了人"}).status_code == 303
    assert attendances()[0].annul_reason == "扫错了人"
    done = scanner.get(path).text
    assert "已经撤销" in done
    assert "扫错了人" in done
    assert "<textarea" not in done


def test_the_day_sheet_and_the_list_of_doors_show_the_session(scanner: CheckedClient, scene: Scene) -> None:
    scene.scan(pass_code(sign_up(scene.seats, name="王小明")))
    sheet = scanner.get(f"/manage/sessions/{scene.session}")
    assert sheet.status_code == 200
    assert "王小明" in sheet.text
    assert f"/scan/{scene.session}" in scanner.get("/scan").text


def test_the_ledgers_command_finds_and_mends_a_difference(app: Flask, scene: Scene) -> None:
    scene.scan(pass_code(sign_up(scene.seats)))
    runner = app.test_cli_runner()
    assert runner.invoke(args=["ledger", "verify"]).exit_code == 0
    with transaction() as session:
        session.scalars(select(LedgerEntry)).first().quantity = 5  # type: ignore[union-attr]
    broken = runner.invoke(args=["ledger", "verify"])
    assert broken.exit_code == 1
    assert "recount 1" in broken.output
    runner.invoke(args=["ledger", "verify", "--repair"])
    assert runner.invoke(args=["ledger", "verify"]).exit_code == 0
