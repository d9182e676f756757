"""Check-in: answers, repeats, undo, head-counts, and what they count for."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.attendance import Scene, make_scene, person_of, sign_up, volunteer_for
from tests.support.time import TestClock
from webapp.attendance import queries, service
from webapp.attendance.domain import (
    AlreadyAnnulled,
    AnnulTooLate,
    CountCancelled,
    CountMethod,
    CountTooEarly,
    Direction,
    Method,
)
from webapp.attendance.models import Attendance, LedgerEntry, Scan
from webapp.attendance.service import folding, recount
from webapp.core.db import db, transaction
from webapp.events import service as events
from webapp.events.domain import SessionAlreadyOver
from webapp.events.models import Event
from webapp.signups import service as signups
from webapp.signups.domain.telling import PeopleInside
from webapp.signups.queries import get_with_session, pass_code


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Iterator[Scene]:
    made = make_scene()
    yield made
    db.session.rollback()
    assert recount.differences(made.session) == []
    assert queries.totals_differ() == []


def figures(scene: Scene, task: int = 0) -> dict[str, int]:
    db.session.rollback()
    found = queries.progress(scene.tasks).get(scene.tasks[task], [])
    return {f"{one.metric}/{one.grade}": one.quantity for one in found}


def count(model: type[Scan] | type[Attendance] | type[LedgerEntry]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_pass_checks_in_once_and_counts(scene: Scene) -> None:
    signup = sign_up(scene.seats, name="欧阳建国")
    answer = scene.scan(pass_code(signup))
    assert answer.status == 201
    assert answer.body["outcome"] == "accepted"
    assert answer.body["person"] == {"display_name": "欧阳**"}
    assert answer.body["position"] == "观众"
    again = scene.scan(f"https://kepu.example.cn/p/{pass_code(signup).upper()}")
    assert (again.status, again.body["outcome"]) == (409, "already_in")
    assert again.body["at"] == answer.body["at"]
    assert figures(scene) == {"visits/scan": 1, "sessions/held": 1}
    assert count(Scan) == 2


def test_a_repeated_nonce_gets_the_first_answer(scene: Scene) -> None:
    signup = sign_up(scene.seats)
    first = scene.scan(pass_code(signup), nonce="n1")
    second = scene.scan(pass_code(signup), nonce="n1")
    assert second.status == 200
    assert second.body == first.body | {"replayed": True}
    other_phone = scene.scan(pass_code(signup), nonce="n1", device="other")
    assert other_phone.body["outcome"] == "already_in"
    assert count(Attendance) == 1


def test_a_short_code_is_typed_in_any_case(scene: Scene) -> None:
    signup = sign_up(scene.seats)
    assert scene.scan(f" {signup.short_code.lower()} ", method=Method.TYPED).status == 201


def test_a_tick_on_the_roster_is_a_grade_of_its_own(scene: Scene) -> None:
    signup = sign_up(scene.seats)
    answer = scene.scan(signup_id=signup.id, method=Method.ROSTER)
    assert answer.status == 201
    assert figures(scene) == {"visits/roster": 1, "sessions/held": 1}


def test_in_then_out_then_nothing_more(scene: Scene, clock: TestClock) -> None:
    signup = volunteer_for(scene.shift)
    code = pass_code(signup)
    assert scene.scan(code, direction=Direction.OUT).body["outcome"] == "not_in"
    scene.scan(code)
    clock.advance(hours=2)
    assert scene.scan(code, direction=Direction.OUT).status == 201
    assert scene.scan(code, direction=Direction.OUT).body["outcome"] == "already_out"
    assert figures(scene) == {"volunteers/scan": 1, "sessions/held": 1}
    (served,) = queries.shifts_served(signup.person_id)
    assert served.minutes == 120


@pytest.mark.parametrize(
    "code", ["", "XXXXXX", "hello", "https://kepu.example.cn/p/abc", "签到", "\x00", "9" * 300]
)
def test_what_is_no_pass_is_unknown_and_kept(scene: Scene, code: str) -> None:
    answer = scene.scan(code)
    assert (answer.status, answer.body["outcome"]) == (404, "unknown")
    assert count(Scan) == 1
    assert figures(scene) == {}


def test_a_forged_pass_is_unknown(scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    forged = code[:-1] + ("a" if code[-1] != "a" else "b")
    assert scene.scan(forged).body["outcome"] == "unknown"


def test_the_proof_of_a_pass_is_not_stored(scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    scene.scan(code)
    stored = db.session.scalars(select(Scan.code)).one()
    assert code[-16:] not in stored


def test_a_pass_of_another_session_is_told_apart(scene: Scene) -> None:
    other = make_scene()
    answer = scene.scan(pass_code(sign_up(other.seats)))
    assert answer.body["outcome"] == "wrong_session"
    assert answer.body["right_session"]["title"] == "示例健康讲座"


def test_too_early_and_too_late(scene: Scene, clock: TestClock) -> None:
    code = pass_code(sign_up(scene.seats))
    clock.advance(hours=-3)
    assert scene.scan(code).body["outcome"] == "too_early"
    clock.advance(hours=8)
    assert scene.scan(code).body["outcome"] == "too_late"


def test_a_cancelled_signup_does_not_enter(scene: Scene) -> None:
    signup = sign_up(scene.seats)
    code = pass_code(signup)
    with transaction():
        signups.cancel_signup(signup.id, by=signup.person_id)
    assert scene.scan(code).body["outcome"] == "cancelled"


def test_a_reissued_pass_voids_the_old_one(scene: Scene) -> None:
    signup = sign_up(scene.seats)
    code = pass_code(signup)
    with transaction() as session:
        session.get_one(type(signup), signup.id).pass_serial += 1
    assert scene.scan(code).body["outcome"] == "revoked"


def test_a_cancelled_event_takes_its_figures_back(scene: Scene) -> None:
    here = sign_up(scene.seats)
    code = pass_code(here)
    other = pass_code(sign_up(scene.seats))
    scene.scan(code)
    with pytest.raises(PeopleInside), transaction():  # whoever is inside is no absent one
        events.cancel(scene.event, reason="停电", by=None)
    scene.scan(code, direction=Direction.OUT)
    with transaction():
        events.cancel(scene.event, reason="停电", by=None)
    assert get_with_session(here.id).status == "confirmed"  # who came and left was there
    assert scene.scan(other).body["outcome"] == "event_cancelled"
    assert figures(scene) == {}
    assert count(LedgerEntry) == 4  # two rows, and two reversals: nothing is erased


def test_undo_on_the_same_phone(scene: Scene, clock: TestClock) -> None:
    signup = sign_up(scene.seats)
    scan_id = scene.scan(pass_code(signup)).body["id"]
    clock.advance(minutes=14)
    with transaction():
        service.annul_scan(scan_id, by=scene.scanner, device="door", is_staff=False, reason="")
    assert figures(scene) == {}
    with pytest.raises(AlreadyAnnulled), transaction():
        service.annul_scan(scan_id, by=scene.scanner, device="door", is_staff=False, reason="")
    assert scene.scan(pass_code(signup)).status == 201
    assert figures(scene) == {"visits/scan": 1, "sessions/held": 1}


def test_undo_later_only_by_staff_with_a_reason(scene: Scene, clock: TestClock) -> None:
    signup = sign_up(scene.seats)
    scan_id = scene.scan(pass_code(signup)).body["id"]
    clock.advance(minutes=16)
    with pytest.raises(AnnulTooLate), transaction():
        service.annul_scan(scan_id, by=scene.scanner, device="door", is_staff=True, reason=" ")
    with transaction():
        service.annul_scan(scan_id, by=scene.scanner, device="", is_staff=True, reason="扫错了人")
    assert figures(scene) == {}


def test_staff_take_back_what_every_phone_says_a_phone_only_its_own(scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    first = scene.scan(code, device="east door").body["id"]
    assert scene.scan(code, device="west door").body["outcome"] == "already_in"
    with transaction():
        service.annul_scan(first, by=scene.scanner, device="east door", is_staff=False, reason="")
    assert figures(scene) == {"visits/scan": 1, "sessions/held": 1}, "the west door has seen them, too"

    code = pass_code(sign_up(scene.seats))
    first = scene.scan(code, device="east door").body["id"]
    assert scene.scan(code, device="west door").body["outcome"] == "already_in"
    with transaction():
        service.annul_scan(first, by=scene.scanner, device="", is_staff=True, reason="扫错了人")
    assert figures(scene) == {"visits/scan": 1, "sessions/held": 1}
    assert scene.scan(code, device="west door").status == 201


def test_undoing_an_exit_reopens_the_stay(scene: Scene) -> None:
    code = pass_code(sign_up(scene.seats))
    scene.scan(code)
    out = scene.scan(code, direction=Direction.OUT)
    with transaction():
        service.annul_scan(out.body["id"], by=scene.scanner, device="door", is_staff=False, reason="")
    assert queries.session_counts(scene.session).inside == 1
    assert scene.scan(code, direction=Direction.OUT).status == 201


def test_heads_are_counted_apart(scene: Scene) -> None:
    scene.scan(pass_code(sign_up(scene.seats)))
    with transaction():
        made = service.count_heads(
            scene.session, audience="农民", count=300, method=CountMethod.COUNTED, note="", by=scene.scanner
        )
    assert figures(scene) == {"visits/scan": 1, "visits/headcount": 300, "sessions/held": 1}
    parts = queries.task_breakdown(scene.tasks[0], "audience")
    assert parts["农民"][0].quantity == 300
    assert {one.quantity for one in parts["老年人"]} == {1}
    with transaction():
        service.annul_headcount(made.id, by=scene.scanner, reason="数错了")
    assert figures(scene) == {"visits/scan": 1, "sessions/held": 1}


def test_nobody_is_counted_before_the_doors_open_or_when_it_was_cancelled(
    scene: Scene, clock: TestClock
) -> None:
    def heads() -> None:
        with transaction():
            service.count_heads(
                scene.session, audience="公众", count=3, method=CountMethod.COUNTED, note="", by=scene.scanner
            )

    clock.advance(hours=-3)
    with pytest.raises(CountTooEarly):
        heads()
    clock.advance(hours=3)
    with transaction():
        events.cancel(scene.event, reason="停电", by=None)
    with pytest.raises(CountCancelled):
        heads()


def test_what_lies_outside_the_plans_period_counts_for_nothing(app: Flask, clock: TestClock) -> None:
    scene = make_scene()
    with transaction() as session:
        from datetime import date

        from webapp.plan.models import Plan, PlanTask

        task = session.get_one(PlanTask, scene.tasks[0])
        session.get_one(Plan, task.plan_id).ends_on = date(2026, 11, 1)
    scene.scan(pass_code(sign_up(scene.seats)))
    assert figures(scene) == {}
    assert recount.differences(scene.session) == []


def test_every_task_an_event_serves_is_counted(app: Flask, clock: TestClock) -> None:
    scene = make_scene(tasks=3)
    scene.scan(pass_code(sign_up(scene.seats)))
    assert [figures(scene, task) for task in range(3)] == [{"visits/scan": 1, "sessions/held": 1}] * 3


def test_folding_changes_no_figure(scene: Scene) -> None:
    signup = sign_up(scene.seats)
    scan_id = scene.scan(pass_code(signup)).body["id"]
    before = figures(scene)
    with transaction():
        assert folding.fold() == 2
    assert figures(scene) == before
    with transaction():
        service.annul_scan(scan_id, by=scene.scanner, device="door", is_staff=False, reason="")
    assert figures(scene) == {}
    with transaction():
        assert folding.fold() == 2
        assert folding.fold() == 0
    assert figures(scene) == {}


def test_offline_scans_never_block_and_doubtful_ones_are_flagged(scene: Scene, clock: TestClock) -> None:
    from webapp.attendance.domain import ScanRequest
    from webapp.core.clock import now

    good, gone = sign_up(scene.seats), sign_up(scene.seats)
    codes = [pass_code(good), pass_code(gone), "nonsense", pass_code(good)]
    with transaction():
        signups.cancel_signup(gone.id, by=gone.person_id)
    requests = [
        ScanRequest(
            session_id=scene.session,
            direction=Direction.IN,
            nonce=f"n{place}",
            device="village",
            by=scene.scanner,
            method=Method.API,
            code=code,
            scanned_at=now() - timedelta(minutes=10 - place),
            offline=True,
        )
        for place, code in enumerate(codes)
    ]
    with transaction():
        results = service.accept_batch(requests)
    assert [(one["outcome"], one["flagged"]) for one in results] == [
        ("accepted", False),
        ("cancelled", True),
        ("unknown", True),
        ("already_in", False),
    ]
    with transaction():
        again = service.accept_batch(requests)
    assert all(one["replayed"] for one in again)
    assert [one["outcome"] for one in again] == [one["outcome"] for one in results]


def test_the_roster_tells_people_apart(scene: Scene) -> None:
    signups = [sign_up(scene.seats, name=name) for name in ("王小明", "王小敏", "王小敏")]
    rows = queries.roster(scene.session)
    assert [(row.signup, row.display_name) for row in rows] == [
        (one.id, person_of(one).name) for one in signups
    ]
    phones = [person_of(one).phone or "" for one in signups]
    assert [row.phone_tail for row in rows] == [phone[-4:] for phone in phones]
    assert not any(phone in repr(rows) for phone in phones)


def test_counts_of_a_session(scene: Scene) -> None:
    first, _second = sign_up(scene.seats), sign_up(scene.seats)
    scene.scan(pass_code(first))
    counts = queries.session_counts(scene.session)
    assert (counts.expected, counts.came, counts.inside, counts.waiting, counts.heads) == (2, 1, 1, 0, 0)


def test_a_moved_event_still_adds_up(scene: Scene) -> None:
    """Other tasks for an event that has begun: figures leave the old task and come to the new."""
    scene.scan(pass_code(sign_up(scene.seats)))
    other = make_scene()
    revision = db.session.get_one(Event, scene.event).revision
    with transaction():
        from webapp.events.domain import EventChanges

        events.update_event(scene.event, EventChanges(task_ids=other.tasks), revision=revision, by=None)
    assert figures(scene) == {}
    assert {one.quantity for one in queries.progress(other.tasks)[other.tasks[0]]} == {1}


def test_a_session_at_which_people_were_is_not_moved(scene: Scene, clock: TestClock) -> None:
    starts = clock.now + timedelta(days=1)

    def move() -> None:
        with transaction():
            events.reschedule(
                scene.session,
                starts_at=starts,
                ends_at=starts + timedelta(hours=2),
                venue_id=scene.venue,
                by=None,
            )

    scan_id = scene.scan(pass_code(sign_up(scene.seats))).body["id"]
    with pytest.raises(SessionAlreadyOver):
        move()
    with transaction():
        service.annul_scan(scan_id, by=scene.scanner, device="door", is_staff=False, reason="")
    move()
