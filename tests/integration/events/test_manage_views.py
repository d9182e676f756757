"""Organisers' pages: the whole way from an empty form to a cancelled event, and who may not walk it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from tests.factories import events as make
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.db import new_id, session, transaction
from webapp.events import queries, service
from webapp.events.domain import PositionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.models import Organisation
from webapp.venues.models import Venue

SignIn = Callable[[FlaskClient, Any], FlaskClient]


class Organiser:
    """Someone of an organisation with a browser."""

    def __init__(self, app: Flask, sign_in: SignIn, *permissions: str, **organisation: Any) -> None:
        self.organisation = make.an_organisation(**organisation)
        self.organisation_id = self.organisation.id
        self.account = make.staff(self.organisation, *(permissions or ("manage_events",)))
        self.person_id = self.account.person_id
        self.client: CheckedClient = sign_in(app.test_client(), self.account)  # type: ignore[assignment]

    @property
    def own(self) -> Organisation:
        return session().get_one(Organisation, self.organisation_id)


@pytest.fixture
def organiser(app: Flask, sign_in: SignIn) -> Organiser:
    return Organiser(app, sign_in)


def typed(moment: datetime) -> str:
    return city.local(moment).strftime("%Y-%m-%dT%H:%M")


def entered(organiser: Organiser, **changes: Any) -> dict[str, Any]:
    """What an organiser enters on the new-event page."""
    start = city.now() + timedelta(days=3)
    values = {
        "organisation_id": organiser.organisation_id,
        "key": "0123456789abcdefgh",
        "once": new_id(),
        "draft_page": new_id(),
        "title": "手机用得明白",
        "type_slug": make.a_type().slug,
        "summary": "教老年朋友用手机挂号。",
        "bring": "手机",
        "audiences": ["老年人"],
        "task_ids": [make.a_task().id],
        "risk_statement": "室内活动，无特别风险。",
        "sessions-0-title": "",
        "sessions-0-venue_id": make.a_venue().id,
        "sessions-0-starts_at": typed(start),
        "sessions-0-ends_at": typed(start + timedelta(hours=2)),
        "sessions-0-positions-0-name": "观众",
        "sessions-0-positions-0-kind": "audience",
        "sessions-0-positions-0-capacity": "30",
        "sessions-0-positions-0-waitlist": "y",
        "change": "save",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def only_event() -> Event:
    return queries.get_event(session().scalars(select(Event.id)).one())


def test_an_event_in_one_page(organiser: Organiser, clock: TestClock) -> None:
    page = organiser.client.get("/manage/events/new")
    assert page.status_code == 200
    answer = organiser.client.post("/manage/events/new", data=entered(organiser))
    assert answer.status_code == 303
    event = only_event()
    assert answer.location == f"/manage/events/{event.id}"
    assert (event.status, event.title, event.created_by) == ("draft", "手机用得明白", organiser.person_id)
    assert event.id == "0123456789abcdefgh"
    (one,) = event.sessions
    assert one.starts_at == city.now() + timedelta(days=3)
    assert [(p.name, p.kind, p.capacity, p.waitlist) for p in one.positions] == [
        ("观众", "audience", 30, True)
    ]
    shown = organiser.client.get(answer.location)
    assert "草稿已存好" in shown.text
    assert "手机用得明白" in shown.text


def test_saved_and_published_at_once(organiser: Organiser, clock: TestClock) -> None:
    answer = organiser.client.post("/manage/events/new", data=entered(organiser, change="publish"))
    assert answer.status_code == 303
    assert only_event().status == "published"


def test_published_at_once_means_submitted_where_the_office_decides(
    app: Flask, sign_in: SignIn, clock: TestClock
) -> None:
    unit = Organiser(app, sign_in, needs_approval=True)
    unit.client.post("/manage/events/new", data=entered(unit, change="publish"))
    event = only_event()
    assert event.status == "submitted"
    address = f"/manage/events/{event.id}"
    assert "等市科协审核" in unit.client.get(address).text
    refused = unit.client.post(f"{address}/publish", follow_redirects=True)
    assert "要先审核" in refused.text
    office = Organiser(app, sign_in, "govern")
    assert f"“{event.title}”等审核后发布" in office.client.get("/manage/").text
    assert office.client.post(f"{address}/publish").status_code == 303
    assert only_event().status == "published"


def test_everything_that_keeps_it_from_being_published_is_said_at_once(organiser: Organiser) -> None:
    data = entered(organiser, change="publish", title="", summary="", task_ids=None, risk_statement="")
    data |= {"sessions-0-positions-0-kind": "volunteer", "sessions-0-ends_at": ""}
    page = organiser.client.post("/manage/events/new", data=data)
    assert page.status_code == 422
    for fault in ("还不能发布", "请写活动简介", "请选择至少一项计划任务", "招募志愿者须写明风险说明"):
        assert fault in page.text
    assert page.text.count("请填写") >= 2  # beside the fields that are wrong in themselves
    draft = organiser.client.post("/manage/events/new", data=data | {"change": "save"})
    assert "还不能发布" not in draft.text


def test_what_cannot_be_published_is_not_saved_either_and_nothing_is_lost(
    organiser: Organiser, clock: TestClock
) -> None:
    answer = organiser.client.post(
        "/manage/events/new", data=entered(organiser, change="publish", summary="", task_ids=None)
    )
    assert answer.status_code == 422
    assert "还不能发布" in answer.text
    assert "请写活动简介" in answer.text
    assert 'value="手机用得明白"' in answer.text
    assert session().scalar(select(func.count(Event.id))) == 0


def test_a_draft_needs_little(organiser: Organiser, clock: TestClock) -> None:
    make.a_task()  # there is a plan
    page = organiser.client.fill(
        "/manage/events/new",
        form="/manage/events/new",
        title="以后再说",
        type_slug=make.a_type().slug,
    )
    assert page.status_code == 422  # the session that stands there has no time yet
    bare = {
        "organisation_id": organiser.organisation_id,
        "title": "以后再说",
        "type_slug": "lecture",
        "change": "save",
    }
    assert organiser.client.post("/manage/events/new", data=bare).status_code == 303
    event = only_event()
    assert event.sessions == []
    shown = organiser.client.get(f"/manage/events/{event.id}")
    for sentence in ("发布前还差", "请写活动简介", "请选择至少一项计划任务", "请添加至少一个场次"):
        assert sentence in shown.text


def test_sent_twice_it_makes_one_event(organiser: Organiser, clock: TestClock) -> None:
    data = entered(organiser)
    first = organiser.client.post("/manage/events/new", data=data)
    second = organiser.client.post("/manage/events/new", data=data)
    assert first.location == second.location
    assert session().scalar(select(func.count(Event.id))) == 1


def test_rows_come_and_go_without_a_script_and_keep_everything(
    organiser: Organiser, clock: TestClock
) -> None:
    data = entered(organiser, **{"sessions-0-positions-0-capacity": "三十", "title": "还没写完"})
    page = organiser.client.post("/manage/events/new", data=data | {"change": "add-session"})
    assert page.status_code == 200
    for kept in ('value="还没写完"', 'value="三十"', "教老年朋友用手机挂号。", "第 2 场"):
        assert kept in page.text
    assert 'name="sessions-1-positions-0-name"' in page.text
    start = city.now() + timedelta(days=10)
    assert f'value="{typed(start)}"' in page.text  # the same place and places, a week later
    assert session().scalar(select(func.count(Event.id))) == 0

    page = organiser.client.post("/manage/events/new", data=data | {"change": "0-add-position"})
    assert 'name="sessions-0-positions-1-capacity"' in page.text
    two = data | {
        "sessions-0-positions-4-name": "司机",
        "sessions-0-positions-4-kind": "volunteer",
        "sessions-0-positions-4-capacity": "1",
    }
    page = organiser.client.post("/manage/events/new", data=two | {"change": "0-remove-position-0"})
    assert 'value="司机"' in page.text
    assert 'value="三十"' not in page.text
    page = organiser.client.post("/manage/events/new", data=data | {"change": "remove-session-0"})
    assert "还没有场次" in page.text
    for nonsense in (
        "remove-session-9",
        "remove-session-²",
        "7-add-position",
        "x",
        "0-remove-position-99",
        "-",
        "9" * 5000,
    ):
        page = organiser.client.post("/manage/events/new", data=data | {"change": nonsense})
        assert page.status_code == 200
        assert 'value="还没写完"' in page.text


def test_the_words_are_changed(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own)
    other = make.a_task("A4-1", "实施智慧助老行动")
    answer = organiser.client.fill(
        f"/manage/events/{event.id}/edit",
        title="新名称",
        audiences=["农民", "老年人"],
        task_ids=[other.id],
    )
    assert answer.status_code == 303
    changed = queries.get_event(event.id)
    assert (changed.title, changed.audiences) == ("新名称", ["农民", "老年人"])
    assert [task.code for task in changed.tasks] == ["A4-1"]
    assert changed.summary == "教老年朋友用手机挂号，认出常见骗局。"


def test_two_editors_see_each_other(
    app: Flask, sign_in: SignIn, organiser: Organiser, clock: TestClock
) -> None:
    event = make.an_event(organiser.own)
    revision = event.revision
    address = f"/manage/events/{event.id}/edit"
    organiser.client.fill(address, title="甲改的")
    data = {
        "title": "乙改的",
        "type_slug": "lecture",
        "summary": "乙写的简介",
        "risk_statement": "有",
        "task_ids": [make.a_task().id],
        "revision": str(revision),
    }
    late = organiser.client.post(address, data=data)
    assert late.status_code == 409
    assert "别人已经改过这一项" in late.text
    assert "甲改的" in late.text
    assert 'value="乙改的"' in late.text
    assert session().get_one(Event, event.id).title == "甲改的"
    now = session().get_one(Event, event.id).revision
    assert f'name="revision" type="hidden" value="{now}"' in late.text
    assert organiser.client.post(address, data=data | {"revision": str(now)}).status_code == 303
    assert session().get_one(Event, event.id).title == "乙改的"


def test_a_session_is_added_like_the_last_one(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own)
    (one,) = make.sessions_of(event)
    answer = organiser.client.fill(f"/manage/events/{event.id}/sessions/new", title="第二课")
    assert answer.status_code == 303
    first, second = queries.get_event(event.id).sessions
    assert (second.title, second.starts_at - first.starts_at) == ("第二课", timedelta(days=7))
    assert second.venue_id == one.venue_id
    assert [(p.name, p.capacity) for p in second.positions] == [("观众", 30), ("讲解员", 2)]
    assert second.uid != first.uid


def test_a_session_sent_twice_is_added_once(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own)
    data = {
        "key": "s123456789abcdefgh",
        "venue_id": make.a_venue().id,
        "starts_at": typed(clock.now + timedelta(days=1)),
        "ends_at": typed(clock.now + timedelta(days=1, hours=1)),
        "positions-0-name": "观众",
        "positions-0-kind": "audience",
        "positions-0-capacity": "5",
    }
    address = f"/manage/events/{event.id}/sessions/new"
    page = html.parse(organiser.client.get(address).data)[0]
    form = next(one for one in page.iter("form") if "venue_id" in fields_of(one))
    for _ in range(2):
        assert organiser.client.post(address, data=fields_of(form) | data).status_code == 303
    assert len(make.sessions_of(event)) == 2


def test_places_are_changed_added_and_taken_away(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own)
    (one,) = make.sessions_of(event)
    seats, guides = make.positions_of(event)
    with transaction() as current:
        current.execute(update(Position).where(Position.id == seats.id).values(taken=12))
    address = f"/manage/sessions/{one.id}/edit"
    refused = organiser.client.fill(address, **{"positions-0-capacity": "11", "positions-0-name": "听众"})
    assert refused.status_code == 422
    assert refused.text.count("已确认 12 人") >= 1
    assert 'value="听众"' in refused.text
    assert [(p.name, p.capacity) for p in make.positions_of(event)] == [("观众", 30), ("讲解员", 2)]

    page = organiser.client.post(address, data=_rows(seats, guides) | {"change": "add-position"})
    assert 'name="positions-2-name"' in page.text
    data = _rows(seats, guides) | {
        "title": "第一课",
        "positions-0-capacity": "12",
        "positions-5-name": "司机",
        "positions-5-kind": "volunteer",
        "positions-5-capacity": "1",
        "change": "save",
    }
    del (
        data["positions-1-id"],
        data["positions-1-name"],
        data["positions-1-kind"],
        data["positions-1-capacity"],
    )
    revision = session().get_one(Event, event.id).revision
    assert organiser.client.post(address, data=data | {"revision": str(revision)}).status_code == 303
    assert [(p.name, p.kind, p.capacity) for p in make.positions_of(event)] == [
        ("观众", "audience", 12),
        ("司机", "volunteer", 1),
    ]
    assert make.sessions_of(event)[0].title == "第一课"
    late = organiser.client.post(address, data=data | {"revision": str(revision), "title": "晚了"})
    assert late.status_code == 409
    assert 'value="晚了"' in late.text


def _rows(*positions: Position) -> dict[str, str]:
    data: dict[str, str] = {}
    for n, one in enumerate(positions):
        data |= {
            f"positions-{n}-id": one.id,
            f"positions-{n}-name": one.name,
            f"positions-{n}-kind": one.kind,
            f"positions-{n}-capacity": str(one.capacity),
        }
    return data


def test_a_session_of_another_event_cannot_be_smuggled_in(organiser: Organiser, clock: TestClock) -> None:
    event, other = make.an_event(organiser.own), make.an_event()
    (one,) = make.sessions_of(event)
    (foreign, _) = make.positions_of(other)
    mine = make.positions_of(event)
    data = _rows(*mine) | {
        "positions-7-id": foreign.id,
        "positions-7-name": "观众二",
        "positions-7-kind": "audience",
        "positions-7-capacity": "1",
    }
    assert organiser.client.post(f"/manage/sessions/{one.id}/edit", data=data).status_code == 303
    assert [(p.name, p.capacity) for p in make.positions_of(other)] == [("观众", 30), ("讲解员", 2)]
    assert [p.name for p in make.positions_of(event)] == ["观众", "讲解员", "观众二"]


def test_moving_asks_first_when_people_will_be_told(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own)
    (one,) = make.sessions_of(event)
    before = one.starts_at
    address = f"/manage/sessions/{one.id}/move"
    later = typed(one.starts_at + timedelta(days=1)), typed(one.ends_at + timedelta(days=1))

    known = {make.a_person("甲").id, make.a_person("乙").id}

    def follower(session_ids: list[str], people: set[str]) -> None:
        people.update(known if one.id in session_ids else ())

    service.who_is_told.connect(follower)
    try:
        same = organiser.client.fill(address)  # pressed without a change: nobody is said to be told
        assert (same.status_code, make.sessions_of(event)[0].sequence) == (303, 1)
        preview = organiser.client.fill(address, starts_at=later[0], ends_at=later[1])
        assert preview.status_code == 200
        words = re.sub(r"<[^>]+>", "", preview.text)
        assert "要告诉 2 个报了名的人" in words and "乙、甲" in words
        assert make.sessions_of(event)[0].sequence == 1
        data = {
            "starts_at": later[0],
            "ends_at": later[1],
            "venue_id": one.venue_id,
            "previewed": _hidden(preview.text, "previewed"),
        }
        other = organiser.client.post(
            address, data=data | {"ends_at": typed(one.ends_at + timedelta(days=2))}
        )
        assert other.status_code == 200  # not what was previewed: asked again
        assert make.sessions_of(event)[0].sequence == 1
        assert organiser.client.post(address, data=data).status_code == 303
    finally:
        service.who_is_told._followers.remove(follower)
    (moved,) = make.sessions_of(event)
    assert (moved.sequence, moved.starts_at) == (2, before + timedelta(days=1))


def _hidden(page: str, name: str) -> str:

    found = [field for field in html.parse(page)[0].iter("input") if field.get("name") == name]
    return found[0].get("value") or ""


def test_a_draft_is_moved_at_once(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own, published=False)
    (one,) = make.sessions_of(event)
    longer = one.ends_at + timedelta(hours=1)
    answer = organiser.client.fill(f"/manage/sessions/{one.id}/move", ends_at=typed(longer))
    assert answer.status_code == 303
    assert make.sessions_of(event)[0].ends_at == longer


def test_cancelling_says_whom_it_tells_and_wants_a_reason(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(
        organiser.own, sessions=[make.session_draft(), make.session_draft(clock.now + timedelta(days=9))]
    )
    first, _second = make.sessions_of(event)
    address = f"/manage/sessions/{first.id}/cancel"
    assert "还没有人报名" in organiser.client.get(address).text
    assert "请写明原因" in organiser.client.post(address, data={"reason": "  "}).text
    assert organiser.client.fill(address, reason="老师生病").status_code == 303
    assert make.sessions_of(event)[0].cancel_reason == "老师生病"
    again = organiser.client.post(address, data={"reason": "再来一次"})
    assert again.status_code == 422
    assert "已经取消" in again.text
    address = f"/manage/events/{event.id}/cancel"
    assert organiser.client.fill(address, reason="暴雪").status_code == 303
    assert session().get_one(Event, event.id).cancel_reason == "暴雪"
    shown = organiser.client.get(f"/manage/events/{event.id}")
    assert "暴雪" in shown.text
    assert "修改内容" not in shown.text


def test_states_by_buttons(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own, published=False)
    address = f"/manage/events/{event.id}"

    def press(what: str, sentence: str, status: str) -> None:
        answer = organiser.client.post(f"{address}/{what}", follow_redirects=True)
        assert sentence in answer.text
        assert session().get_one(Event, event.id).status == status
        session().rollback()

    press("submit", "已提交", "submitted")
    press("withdraw", "退回草稿", "draft")
    press("publish", "现在可以报名了", "published")
    press("publish", "不能这样做", "published")
    press("postpone", "报名暂停", "postponed")
    press("publish", "还是延期以前的时间", "postponed")  # not by a slip: people were told not to come then
    page = organiser.client.get(f"{address}/resume").text
    assert "还是延期前的时间" in page and "时间不变" in page
    assert organiser.client.fill(f"{address}/resume", same_dates="y").status_code == 303
    assert session().get_one(Event, event.id).status == "published"
    session().rollback()
    press("close", "还有场次没有结束", "published")
    clock.advance(days=8)
    press("close", "活动已结束", "closed")
    press("discard", "不能这样做", "closed")
    copied = organiser.client.post(f"{address}/duplicate", follow_redirects=True)
    assert "已复制成新草稿" in copied.text
    assert session().scalar(select(func.count(Event.id))) == 2


def test_a_draft_is_thrown_away(organiser: Organiser, clock: TestClock) -> None:
    event = make.an_event(organiser.own, published=False)
    (one,) = make.sessions_of(event)
    removed = organiser.client.post(f"/manage/sessions/{one.id}/remove", follow_redirects=True)
    assert "场次已删除" in removed.text
    assert session().scalar(select(func.count(EventSession.id))) == 0
    answer = organiser.client.post(f"/manage/events/{event.id}/discard")
    assert answer.location == "/manage/events"
    assert session().scalar(select(func.count(Event.id))) == 0


WRITING = (
    "/manage/events/{event}/edit",
    "/manage/events/{event}/cancel",
    "/manage/events/{event}/sessions/new",
    "/manage/sessions/{session}/edit",
    "/manage/sessions/{session}/move",
    "/manage/sessions/{session}/cancel",
)
STATES = ("publish", "submit", "withdraw", "postpone", "close", "duplicate", "discard")
BUTTONS = (*(f"/manage/events/{{event}}/{name}" for name in STATES), "/manage/sessions/{session}/remove")
READING = ("/manage/events/{event}", "/manage/sessions/{session}")


def test_other_organisations_staff_stay_outside(app: Flask, sign_in: SignIn, clock: TestClock) -> None:
    stranger = Organiser(app, sign_in, "manage_events", "scan", "report", "sign_up_others")
    for published, status in ((True, 403), (False, 404)):
        event = make.an_event(published=published)
        names = {"event": event.id, "session": make.sessions_of(event)[0].id}
        for address in (*READING, *WRITING):
            assert stranger.client.get(address.format(**names)).status_code == status, address
        for address in (*WRITING, *BUTTONS):
            assert stranger.client.post(address.format(**names)).status_code == status, address
        assert session().get_one(Event, event.id).revision == event.revision
        session().rollback()


def test_the_inspector_reads_everything_and_finds_no_button(
    app: Flask, sign_in: SignIn, clock: TestClock
) -> None:
    inspector = Organiser(app, sign_in, "inspect")
    event = make.an_event()
    names = {"event": event.id, "session": make.sessions_of(event)[0].id}
    for address in ("/manage/", "/manage/events", *READING):
        page = inspector.client.get(address.format(**names))
        assert page.status_code == 200
        for word in ("办一场", "修改内容", "取消活动", "复制成", "发布</button>", "扫码签到", "登记现场人数"):
            assert word not in page.text, (address, word)
    for address in (*WRITING, *BUTTONS):
        assert inspector.client.post(address.format(**names)).status_code == 403, address
    assert inspector.client.get("/manage/events/new").status_code == 403


def test_who_is_not_staff_is_asked_to_sign_in_or_refused(
    app: Flask, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    addresses = ("/manage/", "/manage/events", "/manage/events/new")
    for address in addresses:
        assert client.get(address).location.startswith("/sign-in?next=")
    contact = Organiser(app, sign_in, "report")
    assert contact.client.get("/manage/").status_code == 200
    for address in addresses[1:]:
        assert contact.client.get(address).status_code == 403


def test_the_office_manages_every_organisations_events(
    app: Flask, sign_in: SignIn, organiser: Organiser, clock: TestClock
) -> None:
    office = Organiser(app, sign_in, "govern")
    event = make.an_event(organiser.own)
    assert office.client.fill(f"/manage/events/{event.id}/edit", title="市科协改的").status_code == 303
    data = entered(office, organisation_id=organiser.organisation_id)
    assert office.client.post("/manage/events/new", data=data).status_code == 303
    assert session().scalar(select(func.count(Event.id))) == 2


def test_only_ones_own_organisation_can_be_chosen(organiser: Organiser, clock: TestClock) -> None:
    foreign = make.an_organisation()
    answer = organiser.client.post("/manage/events/new", data=entered(organiser, organisation_id=foreign.id))
    assert answer.status_code == 422
    assert session().scalar(select(func.count(Event.id))) == 0


def test_the_list_of_staff(organiser: Organiser, clock: TestClock) -> None:
    assert "还没有活动" in organiser.client.get("/manage/events").text
    for n in range(52):
        make.an_event(organiser.own, title=f"活动{n:02}", published=n % 2 == 0)
    page = organiser.client.get("/manage/events")
    assert "下一页" in page.text
    assert "活动01" in organiser.client.get("/manage/events?status=draft").text
    assert "没有找到" in organiser.client.get("/manage/events?status=closed").text
    assert organiser.client.get("/manage/events?status=x&q=%FF").status_code == 200


def test_home_shows_each_what_is_theirs(app: Flask, sign_in: SignIn, clock: TestClock) -> None:
    unit = Organiser(app, sign_in)
    assert "第一天，五步" in unit.client.get("/manage/").text
    centre = Organiser(app, sign_in, "sign_up_others", kind="centre", name="西林社区")
    venue = make.a_venue("西林社区服务中心", organisation_id=centre.organisation_id)
    make.an_event(
        unit.own,
        title="今天的课",
        sessions=[make.session_draft(clock.now + timedelta(minutes=30), venue=venue)],
    )
    make.an_event(unit.own, title="还没写完的", published=False)
    page = unit.client.get("/manage/")
    for words in ("今天的课", "扫码签到", "还没写完的", "还缺 2 名志愿者"):
        assert words in page.text
    page = centre.client.get("/manage/")
    assert "今天的课" in page.text
    assert "还没写完的" not in page.text
    assert "扫码签到" not in page.text
    stranger = Organiser(app, sign_in, "scan")
    assert "今天的课" not in stranger.client.get("/manage/").text


def test_the_page_of_many_sessions_stays_quick(organiser: Organiser, clock: TestClock) -> None:
    draft = make.session_draft(positions=[PositionDraft("观众", "audience", 5)])
    event = make.an_event(organiser.own, sessions=[draft] * 60)
    page = organiser.client.get(f"/manage/events/{event.id}/sessions")
    assert page.text.count("名单和签到") == 51  # fifty on a page, and the one that is next


# --- a place not on the list


def _hall(prefix: str = "", **changes: str) -> dict[str, str]:
    make.a_district()
    values = {"name": "长安社区新会堂", "kind": "square", "district_code": "230803", "address": "长安路 9 号"}
    return {f"{prefix}new_venue-{name}": value for name, value in (values | changes).items()}


def _halls() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Venue.id).where(Venue.name == "长安社区新会堂")))


@pytest.mark.parametrize("change", ["publish", "save"])
def test_a_new_place_is_kept_with_the_event(organiser: Organiser, change: str) -> None:
    data = entered(organiser, **{"sessions-0-venue_id": ""}) | _hall("sessions-0-") | {"change": change}
    for _ in range(2):  # sent twice: one event, one place
        answer = organiser.client.post("/manage/events/new", data=data)
        assert answer.status_code == 303, answer.text
    [hall] = _halls()
    assert list(session().scalars(select(EventSession.venue_id))) == [hall]


def test_a_new_place_is_chosen_on_the_page_before_anything_is_saved(organiser: Organiser) -> None:
    data = entered(organiser, **{"sessions-0-venue_id": "", "title": ""}) | _hall("sessions-0-")
    page = organiser.client.post("/manage/events/new", data=data | {"change": "0-add-venue"})
    [hall] = _halls()
    assert page.status_code == 200 and f'<option selected value="{hall}">' in page.text
    assert "请先改好" not in page.text and 'value="长安路 9 号"' not in page.text
    faulty = organiser.client.post("/manage/events/new", data=data | {"change": "save"})
    assert (
        faulty.status_code == 422 and f'<option selected value="{hall}">' in faulty.text
    )  # is not entered twice


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"district_code": ""}, "请从列表里选择县（市）区。"),
        ({"address": ""}, "请填写场所名称"),
        ({"name": ""}, "请填写场所名称"),
        ({"kind": "moon"}, "请从列表里选择场所类别。"),
    ],
)
def test_a_place_that_cannot_be_kept_says_why(organiser: Organiser, wrong: dict[str, str], said: str) -> None:
    data = entered(organiser, **{"sessions-0-venue_id": ""}) | _hall("sessions-0-", **wrong)
    for change in ("save", "0-add-venue"):
        page = organiser.client.post("/manage/events/new", data=data | {"change": change})
        assert said in page.text and '<details class="field" open>' in page.text
    assert not _halls() and not session().scalar(select(func.count(Event.id)))


def test_a_new_place_where_a_session_is_added_or_moved(organiser: Organiser) -> None:
    event = make.an_event(organiser.own)
    held = make.sessions_of(event)[0]
    added = {
        "key": "0123456789abcdefgh", "title": "", "venue_id": "", "revision": str(event.revision),
        "starts_at": typed(held.starts_at + timedelta(days=9)), "ends_at": typed(held.ends_at + timedelta(days=9)),
        "positions-0-name": "观众", "positions-0-kind": "audience", "positions-0-capacity": "30",
    }  # fmt: skip
    answer = organiser.client.post(f"/manage/events/{event.id}/sessions/new", data=added | _hall())
    assert answer.status_code == 303, answer.text
    [hall] = _halls()
    moved = {
        "venue_id": held.venue_id, "starts_at": typed(held.starts_at), "ends_at": typed(held.ends_at), "previewed": "",
        "revision": str(session().get_one(Event, event.id).revision),
    }  # fmt: skip
    path = f"/manage/sessions/{held.id}/move"
    chosen = organiser.client.post(path, data=moved | _hall() | {"change": "add-venue"})
    assert chosen.status_code == 200 and f'<option selected value="{hall}">' in chosen.text
    assert organiser.client.post(path, data=moved | _hall() | {"change": "save"}).status_code == 303
    session().rollback()
    assert {one.venue_id for one in make.sessions_of(event)} == {hall}
