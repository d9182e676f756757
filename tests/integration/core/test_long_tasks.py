"""What the worker does in a request's stead: once, with progress, again after a death, forgotten after a day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.support.time import TestClock
from webapp.core import jobs, long_tasks
from webapp.core.db import db, transaction
from webapp.core.errors import NotAllowed, NotFound
from webapp.core.long_tasks import LongTask, Product, Progress, TaskState

pytestmark = pytest.mark.usefixtures("app")
MINE, OTHER = "p" * 18, "q" * 18


class Works:
    """A kind of work that can be told to fail."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.raises: BaseException | None = None
        self.seen: list[tuple[str, int]] = []

    def __call__(self, payload: dict[str, Any], progress: Progress) -> Product:
        self.done.append(payload)
        progress(1, 4)
        one = only()
        self.seen.append((one.state, one.done))
        if self.raises is not None:
            raise self.raises
        return Product("a.txt", "text/plain", str(payload["n"]).encode())


@pytest.fixture
def works() -> Iterator[Works]:
    made = Works()
    long_tasks.long_task("test")(made)
    yield made
    del long_tasks._works["test"]


def ask(n: int = 1, by: str = MINE) -> str:
    with transaction():
        return long_tasks.ask("test", by=by, title="试一试", payload={"n": n}, total=4).id


def only() -> LongTask:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(LongTask).one()


def test_it_is_done_by_the_worker_and_is_only_for_who_asked(works: Works) -> None:
    asked = ask()
    assert only().state == TaskState.WAITING
    jobs.run_due()
    assert works.seen == [("running", 1)]
    made = long_tasks.get_own(asked, MINE)
    assert (made.state, made.done, made.result, made.file_name) == ("done", 4, b"1", "a.txt")
    with pytest.raises(NotFound):
        long_tasks.get_own(asked, OTHER)
    assert long_tasks.run_waiting() == 0


def test_the_same_thing_asked_twice_is_one_until_it_is_done(works: Works) -> None:
    first = ask()
    assert ask() == first
    assert ask(2) != first
    assert ask(by=OTHER) != first
    assert long_tasks.run_waiting() == 3
    assert ask() != first


@pytest.mark.parametrize(
    ("raised", "said"), [(NotAllowed(), NotAllowed.sentence), (ValueError("secret"), "没有做成")]
)
def test_what_goes_wrong_is_a_sentence_for_who_asked(works: Works, raised: Exception, said: str) -> None:
    works.raises = raised
    asked = ask()
    long_tasks.run_waiting()
    found = long_tasks.get_own(asked, MINE)
    assert found.state == "failed"
    assert said in (found.error or "")
    assert "secret" not in (found.error or "")


def test_a_worker_that_dies_is_followed_by_another_and_twice_is_enough(
    works: Works, clock: TestClock
) -> None:
    asked = ask()
    works.raises = KeyboardInterrupt()  # as if the process went
    for _ in range(long_tasks.TRIES):
        with pytest.raises(KeyboardInterrupt):
            long_tasks.run_waiting()
        assert long_tasks.run_waiting() == 0  # it may still be at it
        clock.set(clock.now + long_tasks.CLAIM + timedelta(seconds=1))
    assert long_tasks.run_waiting() == 0
    assert long_tasks.get_own(asked, MINE).state == "failed"
    assert len(works.done) == long_tasks.TRIES


def test_a_kind_nobody_knows_any_more_fails_by_itself() -> None:
    with transaction():
        asked = long_tasks.ask("gone", by=MINE, title="旧的", payload={}).id
    long_tasks.run_waiting()
    assert long_tasks.get_own(asked, MINE).state == "failed"


def test_results_go_after_a_day(works: Works, clock: TestClock, app: Flask) -> None:
    ask()
    long_tasks.run_waiting()
    clock.set(clock.now + long_tasks.KEPT - timedelta(hours=1))
    jobs.forget_results()
    assert only().state == "done"
    clock.set(clock.now + timedelta(hours=2))
    jobs.forget_results()
    assert db.session.query(LongTask).count() == 0
