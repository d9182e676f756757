"""`flask serve`, as `make run` starts it: both processes, their deaths, their end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.server import free_port

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0
Thing = TypeVar("Thing")


def _children(parent: int) -> dict[int, str]:
    """Command lines of a process's direct children."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
    return found


def _child(parent: int, word: str) -> int | None:
    return next((number for number, line in _children(parent).items() if word in line), None)


def _alive(number: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def _wait_for(look: Callable[[], Thing | None], what: str) -> Thing:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE:.0f} s in vain for {what}")


class Run:
    """One `flask serve`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.output = folder / "output.txt"
        given = {
            "DATA_DIR": str(folder / "data"),
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "WEB_CONCURRENCY": "1",
        }
        clean = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=clean | given | {"KEPU_DEMO": "0"}, stdout=output, stderr=output
            )

    def wait_until_served(self) -> None:
        """Until it says where."""

        def said() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return "Serving on http://127.0.0.1:" in self.output.read_text()

        _wait_for(said, "the address to be printed")

    def end(self, number: signal.Signals) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run(tmp_path, free_port())
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.wait()


def test_a_dead_worker_is_replaced_and_both_end_with_the_supervisor(run: Run) -> None:
    run.wait_until_served()
    own = run.process.pid
    server = _wait_for(lambda: _child(own, "gunicorn"), "the server")
    worker = _wait_for(lambda: _child(own, "jobs worker"), "the worker")
    os.kill(worker, signal.SIGKILL)

    def another() -> int | None:
        found = _child(own, "jobs worker")
        return found if found != worker and found is not None and _alive(found) else None

    second = _wait_for(another, "another worker")
    assert run.end(signal.SIGTERM) == 0
    assert not _alive(server)
    assert not _alive(second)


def test_a_dead_server_ends_the_run(run: Run) -> None:
    run.wait_until_served()
    server = _wait_for(lambda: _child(run.process.pid, "gunicorn"), "the server")
    os.kill(server, signal.SIGKILL)
    assert run.process.wait(PATIENCE) != 0
    assert "ended by itself" in run.output.read_text()


def test_children_do_not_outlive_a_killed_supervisor(run: Run) -> None:
    run.wait_until_served()
    server = _wait_for(lambda: _child(run.process.pid, "gunicorn"), "the server")
    worker = _wait_for(lambda: _child(run.process.pid, "jobs worker"), "the worker")
    run.end(signal.SIGKILL)
    _wait_for(lambda: not _alive(server) and not _alive(worker), "both to end")


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = Run(tmp_path, port)
        assert refused.process.wait(PATIENCE) != 0
    said = refused.output.read_text()
    assert f"Port {port} is taken" in said
    assert "Traceback" not in said
