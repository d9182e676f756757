"""Found by words: what people type, in whatever order; ranked alike on both databases, in step with the rows."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, text

from tests.factories import events as make
from tests.support.time import TestClock
from webapp.core.db import db, session, transaction
from webapp.core.errors import BadCursor, NotFound
from webapp.events import queries, service
from webapp.events.models import Event, EventWords
from webapp.events.queries import EventFilter
from webapp.events.queries.managed import LAST, managed, managed_rows, meant_by
from webapp.events.service.finding import rebuild_search, refresh_search
from webapp.organisations.domain import Permission


def titles(q: str, *, limit: int = 100, **values: Any) -> list[str]:
    page = queries.list_public(EventFilter(q=q, **values), limit=limit)
    found = [item.event.title for item in page.items]
    while page.next:
        page = queries.list_public(EventFilter(q=q, **values), cursor=page.next, limit=limit)
        found += [item.event.title for item in page.items]
    return found


def an_event(title: str, days: float, clock: TestClock, *, venue: Any = None, **values: Any) -> Any:
    at = make.session_draft(clock.now + timedelta(days=days), venue=venue or make.a_venue())
    task = make.a_task("P1-1", "别的任务").id
    return make.an_event(title=title, sessions=[at], task_ids=[task], **({"summary": "欢迎参加。"} | values))


@pytest.fixture
def city(app: Flask, clock: TestClock) -> None:
    """What a city has in a month, and one event that is over."""
    an_event("血压怎么量", 0.1, clock)
    clock.advance(days=1)
    centre = make.a_venue("长者血压服务站")
    an_event("在家量血压", 9, clock)
    an_event("血压怎么量", 12, clock)
    an_event("健康讲座", 3, clock, summary="讲饮食，也量血压。")
    an_event("老年人手机课", 5, clock, summary="带上智能手机。")
    an_event("长者防骗", 6, clock)
    an_event("机器人展", 2, clock, venue=centre)
    an_event("AED急救", 4, clock, summary="心肺复苏")
    an_event("血糖与饮食", 7, clock)


# What is looked for, and all that is found, best first.
SEARCHES = [
    ("量血压", ["在家量血压", "血压怎么量", "健康讲座", "血压怎么量", "机器人展"]),
    ("血压怎么量", ["血压怎么量", "在家量血压", "健康讲座", "血压怎么量", "机器人展"]),
    ("老人", ["老年人手机课", "长者防骗", "机器人展"]),
    ("老年人", ["老年人手机课", "长者防骗", "机器人展"]),
    ("智能机", ["老年人手机课"]),
    ("老人学手机", ["老年人手机课", "长者防骗", "机器人展"]),
    ("老人 诈骗", ["长者防骗", "老年人手机课", "机器人展"]),
    ("aed", ["AED急救"]),
    ("ＡＥＤ，急救！", ["AED急救"]),
    ("急救AED", ["AED急救"]),
    ("糖", ["血糖与饮食"]),
    ("老者", []),
    ("龘靐", []),
    ("。", []),
]


def test_what_people_type_is_found_in_one_order_on_both_databases(city: None) -> None:
    for q, found in SEARCHES:
        for limit in (100, 2):
            assert titles(q, limit=limit) == found, q


def test_pages_of_what_was_found_go_forward_and_back(city: None) -> None:
    whole = [item.event.id for item in queries.list_public(EventFilter(q="血压 老人"), limit=100).items]
    assert len(whole) == 7
    page = queries.list_public(EventFilter(q="血压 老人"), limit=3)
    pages = [page]
    while page.next:
        page = queries.list_public(EventFilter(q="血压 老人"), cursor=page.next, limit=3)
        pages.append(page)
    assert [item.event.id for one in pages for item in one.items] == whole
    back = [pages[-1]]
    while back[0].prev:
        back.insert(0, queries.list_public(EventFilter(q="血压 老人"), cursor=back[0].prev, limit=3))
    assert [[item.event.id for item in one.items] for one in back] == [
        [item.event.id for item in one.items] for one in pages
    ]


BROKEN = [
    "'",
    '"',
    "*",
    "NEAR(a b)",
    "a AND",
    "(",
    "†老",
    "x:y & !z",
    "\\'",
    "字" * 5000,
    "a" * 5000,
    "- -",
    "\u200b",
]
CURSORS = ["rn0.1.1", "rn4.1.1." + "a" * 18, "rb0.-1.1." + "a" * 18, "rn0.²." + "a" * 18]


def test_nothing_typed_breaks_the_databases_own_language(city: None) -> None:
    for q in BROKEN:
        queries.list_public(EventFilter(q=q))
    for cursor in CURSORS:
        with pytest.raises(BadCursor):
            queries.list_public(EventFilter(q="血压"), cursor=cursor)


def test_the_index_goes_with_the_row(city: None, clock: TestClock) -> None:
    event = an_event("磁悬浮", 3, clock)
    assert titles("磁悬浮") == ["磁悬浮"]
    with transaction():
        _call_it("量子力学", event.id)
        assert titles("量子") == ["量子力学"]
    assert titles("磁悬浮") == []
    with pytest.raises(NotFound), transaction():
        _call_it_and_fail("天文学", event.id)
    assert titles("天文") == []
    assert titles("量子") == ["量子力学"]


def _call_it(title: str, event_id: str) -> None:
    event = session().get_one(Event, event_id)
    event.title = title
    refresh_search(event)


def _call_it_and_fail(title: str, event_id: str) -> None:
    _call_it(title, event_id)
    service.discard("no such event", by=None)


def test_all_of_it_is_written_anew(city: None, app: Flask) -> None:
    before = titles("血压")
    with transaction() as current:
        current.execute(delete(EventWords))
    assert titles("血压") == []
    with transaction():
        assert rebuild_search(limit=3) is not None
    assert app.test_cli_runner().invoke(args=["search", "rebuild"]).exit_code == 0
    db.session.rollback()
    assert titles("血压") == before


def test_an_own_list_of_words_is_added(city: None, app: Flask) -> None:
    path = app.extensions["kepu_settings"].data_dir / "words.json"
    assert titles("铁臂阿童木") == []
    path.write_text('{"same": [["铁臂阿童木", "机器人"]]}', encoding="utf-8")
    queries.found.lexicon.cache_clear()
    try:
        assert titles("铁臂阿童木") == ["机器人展"]
        path.write_text("{broken", encoding="utf-8")
        queries.found.lexicon.cache_clear()
        assert titles("血压")
    finally:
        path.unlink()
        queries.found.lexicon.cache_clear()


def test_staff_find_their_events_by_the_same_words(app: Flask, clock: TestClock) -> None:
    own = make.an_organisation()
    organiser = make.staff(own, Permission.MANAGE_EVENTS).person_id
    for number in range(3):
        an_event(f"血压怎么量{number}", number + 1, clock, organisation=own)

    wanted = managed(organiser)

    def found(q: str) -> list[str]:
        rows = session().execute(wanted.where(meant_by(q, wanted)).order_by(LAST.desc())).all()
        return [row.event.title for row in managed_rows(rows)]

    assert found("量血压") == found("手机 量血压") == ["血压怎么量2", "血压怎么量1", "血压怎么量0"]
    assert found("龘靐") == []


def test_a_district_with_nothing_shows_what_the_city_has(
    app: Flask, client: FlaskClient, clock: TestClock
) -> None:
    make.a_district("230882", "富锦市")
    an_event("血压怎么量", 3, clock)
    page = client.get("/events/?district=230882&q=量血压").text
    assert "这个区这段时间没有活动；全市有：" in page
    assert "血压怎么量" in page
    assert "没有找到这样的活动" in client.get("/events/?district=230882&q=龘靐").text
    home = client.get("/?district=230882").text
    assert "全市有：" in home
    assert "血压怎么量" in home


def test_words_live_and_die_with_their_event(app: Flask, clock: TestClock) -> None:
    draft = make.an_event(title="磁悬浮", published=False)
    with transaction():
        service.discard(draft.id, by=None)
    assert session().scalar(text("SELECT count(*) FROM event_words")) == 0
