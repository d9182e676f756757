"""The public list: filters, Chinese words, order, pages, cost. And what staff see."""

from datetime import date, timedelta
from typing import Any, Self

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event

from tests.factories import events as make
from tests.support.time import TestClock
from webapp.core.db import db, session, transaction
from webapp.core.errors import BadCursor, NotAllowed, NotFound
from webapp.events import queries, service
from webapp.events.domain import PositionDraft
from webapp.events.models import Event
from webapp.events.queries import EventFilter
from webapp.events.queries.managed import LAST, ManagedRow, managed, managed_rows, meant_by
from webapp.organisations.domain import Permission


def titles(wanted: EventFilter | None = None, **values: Any) -> list[str]:
    page = queries.list_public(wanted or EventFilter(**values), limit=100)
    return [item.event.title for item in page.items]


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        session().expire_all()
        sqlalchemy_event.listen(db.engine, "before_cursor_execute", self._hear)
        return self

    def __exit__(self, *_args: object) -> None:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", self._hear)

    def _hear(self, *_args: object) -> None:
        self.count += 1


def in_days(clock: TestClock, days: float) -> Any:
    return make.session_draft(clock.now + timedelta(days=days), venue=make.a_venue())


def test_what_comes_is_first_then_what_is_over(app: Flask, clock: TestClock) -> None:
    make.an_event(title="三天后", sessions=[in_days(clock, 3)])
    make.an_event(title="明天和下月", sessions=[in_days(clock, 1), in_days(clock, 30)])
    make.an_event(title="草稿", published=False)
    make.an_event(title="一小时后开始", sessions=[in_days(clock, 0.04)])
    clock.advance(days=2)
    make.an_event(title="后天", sessions=[in_days(clock, 2)])
    page = queries.list_public(EventFilter())
    assert [(item.event.title, item.over) for item in page.items] == [
        ("三天后", False),
        ("后天", False),
        ("明天和下月", False),
        ("一小时后开始", True),
    ]
    assert page.items[2].session.starts_at - clock.now == timedelta(days=28)
    assert page.items[2].sessions == 1  # one of the two is still to come
    assert titles(coming_only=True) == ["三天后", "后天", "明天和下月"]


def test_a_session_that_runs_still_counts_as_coming(app: Flask, clock: TestClock) -> None:
    make.an_event(title="展览", sessions=[make.session_draft(clock.now + timedelta(hours=1), hours=24 * 31)])
    clock.advance(days=30)
    assert titles(coming_only=True) == ["展览"]
    clock.advance(days=2)
    assert titles(coming_only=True) == []


def test_states_the_public_sees(app: Flask, clock: TestClock) -> None:
    for name in ("published", "cancelled", "postponed", "draft", "submitted"):
        one = make.an_event(title=name, published=name not in {"draft", "submitted"})
        with transaction():
            if name == "cancelled":
                service.cancel(one.id, reason="暴雪", by=None)
            elif name == "postponed":
                service.postpone(one.id, by=None)
            elif name == "submitted":
                service.submit(one.id, by=None)
    assert sorted(titles()) == ["cancelled", "postponed", "published"]


def test_a_session_cancelled_alone_is_not_the_next_one(app: Flask, clock: TestClock) -> None:
    event = make.an_event(sessions=[in_days(clock, 1), in_days(clock, 2)])
    first, second = make.sessions_of(event)
    with transaction():
        service.cancel_session(first.id, reason="暴雪", by=None)
    (item,) = queries.list_public(EventFilter()).items
    assert item.session.id == second.id


WORDS = [
    "防骗",
    "骗",
    "手机 防骗",
    "ａｅｄ",
    "AED",
    "aed急救",
    "西林",
    "向阳区",
    "卫生健康",
    "A4-2",
    "讲座",
    "  防骗　手机  ",
]


def test_words_of_any_length_are_found(app: Flask, clock: TestClock) -> None:
    venue = make.a_venue("西林社区服务中心")
    unit = make.an_organisation("市卫生健康委")
    make.an_event(
        unit, title="手机防骗课", summary="还教ＡＥＤ急救", sessions=[make.session_draft(venue=venue)]
    )
    make.an_event(
        title="别的活动",
        summary="%_\\ 这些字也要能找",
        type_slug=make.a_type("drill", "消防演练").slug,
        task_ids=[make.a_task("P1-1", "别的任务").id],
        sessions=[make.session_draft(venue=make.a_venue("别处", make.a_district("230882", "富锦市")))],
    )
    for q in WORDS:
        assert titles(q=q) == ["手机防骗课"], q


def test_words_are_taken_as_they_are(app: Flask, clock: TestClock) -> None:
    make.an_event(title="一", summary="折扣 100% 真的吗")
    make.an_event(title="二", summary="折扣 1000 真的吗")
    make.an_event(title="三", summary="用 a_b 命名 \\ 反斜杠 'OR 1=1")
    assert titles(q="100%") == ["一"]
    assert titles(q="a_b") == ["三"]
    assert titles(q="axb") == []
    assert titles(q="\\") == titles(q="，。！") == []
    assert titles(q="'or") == ["三"]
    assert len(titles(q="   ")) == 3
    assert sorted(titles(q="折扣 命名")) == ["一", "三", "二"]
    assert titles(q="字" * 5000) == []


def test_filters(app: Flask, clock: TestClock) -> None:
    town = make.a_district("230803001", "西林街道", make.a_district().code)
    here = make.a_venue("甲地", township_code=town.code)
    there = make.a_venue("乙地", make.a_district("230882", "富锦市"))
    unit = make.an_organisation("市农业农村局")
    make.an_event(
        title="甲",
        sessions=[make.session_draft(clock.now + timedelta(days=1), venue=here)],
        audiences=["农民工"],
    )
    make.an_event(
        unit,
        title="乙",
        type_slug=make.a_type("rural", "送科技下乡").slug,
        task_ids=[make.a_task("A3-2", "农业科学教育培训").id],
        audiences=["农民", "公众"],
        sessions=[make.session_draft(clock.now + timedelta(days=3), venue=there)],
    )
    assert titles(district="230803") == ["甲"]
    assert titles(district=town.code) == ["甲"]
    assert titles(district="230882") == ["乙"]
    assert titles(venue=there.id) == ["乙"]
    assert titles(type="rural") == ["乙"]
    assert titles(audience="农民") == ["乙"]
    assert titles(audience="农民工") == ["甲"]
    assert titles(task="A3-2") == ["乙"]
    assert titles(task="A3-2", plan="test-plan") == ["乙"]
    assert titles(task="A3-2", plan="other-plan") == []
    assert titles(organisation=unit.id) == ["乙"]
    assert titles(venue="nowhere") == titles(type="none") == titles(district="0") == []
    tomorrow = date(2026, 11, 29)
    assert titles(from_=tomorrow, to=tomorrow) == ["甲"]
    assert titles(from_=tomorrow + timedelta(days=1)) == ["乙"]
    assert titles(to=tomorrow) == ["甲"]
    assert titles(from_=date(2026, 12, 1), to=date(2026, 11, 1)) == []
    assert titles(from_=date(1, 1, 1), to=date(9999, 12, 31)) == ["甲", "乙"]


def test_what_comes_to_a_centre(app: Flask, clock: TestClock) -> None:
    centre = make.an_organisation("西林社区", kind="centre")
    own = make.a_venue(organisation_id=centre.id)
    make.an_event(title="来的", sessions=[make.session_draft(venue=own)])
    make.an_event(centre, title="它办的在别处")
    assert titles(host=centre.id) == ["来的"]
    assert titles(organisation=centre.id) == ["它办的在别处"]


def test_pages_forward_and_back(app: Flask, clock: TestClock) -> None:
    venue = make.a_venue()
    soon = [
        make.an_event(
            sessions=[make.session_draft(clock.now + timedelta(minutes=n // 2 + 1), venue=venue)]
        ).id
        for n in range(7)
    ]
    clock.advance(days=1)
    later = [
        make.an_event(
            sessions=[make.session_draft(clock.now + timedelta(minutes=n // 3 + 1), venue=venue)]
        ).id
        for n in range(8)
    ]
    whole = [item.event.id for item in queries.list_public(EventFilter(), limit=100).items]
    assert set(whole[:8]) == set(later)
    assert set(whole[8:]) == set(soon)
    for limit in (1, 3, 4, 8, 15):
        page = queries.list_public(EventFilter(), limit=limit)
        assert page.prev is None
        pages = [page]
        while page.next:
            page = queries.list_public(EventFilter(), cursor=page.next, limit=limit)
            pages.append(page)
        assert [item.event.id for one in pages for item in one.items] == whole
        back = [pages[-1]]
        while back[0].prev:
            back.insert(0, queries.list_public(EventFilter(), cursor=back[0].prev, limit=limit))
        assert [[item.event.id for item in one.items] for one in back] == [
            [item.event.id for item in one.items] for one in pages
        ]


CURSORS = [
    "",
    "x",
    "n0.1",
    "n0.1.short",
    "n2.1.0123456789abcdefgh",
    "n0.-1.0123456789abcdefgh",
    "n0.²²." + "a" * 18,
    "n0." + "9" * 17 + "." + "a" * 18,
    "n0.1." + "'" * 18,
    "\x00",
]


def test_a_cursor_nobody_gave_out_is_refused(app: Flask, clock: TestClock) -> None:
    make.an_event()
    for cursor in filter(None, CURSORS):
        with pytest.raises(BadCursor):
            queries.list_public(EventFilter(), cursor=cursor)
    queries.list_public(EventFilter(), cursor="n1.9999999999999999." + "a" * 18)


def test_the_list_costs_the_same_number_of_statements(app: Flask, clock: TestClock) -> None:
    venue = make.a_venue()

    def more(number: int) -> None:
        for n in range(number):
            make.an_event(
                make.an_organisation(),
                sessions=[
                    make.session_draft(clock.now + timedelta(hours=n + k + 1), venue=venue) for k in range(2)
                ],
            )

    more(1)
    counted = {}
    for number in (1, 6):
        for q in ("", "手机"):
            with Counter() as counter:
                queries.list_public(EventFilter(q=q))
            counted[number, q] = counter.count
        more(6)
    assert counted[1, ""] == counted[6, ""] <= 6  # one of them is SQLite's BEGIN
    assert counted[1, "手机"] == counted[6, "手机"] <= 8  # two more look for what fits in part


def test_places_left(app: Flask, clock: TestClock) -> None:
    event = make.an_event(
        sessions=[
            make.session_draft(
                positions=[
                    PositionDraft("讲解员", "volunteer", 2),
                    PositionDraft("前排", "audience", 10, waitlist=False),
                    PositionDraft("后排", "audience", 20, waitlist=True),
                ]
            )
        ]
    )
    (front,) = make.positions_of(event, "前排")
    with transaction() as current:
        current.get_one(type(front), front.id).taken = 10
    (item,) = queries.list_public(EventFilter()).items
    assert (item.free, item.waitlist) == (20, True)
    assert [(one.kind, one.free) for one in item.seats] == [("audience", 20), ("volunteer", 2)]
    only_helpers = make.an_event(
        title="招人", sessions=[make.session_draft(positions=[PositionDraft("司机", "volunteer", 3)])]
    )
    item = next(one for one in queries.list_public(EventFilter()).items if one.event.id == only_helpers.id)
    assert item.free == 3


def test_drafts_are_not_public(app: Flask, clock: TestClock) -> None:
    draft = make.an_event(published=False)
    with pytest.raises(NotFound):
        queries.get_public_event(draft.id)
    with pytest.raises(NotFound):
        queries.get_public_event("nosuchevent0000000")


def test_who_may_open_whose_event(app: Flask, clock: TestClock) -> None:
    own, other = make.an_organisation(), make.an_organisation()
    organiser = make.staff(own, "manage_events").person_id
    scanner = make.staff(own, "scan").person_id
    stranger = make.staff(other, "manage_events", "scan").person_id
    office = make.staff(other, "govern").person_id
    inspector = make.staff(other, "inspect").person_id
    draft, public = make.an_event(own, published=False), make.an_event(own)
    manage, inspect = Permission.MANAGE_EVENTS, Permission.INSPECT
    for person in (organiser, office):
        assert queries.get_event_for(person, draft.id, manage).id == draft.id
    assert queries.get_event_for(inspector, draft.id, manage, inspect).id == draft.id
    for person in (stranger, scanner, inspector):
        with pytest.raises(NotFound):
            queries.get_event_for(person, draft.id, manage)
        with pytest.raises(NotAllowed):
            queries.get_event_for(person, public.id, manage)
    (one,) = make.sessions_of(public)
    assert queries.get_session_for(scanner, one.id, Permission.SCAN).id == one.id
    with pytest.raises(NotAllowed):
        queries.get_session_for(stranger, one.id, Permission.SCAN)
    (position, _) = make.positions_of(public)
    assert queries.get_position_for(organiser, position.id, manage).id == position.id
    with pytest.raises(NotFound):
        queries.get_session_for(organiser, "nosuchsession00000", manage)


def test_the_staffs_list(app: Flask, clock: TestClock) -> None:
    own, other = make.an_organisation(), make.an_organisation()
    organiser = make.staff(own, "manage_events").person_id
    inspector = make.staff(other, "inspect").person_id
    unit_contact = make.staff(own, "report").person_id
    for n in range(5):
        make.an_event(own, title=f"活动{n}", sessions=[in_days(clock, n + 1)])
    make.an_event(own, title="草稿", published=False, sessions=[])
    make.an_event(other, title="别人的")

    def all_of(person: str, q: str = "") -> list[ManagedRow]:
        wanted = managed(person)
        found = wanted.where(meant_by(q, wanted)).order_by(LAST.desc(), Event.id.desc())
        return managed_rows(session().execute(found).all())

    def titles(person: str, q: str = "") -> list[str]:
        return [row.event.title for row in all_of(person, q)]

    assert titles(organiser) == ["活动4", "活动3", "活动2", "活动1", "活动0", "草稿"]
    assert titles(organiser, "活动3") == ["活动3"]
    assert "别人的" in titles(inspector)
    assert len(titles(inspector)) == 7
    assert titles(unit_contact) == []
    (row,) = all_of(organiser, "活动3")
    assert (row.sessions, row.first_at) == (1, clock.now + timedelta(days=4))
    assert [(one.kind, one.capacity) for one in row.seats] == [("audience", 30), ("volunteer", 2)]


def test_the_working_day(app: Flask, clock: TestClock) -> None:
    own, other = make.an_organisation(), make.an_organisation(kind="centre")
    scanner = make.staff(own, "scan").person_id
    stranger = make.staff(other, "scan").person_id
    venue = make.a_venue(organisation_id=other.id)
    today = make.an_event(own, sessions=[make.session_draft(clock.now + timedelta(hours=3), venue=venue)])
    make.an_event(own, sessions=[in_days(clock, 1)])
    assert [one.event_id for one in queries.sessions_to_scan(scanner, clock.now)] == [today.id]
    assert queries.sessions_to_scan(stranger, clock.now) == []
    week = clock.now + timedelta(days=7)
    assert len(queries.list_sessions([own.id], since=clock.now, until=week)) == 2
    there = queries.list_sessions(None, since=clock.now, until=week, venues_of=[other.id])
    assert [one.event_id for one in there] == [today.id]
    serving = queries.list_sessions(None, since=clock.now, until=week, tasks_of=[make.a_task().id])
    assert len(serving) == 2
    short = queries.understaffed([own.id], until=week)
    assert [(one.name, one.lacking) for one in short] == [("讲解员", 2), ("讲解员", 2)]
