"""Links of phones that were away: kept whatever they say, counted once, in whatever order they come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event as sql_events
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_scene, sign_up, volunteer_for
from tests.factories.phones import Phone
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance import service
from webapp.attendance.domain import Answer, Direction, Method, Outcome, ScanRequest
from webapp.attendance.domain.links import Link, seal, stand_in
from webapp.attendance.domain.phones import Flag, ScanKind, Settlement, Verdict
from webapp.attendance.models import Attendance, Device, HeadCount, LedgerEntry, Scan
from webapp.attendance.service import recount
from webapp.attendance.service.links import accept_links, chain_key
from webapp.core import clock as city
from webapp.core.db import db, transaction
from webapp.events.models import EventSession
from webapp.people import service as people_service
from webapp.signups import service as signups
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30, ends at 11:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def phone(scene: Scene) -> Phone:
    return Phone(scene)


def standing() -> dict[str, Attendance]:
    db.session.rollback()
    wanted = select(Attendance).where(Attendance.annulled_at.is_(None))
    return {one.signup_id: one for one in db.session.scalars(wanted)}


def scans(**wanted: object) -> list[Scan]:
    db.session.rollback()
    return list(db.session.scalars(select(Scan).filter_by(**wanted).order_by(Scan.at, Scan.id)))


def outcomes(answers: list[Answer]) -> list[tuple[str, str | None]]:
    return [(answer.body["outcome"], answer.body.get("flag")) for answer in answers]


def recounted() -> bool:
    """Whether the ledger is what a recount makes."""
    with transaction():
        return recount.reconcile_session(db.session.scalars(select(EventSession.id)).one()) == 0


def later(minutes: float) -> datetime:
    return city.now() + timedelta(minutes=minutes)


def test_a_day_without_network(scene: Scene, phone: Phone, clock: TestClock) -> None:
    came, left, gone, void = (sign_up(scene.seats) for _ in range(4))
    other = Phone(scene, "第二台")
    old = pass_code(void)
    with transaction():
        signups.cancel_signup(gone.id, by=scene.scanner, reason="重复报名")
        signups.reissue_pass(void.id, by=None)
    phone.scan(pass_code(came), at=later(5))
    phone.scan(pass_code(left), at=later(6))
    phone.scan(pass_code(gone), at=later(7))
    phone.scan(old, at=later(8), verdict=Verdict.REFUSED, outcome=Outcome.REVOKED)
    phone.scan("https://example.com/menu", at=later(9), verdict=Verdict.REFUSED, outcome=Outcome.UNKNOWN)
    phone.scan(pass_code(left), at=later(90), direction=Direction.OUT)
    other.scan(pass_code(came), at=later(1))
    clock.advance(hours=26)
    expected = [
        ("accepted", None), ("accepted", None), ("cancelled", "refused"), ("revoked", None), ("unknown", None),
        ("accepted", None),
    ]  # fmt: skip
    assert outcomes(phone.hand_in()) == expected
    first = standing()
    assert first[came.id].in_at == scans(nonce=phone.links[0].nonce)[0].at
    assert outcomes(other.hand_in()) == [("already_in", None)]  # the earlier one came later
    again = phone.hand_in()
    assert outcomes(again) == expected
    assert all(answer.body["replayed"] for answer in again)
    now = standing()
    assert set(now) == {came.id, left.id}
    assert now[came.id].in_scan_id == scans(nonce=other.links[0].nonce)[0].id
    assert now[left.id].out_at is not None
    assert len(scans()) == 7
    assert recounted()


def test_a_series_by_another_phone_counts_as_the_first(scene: Scene, phone: Phone) -> None:
    one = sign_up(scene.seats)
    phone.scan(pass_code(one))
    assert outcomes(phone.hand_in(relayed_by=scene.scanner)) == [("accepted", None)]
    assert phone.hand_in()[0].body["replayed"] is True
    assert [scan.relayed_by for scan in scans()] == [scene.scanner]


def test_a_chain_with_a_gap_and_one_that_was_changed(scene: Scene, phone: Phone) -> None:
    people = [sign_up(scene.seats) for _ in range(4)]
    for one in people:
        phone.scan(pass_code(one))
    kept, _, changed, last = phone.links
    changed = replace(changed, what=pass_code(people[1]))
    assert outcomes(phone.hand_in([kept, changed, last])) == [
        ("accepted", None),
        ("unknown", "tampered"),
        ("accepted", None),
    ]
    assert set(standing()) == {people[0].id, people[3].id}
    assert {scan.counter for scan in scans(chain_id=phone.chain)} == {1, 3, 4}
    assert outcomes(phone.hand_in([phone.links[1]])) == [("accepted", None)]  # another way brought it
    assert recounted()


def test_a_clock_a_day_wrong(scene: Scene) -> None:
    knows, ignorant = (Phone(scene, slow=-timedelta(days=1), measured=measured) for measured in (True, False))
    one, two = sign_up(scene.seats), sign_up(scene.seats)
    knows.scan(pass_code(one))
    ignorant.scan(pass_code(two))
    assert outcomes(knows.hand_in()) == [("accepted", None)]
    assert outcomes(ignorant.hand_in()) == [("accepted", "clock")]
    assert {scan.at for scan in scans()} == {city.now()}
    assert set(standing()) == {one.id, two.id}  # they came; when is to be looked at


def test_a_pairing_that_ended_and_one_that_was_revoked(scene: Scene, clock: TestClock) -> None:
    expired, revoked, strange = Phone(scene, "到期"), Phone(scene, "作废"), Phone(scene, "别处")
    before, after, lost = (sign_up(scene.seats) for _ in range(3))
    expired.scan(pass_code(before))
    expired.scan(pass_code(after), at=later(25 * 60))
    revoked.scan(pass_code(lost))
    strange.scan(pass_code(lost), session="0" * 18)
    clock.advance(hours=26)
    with transaction() as session:
        session.get_one(Device, revoked.device).revoked_at = city.now()
    assert outcomes(expired.hand_in()) == [("accepted", None), ("unknown", "device")]
    assert outcomes(revoked.hand_in()) == [("unknown", "device")]
    assert outcomes(strange.hand_in()) == [("unknown", "device")]
    assert set(standing()) == {before.id}
    assert [scan.signup_id for scan in scans(device=revoked.device)] == [lost.id]  # to be settled by people


def test_one_poisoned_link_does_not_keep_back_the_day(scene: Scene, phone: Phone) -> None:
    one, two = sign_up(scene.seats), sign_up(scene.seats)
    good = phone.scan(pass_code(one))
    heads = phone.scan("many 农民", kind=ScanKind.HEADS)
    bad = stand_in({"session": scene.session, "nonce": "bad", "counter": "x", "what": ["\x00"]})
    assert bad is not None
    last = phone.scan(two.id, kind=ScanKind.ROSTER)
    answers = phone.hand_in([good, heads, bad, last])
    assert outcomes(answers) == [
        ("accepted", None), ("unknown", "fault"), ("unknown", "fault"), ("accepted", None)
    ]  # fmt: skip
    assert phone.hand_in([bad])[0].body["replayed"] is True
    assert standing()[two.id].grade == "roster"


def test_a_live_scan_whose_answer_got_lost(scene: Scene, phone: Phone) -> None:
    """The phone let them in by itself after three seconds; the first sending had arrived after all."""
    one, gone = sign_up(scene.seats), sign_up(scene.seats)
    with transaction():
        signups.cancel_signup(gone.id, by=scene.scanner, reason="重复报名")
    sealed_again: list[Link] = []
    for signup in (one, gone):
        live = phone.scan(pass_code(signup), offline=False)
        phone.hand_in([live])
        phone.links.pop()
        again = phone.scan(pass_code(signup))
        phone.links.pop()
        sealed_again.append(
            _sealed(phone, replace(again, counter=live.counter, prev=live.prev, nonce=live.nonce))
        )
        phone.links.append(sealed_again[-1])
    assert outcomes(phone.hand_in(sealed_again)) == [("accepted", None), ("cancelled", "refused")]
    assert [scan.chain_mac for scan in scans()] == [link.mac for link in sealed_again]
    assert set(standing()) == {one.id}


def _sealed(phone: Phone, link: Link) -> Link:
    return replace(link, mac=seal(chain_key(phone.chain), phone.chain, link))


def test_walk_ins_take_free_places_and_no_others(scene: Scene, phone: Phone) -> None:
    with transaction():
        for _ in range(49):
            _take(scene)
    phone.scan(f"{scene.seats} 王小明", kind=ScanKind.WALK_IN)
    phone.scan(f"{scene.seats} 李小红", kind=ScanKind.WALK_IN)
    phone.scan(f"{scene.seats} ", kind=ScanKind.WALK_IN)
    phone.scan("12 公众", kind=ScanKind.HEADS)
    answers = phone.hand_in()
    assert outcomes(answers) == [
        ("accepted", None), ("waitlisted", "full"), ("accepted", None), ("accepted", None)
    ]  # fmt: skip
    assert phone.hand_in()[0].body["replayed"] is True
    (came,) = standing().values()
    assert db.session.get_one(Signup, came.signup_id).source == "walk_in"
    counts = db.session.scalars(select(HeadCount.count).order_by(HeadCount.count)).all()
    assert list(counts) == [1, 12]
    assert recounted()


def _take(scene: Scene) -> None:
    person = people_service.find_or_make_person(name="示例", phone=None)
    db.session.flush()
    signups.sign_up(scene.seats, person.id, by=person.id, source="guest")


def test_taken_back_on_the_phone(scene: Scene, phone: Phone) -> None:
    one, two = sign_up(scene.seats), sign_up(scene.seats)
    wrong = phone.scan(pass_code(one), at=later(-40))
    phone.hand_in()
    phone.undo(wrong, at=later(-30))  # handed in later, but made in time
    right = phone.scan(pass_code(two), at=later(-20))
    late = phone.undo(right, at=later(-4))
    heads = phone.scan("12 公众", kind=ScanKind.HEADS)
    phone.undo(heads)
    answers = phone.hand_in()[1:]
    assert outcomes(answers) == [
        ("accepted", None), ("accepted", None), ("too_late", None), ("accepted", None), ("accepted", None)
    ]  # fmt: skip
    assert late.kind == ScanKind.UNDO
    assert set(standing()) == {two.id}
    assert db.session.scalar(select(func.count()).where(HeadCount.annulled_at.is_(None))) == 0
    assert [scan.annulled_at is not None for scan in scans(signup_id=one.id, kind="pass")] == [True]
    assert recounted()


def test_taking_back_leaves_what_another_phone_said(scene: Scene, phone: Phone) -> None:
    one, other = sign_up(scene.seats), Phone(scene, "第二台")
    mine = phone.scan(pass_code(one), at=later(-10))
    other.scan(pass_code(one), at=later(-5))
    phone.hand_in()
    other.hand_in()
    phone.undo(mine)
    phone.hand_in()
    assert standing()[one.id].in_scan_id == scans(device=other.device)[0].id
    assert recounted()


def test_an_exit_before_its_entry_is_explained_when_the_entry_comes(scene: Scene, phone: Phone) -> None:
    shift, other = volunteer_for(scene.shift), Phone(scene, "入口")
    other.scan(pass_code(shift), at=later(0))
    phone.scan(pass_code(shift), at=later(1), direction=Direction.OUT)
    assert outcomes(phone.hand_in()) == [("not_in", "refused")]
    assert standing() == {}
    assert outcomes(other.hand_in()) == [("accepted", None)]
    assert standing()[shift.id].out_at is not None
    assert [scan.settlement for scan in scans(flag=Flag.REFUSED)] == [Settlement.COUNTED]


def test_a_rehearsal_counts_for_nothing(scene: Scene, phone: Phone) -> None:
    one = sign_up(scene.seats)
    taken = db.session.scalar(select(func.count()).select_from(Signup))
    phone.scan(pass_code(one), rehearsal=True, at=later(-60 * 24))
    phone.scan(pass_code(one), rehearsal=True, at=later(-60 * 24))
    phone.scan(f"{scene.seats} 王小明", kind=ScanKind.WALK_IN, rehearsal=True)
    phone.scan("12 公众", kind=ScanKind.HEADS, rehearsal=True)
    live = phone.scan(pass_code(one), rehearsal=True, offline=False)
    assert outcomes(phone.hand_in())[:1] == [("accepted", None)]
    assert standing() == {}
    assert live.rehearsal
    assert db.session.scalar(select(func.count()).select_from(Signup)) == taken
    assert db.session.scalar(select(func.count()).select_from(HeadCount)) == 0
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 0
    assert outcomes([phone.ask(pass_code(one))]) == [("accepted", None)]


def test_live_answers_are_those_of_the_rules(scene: Scene, phone: Phone) -> None:
    one = sign_up(scene.seats)
    assert phone.ask(pass_code(one)).body["outcome"] == "accepted"
    assert phone.ask(pass_code(one)).body["outcome"] == "already_in"
    assert phone.ask(one.id, kind=ScanKind.ROSTER, direction=Direction.OUT).body["outcome"] == "accepted"
    assert phone.ask("nothing").body["outcome"] == "unknown"
    assert [scan.valid for scan in scans()] == [True, True, True, False]
    assert [scan.flag for scan in scans()] == [None] * 4


def test_staff_annul_what_every_phone_said(scene: Scene, phone: Phone) -> None:
    one, other = sign_up(scene.seats), Phone(scene, "第二台")
    phone.scan(pass_code(one))
    other.scan(pass_code(one))
    phone.hand_in()
    other.hand_in()
    with transaction():
        service.annul_attendance(standing()[one.id].id, by=scene.scanner, reason="认错了人")
    assert standing() == {}
    third = Phone(scene, "第三台")
    third.scan(pass_code(one))
    third.hand_in()  # someone scanned them anew
    assert set(standing()) == {one.id}
    assert recounted()


def test_many_links_cost_as_many_statements_as_few(scene: Scene) -> None:
    codes = [pass_code(sign_up(scene.seats)) for _ in range(44)]

    def cost(mine: list[str]) -> int:
        phone, seen = Phone(scene), list[str]()
        for code in mine:
            phone.scan(code)
        engine = db.session.get_bind()
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        with transaction():
            sender = phone.sender()
            sql_events.listen(engine, "before_cursor_execute", listen)
            accept_links(phone.links, sender=sender)
            sql_events.remove(engine, "before_cursor_execute", listen)
        return len([one for one in seen if "SAVEPOINT" not in one.upper()])

    assert cost(codes[:4]) == cost(codes[4:]) < 25


def test_two_phones_bring_the_same_people_at_once(scene: Scene, app: Flask) -> None:
    people = [sign_up(scene.seats) for _ in range(12)]
    phones = [Phone(scene, f"第{number}台") for number in range(4)]
    for place, phone in enumerate(phones):
        for one in people:
            phone.scan(pass_code(one), at=later(-place))

    def bring(phone: Phone) -> Callable[[], list[str]]:
        return lambda: [answer.body["outcome"] for answer in phone.hand_in()]

    results = at_once(app, *[bring(phone) for phone in phones + phones[:2]])
    assert all(set(one) <= {"accepted", "already_in"} for one in results)
    assert len(scans()) == 48
    first = {one.signup_id: one for one in standing().values()}
    assert len(first) == 12
    for one in people:
        earliest = min(scan.at for scan in scans(signup_id=one.id))
        assert first[one.id].in_at - earliest <= timedelta(minutes=2)
    assert recounted()


def test_cancelled_people_who_came_are_kept_for_people_to_settle(scene: Scene, phone: Phone) -> None:
    one = sign_up(scene.seats)
    phone.scan(pass_code(one))
    with transaction():
        signups.cancel_signup(one.id, by=scene.scanner, reason="重复报名")
    assert outcomes(phone.hand_in()) == [("cancelled", "refused")]
    assert db.session.get_one(Signup, one.id).status == SignupStatus.CANCELLED
    (kept,) = scans()
    assert (kept.valid, kept.settled_at, kept.verdict) == (False, None, "verified")


def test_taking_back_a_pass_of_another_session_leaves_that_one_alone(scene: Scene, phone: Phone) -> None:
    one = sign_up(make_scene().seats)
    with transaction():
        service.check_in(
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
    phone.hand_in([phone.scan(pass_code(one), verdict=Verdict.REFUSED, outcome=Outcome.WRONG_SESSION)])
    phone.hand_in([phone.undo(phone.links[0])])
    assert set(standing()) == {one.id}
    assert recount.differences(one.session_id) == []
