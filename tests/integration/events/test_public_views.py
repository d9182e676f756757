"""What visitors see: the list, an event in every state, a centre; and that no volunteer's name is on it."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import update

from tests.factories import events as make
from tests.support import html
from tests.support.time import TestClock
from webapp.core.db import db, transaction
from webapp.events import service
from webapp.events.domain import PositionDraft
from webapp.events.models import Position
from webapp.people.service import find_or_make_person
from webapp.signups.service import sign_up


def test_the_list_and_its_filters(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    assert "还没有活动" in client.get("/events/").text
    make.an_event(title="手机课")
    make.an_event(title="别的课", type_slug=make.a_type("drill", "消防演练").slug)
    page = client.get("/events/")
    assert "手机课" in page.text
    assert "还有 30 个名额" in page.text
    page = client.get("/events/?q=手机课&district=230803&type=lecture&audience=老年人&task=A4-2")
    assert "手机课" in page.text
    assert "别的课" not in page.text
    assert 'value="手机课"' in page.text
    assert "加强老年人健康科普服务" in page.text  # the task is named, with a way to drop it
    assert "没有找到这样的活动" in client.get("/events/?q=登月").text


def test_pages_keep_the_filter(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    venue = make.a_venue()
    for n in range(25):
        draft = make.session_draft(clock.now + timedelta(hours=n + 1), venue=venue)
        make.an_event(title=f"手机课{n:02}", sessions=[draft])
    first = client.get("/events/?q=手机")
    document = html.parse(first.data)[0]
    (forward,) = [one.get("href") or "" for one in document.iter("a") if one.get("rel") == "next"]
    assert "q=" in forward
    second = client.get(forward)
    assert "手机课24" in second.text
    assert "手机课00" not in second.text
    document = html.parse(second.data)[0]
    (back,) = [one.get("href") or "" for one in document.iter("a") if one.get("rel") == "prev"]
    assert "手机课00" in client.get(back).text


def test_an_event_with_places(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    unit = make.an_organisation("市卫生健康委", full_name="佳木斯市卫生健康委员会", phone="+864548888888")
    event = make.an_event(
        unit,
        sessions=[
            make.session_draft(
                positions=[
                    PositionDraft("观众席", "audience", 30),
                    PositionDraft("讲解员", "volunteer", 2, waitlist=False),
                    PositionDraft("前排", "audience", 5, waitlist=True),
                ]
            )
        ],
    )
    with transaction() as current:
        current.execute(update(Position).where(Position.name != "观众席").values(taken=Position.capacity))
    page = client.get(f"/events/{event.id}")
    for words in ("还有 30 个名额", "可候补", "排候补", "我要报名", "请带什么", "手机、老花镜"):
        assert words in page.text
    assert "0454" in page.text.replace("-", "") or "tel:+864548888888" in page.text
    seats, guides, front = make.positions_of(event)
    for position, there in ((seats, True), (front, True), (guides, False)):
        assert (f"/positions/{position.id}/sign-up" in page.text) is there
    for address in (f"/calendar/events/{event.id}.ics", "webcal://", "/plan/tasks/A4-2?plan=test-plan"):
        assert address in page.text


def test_states_are_said_plainly(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    def shown(event: Any) -> str:
        return client.get(f"/events/{event.id}").text

    cancelled, postponed, coming, part = (
        make.an_event(title=name) for name in ("取消的", "延期的", "会过去的", "缺一场的")
    )
    with transaction():
        service.cancel(cancelled.id, reason="暴雪预警", by=None)
        service.postpone(postponed.id, by=None)
        more = service.add_session(
            part.id, make.session_draft(clock.now + timedelta(days=20), venue=make.a_venue()), by=None
        )
        service.cancel_session(more.id, reason="老师生病", by=None)
    assert "活动已取消" in shown(cancelled)
    assert "暴雪预警" in shown(cancelled)
    assert "活动延期" in shown(postponed)
    assert "这一场已取消" in shown(part)
    assert "老师生病" in shown(part)
    for page in (shown(cancelled), shown(postponed)):
        assert "/sign-up" not in page
    clock.advance(days=9)
    assert "活动已经结束" in shown(coming)
    assert "/sign-up" not in shown(coming)


def test_drafts_do_not_exist_for_visitors(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    draft = make.an_event(published=False)
    assert client.get(f"/events/{draft.id}").status_code == 404
    assert draft.title not in client.get("/events/").text


def test_a_centre(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    centre = make.an_organisation("西林社区", kind="centre", phone="+8613900000000")
    assert "近期没有活动来这里" in client.get(f"/centres/{centre.id}").text
    venue = make.a_venue("西林社区服务中心", organisation_id=centre.id)
    make.an_event(title="来的活动", sessions=[make.session_draft(venue=venue)])
    make.an_event(title="别处的活动")
    page = client.get(f"/centres/{centre.id}")
    for words in ("来的活动", "西林社区服务中心", f"/calendar/organisations/{centre.id}.ics", "webcal://"):
        assert words in page.text
    assert "别处的活动" not in page.text
    assert client.get("/centres/nosuchcentre00000").status_code == 404


def test_no_name_of_anyone_signed_up_is_public(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    event = make.an_event()
    seats, _guides = make.positions_of(event)
    with transaction():
        guest = find_or_make_person(name="欧阳不公开", phone="+8613900000001")
        sign_up(seats.id, guest.id, by=None, source="guest")
    for address in ("/events/", f"/events/{event.id}", f"/centres/{event.organisation_id}", "/"):
        page = client.get(address)
        assert "欧阳" not in page.text
        assert "13900000001" not in page.text


def test_words_of_others_are_escaped(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    event = make.an_event(
        title="<script>alert(1)</script>", summary='"><img src=x onerror=alert(1)>', bring="<b>"
    )
    page = client.get(f"/events/{event.id}")
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "<script>alert" not in client.get("/events/?q=<script>alert(1)</script>").text


def _statements(client: FlaskClient, address: str) -> int:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(statement)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", hear)
    try:
        assert client.get(address).status_code == 200
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", hear)
    return len(heard)


def test_pages_cost_the_same_however_much_there_is(app: Flask, clock: TestClock) -> None:
    client = app.test_client()
    centre = make.an_organisation("西林社区", kind="centre")
    venue = make.a_venue(organisation_id=centre.id)

    def more(number: int) -> None:
        for n in range(number):
            start = clock.now + timedelta(hours=n + 1)
            make.an_event(
                make.an_organisation(), sessions=[make.session_draft(start, venue=venue) for _ in range(2)]
            )

    more(1)
    addresses = ("/events/", "/events/?q=手机&task=A4-2", f"/centres/{centre.id}")
    few = [_statements(client, address) for address in addresses]
    more(6)
    assert [_statements(client, address) for address in addresses] == few
    event = make.an_event(sessions=[make.session_draft(venue=venue)])
    long = make.an_event(sessions=[make.session_draft(venue=venue)] * 30)
    assert _statements(client, f"/events/{event.id}") == _statements(client, f"/events/{long.id}")
