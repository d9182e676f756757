"""Many at once: threads that start together, and processes with an application of their own."""

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask

from webapp import create_app
from webapp.core.config import Settings
from webapp.core.db import db, transaction
from webapp.core.errors import Refusal
from webapp.signups import service

PATIENCE = 120  # seconds; two cores are shared by everything that runs


def at_once(app: Flask, *works: Callable[[], Any]) -> list[Any]:
    """Run functions in threads that start together, each with its own context; their answers, or what they raised."""
    answers: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(number: int, work: Callable[[], Any]) -> None:
        with app.app_context():
            start.wait(PATIENCE)
            try:
                answers[number] = work()
            except Exception as error:  # noqa: BLE001  (given back to the test, which looks at it)
                answers[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    faults = [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refusal)]
    if faults:
        raise faults[0]
    return answers


def _sign_up_all(settings: Settings, position: str, groups: list[list[str]], start: Barrier) -> None:
    app = create_app(settings)

    def one_group(people: list[str]) -> None:
        with app.app_context():
            db.session.connection()
            db.session.rollback()
            start.wait(PATIENCE)
            for person in people:
                with transaction():
                    service.sign_up(position, person, by=person, source="self")

    threads = [threading.Thread(target=one_group, args=(group,)) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def rush(settings: Settings, position: str, people: Sequence[str], *, processes: int, threads: int) -> None:
    """Sign everyone up from `processes` × `threads` workers that start together."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(processes * threads)
    own = replace(settings, testing=True)
    workers = []
    for number in range(processes):
        mine = people[number::processes]
        groups = [list(mine[thread::threads]) for thread in range(threads)]
        workers.append(context.Process(target=_sign_up_all, args=(own, position, groups, start)))
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
        assert worker.exitcode == 0, f"a worker ended with {worker.exitcode}"
