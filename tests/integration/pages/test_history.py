"""What was done, in sentences: of an event, of a session, and of everything for who may govern."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories import events as make
from tests.factories import signups as give
from tests.support.client import CheckedClient
from webapp.attendance.service.recount import counted_by_day
from webapp.core import audit, deeds
from webapp.core.audit import AuditEntry
from webapp.core.clock import local_date, now
from webapp.core.db import db, get_row, savepoint, session, transaction
from webapp.core.errors import Refusal
from webapp.core.listing import sources
from webapp.core.options import Declared
from webapp.events import service as events
from webapp.events.domain import EventChanges
from webapp.organisations.domain import Permission
from webapp.pages.queries import names, places
from webapp.pages.queries.history import Reader, told
from webapp.pages.service.exchange import HEADINGS
from webapp.people.domain import PHONES_REVEALED
from webapp.recognition.queries.stars import star_hours

Page = Callable[..., CheckedClient]


def texts(page: str) -> list[str]:
    """The sentences of a list, in their order."""
    heads = re.findall(r'class="row-head">(.*?)</th>', page, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in heads]


def entries(action: str) -> list[AuditEntry]:
    session().rollback()
    wanted = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.at, AuditEntry.id)
    return list(session().scalars(wanted))


def test_an_event_tells_what_was_done_to_it_its_sessions_and_its_people(
    client: CheckedClient, sign_in: Page, clock: Any
) -> None:
    unit = make.an_organisation()
    account = make.staff(unit, Permission.MANAGE_EVENTS, name="李明")
    start = clock.now + timedelta(days=7)  # 5 December, 9:00
    event = make.an_event(
        unit,
        title="健康讲座",
        sessions=[make.session_draft(start), make.session_draft(start + timedelta(days=1))],
    )
    moved, other = make.sessions_of(event)
    place = next(
        one for one in make.positions_of(event) if one.session_id == moved.id and one.kind == "audience"
    )
    guest = give.join(place.id, give.a_guest("王丽芳"))
    clock.advance(minutes=5)
    with transaction():
        events.reschedule(
            moved.id, starts_at=start + timedelta(days=2), ends_at=start + timedelta(days=2, hours=2),
            venue_id=moved.venue_id, by=account.person_id,
        )  # fmt: skip
    clock.advance(minutes=5)
    give.leave(guest, by=account.person_id, reason="来电说有事")
    clock.advance(minutes=5)
    sign_in(client, account)
    client.post(f"/manage/events/{event.id}/people/phones")
    page = client.get(f"/manage/events/{event.id}/history").text
    said = texts(page)
    assert said[0] == "李明查看了电话：这个活动的名单"
    assert said[1] == "李明取消了王丽芳（12月7日（周一）上午9:00那一场）的报名。原因：来电说有事"
    assert said[2].startswith(
        "李明把这个活动改到12月7日（周一）上午9:00（原12月5日（周六）上午9:00）：结束由"
    )
    assert said[-1].endswith("新建了这个活动")
    assert "137" not in "".join(said)
    assert "/history" in client.get(f"/manage/events/{event.id}").text
    of_one = texts(client.get(f"/manage/sessions/{moved.id}/history").text)
    assert of_one[0] == "李明取消了王丽芳的报名。原因：来电说有事"
    assert len(of_one) == 2
    assert texts(client.get(f"/manage/sessions/{other.id}/history").text) == []
    assert "还没有记录" in client.get(f"/manage/sessions/{other.id}/history").text


def test_who_looks_only_reads_no_names_and_others_read_nothing(
    new_client: Callable[[], CheckedClient], sign_in: Page
) -> None:
    unit = make.an_organisation()
    position = give.a_position(organisation=unit)
    guest = give.join(position, give.a_guest("王丽芳"))
    give.leave(guest, by=make_staff(unit, "李明").person_id, reason="有事")
    event_id = entries("signup.cancel")[0].event_id
    here = f"/manage/events/{event_id}/history"
    looker = sign_in(new_client(), make.staff(make.an_organisation(), Permission.INSPECT, name="督查员"))
    first = texts(looker.get(here).text)[0]
    assert "李*取消了王**" in first
    assert "王丽芳" not in looker.get("/manage/audit").text
    assert 'name="q"' not in looker.get("/manage/audit").text  # a search would tell whose name is meant
    stranger = sign_in(new_client(), make.staff(make.an_organisation(), Permission.MANAGE_EVENTS))
    assert stranger.get(here).status_code in {403, 404}
    assert texts(stranger.get("/manage/audit").text) == []
    assert sign_in(new_client(), give.an_account()).get("/manage/audit").status_code == 403


def read(app: Flask, rows: list[AuditEntry], person_id: str) -> list[str]:
    """The same without a page."""
    with app.test_request_context("/"):
        return [one.text for one in told(rows, to=Reader(person_id))]


def make_staff(unit: Any, name: str) -> Any:
    return make.staff(unit, Permission.MANAGE_EVENTS, name=name)


def test_the_list_finds_by_name_kind_person_unit_and_day(
    client: CheckedClient, sign_in: Page, clock: Any
) -> None:
    one, other = make.an_organisation("甲单位"), make.an_organisation("乙单位")
    li, zhao = make_staff(one, "李明"), make_staff(other, "赵刚")
    first, second = make.an_event(one, title="甲讲座"), make.an_event(other, title="乙讲座")
    with transaction():
        events.update_event(first.id, EventChanges(title="甲讲座（新）"), revision=None, by=li.person_id)
    clock.advance(days=2)
    with transaction():
        events.cancel(second.id, reason="下雨", by=zhao.person_id)
    sign_in(client, make.staff(make.an_organisation("市科协"), Permission.GOVERN, name="办公室"))
    here = "/manage/audit"
    found = texts(client.get(f"{here}?q=lm").text)
    assert found == ["李明改了《甲讲座（新）》的内容：标题由甲讲座改为甲讲座（新）"]
    assert texts(client.get(f"{here}?q=%E8%B5%B5%E5%88%9A").text) == [
        "《乙讲座》取消，0 个报名跟着取消。原因：下雨",
        "赵刚取消了《乙讲座》。原因：下雨",
    ]
    assert texts(client.get(f"{here}?who={li.person_id}").text) == found
    assert all("乙讲座" in text for text in texts(client.get(f"{here}?unit={other.id}&kind=events").text))
    assert not any("取消" in text for text in texts(client.get(f"{here}?kind=venues").text))
    late = local_date(clock.now).isoformat()
    assert texts(client.get(f"{here}?from={late}&kind=events").text) == ["赵刚取消了《乙讲座》。原因：下雨"]
    rising = texts(client.get(f"{here}?sort=at&kind=events").text)
    assert rising.index(found[0]) < rising.index("赵刚取消了《乙讲座》。原因：下雨")
    file = client.get(f"{here}?q=lm&format=csv").data.decode("utf-8-sig")
    assert "李明改了《甲讲座（新）》的内容" in file
    (taken,) = entries("list.reveal")
    assert taken.details == {"kind": "csv", "rows": 1}
    assert texts(client.get(here).text)[0] == "办公室下载了列表：操作记录，1 条"
    own = sign_in(client, li).get(here).text
    assert "乙讲座" not in own and "李明改了" in own


def refused_after(event_id: str) -> None:
    """Something is written down and refused all the same."""
    with savepoint():
        audit.record("event.closed", "event", event_id, by=None)
        raise Refusal


def test_where_an_entry_belongs_is_known_also_of_what_is_gone(
    client: CheckedClient, sign_in: Page, app: Flask
) -> None:
    unit = make.an_organisation()
    account = make_staff(unit, "李明")
    start = now() + timedelta(days=7)
    drafts = [make.session_draft(start), make.session_draft(start + timedelta(days=1))]
    event = make.an_event(unit, title="草稿讲座", published=False, sessions=drafts)
    gone = make.sessions_of(event)[1].id
    with transaction():
        events.remove_session(gone, by=account.person_id)
        with pytest.raises(Refusal):  # an act that failed leaves nothing behind
            refused_after(event.id)
    (removed,) = entries("session.remove")
    assert (removed.event_id, removed.organisation_id, removed.kind, removed.via) == (
        *(event.id, unit.id, "events", "system"),
    )
    assert not entries("event.closed")
    sign_in(client, account)
    said = texts(client.get(f"/manage/events/{event.id}/history").text)[0]
    assert re.fullmatch(r"李明从这个活动删掉了.*的一场", said)
    ids = (event.id, unit.id)
    client.post(f"/manage/events/{event.id}/discard")
    (discarded,) = entries("event.discard")
    assert (discarded.event_id, discarded.organisation_id, discarded.via) == (*ids, "page")
    assert "李明删除了活动草稿《草稿讲座》" in texts(client.get("/manage/audit").text)


def test_through_what_it_was_done_is_noted(client: CheckedClient, sign_in: Page, app: Flask) -> None:
    unit = make.an_organisation()
    account = make.staff(unit, Permission.MANAGE_EVENTS, Permission.GOVERN)
    drafts = [make.an_event(unit, title=f"草稿{n}", published=False) for n in range(2)]
    sign_in(client, account)
    client.post("/manage/events/chosen", data={"act": "publish", "row": [one.id for one in drafts]})
    assert {one.via for one in entries("event.published")} == {"list"}
    with app.test_request_context("/api/v1/anything"), transaction():
        audit.record("event.closed", "event", drafts[0].id, by=account.person_id)
    assert [one.via for one in entries("event.closed")] == ["api"]
    page = client.get(f"/manage/events/{drafts[0].id}/history").text
    assert "外部程序" in page and "网页，一批" in page


def test_what_nobody_tells_of_and_what_is_not_noted_is_no_fault(
    app: Flask, client: CheckedClient, sign_in: Page
) -> None:
    """Every act with nothing noted, upon something that is gone, and one by a name of long ago."""
    unit = make.an_organisation()
    account = make.staff(unit, Permission.MANAGE_EVENTS, Permission.GOVERN)
    odd: dict[str, Any] = {
        "before": {"title": 1},
        "after": [],
        "changed": {"x": [1, 2]},
        "reason": None,
        "note": "为 100%s",
    }
    with transaction():
        for action in [*deeds.all_deeds(), "hall.paint"]:
            audit.record(action, "event", "0" * 18, by=None)
            audit.record(action, "no such kind", "?", by="0" * 18, **odd)
    rows = list(session().scalars(select(AuditEntry)))
    lines = read(app, rows, account.person_id)
    assert len(lines) == 2 * (len(deeds.all_deeds()) + 1)
    assert not any("%(" in one for one in lines)
    assert any(one == "系统做了一件事，对象是已经删除的一项（hall.paint）" for one in lines)
    sign_in(client, account)
    assert client.get("/manage/audit?all=1").status_code == 200


@pytest.mark.usefixtures("app")
def test_every_kind_of_row_has_a_name_and_a_place() -> None:
    for kind in names._WAYS:
        assert names.names_of(kind, ["x", "y"]) == {}
    for kind in places._WAYS:
        assert places.places_of(kind, ["x", "y"]) == {}
    assert set(places._WAYS) <= set(names._WAYS), "what belongs somewhere is called something"


def test_a_history_asks_no_more_for_thirty_than_for_three(client: CheckedClient, sign_in: Page) -> None:
    unit = make.an_organisation()
    account = make_staff(unit, "李明")
    event = make.an_event(unit)
    sign_in(client, account)
    here, asked = f"/manage/events/{event.id}/history", list[str]()

    def statements() -> int:
        asked.clear()
        assert client.get(here).status_code == 200
        return len(asked)

    def act(times: int) -> None:
        for _ in range(times):
            with transaction():
                audit.record(PHONES_REVEALED, "event", event.id, by=account.person_id)

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    act(3)
    client.get(here)
    sql_events.listen(db.engine, "before_cursor_execute", note)
    try:
        few = statements()
        act(30)
        assert statements() == few
        assert few <= 20
    finally:
        sql_events.remove(db.engine, "before_cursor_execute", note)


def test_of_millions_it_counts_no_more_than_can_be_turned_to(
    client: CheckedClient, sign_in: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "AT_ONCE", 60)
    monkeypatch.setattr("webapp.core.listing.shown.AT_ONCE", 60)
    account = make.staff(make.an_organisation(), Permission.GOVERN)
    with transaction():
        for _ in range(70):
            audit.record("event.closed", "event", "0" * 18, by=None)
    sign_in(client, account)
    page = client.get("/manage/audit").text
    assert "共 60+ 条" in page
    assert len(texts(client.get("/manage/audit?page=2").text)) > 10  # none of the last page is cut off
    assert client.get("/manage/audit?format=xlsx").status_code == 422


def test_an_act_undone_says_what_it_was(app: Flask) -> None:
    account = make_staff(make.an_organisation(), "李明")
    with transaction():
        audit.record(
            "act.undo", "person", account.person_id, by=account.person_id,
            text="核对了%(who)s的证书", details={"who": "王丽芳"},
        )  # fmt: skip
    (entry,) = entries("act.undo")
    office = make.staff(make.an_organisation(), Permission.GOVERN)
    looker = make.staff(make.an_organisation(), Permission.INSPECT)
    assert read(app, [entry], office.person_id) == ["李明撤回了刚才做的：核对了王丽芳的证书"]
    assert read(app, [entry], looker.person_id) == ["李*撤回了刚才对本人做的"]
    assert get_row(AuditEntry, entry.id).person_id == account.person_id


@pytest.mark.parametrize(
    ("option", "value", "name"),
    [
        (counted_by_day, True, "台账按天统计"),
        (star_hours, [10, 20], "各星级的小时数"),
        (HEADINGS, {"people": {"name": "姓名"}}, "导出表格的表头"),
    ],
    ids=["ledger", "stars", "headings"],
)
def test_a_setting_is_told_by_its_name(app: Flask, option: Declared, value: Any, name: str) -> None:
    """Also one that stands on no page of settings: the first line of a new installation read “ledger_by_day”."""
    with transaction():
        option.set(value, by=None)
    office = make.staff(make.an_organisation()).person_id
    (line,) = read(app, entries("option.set")[-1:], office)
    assert name in line
    assert option.key not in line
