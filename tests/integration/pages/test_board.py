"""The organiser's board: arrivals as they come, nothing sent while nothing changes, numbers on request."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories.attendance import Scene, make_scene, person_of, sign_up, volunteer_for
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance import service
from webapp.attendance.domain import Direction, Method
from webapp.core.audit import AuditEntry
from webapp.core.db import db, transaction
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]
PART = {"HX-Request": "true"}


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def organiser(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))


def test_the_board_tells_who_is_here_and_who_is_missing(
    organiser: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    path = f"/manage/sessions/{scene.session}/board"
    assert "还没有人报名" in organiser.get(path).text
    ticked, missing = sign_up(scene.seats, name="王小明"), sign_up(scene.seats, name="李四方")
    shift = volunteer_for(scene.shift)
    first = organiser.get(path, headers=PART)
    assert "<html" not in first.text
    tag = first.headers["ETag"]
    unchanged = organiser.get(path, headers=PART | {"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.text) == (304, "")
    scene.scan(signup_id=ticked.id, method=Method.ROSTER)
    scene.scan(pass_code(shift))
    clock.advance(minutes=10)
    scene.scan(pass_code(shift), direction=Direction.OUT)
    with transaction():
        service.count_heads(
            scene.session, audience="老年人", count=12, method="counted", note="", by=scene.scanner
        )
    changed = organiser.get(path, headers=PART | {"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    for text in ("王小明", "名册勾到", "李四方", "（计数规则第 1 版）", "还差 5 人", "上午9:10 离开"):
        assert text in changed.text, text
    assert person_of(missing).phone not in changed.text
    # Another language is another part.
    organiser.set_cookie("lang", "en")
    assert organiser.get(path, headers=PART | {"If-None-Match": changed.headers["ETag"]}).status_code == 200


def test_numbers_are_shown_after_one_press_that_is_kept_once_for_the_list(
    organiser: CheckedClient, scene: Scene, clock: TestClock
) -> None:
    missing = [sign_up(scene.seats, name=name) for name in ("李四方", "李四海")]
    phones = [person_of(one).phone or "" for one in missing]
    board, sheet = (f"/manage/sessions/{scene.session}{end}" for end in ("/board", ""))
    ask = f"/manage/sessions/{scene.session}/phones"
    for page in (board, sheet):
        assert not any(phone in organiser.get(page).text for phone in phones)
    tag = organiser.get(board, headers=PART).headers["ETag"]
    assert organiser.post(ask, data={"back": "board"}).location == board
    for page in (board, sheet):
        text = organiser.get(page).text
        for phone in phones:
            assert f'href="tel:{phone}"' in text
            assert phone.removeprefix("+86") in text
    part = organiser.get(board, headers=PART | {"If-None-Match": tag})
    assert part.status_code == 200 and f'href="tel:{phones[0]}"' in part.text
    assert organiser.post(f"{ask}?q=李").location == f"{sheet}?q=%E6%9D%8E"
    asked = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "phones.reveal")).all()
    assert [(one.subject_id, one.actor_id) for one in asked] == [(scene.session, scene.scanner)]
    clock.advance(minutes=31)
    assert not any(phone in organiser.get(sheet).text for phone in phones)


def test_numbers_are_for_those_who_call(organiser: CheckedClient, scene: Scene) -> None:
    missing = sign_up(scene.seats, name="李四方")
    ask, board = (f"/manage/sessions/{scene.session}/{end}" for end in ("phones", "board"))
    assert organiser.post(f"/manage/sessions/{make_scene().session}/phones").status_code in {403, 404}
    assert organiser.post(ask).status_code == 303  # and then they may not any more
    with transaction() as session:
        session.scalars(select(Membership).where(Membership.person_id == scene.scanner)).one().permissions = [
            Permission.SCAN
        ]
    assert organiser.post(ask).status_code == 403
    for page in (board, f"/manage/sessions/{scene.session}"):
        shown = organiser.get(page).text
        assert (
            "李四方" in shown
            and (person_of(missing).phone or "-") not in shown
            and "显示电话号码" not in shown
        )


def test_the_staffs_home_shows_arrivals_of_what_is_on(organiser: CheckedClient, scene: Scene) -> None:
    first = organiser.get("/manage/", headers=PART)
    assert "已到 0 / 0 人" in first.text
    assert "hx-get" in organiser.get("/manage/").text
    scene.scan(pass_code(sign_up(scene.seats, name="王小明")))
    sign_up(scene.seats)
    changed = organiser.get("/manage/", headers=PART | {"If-None-Match": first.headers["ETag"]})
    for text in ("已到 1 / 2 人", "还没到 1 人", "最近：上午9:00 王小明"):
        assert text in changed.text, text
    same = organiser.get("/manage/", headers=PART | {"If-None-Match": changed.headers["ETag"]})
    assert same.status_code == 304


def test_a_part_asked_for_after_signing_out_reloads_the_page(client: CheckedClient, scene: Scene) -> None:
    answer = client.get(f"/manage/sessions/{scene.session}/board", headers=PART)
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (401, "true")


def test_the_board_costs_the_same_for_many(organiser: CheckedClient, scene: Scene) -> None:
    paths = [f"/manage/sessions/{scene.session}/board", "/manage/"]
    costs = []
    for number in (1, 5):
        for _ in range(number):
            scene.scan(pass_code(sign_up(scene.seats)))
            volunteer_for(scene.shift) if number == 1 else sign_up(scene.seats)
        costs.append([_statements(organiser, path) for path in paths])
    assert costs[0] == costs[1]


def _statements(client: CheckedClient, path: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    assert client.get(path, headers=PART).status_code == 200
    sql_events.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
