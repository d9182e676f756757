"""People settle scans that the rules would have refused; the file of a phone that has no network."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import select

from tests.factories.attendance import Scene, make_scene, sign_up, volunteer_for
from tests.factories.organisations import grant, make_organisation
from tests.factories.people import make_account
from tests.factories.phones import Phone
from tests.integration.attendance.test_links import recounted, scans, standing
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance.domain import Direction, Method, ScanRequest
from webapp.attendance.domain.phones import (
    CannotCount,
    ScanKind,
    Settlement,
    Verdict,
    check_settlement,
)
from webapp.attendance.models import Attendance, HeadCount
from webapp.attendance.queries import review
from webapp.attendance.service import check_in, recount
from webapp.attendance.service.recount import differences
from webapp.attendance.service.review import Settled, settle
from webapp.core import clock as city
from webapp.core.db import db, transaction
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.signups import service as signups
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code

SignIn = Callable[[CheckedClient, Any], CheckedClient]


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    return make_scene()


@pytest.fixture
def staff(client: CheckedClient, sign_in: SignIn, scene: Scene) -> CheckedClient:
    account = db.session.get_one(Account, scene.scanner_account)
    grant(account, db.session.get_one(Organisation, scene.organisation), Permission.MANAGE_EVENTS)
    return sign_in(client, as_signed_in(account))


def cancelled(scene: Scene, name: str = "王小明") -> Signup:
    made = sign_up(scene.seats, name=name)
    with transaction():
        signups.cancel_signup(made.id, by=scene.scanner, reason="重复报名")
    return made


def flagged(scene: Scene, number: int) -> list[str]:
    """Ids of flagged scans of people who had cancelled and were let in."""
    phone = Phone(scene, "东门手机")
    for _ in range(number):
        phone.scan(pass_code(cancelled(scene)))
    phone.hand_in()
    return [scan.id for scan in scans(flag="refused")]


def decide(scene: Scene, ids: list[str], settlement: Settlement) -> Settled:
    with transaction():
        return settle(scene.session, ids, settlement=settlement, note="看过现场照片", by=scene.scanner)


@pytest.mark.parametrize(
    ("settlement", "has_signup", "is_arrival", "possible"),
    [
        (Settlement.COUNTED, True, True, True),
        (Settlement.COUNTED, True, False, True),
        (Settlement.COUNTED, False, True, False),
        (Settlement.HEADCOUNT, False, True, True),
        (Settlement.HEADCOUNT, True, False, False),
        (Settlement.DISMISSED, False, False, True),
    ],
)
def test_what_can_be_decided(
    settlement: Settlement, has_signup: bool, is_arrival: bool, possible: bool
) -> None:
    try:
        check_settlement(settlement, has_signup=has_signup, is_arrival=is_arrival)
    except CannotCount:
        assert not possible
    else:
        assert possible


def test_counted_as_a_person_as_a_head_or_not_at_all(scene: Scene) -> None:
    one, two, three = flagged(scene, 3)
    assert decide(scene, [one], Settlement.COUNTED) == Settled(1, 0)
    assert decide(scene, [two], Settlement.HEADCOUNT) == Settled(1, 0)
    assert decide(scene, [three], Settlement.DISMISSED) == Settled(1, 0)
    assert len(standing()) == 1
    assert list(db.session.scalars(select(HeadCount.count))) == [1]
    assert recounted()
    assert decide(scene, [one, two, three], Settlement.DISMISSED) == Settled(
        0, 3
    )  # the first decision stands
    assert len(standing()) == 1


def test_what_had_counted_may_be_dismissed(scene: Scene) -> None:
    one = sign_up(scene.seats)
    ahead = Phone(scene, slow=-timedelta(days=1), measured=False)
    ahead.scan(pass_code(one))
    ahead.hand_in()
    (scan,) = scans(flag="clock")
    assert set(standing()) == {one.id}
    decide(scene, [scan.id], Settlement.DISMISSED)
    assert standing() == {}
    assert recounted()


def test_two_people_settle_the_same_at_once(app: Flask, scene: Scene) -> None:
    (one,) = flagged(scene, 1)
    works = [
        lambda way=way: decide(scene, [one], way) for way in (Settlement.COUNTED, Settlement.HEADCOUNT) * 3
    ]
    found = at_once(app, *works)
    assert sum(answer.now for answer in found) == 1
    came = standing()  # looks anew at what the others wrote
    heads = db.session.scalars(select(HeadCount)).all()
    assert len(came) + len(heads) == 1
    assert recounted()


def test_the_page(scene: Scene, staff: CheckedClient) -> None:
    path = f"/manage/sessions/{scene.session}/review"
    assert "没有要核对的" in staff.get(path).text
    first, second = flagged(scene, 2)
    phone = Phone(scene, "西门手机")
    phone.scan("http://example.com/", verdict=None)
    phone.scan(f"{scene.seats} 孙大爷", kind=ScanKind.WALK_IN)
    phone.links[0], missing = phone.links[1], phone.links[0]
    phone.hand_in([phone.links[0]])
    page = staff.get(path).text
    assert "王小明" in page
    assert "这个报名已经取消" in page
    assert "东门手机" in page
    assert "“西门手机”还缺 1 条（第 1 条）" in page
    assert path in staff.get("/manage/review").text
    assert missing.counter == 1
    nothing = staff.post(path, data={"settlement": "counted"})
    assert nothing.status_code == 422
    assert "请勾选" in nothing.text
    undecided = staff.post(path, data={"scans": first}).text
    assert "请选怎么算" in undecided
    assert "有效的选择" not in undecided
    done = staff.post(path, data={"scans": [first, second], "settlement": "counted", "note": "看过照片"})
    assert done.status_code == 303
    assert "处理好了 2 条" in staff.get(path).text
    assert len(standing()) == 3
    assert path not in staff.get("/manage/review").text


def test_an_inspector_reads_and_settles_nothing(
    scene: Scene, staff: CheckedClient, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    first, second = flagged(scene, 2)
    phone = Phone(scene, "西门手机")
    phone.scan("http://example.com/", verdict=None)
    phone.scan("http://example.com/", verdict=None)
    phone.hand_in([phone.links[1]])
    decide(scene, [first], Settlement.COUNTED)
    account = make_account()
    grant(account, make_organisation("督查组"), Permission.INSPECT)
    inspector = sign_in(new_client(), as_signed_in(account))
    path = f"/manage/sessions/{scene.session}/review"
    for page in ("/manage/", f"/manage/sessions/{scene.session}/door"):
        assert ("/manage/review" if page == "/manage/" else path) in inspector.get(page).text
    listed = inspector.get("/manage/review").text
    assert path in listed
    page = inspector.get(path).text
    for text in ("王**", "这个报名已经取消", "看过现场照片", "“西门手机”还缺 1 条（第 1 条）"):
        assert text in page, text
    for text in ("王小明", "scans/file", 'name="scans"', 'name="settlement"', "您定怎么算", "请让它联网"):
        assert text not in page + listed, text
    sent = inspector.post(path, data={"scans": second, "settlement": "counted"}, fault=True)
    assert sent.status_code == 403
    assert review.flagged(scene.session)[0].id == second
    assert 'name="scans"' in staff.get(path).text


def test_what_does_not_fit_on_the_page_is_announced(
    scene: Scene, staff: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "SHOWN", 2)
    flagged(scene, 3)
    page = staff.get(f"/manage/sessions/{scene.session}/review").text
    assert page.count('name="scans"') == 2
    assert "还有 1 条" in page


def test_the_page_costs_the_same_for_many(scene: Scene, staff: CheckedClient) -> None:
    def cost() -> int:
        seen: list[str] = []
        engine = db.session.get_bind()
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        sql_events.listen(engine, "before_cursor_execute", listen)
        staff.get(f"/manage/sessions/{scene.session}/review")
        sql_events.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    flagged(scene, 1)
    few = cost()
    flagged(scene, 5)
    assert cost() <= few


def test_a_file_brought_by_staff(scene: Scene, staff: CheckedClient) -> None:
    one, shift = sign_up(scene.seats), volunteer_for(scene.shift)
    phone = Phone(scene, "山里的手机")
    phone.scan(pass_code(one))
    phone.scan(pass_code(shift))
    phone.scan(pass_code(cancelled(scene)), direction=Direction.IN)
    links = [asdict(link) for link in phone.links]
    for link in links:
        del link["is_faulty"]
    file = json.dumps(
        {"format": "kepu-scans-1", "chain": phone.chain, "device": "x", "links": [*links, 7, {}]}
    )

    def send(raw: bytes) -> Any:
        data = {"file": (BytesIO(raw), "kepu.json")}
        return staff.post("/manage/scans/file", data=data, content_type="multipart/form-data")

    for wrong in (b"", b"\xff\xfe", b"[]", b"{}", b'{"format": "kepu-scans-1", "links": 5}', b"[" * 100_000):
        answer = send(wrong)
        assert answer.status_code == 422, wrong[:20]
    stranger = json.dumps({"format": "kepu-scans-1", "chain": "0" * 18, "links": links})
    refused = send(stranger.encode())
    assert refused.status_code == 422
    assert "不是本系统的手机存的" in refused.text  # whoever brings it has every right to
    assert send(file.encode()).status_code == 303
    assert "收到 3 条，其中 0 条以前收过" in staff.get("/manage/scans/file").text
    assert set(standing()) == {one.id, shift.id}
    assert send(file.encode()).status_code == 303
    assert "收到 3 条，其中 3 条以前收过" in staff.get("/manage/scans/file").text
    assert {scan.relayed_by for scan in scans(chain_id=phone.chain)} == {scene.scanner}
    assert recounted()


def elsewhere(scene: Scene) -> Signup:
    """Someone with a place in another session of the same organisation."""
    other = make_scene(starts_at=city.now() + timedelta(hours=1))
    return sign_up(other.seats, name="李桂芝")


@pytest.mark.parametrize("settlement", [Settlement.DISMISSED, Settlement.HEADCOUNT])
def test_what_is_settled_here_leaves_another_session_alone(scene: Scene, settlement: Settlement) -> None:
    one = elsewhere(scene)
    with transaction():
        check_in(
            ScanRequest(
                session_id=one.session_id,
                direction=Direction.IN,
                nonce="there",
                device="their door",
                by=scene.scanner,
                method=Method.CAMERA,
                code=pass_code(one),
            )
        )
    before = standing()[one.id]
    came = (before.in_at, before.in_scan_id)
    phone = Phone(scene, "东门手机")
    phone.scan(pass_code(one), verdict=Verdict.UNLISTED)
    phone.hand_in()
    (scan,) = scans(flag="refused")
    decide(scene, [scan.id], settlement)
    after = standing()[one.id]
    assert (after.in_at, after.in_scan_id) == came
    assert [differences(one) for one in (scene.session, before.session_id)] == [[], []]


def test_a_place_of_another_session_cannot_be_a_check_in_here(scene: Scene, staff: CheckedClient) -> None:
    phone = Phone(scene, "东门手机")
    phone.scan(pass_code(elsewhere(scene)), verdict=Verdict.UNLISTED)
    phone.hand_in()
    (scan,) = scans(flag="refused")
    path = f"/manage/sessions/{scene.session}/review"
    answer = staff.post(path, data={"scans": scan.id, "settlement": "counted"})
    assert answer.status_code == 422
    assert "另一个场次" in answer.text
    assert standing() == {}


def strayed(here: Scene, one: Signup) -> str:
    """Someone of another session came here by mistake, and was let in; the id of the flagged scan."""
    phone = Phone(here, "西门手机")
    phone.scan(pass_code(one))
    assert [answer.body["outcome"] for answer in phone.hand_in()] == ["wrong_session"]
    return scans(device=phone.device)[0].id


def sums_are_right(*places: Scene) -> bool:
    with transaction():
        return sum(recount.reconcile_session(place.session) for place in places) == 0


def test_whoever_counted_at_another_session_is_left_there(scene: Scene) -> None:
    """Earlier versions let people decide so; a sign-up counts once, and scans at its own door change nothing of it."""
    here, phone, one = make_scene(), Phone(scene), sign_up(scene.seats)
    scan = strayed(here, one)
    with transaction() as database:
        database.add(
            Attendance(
                signup_id=one.id,
                person_id=one.person_id,
                session_id=here.session,
                grade="scan",
                in_at=city.now(),
                in_scan_id=scan,
                entered_late=False,
            )
        )
        database.flush()
        recount.reconcile_session(here.session)
    mistaken = phone.scan(pass_code(one))
    phone.hand_in()
    phone.undo(mistaken)
    phone.hand_in()
    assert standing()[one.id].session_id == here.session
    assert sums_are_right(scene, here)


def test_a_rehearsal_leaves_nothing_to_settle(staff: CheckedClient, scene: Scene) -> None:
    phone = Phone(scene)
    phone.scan(pass_code(cancelled(scene)), rehearsal=True)
    phone.scan("", session=scene.session, rehearsal=True)
    phone.hand_in()
    rehearsed = [scan.id for scan in scans(rehearsal=True)]
    assert "王" not in staff.get(f"/manage/sessions/{scene.session}/review").text
    assert review.scans_open(None) == (0, None)
    assert db.session.execute(review.sessions_to_review(None).wanted).all() == []
    assert decide(scene, rehearsed, Settlement.HEADCOUNT) == Settled(0, 0)
    assert db.session.scalars(select(HeadCount)).all() == []
