"""A file of planned sessions becomes drafts; the same file again nothing more."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.calendars import City, make_member, make_person
from tests.support.time import TestClock
from webapp.core.db import db
from webapp.core.sheets import Sheet, xlsx
from webapp.events.models import Event
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


def send(client: FlaskClient, city: City, content: bytes, name: str = "x") -> Any:
    data = {"organisation_id": city.unit, "type_slug": "lecture", "file": (io.BytesIO(content), name)}
    return client.post("/manage/events/import", data=data, content_type="multipart/form-data")


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
def test_a_table_becomes_drafts_and_says_what_is_wrong(
    city: City, client: FlaskClient, sign_in: SignIn, content: bytes
) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    answer = send(client, city, content)
    assert answer.status_code == 200
    assert drafts() == [("血压怎么量", "caravan", "draft")]
    assert "没有叫“没有这里”的地点" in answer.text
    assert "没有看懂开始时间" in answer.text
    assert "有 3 条没有导入" in answer.text
    again = send(client, city, content)
    assert "已经有这个标题的活动" in again.text
    assert len(drafts()) == 1


def test_a_calendar_file_becomes_drafts(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    city.add(title="已有的讲座")
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    text = client.get("/calendar/all.ics").text.replace("已有的讲座", "下一次讲座")
    assert send(client, city, text.encode(), "a.ics").status_code == 200
    assert drafts() == [("下一次讲座", "lecture", "draft"), ("已有的讲座", "lecture", "published")]


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"a,b\n1,2", b"PK\x03\x04rubbish", b"BEGIN:VCALENDAR\r\n"]
)
def test_another_kind_of_file_is_refused_with_a_sentence(
    city: City, client: FlaskClient, sign_in: SignIn, content: bytes
) -> None:
    sign_in(client, make_member(city.unit, Permission.MANAGE_EVENTS))
    answer = send(client, city, content)
    assert answer.status_code == 422
    assert "不是能读的表格" in answer.text or "请选一个文件" in answer.text


def test_only_for_ones_own_organisation(city: City, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in(client, make_member(city.centre, Permission.MANAGE_EVENTS))
    assert send(client, city, TABLE.encode()).status_code == 422
    sign_in(client, make_person())
    assert send(client, city, TABLE.encode()).status_code == 403
    assert drafts() == []
