"""What goes is announced a week before, can be held, and goes in small steps; what nobody announced stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import signups as made
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core import erasing, jobs, machine
from webapp.core.audit import AuditEntry
from webapp.core.db import get_row, session, transaction
from webapp.core.erasing import AlreadyErased, Erasure
from webapp.core.idempotency import StoredAnswer
from webapp.core.jobs import JobRun, run_due
from webapp.events.models import Position
from webapp.pages.service import retention
from webapp.people.domain import CLOSED_NAME
from webapp.people.models import Person
from webapp.signups.models import Signup


def name_of(person_id: str) -> str:
    session().rollback()
    return get_row(Person, person_id).name


def batch_of(kind: str = "guests") -> Erasure | None:
    session().rollback()
    return session().scalar(select(Erasure).where(Erasure.kind == kind, Erasure.ended_at.is_(None)))


def a_guest_of_last_year(clock: TestClock) -> str:
    """A guest whose time is over today."""
    guest = made.a_guest("王小明")
    made.join(made.a_position(), guest)
    clock.advance(days=380)
    return guest


def test_guests_are_announced_a_week_before_they_are_forgotten(app: Flask, clock: TestClock) -> None:
    position = made.a_position()
    guest, volunteer = made.a_guest("王小明"), made.a_volunteer("李秀英")
    signup = made.join(position, guest)
    clock.advance(days=300)
    run_due()
    assert batch_of() is None
    clock.advance(days=100)
    recent = made.a_guest("张三")
    run_due()
    assert name_of(guest) == "王小明"
    batch = batch_of()
    assert batch is not None
    assert batch.count == 1
    assert batch.due_at - city.now() >= timedelta(days=7)
    clock.advance(days=7)
    run_due()
    assert name_of(guest) == "王小明"
    clock.advance(days=2)
    run_due()
    assert [name_of(one) for one in (guest, volunteer, recent)] == [CLOSED_NAME, "李秀英", "张三"]
    assert get_row(Person, guest).phone is None
    assert get_row(Signup, signup).person_id == guest  # the figures stay
    assert batch_of() is None
    entry = session().scalar(
        select(AuditEntry).where(
            AuditEntry.action == "erasure.end", AuditEntry.details["kind"].as_string() == "guests"
        )
    )
    assert entry is not None
    assert entry.details["erased"] == 1


def test_a_guest_takes_along_who_came_with_them(app: Flask, clock: TestClock) -> None:
    """/privacy says that names go: the one of the adult who comes along with a child is one, too."""
    guest = made.a_guest("王小明")
    signup = made.join(made.a_position(), guest)
    with transaction():
        get_row(Signup, signup).company = "王大明"
    clock.advance(days=380)
    for days in (0, 9, 2):
        clock.advance(days=days)
        run_due()
    assert (name_of(guest), get_row(Signup, signup).company) == (CLOSED_NAME, None)


def test_nobody_goes_more_than_ten_days_after_their_time(app: Flask, clock: TestClock) -> None:
    """Whatever day of a batch's week one's time ends: /privacy says so."""
    over: dict[str, datetime] = {}
    for day in range(1, 10):
        position = made.a_position(starts_at=city.now() + timedelta(days=day))
        guest = made.a_guest("王小明")
        made.join(position, guest)
        over[guest] = get_row(Position, position).session.ends_at + timedelta(days=365)
    clock.advance(days=350)
    gone: dict[str, datetime] = {}
    for _ in range(40):
        clock.advance(days=1)
        run_due()
        gone |= {one: city.now() for one in over if one not in gone and name_of(one) == CLOSED_NAME}
    late = [gone[one] - over[one] for one in over]
    assert min(late) >= timedelta(0)
    assert max(late) <= erasing.LATEST


def test_somebody_who_came_back_meanwhile_is_kept(app: Flask, clock: TestClock) -> None:
    guest = a_guest_of_last_year(clock)
    run_due()
    clock.advance(days=8)
    made.join(made.a_position(starts_at=city.now() + timedelta(days=1)), guest)
    clock.advance(days=1)
    run_due()
    assert name_of(guest) == "王小明"
    assert batch_of() is None  # done, with nobody in it


def test_the_office_holds_it_and_lets_it_go(app: Flask, clock: TestClock) -> None:
    guest, by = a_guest_of_last_year(clock), made.an_account().person_id
    run_due()
    batch = batch_of()
    assert batch is not None
    with transaction():
        erasing.hold(batch.id, "人数不对，先查一查", by=by)
    clock.advance(days=20)
    run_due()
    assert name_of(guest) == "王小明"
    with transaction():
        erasing.let_go(batch.id, by=by)
    clock.advance(minutes=1)
    run_due()
    assert name_of(guest) == CLOSED_NAME
    with pytest.raises(AlreadyErased), transaction():
        erasing.hold(batch.id, "晚了", by=by)


def test_a_rule_that_keeps_longer_holds_at_once(app: Flask, clock: TestClock) -> None:
    guest, by = a_guest_of_last_year(clock), made.an_account().person_id
    run_due()
    with transaction():
        retention.KEEP_GUESTS.set(730, by=by)
    clock.advance(days=9)
    run_due()
    assert name_of(guest) == "王小明"


def test_a_rule_that_keeps_shorter_erases_nothing_unannounced(app: Flask, clock: TestClock) -> None:
    a_guest_of_last_year(clock)
    by, later = made.an_account().person_id, made.a_guest("后来的")
    clock.advance(days=60)
    run_due()
    with transaction():
        retention.KEEP_GUESTS.set(30, by=by)
    clock.advance(days=9)
    run_due()
    assert name_of(later) == "后来的"
    clock.advance(days=1)
    run_due()
    batch = batch_of()
    assert batch is not None
    assert batch.count >= 1


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=730)]
)
def test_a_wrong_clock_neither_announces_nor_erases(
    app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """One wrong minute two years ahead erased 159 guests' names."""
    guest = made.a_guest("王小明")
    made.join(made.a_position(), guest)
    run_due()
    counter = machine.running()
    monkeypatch.setattr(machine, "running", lambda: counter)
    clock.advance(seconds=jump.total_seconds())
    for _ in range(3):
        run_due()
    assert name_of(guest) == "王小明"
    assert batch_of() is None


def test_a_worker_that_died_half_way_goes_on(app: Flask, clock: TestClock) -> None:
    guests = [made.a_guest("王小明") for _ in range(7)]
    clock.advance(days=380)
    run_due()
    batch = batch_of()
    assert batch is not None
    clock.advance(days=9)
    found = erasing.find(batch.id, 3)
    with transaction():
        erasing.erase(batch.id, found)
    run_due()
    session().rollback()
    assert {name_of(one) for one in guests} == {CLOSED_NAME}
    assert get_row(Erasure, batch.id).erased == 7


def test_many_go_in_small_steps(app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is, each transaction stays small; and what runs out of time goes on the minute after."""
    steps: list[int] = []
    left = list(range(1000))

    def do(found: Any) -> None:
        steps.append(len(found))
        del left[: len(found)]

    assert jobs.in_small_steps(lambda limit: left[:limit], do)
    assert sum(steps) == 1000
    assert max(steps) <= 500
    left.extend(range(10))
    assert not jobs.in_small_steps(lambda limit: left[:limit], do, seconds=0.0)
    assert len(left) == 10


def test_rows_of_two_keys_go_in_small_steps(app: Flask, clock: TestClock) -> None:
    now = city.now()
    with transaction() as current:
        for number in range(25):
            old = now - timedelta(days=40)
            current.add(JobRun(name="a", period=old + timedelta(minutes=number), started_at=old))
            current.add(
                StoredAnswer(
                    caller="a", key=str(number), request_hash="", status=200, body={}, created_at=old
                )
            )
        current.add(JobRun(name="a", period=now, started_at=now))
    jobs.forget_old_runs()
    assert session().scalar(select(func.count()).select_from(JobRun)) == 1
    assert session().scalar(select(func.count()).select_from(StoredAnswer)) == 0
