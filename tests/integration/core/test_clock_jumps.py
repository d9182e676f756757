"""The clock jumps: in the worker, in the server, in both. What a wrong clock would do too early waits."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.support.messages import fact
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core import delivery, jobs, machine, outbox, timekeeping
from webapp.core.db import db, transaction
from webapp.core.errors import Refusal
from webapp.core.jobs import Does
from webapp.core.judged import Verdict
from webapp.core.outbox import OutboxMessage

HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=730)
HARMFUL = ["erases", "expires", "tells", "settles"]
JUMPS = [HOUR, -HOUR, DAY, YEARS]


class Machine:
    """A machine whose clock and counter move apart, and the database's clock with or without it."""

    def __init__(self, clock: TestClock) -> None:
        self.clock, self.counter, self.boot, self.database = clock, 1000.0, "first", timedelta(0)

    def goes_on(self, **parts: float) -> None:
        """Time passes."""
        self.clock.advance(**parts)
        self.counter += timedelta(**parts).total_seconds()

    def jumps(self, by: timedelta, *, database: bool = True) -> None:
        """The clock is set; where it is this machine's too, the database's with it."""
        self.clock.set(self.clock.now + by)
        self.database -= timedelta(0) if database else by

    def was_off(self, length: timedelta) -> None:
        self.clock.set(self.clock.now + length)
        self.boot, self.counter = f"{self.boot}, then another", 1.0

    def running(self) -> machine.Running:
        return machine.Running(self.boot, self.counter)

    def offset(self) -> float | None:
        return self.database.total_seconds() if db.engine.dialect.name == "postgresql" else None


@pytest.fixture
def here(app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(clock)
    monkeypatch.setattr(machine, "running", made.running)
    monkeypatch.setattr(timekeeping, "_offset", made.offset)
    return made


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One job of each kind, each minute, and nothing else."""
    done: list[str] = []
    monkeypatch.setattr(jobs, "_jobs", {})
    for kind in Does:

        def work(name: str = kind.name.lower()) -> None:
            done.append(name)

        work.__module__, work.__name__ = "webapp.tests", kind.name.lower()
        jobs.job(every=timedelta(minutes=1), does=kind)(work)
    return done


def minute(here: Machine, ran: list[str]) -> list[str]:
    """The worker's next turn: which jobs ran in it."""
    here.goes_on(minutes=1)
    ran.clear()
    jobs.run_due()
    return list(ran)


def clock_of(client: FlaskClient) -> dict[str, object]:
    answer = client.get("/readyz", fault=True)
    found: dict[str, object] = answer.json["checks"]["clock"]  # type: ignore[index]
    assert answer.json["checks"]["worker"]["ok"]  # type: ignore[index]
    assert answer.status_code == (200 if found["ok"] else 503)
    return found


def message(key: str) -> str:
    with transaction():
        outbox.queue(outbox.Draft("sms", "13800000001", "改期", "改到下午。"), fact(key))
    return key


def states() -> dict[str, str]:
    db.session.rollback()
    return {one.dedupe_key: one.state for one in db.session.scalars(select(OutboxMessage))}


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("along", [True, False])
def test_a_clock_that_was_set_stops_what_erases_expires_tells_or_settles(
    here: Machine, ran: list[str], client: FlaskClient, jump: timedelta, along: bool
) -> None:
    """Worker and server on one machine; once with the database on it too."""
    assert minute(here, ran) == [*HARMFUL, "no_harm"]
    here.jumps(jump, database=along)
    message("while it is wrong")
    for _ in range(3):  # also one that was set back goes on with what does no harm, each minute
        assert minute(here, ran) == ["no_harm"]
    assert states() == {"while it is wrong": "waiting"}
    found = clock_of(client)
    assert not found["ok"]
    assert ("ahead" if jump > timedelta(0) else "behind") in str(found["note"])
    here.jumps(-jump, database=along)
    assert minute(here, ran) == [*HARMFUL, "no_harm"]
    assert clock_of(client) == {"ok": True, "note": "agrees"}
    jobs.bring_messages_back()
    jobs.send_all()
    assert states() == {"while it is wrong": "kept"}


@pytest.mark.parametrize("jump", JUMPS)
def test_a_person_confirms_a_clock_that_was_put_right(
    here: Machine, ran: list[str], client: FlaskClient, jump: timedelta
) -> None:
    minute(here, ran)
    here.jumps(jump, database=False)
    minute(here, ran)
    found = timekeeping.trouble()
    assert found is not None
    with pytest.raises(Refusal), transaction():
        timekeeping.confirm(found.says - 2 * DAY, by=None)
    with transaction():
        timekeeping.confirm(found.says, by=None)
    for _ in range(3):  # after a step back the turns of the hour that comes again are not taken already
        assert minute(here, ran) == [*HARMFUL, "no_harm"]
    assert clock_of(client)["ok"]
    assert timekeeping.last_beat() == times.now()
    with pytest.raises(Refusal), transaction():
        timekeeping.confirm(times.now(), by=None)


def test_a_word_given_is_not_one_for_the_next_jump(here: Machine, ran: list[str]) -> None:
    minute(here, ran)
    here.jumps(HOUR)
    minute(here, ran)
    found = timekeeping.trouble()
    assert found is not None
    with transaction():
        timekeeping.confirm(found.says, by=None)
    here.jumps(YEARS)
    assert minute(here, ran) == ["no_harm"]


@pytest.mark.parametrize("jump", JUMPS)
def test_only_the_servers_clock_jumps(
    here: Machine, ran: list[str], client: FlaskClient, clock: TestClock, jump: timedelta
) -> None:
    """It says so itself, and ends nothing; the worker goes on."""
    minute(here, ran)
    right = clock.now
    here.jumps(jump, database=False)
    assert not timekeeping.is_believed()
    assert "this process's clock" in str(clock_of(client)["note"])
    clock.set(right)
    here.database = timedelta(0)
    assert minute(here, ran) == [*HARMFUL, "no_harm"]
    assert timekeeping.is_believed()


def test_another_servers_clock_is_measured_by_the_database(here: Machine, ran: list[str]) -> None:
    minute(here, ran)
    here.boot = "another machine"
    assert timekeeping.is_believed()
    here.jumps(HOUR, database=False)
    assert timekeeping.is_believed() == (
        db.engine.dialect.name == "sqlite"
    )  # which is served by one machine only


@pytest.mark.parametrize(
    ("days", "witnessed", "goes_on"),
    [(2, False, True), (14, False, False), (14, True, True), (90, True, False)],
)
def test_a_machine_that_was_off(
    here: Machine, ran: list[str], monkeypatch: pytest.MonkeyPatch, days: int, witnessed: bool, goes_on: bool
) -> None:
    """A weekend needs nobody; a fortnight another clock that says the same; a season a person."""
    monkeypatch.setattr(machine, "is_synchronised", lambda: witnessed)
    monkeypatch.setattr(timekeeping, "_is_local", lambda: not witnessed)
    minute(here, ran)
    here.was_off(timedelta(days=days))
    minute(here, ran)  # by agreed time it is still the minute in which it was switched off
    assert minute(here, ran) == ([*HARMFUL, "no_harm"] if goes_on else ["no_harm"])
    if not goes_on and days < 40:  # the network's time arrives a while after the start
        monkeypatch.setattr(machine, "is_synchronised", lambda: True)
        assert minute(here, ran) == [*HARMFUL, "no_harm"]


def test_a_machine_that_woke_in_the_past(here: Machine, ran: list[str]) -> None:
    minute(here, ran)
    here.was_off(-10 * YEARS)
    assert minute(here, ran) == []
    assert minute(here, ran) == ["no_harm"]


def test_a_job_ends_by_the_time_it_began_with(
    app: Flask, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wrong minute in the middle of a run: the clock is not asked again."""
    seen: list[datetime] = []

    def work() -> None:
        monkeypatch.setattr(times, "wall", lambda: before + YEARS)
        seen.append(times.now())
        assert timekeeping.is_believed()

    before = times.wall()
    work.__module__ = "webapp.tests"
    monkeypatch.setattr(jobs, "_jobs", {})
    jobs.job(every=timedelta(minutes=1), does=Does.ERASES)(work)
    jobs.run_due()
    assert len(seen) == 1
    assert seen[0] - before < HOUR
    assert timekeeping.judge().verdict == Verdict.AHEAD
    with transaction():
        outbox.queue(outbox.Draft("sms", "13800000001", "改期", "改到下午。"), fact("late"))
    jobs.send_all()
    assert states() == {"late": "waiting"}


def test_what_a_wrong_clock_queued_is_not_left_until_then(here: Machine, ran: list[str]) -> None:
    jobs.run_due()
    here.jumps(YEARS)
    message("queued by a server two years ahead")
    here.jumps(-YEARS)
    assert delivery.send_due() == 0
    jobs.bring_messages_back()
    delivery.send_due()
    assert states() == {"queued by a server two years ahead": "kept"}
