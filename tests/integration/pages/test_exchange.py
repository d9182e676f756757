"""Tables for other systems: who gets which rows, headings, masks, and a confirmation sheet that came back."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.recognition import a_past_session, make_record
from tests.factories.signups import a_guest, an_account
from tests.factories.volunteers import make_profile, make_team
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from tests.support.time import TestClock
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.sheets import Sheet, comma_separated, read, xlsx
from webapp.events.models import Event
from webapp.organisations.domain import Permission
from webapp.people.models import Person
from webapp.people.service import find_or_make_person
from webapp.people.service.own import anonymise
from webapp.recognition.domain import RecordStatus

SignIn = Callable[[CheckedClient, Any], CheckedClient]
DAYS = {"from_on": "2026-11-01", "until_on": "2026-11-28"}
DAY = date(2026, 11, 21)


def _rows(client: CheckedClient, kind: str, file_type: str = "xlsx", **more: str) -> list[dict[str, str]]:
    answer = client.post(f"/manage/exchange/{kind}.{file_type}", data=DAYS | more)
    assert answer.status_code == 200
    heads, *rows = read(answer.data)
    return [dict(zip(heads, row, strict=False)) for row in rows]


def _noted(action: str) -> list[dict[str, Any]]:
    session().rollback()
    found = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
    return [one.details for one in session().scalars(found)]


def _phone(person_id: str) -> str:
    return (get_row(Person, person_id).phone or "").removeprefix("+86")


def test_each_sees_their_own_and_everything_is_noted(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    ours, other = an_organisation("向阳区科协"), an_organisation("旁边的单位")
    person = make_profile(a_guest("李秀英"), number="230800001")
    team = make_team(organisation=ours)
    held = a_past_session(DAY, ours)
    make_record(person, session_id=held.id, served_on=DAY, minutes=100, team_id=team)
    make_record(person, session_id=held.id, served_on=DAY, added_minutes=30, reason="=1+1")
    make_record(person, organisation=ours, served_on=DAY, status=RecordStatus.NOTICED)
    make_record(a_guest("别家的人"), organisation=other, served_on=DAY)
    make_record(person, organisation=ours, served_on=date(2026, 10, 1))

    sign_in(client, staff(ours, Permission.MANAGE_EVENTS))
    assert "只有本单位的数据" in client.get("/manage/exchange").text
    hours = _rows(client, "hours")
    assert [(one["姓名"], one["服务时长（小时）"], one["补录时长（小时）"]) for one in hours] == [
        ("李秀英", "1.7", "0"), ("李秀英", "0", "0.5"),
    ]  # fmt: skip
    assert hours[0]["联系方式"] == f"{_phone(person)[:3]}****{_phone(person)[-4:]}"
    assert hours[0]["状态"] == "已入账"
    assert {one["状态"] for one in _rows(client, "hours", with_open="y")} == {"已入账", "公示期满，还没入账"}
    volunteers = _rows(client, "volunteers", "csv")
    assert [(one["全国志愿者编号"], one["服务次数"], one["服务时长（小时）"]) for one in volunteers] == [
        ("230800001", "1", "1.7")
    ]
    assert [(one["主管单位"], one["服务人数"]) for one in _rows(client, "teams")] == [("向阳区科协", "1")]
    held_ones = _rows(client, "activities", "csv")
    assert {one["组织单位"] for one in held_ones} == {"向阳区科协"}
    assert held_ones[0]["计划志愿者"] == "5" and held_ones[0]["服务对象"] == "老年人"
    raw = client.post("/manage/exchange/hours.csv", data=DAYS).data
    assert raw.startswith(b"\xef\xbb\xbf") and "'=1+1" in raw.decode()
    book = load_workbook(io.BytesIO(client.post("/manage/exchange/hours.xlsx", data=DAYS).data))
    assert all(cell.data_type != "f" for row in book.worksheets[0] for cell in row)
    assert (
        client.post("/manage/exchange/hours.xlsx", data=DAYS | {"full": "y", "reason": "x"}).status_code
        == 422
    )
    assert client.get("/manage/exchange/headings").status_code == 403
    assert client.post("/manage/exchange/secrets.xlsx", data=DAYS).status_code == 404

    sign_in(client, staff(other, Permission.GOVERN))
    assert "别家的人" in {one["姓名"] for one in _rows(client, "hours")}
    refused = client.post("/manage/exchange/hours.xlsx", data=DAYS | {"full": "y"})
    assert refused.status_code == 422 and "导出完整手机号要写明用途" in refused.text
    turned = client.post("/manage/exchange/hours.csv", data=DAYS | {"until_on": "2026-01-01"})
    assert turned.status_code == 422 and "结束日期不能早于开始日期" in turned.text
    assert client.post("/manage/exchange/hours.csv", data={"from_on": "x"}).status_code == 422
    full = _rows(client, "hours", full="y", reason="上报省平台")
    assert _phone(person) in {one["联系方式"] for one in full}
    assert _noted("exchange.reveal") == [{"count": 3, "reason": "上报省平台"}]
    assert _noted("exchange.export")[0] | {"organisations": []} == {
        "count": 2, "file": "xlsx", "from_on": "2026-11-01", "until_on": "2026-11-28", "with_open": False,
        "organisations": [],
    }  # fmt: skip


def test_headings_are_the_offices(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    office = an_organisation()
    make_record(a_guest(), organisation=office, served_on=DAY)
    sign_in(client, staff(office, Permission.GOVERN))
    page = "/manage/exchange/headings"
    twice = client.fill(page, hours_title="姓名")
    assert twice.status_code == 422 and "这个表头和前面的一列重复" in twice.text
    assert client.post(page, data={}).status_code == 422  # not one column left
    assert (
        client.fill(page, hours_title="=项目", hours_hours="服务时数", hours_reason_on=None).status_code
        == 302
    )
    heads = list(_rows(client, "hours")[0])
    assert "=项目" in heads and "服务时数" in heads
    assert "活动名称" not in heads and "补录理由" not in heads
    assert _noted("option.set")[0]["after"]["hours"]["hours"] == {"head": "服务时数"}
    assert 'value="服务时数"' in client.get(page).text
    table = client.post("/manage/exchange/hours.xlsx", data=DAYS).data
    assert "全部一致" in _compare(client, table).text


def _compare(client: CheckedClient, data: bytes, step: str = "look") -> Any:
    sent = {"file": (io.BytesIO(data), "back.bin"), "step": step}
    return client.post("/manage/exchange/compare", data=sent, content_type="multipart/form-data")


def test_a_sheet_that_came_back(app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn) -> None:
    organisation = an_organisation()
    held = a_past_session(DAY, organisation)
    numbered = make_profile(a_guest("编号有"), number="230800001")
    plain, missing, agreed = a_guest("电话有"), a_guest("回执无"), a_guest("一致的")
    for one in (numbered, plain, missing, agreed):
        make_record(one, session_id=held.id, served_on=DAY)
    make_record(
        missing, organisation=an_organisation(), served_on=DAY
    )  # not of this organisation: not compared
    title, session_id = get_row(Event, held.event_id).title, held.id
    heads = ["志愿者姓名", "姓名", "全国志愿者编号", "联系方式", "活动名称", "服务日期", "服务时长（小时）"]
    rows: list[list[Any]] = [
        ["", "", "230800001", "", title, DAY, 3],
        ["", "电话有", "", _phone(plain), title, "2026/11/21", "1.5"],
        ["", "一致的", "", _phone(agreed), title, "2026年11月21日", "2.0"],
        ["", "没这人", "", "13900000000", title, "2026-11-21", "2"],
        ["", "没电话", "", "", title, "2026-11-21", "2"],
    ]
    sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))
    assert client.get("/manage/exchange/compare").status_code == 200
    for data in (xlsx([Sheet("回执", heads, rows)]), comma_separated(Sheet("回执", heads, rows))):
        answer = _compare(client, data)
        assert answer.status_code == 200
        assert "有 5 处不同" in answer.text and "一致的 1 条" in answer.text
        assert "认不出是谁" in answer.text and "没这人" in answer.text
    made = load_workbook(io.BytesIO(_compare(client, data, "download").data))
    counts = {one.title: one.max_row - 1 for one in made.worksheets}
    assert counts == {"时长不同": 2, "只在本系统": 1, "只在回执": 1, "读不懂的行": 1}
    assert session_id in {cell.value for row in made["只在本系统"] for cell in row}
    assert _noted("exchange.compare")[0] == {
        "rows": 4, "unreadable": 1, "same": 1, "differ": 2, "only_here": 1, "only_there": 1,
    }  # fmt: skip


def test_a_sheet_of_another_system_is_mended_and_compared_from_the_page(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    organisation = an_organisation()
    held = a_past_session(DAY, organisation)
    person = a_guest("李秀英")
    make_record(person, session_id=held.id, served_on=DAY, minutes=120)
    title = get_row(Event, held.event_id).title
    text = (
        f"2026年志愿服务回执\n序号\t* 志愿者姓名（必填）\t电 话\t项目名称：\t日期\t认定时长\n"
        f"1\t李秀英\t{_phone(person)}\t{title}\t11月21日（周六）\t两\n合计\t1"
    )
    sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))
    asked = _compare(client, text.encode("utf-16"))
    assert asked.status_code == 200 and "时长看不懂" in asked.text
    page = "/manage/exchange/compare"
    (form,) = [one for one in html.parse(asked.data)[0].iter("form") if one.get("action") == page]
    mended = client.post(page, data=fields_of(form) | {"c3_5": "2小时", "step": "look"})
    assert "全部一致" in mended.text
    unnamed = _compare(client, text.replace("认定时长", "戊").encode())
    assert unnamed.status_code == 422 and "表里没有找到" in unnamed.text
    (form,) = [one for one in html.parse(unnamed.data)[0].iter("form") if one.get("action") == page]
    chosen = fields_of(form) | {"col5": "hours", "step": "look"}
    assert "时长看不懂" in client.post(page, data=chosen).text
    sample = client.get(page + "/sample.xlsx").data
    assert "回执有，这里没有" in _compare(client, sample).text


def test_an_export_compared_with_itself_is_equal(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    """People without number or telephone, two of one name, hours in parts, accounts that were closed, guests."""
    ours = an_organisation("向阳区科协")
    held, other = a_past_session(DAY, ours), a_past_session(DAY, ours)
    with transaction():
        namesakes = [find_or_make_person(name="王芳", phone=None).id for _ in range(3)]
        family = [find_or_make_person(name=name, phone="+8613812345678").id for name in ("李秀英", "李秀兰")]
        masked_alike = find_or_make_person(name="李秀英", phone="+8613899995678").id
    numbered = make_profile(a_guest("赵六"), number="230800077")
    gone = [an_account("要走的人"), an_account("也要走的人")]
    for minutes, person in enumerate([*namesakes, *family, masked_alike, numbered], 61):
        make_record(person, session_id=held.id, served_on=DAY, minutes=minutes)
        make_record(person, session_id=held.id, served_on=DAY, added_minutes=minutes)
        make_record(person, session_id=other.id, served_on=DAY, minutes=minutes + 30)
    for one in gone:
        make_record(one.person_id, session_id=held.id, served_on=DAY, minutes=90)
        with transaction():
            anonymise(one.person_id)
    make_record(namesakes[0], organisation=ours, served_on=DAY, status=RecordStatus.NOTICED)
    sign_in(client, staff(ours, Permission.GOVERN))
    for more in ({}, {"with_open": "y"}, {"full": "y", "reason": "核对"}):
        for file_type in ("xlsx", "csv"):
            made = client.post(f"/manage/exchange/hours.{file_type}", data=DAYS | more)
            assert made.status_code == 200
            file = (io.BytesIO(made.data), f"hours.{file_type}")
            page = client.fill("/manage/exchange/compare", file=file).text
            assert "全部一致" in page, (more, file_type)
            assert ("还没有入账" in page) == ("with_open" in more)


def test_what_is_no_confirmation_sheet_is_said_so(app: Flask, client: CheckedClient, sign_in: SignIn) -> None:
    sign_in(client, staff(an_organisation(), Permission.MANAGE_EVENTS))
    for data, sentence in (
        (b"PK\x03\x04" + b"x" * 99, "打不开"),
        ("一,二\n1,2".encode(), "表里没有找到"),
        (b"", "这个文件是空的"),
        (("姓名\n" + "王\n" * 5001).encode(), "表太大"),
    ):
        answer = _compare(client, data)
        assert answer.status_code == 422 and sentence in answer.text, sentence


def test_the_statements_of_an_export_do_not_grow_with_its_rows(app: Flask, clock: TestClock) -> None:
    from sqlalchemy import event

    from webapp.core.db import db
    from webapp.pages.domain.exchange import Kind, Wanted
    from webapp.pages.service.exchange import export

    organisation = an_organisation()
    by = staff(organisation, Permission.GOVERN).person_id
    held = a_past_session(DAY, organisation).id

    def statements(kind: Kind) -> int:
        seen: list[str] = []
        session().rollback()

        def note(*given: Any) -> None:
            seen.append(given[2])

        event.listen(db.engine, "before_cursor_execute", note)
        with transaction():
            export(Wanted(kind, date(2026, 11, 1), DAY), "csv", by=by)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    make_record(make_profile(), session_id=held, served_on=DAY)
    few = {kind: statements(kind) for kind in Kind}
    for _ in range(4):
        make_record(make_profile(), session_id=held, served_on=DAY)
        make_team(organisation=organisation)
        a_past_session(DAY, organisation)
    assert {kind: statements(kind) for kind in Kind} == few
