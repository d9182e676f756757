"""The page of 待办: under how much time there is, paged, acts done in the row and taken back, no statement a row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories import events as make
from tests.factories.recognition import make_record
from tests.factories.signups import join
from tests.integration.pages import test_todo_sources as kinds
from tests.support.client import CheckedClient
from tests.support.rows import make_row
from webapp.core import clock as times
from webapp.core import todo
from webapp.core.db import db, session, transaction
from webapp.core.todo import Todo, Urgency, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.organisations.queries import permissions_of
from webapp.people.models import Account
from webapp.recognition.domain import RecordStatus
from webapp.signups.queries.telling import open_calls, open_notices

SignIn = Callable[..., FlaskClient]
PAGE = "/manage/todo"


def _a_draft(unit: Organisation) -> None:
    make.an_event(unit, published=False)


def _a_draft_for_the_office(unit: Organisation) -> None:
    with transaction():
        session().get_one(Organisation, unit.id).needs_approval = True
    _a_draft(unit)


def _no_sign_out(unit: Organisation) -> None:
    make_record(organisation=unit, status=RecordStatus.TO_CONFIRM, out_at=None, minutes=0)


# What is done in the row: the words of the button, how one comes to be, and whether it is the office's.
PRESSES: dict[str, tuple[str, Callable[[Organisation], object], bool]] = {
    "people_to_decide": ("通过", kinds.someone_who_asks, False),
    "events_to_review": ("发布", lambda unit: kinds._event_that_is(unit, "submitted"), True),
    "drafts_to_publish": ("发布", _a_draft, False),
    "drafts_to_publish, for the office": ("提交审核", _a_draft_for_the_office, False),
    "hours_to_settle": ("按计划的时间确认", _no_sign_out, False),
    "added_time_to_approve": ("同意", kinds.added_time, False),
}


@pytest.mark.parametrize("name", PRESSES)
def test_an_act_in_the_row_comes_back_and_can_be_taken_back(
    app: Flask, client: CheckedClient, sign_in: SignIn, name: str
) -> None:
    words, begin, is_office = PRESSES[name]
    unit, source = make.an_organisation("向阳区科协"), name.split(",", maxsplit=1)[0]
    office = make.staff(make.an_organisation("市科协", kind="office"), Permission.GOVERN)
    theirs = office if is_office else make.staff(unit, Permission.MANAGE_EVENTS)
    begin(unit)
    (one,) = kinds._rows(source, theirs)
    assert one.press is not None
    own = sign_in(client, theirs)
    with app.test_request_context():
        action = app.url_for(one.press.endpoint, **one.press.where)
    here = f"{PAGE}?q={quote('“')}"
    assert f">{words}<" in own.get(here).text
    answer = own.fill(here, form=action)
    assert (answer.status_code in {302, 303}, answer.location) == (True, here)
    assert kinds._rows(source, theirs) == []
    page = own.get(here).text
    assert "undo-bar" in page
    undo = page.split('action="/undo/')[1].split('"')[0]
    assert own.post(f"/undo/{undo}", data={"next": here}).location == here
    assert [row.text for row in kinds._rows(source, theirs)] == [one.text]


def test_what_people_signed_up_for_stays_published(client: CheckedClient, sign_in: SignIn) -> None:
    unit = make.an_organisation()
    own = sign_in(client, make.staff(unit, Permission.MANAGE_EVENTS))
    event = make.an_event(unit, title="急救课", published=False)
    own.fill(PAGE, form=f"/manage/events/{event.id}/publish")
    undo = own.get(PAGE).text.split('action="/undo/')[1].split('"')[0]
    join(make.positions_of(event, "观众")[0].id)
    own.post(f"/undo/{undo}", data={"next": PAGE})
    assert "已经有 1 人报名，不能撤回发布" in own.get(PAGE).text
    assert kinds._rows("drafts_to_publish", make.staff(unit, Permission.MANAGE_EVENTS)) == []


def test_an_act_of_a_page_that_is_old_is_refused_with_what_is_so_now(
    client: CheckedClient, sign_in: SignIn
) -> None:
    unit = make.an_organisation()
    event = make.an_event(unit, published=False)
    own = sign_in(client, make.staff(unit, Permission.MANAGE_EVENTS))
    seen = own.get(PAGE).text.split('name="as_seen" value="')[1].split('"')[0]
    other = make.staff(unit, Permission.MANAGE_EVENTS, name="周馆长").person_id
    with transaction():
        make.service.publish(event.id, by=other)
    address = f"/manage/events/{event.id}/publish"
    answer = own.post(address, data={"as_seen": seen, "next": PAGE})
    assert answer.status_code == 409
    assert "周馆长" in answer.text


def test_it_stands_under_how_much_time_there_is(client: CheckedClient, sign_in: SignIn) -> None:
    unit, now = make.an_organisation(), times.now()
    for title, starts in {
        "二十天后的": now + timedelta(days=20),
        "三天后的": now + timedelta(days=3),
        "昨天的": now - timedelta(days=1),
    }.items():
        make.an_event(unit, title=title, published=False, sessions=[make.session_draft(starts)])
    kinds.an_objection(unit)
    page = sign_in(client, make.staff(unit, Permission.MANAGE_EVENTS)).get(PAGE).text
    main = page.split('id="main"')[1]
    order = [
        "4 件事等着处理",
        "已过时",
        "昨天的",
        "七天内",
        "三天后的",
        "没有限期",
        "异议",
        "以后",
        "二十天后的",
    ]
    assert [main.index(one) for one in order] == sorted(main.index(one) for one in order)
    assert "<h2>今天</h2>" not in main
    assert (
        "还没有写完" in main.split("昨天的")[1][:20]
    )  # all its dates are over: it cannot be published as it is


@pytest.mark.parametrize(
    ("due", "urgency"),
    [(None, "waiting"), (-1, "late"), (1, "today"), (23, "soon"), (24 * 6, "soon"), (24 * 8, "later")],
)
def test_how_much_time_there_is(due: int | None, urgency: str) -> None:
    now = times.start_of_day(times.today()) + timedelta(hours=10)
    at = None if due is None else now + timedelta(hours=due)
    assert Todo("一", "去看", "pages.manage_home", due=at).urgency(now) == Urgency(urgency)


def test_three_thousand_are_turned_by_pages_and_all_counted(
    client: CheckedClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [
        Todo("%(title)s等着", "去看", "pages.manage_home", values={"title": f"第{n}件"}) for n in range(3000)
    ]
    monkeypatch.setattr(todo, "_sources", [lambda _viewer: many])
    own = sign_in(client, make.staff(make.an_organisation(), Permission.MANAGE_EVENTS))
    first, last = own.get(PAGE).text, own.get(f"{PAGE}?page=60").text
    assert first.count('<li class="todo">') == 50
    assert "第 1–50 个，共 3000 个" in first
    assert "第2999件等着" in last
    assert own.get(f"{PAGE}/count.json").get_json() == {"count": 3000}
    assert "3000 件事等着处理" in own.get(f"{PAGE}?q=第17件").text
    assert own.get(f"{PAGE}?q=第17件").text.count('<li class="todo">') == 1


def test_who_only_scans_somewhere_has_none_of_its_work(app: Flask) -> None:
    here, there = make.an_organisation(), make.an_organisation()
    account = make.staff(here, Permission.MANAGE_EVENTS)
    with transaction() as current:
        given = [str(Permission.SCAN)]
        current.add(Membership(person_id=account.person_id, organisation_id=there.id, permissions=given))
    make.an_event(there, published=False)
    kinds.a_place_to_fill(there)
    kinds.a_sheet(there)
    found = [source for source in kinds.CASES if kinds._rows(source, account)]
    assert found == []


SEVERAL = sorted(
    set(kinds.CASES)
    - {"plan_to_follow", "events_to_take_along", "years_to_announce", "clock_to_check", "erasures_to_note"}
)


def test_no_source_asks_more_for_more(app: Flask) -> None:
    unit = make.an_organisation("向阳区科协")
    office = make.staff(make.an_organisation("市科协", kind="office"), Permission.GOVERN)
    theirs = make.staff(unit, Permission.MANAGE_EVENTS)
    for name in SEVERAL:
        kinds.CASES[name].make(unit)
    few = {name: _statements(name, office if kinds.CASES[name].is_office else theirs) for name in kinds.CASES}
    for name in SEVERAL:
        kinds.CASES[name].make(unit)
        kinds.CASES[name].make(unit)
    many = {
        name: _statements(name, office if kinds.CASES[name].is_office else theirs) for name in kinds.CASES
    }
    assert many == few
    assert {name: number for name, number in many.items() if number > 2} == {}


def _statements(name: str, account: Account) -> int:
    """Of one source; what every source shares is asked before."""
    session().rollback()
    (source,) = (one for one in todo.sources() if one.__name__ == name)
    viewer = Viewer(account.person_id, permissions_of(account.person_id))
    viewer.known["held"] = [
        (row.organisation_id, row.permissions)
        for row in session().scalars(select(Membership).where(Membership.person_id == account.person_id))
    ]
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    list(source(viewer))
    sql_events.remove(db.engine, "before_cursor_execute", note)
    session().rollback()
    return len([one for one in seen if not one.startswith(("SAVEPOINT", "BEGIN"))])


def test_the_page_asks_no_more_for_thirty_drafts_than_for_one(client: CheckedClient, sign_in: SignIn) -> None:
    unit = make.an_organisation()
    own = sign_in(client, make.staff(unit, Permission.MANAGE_EVENTS))
    _a_draft(unit)
    few = _of_page(own)
    for _number in range(5):
        _a_draft(unit)
    assert _of_page(own) == few


def _of_page(own: Any) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    assert own.get(PAGE).status_code == 200
    sql_events.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_calls_are_counted_as_the_page_of_calls_counts_them(app: Flask) -> None:
    unit = make.an_organisation()
    for number in range(2):
        kinds.a_call(unit)
        held = make.sessions_of(make.an_event(unit))[0]
        signup = kinds._signed_up(unit, status=["cancelled", "confirmed"][number])
        with transaction():
            notice = make_row("notice", event_id=held.event_id, session_id=held.id, kind="moved")
            make_row("telling", notice_id=notice, way="phone", signup_id=signup)
            make_row("telling", notice_id=notice, way="mail")
            make_row("telling", notice_id=notice, way="phone", told_at=times.now())
            gone = make_row("notice", event_id=held.event_id, kind="cancelled", undone_at=times.now())
            make_row("telling", notice_id=gone, way="phone")
    number, due, since = open_calls([unit.id])
    found = open_notices([unit.id])
    assert number == sum(one.open for one in found) == 3
    assert due == min(one.due for one in found if one.due)
    assert since == min(one.notice.made_at for one in found)
