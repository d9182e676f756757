"""Periodic work: `@job(every=…)`, run_due(), and the worker.

The database is the truth: a job's turn is a row keyed by job and period, so two workers, a restart or a killed
process cannot run one period twice at the same time. Huey only wakes the worker (see docs/decisions).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, current_app
from huey import SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock, delivery, idempotency, long_tasks
from webapp.core.config import Settings
from webapp.core.db import Base, db, transaction

STALE = timedelta(minutes=10)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class JobRun(Base):
    """One turn of a job."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    period: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class WorkerBeat(Base):
    """When the worker was last alive; /readyz and the office's page warn when that is long ago."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    seen_at: Mapped[datetime]


@dataclass(frozen=True)
class Job:
    """A function of an area's jobs.py and how often it is due."""

    name: str
    every: timedelta
    run: Callable[[], None]


_jobs: dict[str, Job] = {}


def job(*, every: timedelta) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function of no arguments to be run once per period. It must be safe to run again."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        name = f"{function.__module__.removeprefix('webapp.')}.{function.__name__}"
        _jobs[name] = Job(name, every, function)
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
        now = clock.now()
        if not _take_turn(found, now):
            continue
        error = None
        try:
            found.run()
        except Exception as failure:
            current_app.logger.exception("job %s failed", found.name)
            error = f"{type(failure).__name__}: {failure}"[:300]
        with transaction() as current:
            run = current.get_one(JobRun, (found.name, period_start(now, found.every)))
            run.finished_at, run.error = clock.now(), error
        ran.append(found.name)
    send_all()
    long_tasks.run_waiting()
    return ran


def send_all() -> None:
    """Send everything that is due, saying in between that the worker is alive."""
    while delivery.send_due() >= delivery.RUN:
        beat()


def beat() -> None:
    """Say that the worker is alive."""
    with transaction() as current:
        mark = current.get(WorkerBeat, "worker")
        if mark is None:
            current.add(WorkerBeat(name="worker", seen_at=clock.now()))
        else:
            mark.seen_at = clock.now()


def last_beat() -> datetime | None:
    """When the worker was last alive."""
    return db.session.scalar(select(WorkerBeat.seen_at).where(WorkerBeat.name == "worker"))


def is_late() -> bool:
    """Whether no worker was seen for ten minutes."""
    seen = last_beat()
    return seen is None or seen < clock.now() - STALE


@job(every=timedelta(days=1))
def forget_old_runs() -> None:
    """Keep a month of job history, and of answers given to an Idempotency-Key."""
    month_ago = clock.now() - timedelta(days=31)
    with transaction() as current:
        current.execute(delete(JobRun).where(JobRun.period < month_ago))
        idempotency.forget_before(month_ago)


@job(every=timedelta(hours=1))
def forget_results() -> None:
    """Results of long tasks hold people's names: a day is enough to take them away."""
    with transaction():
        long_tasks.forget_before(clock.now() - long_tasks.KEPT)


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
            beat()
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
