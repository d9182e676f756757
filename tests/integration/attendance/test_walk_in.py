"""Someone came who had not signed up: by name, or one head; once however often the page is sent; both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.factories.attendance import Scene, make_scene, person_of, sign_up
from tests.factories.phones import Phone
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.domain.arrivals import Arrival, DoorsNotOpen, SomeoneSoNamed
from webapp.attendance.domain.phones import ScanKind
from webapp.attendance.models import Attendance, HeadCount, Scan
from webapp.attendance.queries import session_counts
from webapp.attendance.queries.namesakes import namesakes
from webapp.attendance.queries.review import flagged
from webapp.attendance.service import recount
from webapp.attendance.service.arriving import Arrived, admit
from webapp.attendance.service.walkins import NoPlaceLeft
from webapp.core.db import db, new_id, transaction
from webapp.core.http import status_of
from webapp.events.models import Position
from webapp.people.models import Account, Consent, Person
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups import service as signups
from webapp.signups.models import Signup

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30, ends at 11:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def scanner(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def leave_places(scene: Scene, number: int) -> None:
    with transaction() as session:
        session.execute(update(Position).where(Position.id == scene.seats).values(capacity=number))


def test_by_name_or_as_a_head(scanner: CheckedClient, scene: Scene, clock: TestClock) -> None:
    path = f"/manage/sessions/{scene.session}/walk-in"
    page = scanner.get(path).text
    assert "（空 50 个）" in page
    assert scene.shift not in page  # volunteers sign up first
    done = scanner.fill(path, form=path, name="王小明", phone="139 0000 0001")
    assert (done.status_code, done.headers["Location"]) == (303, path)
    assert "已报名并签到，报名码" in scanner.get(path).text
    made = db.session.scalars(select(Signup)).one()
    assert (made.source, made.status, made.created_by) == ("walk_in", "confirmed", scene.scanner)
    came = db.session.scalars(select(Attendance)).one()
    assert (came.signup_id, came.grade, came.out_at) == (made.id, "roster", None)
    said = db.session.scalars(select(Consent).where(Consent.person_id == made.person_id)).one()
    assert (said.method, said.recorded_by) == ("oral", scene.scanner)
    assert db.session.scalars(select(Scan)).one().kind == "walk_in"
    # Nothing written at all: one head, which is no check-in.
    assert scanner.fill(path, form=path).status_code == 303
    assert "已记一个人头" in scanner.get(path).text
    head = db.session.scalars(select(HeadCount)).one()
    assert head.count == 1
    assert head.scan_id is not None
    assert count(Attendance) == 1
    assert recount.differences(scene.session) == []
    # Sent twice is once, with a name and without.
    for name in ("李四方", ""):
        fields = {"name": name, "position": scene.seats, "nonce": new_id()}
        for _ in range(2):
            assert scanner.post(path, data=fields).status_code == 303
        assert "没有重复登记" in scanner.get(path).text
    assert (count(Signup), count(HeadCount), count(Attendance)) == (2, 2, 2)
    board = scanner.get(f"/manage/sessions/{scene.session}/board").text
    assert "没有报名" in board
    assert path in scanner.get(f"/manage/sessions/{scene.session}/door").text


def test_a_name_on_the_list_asks_first(scanner: CheckedClient, scene: Scene) -> None:
    one, two = sign_up(scene.seats, name="王秀英"), sign_up(scene.seats, name="王秀英")
    path, pick = f"/manage/sessions/{scene.session}/walk-in", f"/scan/{scene.session}/checkins"
    fields = {"name": " 王 秀英", "position": scene.seats}
    asked = scanner.post(path, data=fields | {"nonce": new_id()})
    assert asked.status_code == 409
    for signup in (one, two):  # what tells them apart, and the button for each
        for text in (
            f"手机尾号 {(person_of(signup).phone or '')[-4:]}",
            signup.short_code,
            f'value="{signup.id}"',
        ):
            assert text in asked.text, text
    assert "是名单上的这位吗？" in asked.text
    assert (count(Signup), count(Attendance)) == (2, 0)
    assert scanner.post(pick, data={"signup": two.id, "direction": "in"}).status_code == 303
    assert db.session.scalars(select(Attendance.signup_id)).one() == two.id
    # It is another one of that name: entered, once however often the page is sent.
    again = fields | {"nonce": new_id(), "sure": "1"}
    assert [scanner.post(path, data=again).status_code for _ in range(2)] == [303, 303]
    assert (count(Signup), count(Attendance)) == (3, 2)
    assert "已签到" in scanner.post(path, data=fields | {"nonce": new_id()}).text


def test_who_has_cancelled_is_nobodys_namesake(scene: Scene) -> None:
    gone = sign_up(scene.seats, name="王秀英")
    with transaction():
        signups.cancel_signup(gone.id, by=gone.person_id)
        arrived = admit(scene.session, Arrival("王秀英", None, scene.seats, new_id()), by=scene.scanner)
    assert arrived.signup_id not in {None, gone.id}


def test_whom_they_come_with_tells_namesakes_apart(scene: Scene) -> None:
    grandson, one, two = (sign_up(scene.seats, name=name) for name in ("李小乐", "王秀英", "王秀英"))
    with transaction() as session:
        session.get_one(Signup, one.id).with_signup_id = grandson.id
    assert {each.row.signup: each.company for each in namesakes(scene.session, "王秀英")} == {
        one.id: ("李小乐",),
        two.id: (),
    }
    with pytest.raises(SomeoneSoNamed) as raised, transaction():
        admit(scene.session, Arrival("王秀英", None, scene.seats, new_id()), by=scene.scanner)
    assert (raised.value.code, status_of(raised.value)) == ("same_name", 409)


@pytest.mark.parametrize("offline", [True, False])
def test_a_phones_walk_in_is_never_kept_out_but_looked_at(scene: Scene, offline: bool) -> None:
    sign_up(scene.seats, name="王秀英")
    phone = Phone(scene)
    more: dict[str, Any] = {
        "kind": ScanKind.WALK_IN,
        "offline": offline,
        "verdict": "unlisted" if offline else "",
    }
    phone.scan(f"{scene.seats} 王秀英", **more)
    phone.scan(f"{scene.seats} 李四方", **more)
    phone.scan(f"{scene.seats} 王秀英", **more)
    phone.links[2] = replace(phone.links[2], sure=True)
    assert [(one.body["outcome"], one.body.get("flag")) for one in phone.hand_in()] == [
        ("accepted", "namesake"),
        ("accepted", None),
        ("accepted", None),
    ]
    assert session_counts(scene.session).came == 3
    (seen,) = flagged(scene.session)
    assert (seen.name, "同名" in seen.flag_sentence) == ("王秀英", True)


def test_what_is_refused_loses_nothing(scanner: CheckedClient, scene: Scene, clock: TestClock) -> None:
    path = f"/manage/sessions/{scene.session}/walk-in"
    seat = {"position": scene.seats}

    def answer(**fields: str) -> str:
        got = scanner.post(path, data={"nonce": new_id()} | fields)
        assert got.status_code in {409, 422}
        return got.text

    page = answer(phone="13900000002", **seat)
    assert "请把姓名也写上" in page
    assert "13900000002" in page
    assert "11 位手机号" in answer(name="王小明", phone="123", **seat)
    assert "王小明" in answer(name="王小明", phone="123", **seat)
    assert answer(name="1" * 60, **seat)
    assert answer(name="王小明", position=scene.shift)  # not for walk-ins
    assert answer(name="王小明", position="0" * 18)
    scanner.post(path, data={"name": "王小明", "phone": "13900000003", "nonce": new_id()} | seat)
    assert "已经报过" in answer(name="王小明", phone="13900000003", sure="1", **seat)
    leave_places(scene, 1)
    page = answer(name="李四方", **seat)
    assert "名额已满" in page
    assert "李四方" in page
    clock.advance(hours=5)
    assert "签到时间已过" in scanner.get(path).text
    assert "签到时间已过" in answer(name="李四方", **seat)
    assert (count(Signup), count(Attendance), count(HeadCount)) == (1, 1, 0)
    assert count(Person) == 2  # the scanner and the one who came
    early = make_scene(starts_at=clock.now + timedelta(hours=3))
    with pytest.raises(DoorsNotOpen), transaction():
        admit(early.session, Arrival("王小明", None, early.seats, new_id()), by=early.scanner)
    assert scanner.get(f"/manage/sessions/{early.session}/walk-in").status_code in {403, 404}


def test_two_at_the_last_place(app: Flask, scene: Scene) -> None:
    leave_places(scene, 1)
    again = new_id()

    def comes(name: str, nonce: str) -> Callable[[], Arrived]:
        def work() -> Arrived:
            with transaction():
                return admit(scene.session, Arrival(name, None, scene.seats, nonce), by=scene.scanner)

        return work

    answers = at_once(
        app, comes("王小明", new_id()), comes("李四方", new_id()), comes("", again), comes("", again)
    )
    assert sorted(isinstance(one, NoPlaceLeft) for one in answers[:2]) == [False, True]
    assert sorted(one.is_new for one in answers[2:]) == [False, True]
    assert (count(Signup), count(Attendance), count(HeadCount)) == (1, 1, 1)
    assert recount.differences(scene.session) == []


def places(scene: Scene) -> tuple[int, list[str]]:
    """Places taken of the seats, and what became of the sign-ups."""
    db.session.rollback()
    taken = db.session.get_one(Position, scene.seats).taken
    return taken, list(db.session.scalars(select(Signup.status).order_by(Signup.created_at, Signup.id)))


def test_a_wrong_name_taken_back_on_the_phone_gives_its_place_back(scene: Scene) -> None:
    leave_places(scene, 1)
    phone = Phone(scene)
    wrong = phone.scan(f"{scene.seats} 王小名", kind=ScanKind.WALK_IN)
    phone.hand_in()
    phone.undo(wrong)
    phone.hand_in([phone.links[-1]])
    assert places(scene) == (0, ["cancelled"])
    again = phone.scan(f"{scene.seats} 王小明", kind=ScanKind.WALK_IN)
    assert phone.hand_in([again])[0].body["outcome"] == "accepted"
    assert places(scene) == (1, ["cancelled", "confirmed"])
    assert session_counts(scene.session).expected == 1
    assert recount.differences(scene.session) == []


def test_both_in_one_batch(scene: Scene) -> None:
    phone = Phone(scene)
    phone.undo(phone.scan(f"{scene.seats} 王小名", kind=ScanKind.WALK_IN))
    phone.hand_in()
    assert places(scene) == (0, ["cancelled"])


def test_staff_take_back_who_was_not_there(scanner: CheckedClient, scene: Scene) -> None:
    path = f"/manage/sessions/{scene.session}/walk-in"
    scanner.fill(path, form=path, name="王小明")
    (came,) = db.session.scalars(select(Attendance))
    staff_page = f"/manage/attendances/{came.id}/annul"
    assert scanner.fill(staff_page, reason="记错了场次").status_code == 303
    assert places(scene) == (0, ["cancelled"])
    # Someone who had signed up keeps the place: they may still come.
    scene.scan(signup_id=sign_up(scene.seats).id)
    (came,) = db.session.scalars(select(Attendance).where(Attendance.annulled_at.is_(None)))
    scanner.fill(f"/manage/attendances/{came.id}/annul", reason="扫错了人")
    assert places(scene) == (1, ["cancelled", "confirmed"])
    assert recount.differences(scene.session) == []
