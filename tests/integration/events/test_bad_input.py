"""Whatever is sent to the organisers' forms: a sentence beside the field, nothing lost, nothing written, no fault."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import events as make
from tests.integration.events.test_manage_views import Organiser, SignIn, entered, typed
from tests.support import html
from webapp.core import clock as city
from webapp.core.db import session
from webapp.events.models import Event, EventSession

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def organiser(app: Flask, sign_in: SignIn) -> Organiser:
    return Organiser(app, sign_in)


def error_beside(page: str, name: str) -> str:
    """The sentence that the field of this name points to."""
    document = html.parse(page)[0]
    ids = {element.get("id"): element for element in document.iter() if element.get("id")}
    for element in document.iter():
        if element.get("name") == name or element.get("id") == name:
            for described in (element.get("aria-describedby") or "").split():
                if described.endswith("-error"):
                    return html.text_of(ids[described])
    frame = ids.get(name.replace("_", "-")) if name not in ids else ids[name]
    found = (
        [] if frame is None else [one for one in frame.iter() if "field-error" in (one.get("class") or "")]
    )
    return html.text_of(found[0]) if found else ""


BAD: list[tuple[str, Any, str, str]] = [
    ("title", "", "title", "请填写"),
    ("title", "   　", "title", "请填写"),
    ("title", "题" * 81, "title", "最多 80 个字"),
    ("title", "坏\x00字", "title", "特殊字符"),
    ("title", "坏\x1b字", "title", "特殊字符"),
    ("type_slug", "", "type_slug", "请从列表里选"),
    ("type_slug", "没有", "type_slug", "请从列表里选"),
    ("type_slug", "\x00", "type_slug", "请从列表里选"),
    ("summary", "长" * 2001, "summary", "最多 2000 个字"),
    ("bring", "带" * 301, "bring", "最多 300 个字"),
    ("risk_statement", "险" * 1001, "risk_statement", "最多 1000 个字"),
    ("audiences", ["外星人"], "audiences", "不在列表里"),
    ("task_ids", ["nosuchtask00000000"], "task_ids", "不在列表里"),
    ("task_ids", ["\x00"], "task_ids", "不在列表里"),
    ("sessions-0-title", "题" * 81, "sessions-0-title", "最多 80 个字"),
    ("sessions-0-venue_id", "", "sessions-0-venue_id", "请从列表里选"),
    ("sessions-0-venue_id", "nosuchvenue0000000", "sessions-0-venue_id", "请从列表里选"),
    ("sessions-0-starts_at", "", "sessions-0-starts_at", "请填写日期和时间"),
    ("sessions-0-starts_at", "明天上午", "sessions-0-starts_at", "请填写日期和时间"),
    ("sessions-0-starts_at", "2026-02-31T09:00", "sessions-0-starts_at", "请填写日期和时间"),
    ("sessions-0-starts_at", "20260-12-01T09:00", "sessions-0-starts_at", "请填写日期和时间"),
    ("sessions-0-starts_at", "0001-01-01T00:00", "sessions-0-starts_at", "年份"),
    ("sessions-0-starts_at", "9999-12-31T23:59", "sessions-0-starts_at", "年份"),
    ("sessions-0-ends_at", "2026-12-01T24:00", "sessions-0-ends_at", "请填写日期和时间"),
    ("sessions-0-ends_at", "2020-12-01T09:00", "sessions-0-ends_at", "结束时间要晚于开始时间"),
    ("sessions-0-ends_at", "2027-12-01T09:00", "sessions-0-ends_at", "最长 31 天"),
    ("sessions-0-positions-0-name", "", "sessions-0-positions-0-name", "请填写"),
    ("sessions-0-positions-0-name", "名" * 41, "sessions-0-positions-0-name", "最多 40 个字"),
    ("sessions-0-positions-0-kind", "guest", "sessions-0-positions-0-kind", "请从列表里选"),
    ("sessions-0-positions-0-capacity", "", "sessions-0-positions-0-capacity", "请填写"),
    ("sessions-0-positions-0-capacity", "三十", "sessions-0-positions-0-capacity", "整数"),
    ("sessions-0-positions-0-capacity", "-1", "sessions-0-positions-0-capacity", "0 至 100000"),
    ("sessions-0-positions-0-capacity", "100001", "sessions-0-positions-0-capacity", "0 至 100000"),
    ("sessions-0-positions-0-capacity", "9" * 5000, "sessions-0-positions-0-capacity", "整数"),
    ("sessions-0-positions-0-capacity", "1e3", "sessions-0-positions-0-capacity", "整数"),
    ("sessions-0-positions-0-capacity", "3.5", "sessions-0-positions-0-capacity", "整数"),
]


def test_each_fault_is_told_at_its_field(organiser: Organiser, subtests: pytest.Subtests) -> None:
    for field, value, where, sentence in BAD:
        with subtests.test(field=field, value=str(value)[:40]):
            _check_fault(organiser, field, value, where=where, sentence=sentence)
    assert session().scalar(select(func.count(Event.id))) == 0


def _check_fault(organiser: Organiser, field: str, value: Any, *, where: str, sentence: str) -> None:
    answer = organiser.client.post("/manage/events/new", data=entered(organiser, **{field: value}))
    assert answer.status_code == 422
    assert sentence in error_beside(answer.text, where)
    assert sentence in _summary(answer.text)
    assert "{" not in _summary(answer.text)
    if field != "summary":
        assert "教老年朋友用手机挂号。" in answer.text
    if field != "title":
        assert 'value="手机用得明白"' in answer.text


def _summary(page: str) -> str:
    """What stands at the top of the page."""
    document = html.parse(page)[0]
    return next(html.text_of(one) for one in document.iter("div") if one.get("class") == "error-summary")


def test_everything_at_once_is_told_at_once(organiser: Organiser) -> None:
    answer = organiser.client.post("/manage/events/new", data={"sessions-0-title": "", "change": "save"})
    assert answer.status_code == 422
    for name in ("title", "type_slug", "sessions-0-starts_at", "sessions-0-ends_at", "sessions-0-venue_id"):
        assert error_beside(answer.text, name), name


def test_places_without_a_number_are_refused_by_the_rules(organiser: Organiser) -> None:
    data = entered(organiser, **{"sessions-0-positions-0-capacity": "0"})
    answer = organiser.client.post("/manage/events/new", data=data)
    assert answer.status_code == 422
    assert "名额须是 1 至 100000" in answer.text


def test_two_places_of_one_name(organiser: Organiser) -> None:
    more = {
        "sessions-0-positions-1-name": " 观众 ",
        "sessions-0-positions-1-kind": "audience",
        "sessions-0-positions-1-capacity": "3",
    }
    answer = organiser.client.post("/manage/events/new", data=entered(organiser) | more)
    assert answer.status_code == 422
    assert "有两个“观众”" in error_beside(answer.text, "sessions-0-positions")


def _many(organiser: Organiser, number: int) -> dict[str, Any]:
    data = entered(organiser)
    for n in range(1, number):
        data |= {
            f"sessions-{n}-{name}": data[f"sessions-0-{name}"]
            for name in ("venue_id", "starts_at", "ends_at")
        }
        data[f"sessions-{n}-title"] = f"第{n}课"
    return data


@pytest.mark.databases("sqlite")
def test_two_hundred_sessions(organiser: Organiser) -> None:
    answer = organiser.client.post("/manage/events/new", data=_many(organiser, 200))
    assert answer.status_code == 422
    assert "最多 60 个场次" in error_beside(answer.text, "sessions")
    assert 'value="第199课"' in answer.text
    assert organiser.client.post("/manage/events/new", data=_many(organiser, 60)).status_code == 303
    assert session().scalar(select(func.count(EventSession.id))) == 60


ROWS: list[list[str]] = [
    ["sessions-²-title", "sessions-9999999999-title", "sessions--title", "sessions-x-y", "sessions-1"],
    [f"sessions-{n}-title" for n in range(3000)],
    [f"sessions-0-positions-{n}-name" for n in range(3000)],
    ["sessions-" + "9" * 5000 + "-title", "sessions-0-positions-" + "9" * 5000 + "-name"],
]


@pytest.mark.databases("sqlite")  # refused before any database is asked
def test_rows_nobody_drew(organiser: Organiser, subtests: pytest.Subtests) -> None:
    for names in ROWS:
        with subtests.test(first=names[0][:40]):
            data = entered(organiser) | dict.fromkeys(names, "x")
            answer = organiser.client.post("/manage/events/new", data=data)
            assert answer.status_code in {303, 422}
            if answer.status_code == 422:
                assert 'value="手机用得明白"' in answer.text


def test_broken_encoding(organiser: Organiser) -> None:
    token = organiser.client.csrf_token().encode()
    body = b"csrf_token=" + token + b"&title=%FF%FE%00&summary=%ED%A0%80&sessions-0-starts_at=%FF&change=save"
    answer = organiser.client.post(
        "/manage/events/new", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 422
    assert error_beside(answer.text, "title")
    answer = organiser.client.post(
        "/manage/events/new", data=b"\xff\xfe", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code < 500
    answer = organiser.client.post("/manage/events/new", json={"title": ["x"]})
    assert answer.status_code < 500


def test_an_expired_form_keeps_what_was_entered(organiser: Organiser) -> None:
    data = entered(organiser, csrf_token="expired")
    answer = organiser.client.post(
        "/manage/events/new", data=data, csrf=False, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 400
    assert "您填的内容都还在" in answer.text
    assert 'value="手机用得明白"' in answer.text
    again = organiser.client.post("/manage/events/new", data=_resent(answer.text))
    assert again.status_code == 303
    event = session().scalars(select(Event)).one()
    assert event.summary == "教老年朋友用手机挂号。"


def _resent(page: str) -> dict[str, Any]:
    """The fields of the page that offers the form once more."""
    from tests.support.client import fields_of

    document = html.parse(page)[0]
    form = next(one for one in document.iter("form") if one.get("action") == "/manage/events/new")
    return {name: value for name, value in fields_of(form).items() if name != "csrf_token"}


IDS = ("nosuch", "0" * 18, "%00", "%FF%FE", "'--", "a" * 3000, "..%2F..%2Fetc", "😀")


GETS = (
    "/events/{}",
    "/centres/{}",
    "/manage/events/{}",
    "/manage/events/{}/edit",
    "/manage/events/{}/cancel",
    "/manage/events/{}/sessions/new",
    "/manage/sessions/{}",
    "/manage/sessions/{}/edit",
    "/manage/sessions/{}/move",
    "/manage/sessions/{}/cancel",
    "/manage/sessions/{}/sign-sheet",
)
POSTS = (
    "/manage/events/{}/publish",
    "/manage/events/{}/duplicate",
    "/manage/events/{}/edit",
    "/manage/sessions/{}/remove",
    "/manage/sessions/{}/move",
)


def test_ids_nobody_has(organiser: Organiser, subtests: pytest.Subtests) -> None:
    for key in IDS:
        with subtests.test(key=key[:40]):
            for address in GETS:
                assert organiser.client.get(address.format(key)).status_code == 404, address
            for address in POSTS:
                assert organiser.client.post(address.format(key)).status_code == 404, address


MOVES: list[tuple[dict[str, Any], str, str]] = [
    ({"starts_at": "x"}, "starts_at", "请填写日期和时间"),
    ({"ends_at": "2020-01-01T00:00"}, "ends_at", "结束时间要晚于开始时间"),
    ({"venue_id": "nosuchvenue0000000"}, "venue_id", "请从列表里选"),
    ({"venue_id": None}, "venue_id", "请从列表里选"),
    ({"revision": "0"}, "", "别人已经改过这一项"),
]


def test_moving_badly(organiser: Organiser, subtests: pytest.Subtests) -> None:
    event = make.an_event(organiser.own)
    (one,) = make.sessions_of(event)
    start = city.now() + timedelta(days=20)
    good = {
        "starts_at": typed(start),
        "ends_at": typed(start + timedelta(hours=1)),
        "venue_id": one.venue_id,
        "revision": "",
    }
    address = f"/manage/sessions/{one.id}/move"
    for values, where, sentence in MOVES:
        with subtests.test(**values):
            data = {key: value for key, value in (good | values).items() if value is not None}
            answer = organiser.client.post(address, data=data)
            assert answer.status_code in {409, 422}
            assert sentence in (error_beside(answer.text, where) if where else answer.text)
    assert make.sessions_of(event)[0].sequence == 1


def test_a_revision_that_is_no_number_is_none(organiser: Organiser) -> None:
    event_id = make.an_event(organiser.own).id
    for revision in ("x", "-1", "²", "9" * 5000, "1.0", ""):
        answer = organiser.client.fill(f"/manage/events/{event_id}/edit", title="新", revision=revision)
        assert answer.status_code == 303, revision


def test_cancelling_badly(organiser: Organiser) -> None:
    event_id = make.an_event(organiser.own).id
    for reason in ("", " 　\n", "雪" * 301, "坏\x00"):
        answer = organiser.client.post(f"/manage/events/{event_id}/cancel", data={"reason": reason})
        assert answer.status_code == 422
        assert error_beside(answer.text, "reason")
    assert session().get_one(Event, event_id).status == "published"


FILTERS = [
    ("from=2026-02-31", "这个日期，暂未使用"),
    ("from=明天", "这个日期，暂未使用"),
    ("from=20260-01-01", "这个日期，暂未使用"),
    ("to=0001-01-01", "年份须在"),
    ("to=9999-12-31", "年份须在"),
    ("from=2026-12-31&to=2026-12-01", "已按调换后的日期查找"),
    ("district=000000", "没有“000000”这一项"),
    ("type=nothing", "没有“nothing”这一项"),
    ("audience=外星人", "没有“外星人”这一项"),
    ("venue=nosuchvenue0000000", "没有“nosuchvenue0000000”这一项"),
    ("organisation=%27--", "这一项"),
    ("task=Z9-9", "没有“Z9-9”这一项"),
    ("plan=no-such-plan&task=A4-2", "没有“no-such-plan”这一项"),
    ("q=" + "字" * 101, "关键词太长"),
    ("venue=%FF%FE", "这一项"),
    ("q=%FF", ""),
    ("q=%F0%9F%98%80", ""),
    ("from=2026-01-01&from=2026-01-02&q=a&q=b", ""),
    ("q=" + "%25" * 99, ""),
    ("venue=" + "x" * 6000, "这一项"),
]


def test_filters_that_make_no_sense(organiser: Organiser, subtests: pytest.Subtests) -> None:
    make.a_task()
    for query, sentence in FILTERS:
        with subtests.test(query=query[:60]):
            answer = organiser.client.get(f"/events/?{query}")
            assert answer.status_code == 200
            assert sentence in answer.text


def test_a_cut_or_made_up_place_in_a_list_is_said_not_taken_for_the_first_page(
    organiser: Organiser, subtests: pytest.Subtests
) -> None:
    whole = f"n0.1795860000000000.{'0' * 18}"
    for address in ("/events/", "/api/v1/events"):
        for cursor in ("nonsense", whole[:-1], whole[2:-1], "%FF", whole + "0", "n0..", "n0.-1." + "0" * 18):
            with subtests.test(address=address, cursor=cursor):
                answer = organiser.client.get(f"{address}?cursor={cursor}")
                assert answer.status_code == 422
                assert "第一页" in answer.text
    assert organiser.client.get(f"/events/?cursor={whole}").status_code == 200
    assert organiser.client.get("/events/?cursor=").status_code == 200


def test_an_expired_form_says_that_the_chosen_file_is_gone(organiser: Organiser) -> None:
    data = {"csrf_token": "expired", "type_slug": "lecture", "file": (io.BytesIO(b"x"), "plan.csv")}
    answer = organiser.client.post(
        "/manage/events/import",
        data=data,
        content_type="multipart/form-data",
        csrf=False,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 400
    assert "请再选一次" in answer.text
