"""A file of planned sessions becomes drafts; the same file again nothing more."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.calendars import City, make_member, make_person
from tests.support import html
from tests.support.client import fields_of
from tests.support.time import TestClock
from webapp.core import clock
from webapp.core.db import db
from webapp.core.sheets import Sheet, xlsx
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission

SignIn = Callable[[FlaskClient, Any], FlaskClient]
HEADS = ["标题", "日期", "开始", "结束", "地点", "类型"]
TABLE = "\n".join(
    [
        ",".join(HEADS),
        "血压怎么量,2026-12-01,9:00,11:00,桥南社区服务中心,科普大篷车",
        "防诈骗,2026-12-02,14:00,16:00,没有这里,",
        "没有时间,,,,桥南社区服务中心,",
        f"{'长' * 200},2026-12-03,9:00,11:00,桥南社区服务中心,",
    ]
)


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


PAGE = "/manage/events/import"


def send(client: FlaskClient, city: City, content: bytes, name: str = "x", **more: str) -> Any:
    data = {"organisation_id": city.unit, "type_slug": "lecture", "file": (io.BytesIO(content), name)}
    return client.post(PAGE, data=data | more, content_type="multipart/form-data")


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send back of the page's form."""
    (found,) = [one for one in html.parse(page.encode())[0].iter("form") if one.get("action") == PAGE]
    return fields_of(found)


def drafts() -> list[tuple[str, str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(Event).order_by(Event.title)).all()
    return [(one.title, one.type_slug, one.status) for one in rows]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("gb18030"),
        xlsx([Sheet("计划", HEADS, [line.split(",") for line in TABLE.splitlines()[1:]])]),
    ],
    ids=["utf-8", "gb18030", "xlsx"],
)
def test_a_table_becomes_drafts_and_the_rest_stays_to_be_mended(
    city: City, client: FlaskClient, sign_in: SignIn, content: bytes
) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    answer = send(client, city, content)
    assert answer.status_code == 200
    assert drafts() == [("血压怎么量", "caravan", "draft")]
    assert "没有叫“没有这里”的地点" in answer.text
    assert "没有开始时间" in answer.text and "没有日期" in answer.text
    assert "最多 80 个字，现在有 200 个" in answer.text
    assert "有 3 条没有导入" in answer.text
    assert "private, no-store" in answer.headers["Cache-Control"]
    again = send(client, city, content)
    assert "已经有这个标题的活动" in again.text
    assert len(drafts()) == 1


def test_look_mend_leave_out_import(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    looked = send(client, city, TABLE.encode(), step="look")
    assert looked.status_code == 200 and drafts() == []
    assert "1 条可以导入，3 条有问题" in looked.text
    fields = form_of(looked.text)
    place = next(key for key, value in fields.items() if key.startswith("c3_") and value == ["没有这里"])
    mended = client.post(PAGE, data=fields | {place: "桥南社区", "leave": ["4", "5"], "step": "look"})
    assert "是不是下面这个" in mended.text and "2 条" not in mended.text
    put = client.post(PAGE, data=form_of(mended.text) | {"put": "3:place:桥南社区服务中心"})
    assert "2 条都可以导入" in put.text and drafts() == []
    edit = client.post(PAGE, data=form_of(put.text) | {"edit": "2"})
    fields = form_of(edit.text)
    assert fields["c2_0"] == ["血压怎么量"]
    done = client.post(PAGE, data=fields | {"c2_0": "血压这样量", "step": "import"})
    assert done.status_code == 200 and "存了 2 个草稿" in done.text
    assert [one[0] for one in drafts()] == ["血压这样量", "防诈骗"]


def test_what_was_put_there_by_us_is_said_after_a_direct_import_too(
    city: City, client: FlaskClient, sign_in: SignIn
) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    table = "活动内容,开始日期,开始时间,结束日期,结束时间,地点,类型\n"
    table += "课,12月1日,9:00,12月2日,11:00,桥南社区服务中心,没有的类型"
    page = send(client, city, table.encode()).text
    assert drafts() == [("课", "lecture", "draft")]
    (one,) = db.session.scalars(select(EventSession)).all()
    assert one.ends_at - one.starts_at == timedelta(days=1, hours=2)
    assert "没写年份，按 2026 年" in page
    assert "没有“没有的类型”这个类型" in page


def test_columns_are_assigned_where_no_heading_says_it(
    city: City, client: FlaskClient, sign_in: SignIn
) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    row = "量血压,2026-12-05,上午9:00-11:00,桥南社区服务中心"
    asked = send(client, city, f"甲,乙,丙,丁\n{row}".encode())
    assert asked.status_code == 422 and drafts() == []
    assert "没有看出哪一列是标题" in asked.text
    chosen = {"col0": "title", "col1": "day", "col2": "start", "col3": "place", "head": "1"}
    looked = client.post(PAGE, data=form_of(asked.text) | chosen | {"step": "look"})
    assert "1 条都可以导入" in looked.text
    client.post(PAGE, data=form_of(looked.text) | {"step": "import"})
    assert drafts() == [("量血压", "lecture", "draft")]
    pasted = {"organisation_id": city.unit, "type_slug": "lecture", "step": "look"}
    text = "标题\t时间\t地点\n手机课\t12月5日 下午2:00-4:00\t桥南社区服务中心"
    assert "没写年份，按 2026 年" in client.post(PAGE, data=pasted | {"pasted": text}).text


def test_the_sample_is_read_back_whole(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    sample = client.get(PAGE + "/sample.xlsx")
    assert "1 条都可以导入" in send(client, city, sample.data, step="look").text


def test_a_calendar_file_becomes_drafts(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    starts_at = clock.start_of_day(clock.today()) + timedelta(days=3, hours=10)
    city.add(starts_at, title="已有的讲座")
    city.add(starts_at, title="没有了", cancelled_at=clock.now())
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    text = client.get("/calendar/all.ics").text.replace("已有的讲座", "下一次讲座")
    answer = send(client, city, text.encode(), "a.ics")
    assert answer.status_code == 200
    assert "“没有了”已经取消，没有读" in answer.text
    assert ("下一次讲座", "lecture", "draft") in drafts()
    made = db.session.scalars(select(Event).where(Event.title == "下一次讲座")).one()
    one = db.session.scalars(select(EventSession).where(EventSession.event_id == made.id)).one()
    assert (one.starts_at, one.venue_id) == (starts_at, city.venue)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "这个文件是空的"),
        (b"\x00\x01", "打不开"),
        (b"PK\x03\x04rubbish", "打不开"),
        (b"%PDF-1.4", "这是 PDF，不是能读的表格"),
        (b"BEGIN:VCALENDAR\r\n", "不是能读的表格"),
    ],
)
def test_another_kind_of_file_is_refused_with_a_sentence(
    city: City, client: FlaskClient, sign_in: SignIn, content: bytes, sentence: str
) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    answer = send(client, city, content)
    assert answer.status_code == 422
    assert sentence in answer.text
    bad = {"organisation_id": city.unit, "type_slug": "lecture", "table": "x"}
    assert client.post(PAGE, data=bad).status_code == 422


def test_only_for_ones_own_organisation(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, make_member(city.centre, Permission.MANAGE_EVENTS))
    assert send(client, city, TABLE.encode()).status_code == 422
    sign_in(client, make_person())
    assert send(client, city, TABLE.encode()).status_code == 403
    assert drafts() == []
