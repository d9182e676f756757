"""The list of a session: searched without script, in pages; whom a cancelled one had; who sees names, and who masks."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.attendance import Scene, make_account, make_scene, person_of, sign_up, volunteer_for
from tests.factories.organisations import grant, make_organisation
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance import queries as attendance
from webapp.core.audit import AuditEntry
from webapp.core.db import db, transaction
from webapp.events import service as events
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import Permission
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups import service as signups
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code
from webapp.signups.queries.gone import gone_from

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def organiser(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))


def names(page: str) -> set[str]:
    """Names that head a row or stand bold before the one button of the scanner's list."""
    return {
        re.sub(r"<[^>]+>", "", one)
        for one in re.findall(r'row-head">(.*?)</th>|<b>(.*?)</b>', page)
        for one in one
        if one
    }


@pytest.mark.parametrize("end", ["", "/ticks"])
def test_somebody_is_found_without_script(organiser: CheckedClient, scene: Scene, end: str) -> None:
    people = {name: sign_up(scene.seats, name=name) for name in ("单丽", "王丽", "阿依古丽·买买提")}
    for number in range(12):
        sign_up(scene.seats, name=f"赵{'一二三四五六七八九十甲乙'[number]}")
    path = f"/manage/sessions/{scene.session}{end}"
    assert len(names(organiser.get(path).text)) >= 15
    tail = (person_of(people["王丽"]).phone or "")[-4:]
    for q, found in (
        ("sl", {"单丽"}),
        ("丽", set(people)),
        (tail, {"王丽"}),
        (people["单丽"].short_code, {"单丽"}),
    ):
        assert names(organiser.get(path, query_string={"q": q}).text) == found, q
    lost = organiser.get(path, query_string={"q": "没有这人"})
    assert "没有找到" in lost.text and 'value="没有这人"' in lost.text
    for odd in ("'; --", "%", "x" * 500):
        assert organiser.get(path, query_string={"q": odd, "page": "99"}).status_code == 200


def test_the_doors_list_is_searched_too(organiser: CheckedClient, scene: Scene) -> None:
    one, two = sign_up(scene.seats, name="单丽"), sign_up(scene.seats, name="单立")
    path = f"/scan/{scene.session}/list"
    assert names(organiser.get(path).text) == {"单丽", "单立"}
    tail = (person_of(two).phone or "")[-4:]
    page = organiser.get(path, query_string={"q": tail}).text
    assert names(page) == {"单立"} and f"手机尾号 {tail}" in page and one.short_code not in page
    assert names(organiser.get(path, query_string={"q": "SL"}).text) == {"单丽", "单立"}
    lost = organiser.get(path, query_string={"q": "王五"}).text
    assert "walk-in?name=%E7%8E%8B%E4%BA%94" in lost
    assert 'value="王五"' in organiser.get(f"/manage/sessions/{scene.session}/walk-in?name=王五").text


def test_a_long_list_is_in_pages(
    organiser: CheckedClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.pages.views.sheet_table.ON_A_PAGE", 2)
    monkeypatch.setattr("webapp.attendance.views.scan.NAMES_SHOWN", 2)
    for name in ("王一", "王二", "王三"):
        sign_up(scene.seats, name=name)
    for path in (f"/manage/sessions/{scene.session}", f"/scan/{scene.session}/list"):
        assert names(organiser.get(path).text) == {"王一", "王二"}
        assert names(organiser.get(f"{path}?page=2").text) == {"王三"}
        assert "page=2" in organiser.get(path, query_string={"q": "王"}).text
    assert "共 3 人报名" in organiser.get(f"/manage/sessions/{scene.session}").text


def test_whom_a_cancelled_session_had_stays_on_its_list(
    organiser: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    there, own, by_staff = (sign_up(scene.seats, name=name) for name in ("王小明", "李四方", "赵桂兰"))
    shift = volunteer_for(scene.shift)
    with transaction():
        signups.cancel_signup(own.id, by=own.person_id)
        signups.cancel_signup(by_staff.id, by=scene.scanner, reason="重复报名")
    path = f"/manage/sessions/{scene.session}"
    boss = db.session.get_one(Account, scene.scanner_account).person.name
    page = organiser.get(path).text
    assert "另外取消了报名的人（2 人）" in page and "重复报名" in page and boss in page
    clock.advance(minutes=1)
    with transaction():
        events.cancel_session(scene.session, reason="大雪", by=scene.scanner)
    gone = {one.name: (one.with_session, one.by) for one in gone_from(scene.session)}
    assert gone == {
        "王小明": (True, boss),
        person_of(shift).name: (True, boss),
        "李四方": (False, ""),
        "赵桂兰": (False, boss),
    }
    page = organiser.get(path).text
    assert "取消时名单上的人（2 人）" in page and "王小明" in page and "大雪" in page
    assert {row.signup: row.status for row in attendance.roster(scene.session)} == {
        there.id: "cancelled",
        shift.id: "cancelled",
    }
    # Whom to call: after one press, as on every list.
    phone = person_of(there).phone or "-"
    assert phone not in page
    organiser.post(f"{path}/phones")
    assert f'href="tel:{phone}"' in organiser.get(path).text
    assert organiser.get(f"/scan/{scene.session}/list").status_code == 200


def test_whom_a_cancelled_event_had_stays_too(organiser: CheckedClient, scene: Scene) -> None:
    sign_up(scene.seats, name="王小明")
    event = db.session.get_one(EventSession, scene.session).event_id
    with transaction():
        events.cancel(event, reason="停电", by=scene.scanner)
    (gone,) = gone_from(scene.session)
    assert (gone.name, gone.with_session, gone.reason) == ("王小明", True, "停电")
    assert gone.by
    assert "王小明" in organiser.get(f"/manage/sessions/{scene.session}").text


def test_whoever_only_looks_sees_masks(
    scene: Scene, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    came, gone = sign_up(scene.seats, name="王小明"), sign_up(scene.seats, name="李四方")
    scene.scan(pass_code(came))
    with transaction():
        signups.cancel_signup(gone.id, by=gone.person_id)
    account = make_account("督查员", "inspector@example.cn")
    grant(account, make_organisation("督查组"), Permission.INSPECT)
    inspector = sign_in(new_client(), as_signed_in(account))
    shown = ""
    for path in ("", "/board", "/hours", "/review"):
        shown += inspector.get(f"/manage/sessions/{scene.session}{path}").text
    shown += (
        inspector.get("/manage/").text
        + inspector.get("/manage/hours").text
        + inspector.get("/manage/stars").text
    )
    assert "王**" in shown and "李**" in shown
    assert "王小明" not in shown and "李四方" not in shown and "显示电话号码" not in shown
    found = inspector.get(f"/manage/sessions/{scene.session}", query_string={"q": "小明"}).text
    assert "没有找到" in found


def test_the_list_leaves_as_a_workbook(
    organiser: CheckedClient, scene: Scene, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    came, stays = sign_up(scene.seats, name="王丽"), sign_up(scene.seats, name="单丽")
    scene.scan(pass_code(came))
    path = f"/manage/sessions/{scene.session}/list.xlsx"
    assert f'href="{path}"' in organiser.get(f"/manage/sessions/{scene.session}").text
    answer = organiser.get(path)
    assert (
        answer.headers["Cache-Control"] == "no-store"
        and "attachment" in answer.headers["Content-Disposition"]
    )
    people, counted = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets
    rows = {row[0]: row for row in people.iter_rows(min_row=2, values_only=True)}
    assert set(rows) == {"王丽", "单丽"} and rows["单丽"][1] == (person_of(stays).phone or "").removeprefix(
        "+86"
    )
    assert rows["王丽"][5].hour == 9 and rows["单丽"][5] is None
    assert [cell.value for cell in counted[1]] == ["人群", "人数", "怎样得到", "说明"]
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "roster.reveal")).all()
    assert [one.subject_id for one in noted] == [scene.session]
    stranger = sign_in(new_client(), make_account("外人", "stranger@example.cn"))
    assert stranger.get(path).status_code == 403


def test_every_act_of_a_session_is_reached_from_its_three_pages(
    organiser: CheckedClient, scene: Scene
) -> None:
    """People, door, hours: by the links of these pages alone, whoever may do it."""
    sign_up(scene.seats)
    base = f"/manage/sessions/{scene.session}"
    pages = {base, f"{base}/door", f"{base}/hours"}
    seen = "".join(organiser.get(one).text for one in sorted(pages))
    linked = {
        f"{base}/{end}"
        for end in (
            "door", "hours", "board", "ticks", "walk-in", "headcounts", "check-out", "wall", "devices", "photos",
            "review", "sign-up", "sign-up-many", "cards", "sign-sheet", "list.xlsx", "teams", "edit", "move",
            "resources", "cancel",
        )
    } | {base, f"/scan/{scene.session}", "/manage/scans/file"}  # fmt: skip
    hrefs = set(re.findall(r'href="([^"#?]+)"', seen))
    assert linked - hrefs == set()


def test_those_chosen_are_answered_let_in_and_taken_off(organiser: CheckedClient, scene: Scene) -> None:
    """Each row for itself: of whom nothing comes is named with the reason, and the others go on."""
    path = f"/manage/sessions/{scene.session}"
    came = sign_up(scene.seats, name="王先到")
    with transaction() as current:
        current.get_one(Position, scene.seats).needs_approval = True
    one, two, three = (sign_up(scene.seats, name=name) for name in ("李一", "李二", "李三"))
    scene.scan(pass_code(came))

    def chosen(act: str, *people: Signup, query: str = "", **more: str) -> str:
        given = {"act": act, "row": [each.id for each in people], **more}
        return str(organiser.post(f"{path}/chosen{query}", data=given, follow_redirects=True).text)

    def state(signup: Signup) -> str:
        db.session.expire_all()
        return db.session.get_one(Signup, signup.id).status

    asking = organiser.get(f"{path}?state=pending").text
    assert names(asking) == {"李一", "李二", "李三"} and 'value="approve"' in asking
    assert names(organiser.get(f"{path}?state=pending&q=ly").text) == {"李一"}
    said = chosen("approve", one, came, query="?state=pending")
    assert "已通过 1 人" in said and "没有处理 1 条" in said and "王先到" in said
    assert state(one) == "confirmed" and names(said) == {"李二", "李三"}  # the list as it was narrowed
    assert "还没有选" in chosen("approve")
    assert state(two) == "pending" and "原因" in chosen("decline", two)  # a no has a reason
    assert "已婉拒 1 人" in chosen("decline", two, reason="名额留给本村的人") and state(two) == "declined"
    said = chosen("came", one, came, three)
    assert "已登记 1 人" in said and "没有处理 2 条" in said
    assert {row.signup for row in attendance.roster(scene.session) if row.in_at} == {came.id, one.id}
    assert "找到" in chosen(
        "take_off", everything="9", query="?q=李三", reason="重复"
    )  # others than were shown
    assert "已取消 1 人" in chosen("take_off", three, reason="重复报名") and state(three) == "cancelled"
    assert "撤销" in organiser.get(path).text  # and it can be taken back
    assert organiser.post(f"{path}/chosen", data={"act": "other"}).status_code == 400


def test_what_is_shown_leaves_as_a_file_and_is_noted(
    organiser: CheckedClient, scene: Scene, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    sign_up(scene.seats, name="王丽")
    sign_up(scene.seats, name="单丽")
    path = f"/manage/sessions/{scene.session}?q=sl&cols=code&format="
    made = organiser.get(path + "csv")
    lines = made.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "姓名,报名码" and [one.split(",")[0] for one in lines[1:]] == ["单丽"]
    assert organiser.get(path + "xlsx").headers["Cache-Control"] == "no-store"
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "roster.reveal")).all()
    assert len(noted) == 2
    account = make_account("督查员", "inspector2@example.cn")
    grant(account, make_organisation("督查组"), Permission.INSPECT)
    inspector = sign_in(new_client(), as_signed_in(account))
    assert inspector.get(path + "csv").status_code in {403, 404}
    page = inspector.get(path.split("?", maxsplit=1)[0]).text
    assert "format=csv" not in page and 'name="row"' not in page
