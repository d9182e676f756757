"""Periodic work: `@job(every=…, does=…)`, run_due(), and the worker.

The database is the truth: a job's turn is a row keyed by job and period, so two workers, a restart or a killed
process cannot run one period twice at the same time. Huey only wakes the worker (see docs/decisions). Turns go by
agreed time; while the clock is not believed (core/timekeeping.py), what erases, expires, tells or settles waits.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask, current_app
from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import ColumnElement, String, delete, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock, delivery, long_tasks, sizes, timekeeping
from webapp.core.config import Settings
from webapp.core.db import Base, session, transaction
from webapp.core.done import KEPT, DoneAct
from webapp.core.drafts import KEPT as DRAFTS_KEPT
from webapp.core.drafts import FormDraft
from webapp.core.idempotency import StoredAnswer
from webapp.core.long_tasks import LongTask
from webapp.core.outbox import OutboxMessage
from webapp.core.timekeeping import STALE, Beat

KEEP_RUNS = timedelta(days=31)
STEPS_LAST = 20.0  # seconds of small steps in one turn: the jobs of each minute are not kept waiting
_STEP = 0.03  # seconds one of them should take
_SMALLEST, _FOUND_AT_ONCE, _LONGEST_PAUSE = 100, 500, 1.0  # fewer take no less: most of it is the commit
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class JobRun(Base):
    """One turn of a job."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    period: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class Does(StrEnum):
    """What a job does that a wrong clock would make it do too early, too late or at all."""

    ERASES = "erases"
    EXPIRES = "expires"
    TELLS = "tells"
    SETTLES = "settles"
    NO_HARM = "no harm"  # at whatever time it is done, it comes to the same


@dataclass(frozen=True)
class Job:
    """A function of an area's jobs.py and how often it is due."""

    name: str
    every: timedelta
    does: Does
    run: Callable[[], None]


_jobs: dict[str, Job] = {}


def job(*, every: timedelta, does: Does) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function of no arguments to be run once per period. It must be safe to run again."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        name = f"{function.__module__.removeprefix('webapp.')}.{function.__name__}"
        _jobs[name] = Job(name, every, does, function)
        return function

    return register


def period_start(now: datetime, every: timedelta) -> datetime:
    """Beginning of the period `now` lies in; the same in every process."""
    return now - (now - _EPOCH) % every


def _take_turn(found: Job, now: datetime) -> bool:
    period = period_start(now, found.every)
    try:
        with transaction() as current:
            run = current.get(JobRun, (found.name, period))
            if run is None:
                current.add(JobRun(name=found.name, period=period, started_at=now))
                return True
            died = run.finished_at is None and run.started_at < now - STALE
            if died:  # its process was killed half-way: jobs are idempotent, so do it again
                run.started_at = now
            return died
    except IntegrityError:  # another process took the same turn a moment ago
        return False


def run_due() -> list[str]:
    """Run every job whose turn it is, send what waits, do the long tasks; returns the names of the jobs run."""
    beat()
    ran = []
    for found in list(_jobs.values()):
        seen = timekeeping.judge()  # before each: the one before may have taken its time
        may_run = seen.is_believed or found.does == Does.NO_HARM
        if may_run and _take_turn(found, seen.time):
            _run(found, seen.time)
            ran.append(found.name)
    send_all()
    long_tasks.run_waiting()
    return ran


def _run(found: Job, now: datetime) -> None:
    error = None
    try:
        with clock.steady(now):
            found.run()
    except Exception as failure:
        current_app.logger.exception("job %s failed", found.name)
        error = f"{type(failure).__name__}: {failure}"[:300]
    with transaction() as current:
        run = current.get(JobRun, (found.name, period_start(now, found.every)))
        if run is not None:
            run.finished_at, run.error = max(now, timekeeping.judge().time), error


def send_all() -> None:
    """Send all that is due, saying in between that the worker is alive; nothing while nobody knows what is due."""
    while (seen := beat()).is_believed:
        with clock.steady(seen.time):
            if delivery.send_due() < delivery.RUN:
                return


def beat() -> Beat:
    """Say that the worker is alive, and judge its clock."""
    with transaction() as current:
        seen = timekeeping.beat()
        if seen.went_back:  # what was done by a time that did not count is no reason to leave it now
            current.execute(
                delete(JobRun).where(or_(JobRun.period > seen.time, JobRun.started_at > seen.time))
            )
        return seen


def in_small_steps(
    find: Callable[[int], Sequence[Any]], do: Callable[[Sequence[Any]], None], *, seconds: float = STEPS_LAST
) -> bool:
    """Do what `find` finds, a few at a time, each time in a transaction of its own; returns whether nothing is left.

    So many at once as take some milliseconds, then as long a pause: on SQLite who waits to write gets in between.
    """
    until, size = time.monotonic() + seconds, _SMALLEST
    while time.monotonic() < until:
        if not (found := list(find(_FOUND_AT_ONCE))):
            return True
        while found and time.monotonic() < until:
            with transaction():
                began = time.monotonic()  # from here on nobody else writes
                do(found[:size])
            took = time.monotonic() - began
            del found[:size]
            if took < _STEP / 2 or took > _STEP:
                size = min(max(_SMALLEST, size * 2 if took < _STEP else size // 2), _FOUND_AT_ONCE)
            time.sleep(min(took, _LONGEST_PAUSE))
    return False


def delete_in_small_steps(model: type[Base], *which: ColumnElement[bool]) -> None:
    """Delete rows of a table nobody points at."""
    keys = list(model.__mapper__.primary_key)

    def find(limit: int) -> Sequence[Any]:
        return [tuple(row) for row in session().execute(select(*keys).where(*which).limit(limit))]

    def do(found: Sequence[Any]) -> None:
        mine = tuple_(*keys).in_(found) if len(keys) > 1 else keys[0].in_([one for (one,) in found])
        session().execute(delete(model).where(mine, *which), execution_options={"synchronize_session": False})

    in_small_steps(find, do)


@job(every=timedelta(minutes=5), does=Does.TELLS)
def bring_messages_back() -> None:
    """What was queued by a clock that was ahead would wait until that day: it is due now."""
    now = clock.now()
    with transaction() as current:
        current.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.state == "waiting",
                OutboxMessage.created_at > now + STALE,
                OutboxMessage.due_at > now,
            )
            .values(created_at=now, due_at=now)
            .execution_options(synchronize_session=False)
        )


@job(every=timedelta(days=1), does=Does.ERASES)
def forget_old_runs() -> None:
    """Keep a month of job history, and of answers given to an Idempotency-Key."""
    month_ago = clock.now() - KEEP_RUNS
    delete_in_small_steps(JobRun, JobRun.period < month_ago)
    delete_in_small_steps(StoredAnswer, StoredAnswer.created_at < month_ago)
    delete_in_small_steps(DoneAct, DoneAct.until < clock.now() - KEPT)


@job(every=timedelta(days=1), does=Does.ERASES)
def forget_drafts() -> None:
    """Drafts of forms nobody went on with for a month."""
    delete_in_small_steps(FormDraft, FormDraft.saved_at < clock.now() - DRAFTS_KEPT)


@job(every=timedelta(days=1), does=Does.NO_HARM)
def measure_tables() -> None:
    """How large everything has become, for the office's page."""
    found = sizes.measure()
    with transaction():
        sizes.keep(found)


@job(every=timedelta(hours=1), does=Does.ERASES)
def forget_results() -> None:
    """Results of long tasks hold people's names: a day is enough to take them away."""
    delete_in_small_steps(LongTask, LongTask.created_at < clock.now() - long_tasks.KEPT)


def make_queue(settings: Settings) -> Any:
    """The wake-up queue: Redis where given, PostgreSQL where that is the database, else a file."""
    if settings.redis_url:
        from huey import RedisHuey  # noqa: PLC0415  (needs the redis client only here)

        return RedisHuey("kepuxing", url=settings.redis_url)
    return SqliteHuey("kepuxing", filename=str(settings.data_dir / "queue.sqlite3"))


def init_jobs(app: Flask, settings: Settings) -> None:
    """Attach the queue and its two tasks."""
    if settings.testing:
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    queue = make_queue(settings)

    def look() -> None:
        with app.app_context():
            run_due()

    def send() -> None:
        with app.app_context():
            send_all()

    def toil() -> None:
        with app.app_context():
            long_tasks.run_waiting()

    queue.periodic_task(crontab(minute="*"), name="look")(look)
    app.extensions["kepu_queue"] = queue
    app.extensions["kepu_wake"] = _waker(app, queue.task(name="send")(send))
    app.extensions["kepu_toil"] = _waker(app, queue.task(name="toil")(toil))


def _waker(app: Flask, task: Any) -> Callable[[], None]:
    """A function that lets the worker do this soon; at most once a second, and never fatal."""
    last = [float("-inf")]

    def wake() -> None:
        if time.monotonic() - last[0] < 1:
            return
        last[0] = time.monotonic()
        try:
            task.schedule(delay=1)  # one second later, so that what follows at once goes along
        except Exception:
            app.logger.exception("the worker could not be woken; it looks by itself every minute")

    return wake


def work(app: Flask) -> None:
    """Run the worker until it is told to stop; SIGTERM lets a running task end."""
    with app.app_context():
        run_due()
    consumer = Consumer(
        app.extensions["kepu_queue"],
        workers=2,
        worker_type="thread",
        max_delay=2.0,  # seconds until a wake-up is noticed by a worker that had nothing to do
        graceful_signal="TERM",
        shutdown_timeout=20,
    )
    consumer.run()
