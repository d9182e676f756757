"""Long tasks: what would keep a request waiting is a row the worker does, with its progress and its result.

An area registers the work with `@long_task("kind")`, a view asks for it in its transaction, the page of the row shows
how far it is. The row is the truth: a worker that dies half-way leaves a claim that runs out, and another begins anew,
so the work must be safe to do again. Results hold people's names: they are kept for a day and shown to nobody but
whoever asked.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, String, and_, or_, select, update
from sqlalchemy.orm import Mapped, deferred, mapped_column

from webapp.core import clock
from webapp.core.db import Base, CreatedAt, Id, after_commit, db, get_row, session, transaction
from webapp.core.errors import N_, NotFound, Refusal

KEPT = timedelta(days=1)
CLAIM = timedelta(minutes=3)  # without a word from the worker in this time it is taken for dead
TRIES = 2


class TaskState(StrEnum):
    """How far a long task is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class LongTask(Base):
    """Something asked of the worker, and what came of it."""

    __tablename__ = "long_task"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("done >= 0 AND total >= 0", name="progress"),
        CheckConstraint("state <> 'done' OR result IS NOT NULL", name="done_has_result"),
        Index("ix_long_task_state_created_at", "state", "created_at"),
    )

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[str] = mapped_column(String(18))  # a person; no foreign key, the core knows no area
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default=TaskState.WAITING)
    done: Mapped[int] = mapped_column(default=0)  # of `total` steps
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    file_name: Mapped[str | None] = mapped_column(String(120))
    content_type: Mapped[str | None] = mapped_column(String(80))
    result: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    error: Mapped[str | None] = mapped_column(String(300))  # a sentence for who asked

    @property
    def is_open(self) -> bool:
        """Whether the worker has still to do with it."""
        return self.state in {TaskState.WAITING, TaskState.RUNNING}


@dataclass(frozen=True)
class Product:
    """What a long task made: a file to take away."""

    file_name: str
    content_type: str
    body: bytes


Progress = Callable[[int, int], None]  # steps done, of how many
Work = Callable[[dict[str, Any], Progress], Product]

_works: dict[str, Work] = {}
_busy = threading.Lock()
_FAILED = N_("没有做成，请再试一次；还不行请告诉管理员。")


def long_task(kind: str) -> Callable[[Work], Work]:
    """Register the function that does this kind of task: payload and progress in, Product out.

    It runs outside any transaction and any request, and may be run again. A Refusal it raises is told to whoever asked.
    """

    def register(work: Work) -> Work:
        _works[kind] = work
        return work

    return register


def ask(kind: str, *, by: str, title: str, payload: dict[str, Any], total: int = 0) -> LongTask:
    """Queue a task in the current transaction; the same one asked for twice while it is open is one."""
    current = session()
    for open_one in current.scalars(
        select(LongTask).where(
            LongTask.kind == kind,
            LongTask.asked_by == by,
            LongTask.state.in_([TaskState.WAITING, TaskState.RUNNING]),
        )
    ):
        if open_one.payload == payload:
            return open_one
    made = LongTask(kind=kind, title=title[:200], asked_by=by, payload=payload, total=total)
    current.add(made)
    current.flush()  # its id is the address of its page
    wake = current_app.extensions.get("kepu_toil")
    if wake is not None:
        after_commit("wake the worker for a long task", wake)
    return made


def get_own(task_id: str, person_id: str) -> LongTask:
    """The task, for who asked for it; raises NotFound for everybody else."""
    found = get_row(LongTask, task_id)
    if found.asked_by != person_id:
        raise NotFound
    return found


def run_waiting() -> int:
    """Do what waits, one after the other, one thread of a process at a time; returns how many were taken up."""
    if not _busy.acquire(blocking=False):
        return 0
    try:
        taken = 0
        while (task_id := _claim()) is not None:
            _do(task_id)
            taken += 1
        return taken
    finally:
        _busy.release()


def _claim() -> str | None:
    """Take the oldest that waits, or whose worker died; of two workers one gets it."""
    now = clock.now()
    free = or_(
        LongTask.state == TaskState.WAITING,
        and_(LongTask.state == TaskState.RUNNING, LongTask.claimed_until < now),
    )
    while True:
        with transaction() as current:
            oldest = select(LongTask.id).where(free).order_by(LongTask.created_at, LongTask.id).limit(1)
            if (task_id := current.scalar(oldest)) is None:
                return None
            took = current.execute(
                update(LongTask)
                .where(LongTask.id == task_id, free)
                .values(
                    state=TaskState.RUNNING,
                    claimed_until=now + CLAIM,
                    attempts=LongTask.attempts + 1,
                    done=0,
                )
                .returning(LongTask.attempts)
            ).scalar()
        if took is None:  # another worker was faster
            continue
        if took <= TRIES:
            return str(task_id)
        _end(task_id, error=_FAILED)  # it killed its worker each time


def _do(task_id: str) -> None:
    task = db.session.get_one(LongTask, task_id)
    work, payload = _works.get(task.kind), task.payload
    if work is None:  # asked of another version
        return _end(task_id, error=_FAILED)

    def progress(done: int, total: int) -> None:
        with transaction() as current:
            current.execute(
                update(LongTask)
                .where(LongTask.id == task_id)
                .values(done=done, total=total, claimed_until=clock.now() + CLAIM)
            )

    try:
        return _end(task_id, product=work(payload, progress))
    except Refusal as refusal:
        return _end(task_id, error=str(refusal))
    except Exception:
        current_app.logger.exception("long task %s failed", task_id)
        return _end(task_id, error=_FAILED)


def _end(task_id: str, *, product: Product | None = None, error: str | None = None) -> None:
    with transaction() as current:
        task = current.get(LongTask, task_id)
        if task is None or task.state != TaskState.RUNNING:  # forgotten meanwhile, or ended by another
            return
        task.finished_at, task.claimed_until = clock.now(), None
        if product is None:
            task.state, task.error = TaskState.FAILED, (error or _FAILED)[:300]
            return
        task.file_name, task.content_type, task.result = product.file_name, product.content_type, product.body
        task.state, task.done = TaskState.DONE, task.total
