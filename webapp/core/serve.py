"""`flask serve`: one process prepares the database, then keeps the server and the job worker alive.

gunicorn serves, `flask jobs worker` works; both are children of this process and go when it goes. A worker that
died is started again, a server that died ends the run, so that whoever started it (systemd, a container) notices.
"""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from webapp.core.config import Settings
from webapp.core.signing import BadKeys

THREADS = 8  # per server process: requests wait for the database, not for the processor
START_WITHIN = 60.0  # seconds until /healthz must answer
STOP_WITHIN = 25.0  # seconds for running requests and jobs to end
LIVED_WELL = 60.0  # a worker that ran this many seconds did not fail at start
SLOWEST_RESTART = 60.0

_PR_SET_PDEATHSIG = 1


@click.command("serve")
@with_appcontext
def serve_command() -> None:
    """Prepare the database, then serve and work until stopped."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (the documented way)
    settings: Settings = app.extensions["kepu_settings"]
    _refuse_taken_port(settings)
    # Core names no area: webapp/areas.py says how to prepare, and what to tell whoever started the server.
    prepare: Callable[[Flask], Sequence[str]] = app.extensions["kepu_prepare"]
    try:
        notices = prepare(app)
    except BadKeys as problem:
        raise click.ClickException(str(problem)) from None
    sys.exit(Supervisor(settings, Path(app.root_path).parent, notices).run())


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            if error.errno == errno.EADDRINUSE:
                raise click.ClickException(
                    f"Port {settings.port} is taken: another program (perhaps an earlier `make run`) already "
                    f"listens on {where}. Stop it, or choose another port: PORT={settings.port + 1} make run"
                ) from None
            raise click.ClickException(f"Cannot listen on {where}: {error.strerror or error}.") from None


def server_command(settings: Settings) -> list[str]:
    """The gunicorn command line. No access log: addresses carry calendar tokens, pass codes and names."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{host}:{settings.port}"]
    command += [
        "--worker-class",
        "gthread",
        "--threads",
        str(THREADS),
        "--workers",
        str(settings.web_concurrency),
    ]
    command += ["--no-control-socket", "--log-level", "warning", "--graceful-timeout", "20"]
    if Path("/dev/shm").is_dir():  # noqa: S108  (heartbeat files in memory: a slow disk must not kill a server process)
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return command


def worker_command() -> list[str]:
    """The job worker's command line."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "worker"]


def _die_with_parent() -> None:
    """In the child: ask the kernel for SIGTERM when the parent goes, however it goes (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    command: list[str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  (our own command line)
            self.command,
            cwd=self.folder,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  (this process has no threads)
            env=_environment(),
        )

    def ended(self) -> int | None:
        """Its exit code, once it has ended."""
        return self.process.poll() if self.process else None

    def plan_restart(self) -> float:
        """Set when to start it again, later after each quick death; returns the seconds until then."""
        lived = time.monotonic() - self.started
        self.failures = 1 if lived >= LIVED_WELL else self.failures + 1
        wait = min(2.0 ** (self.failures - 1), SLOWEST_RESTART)
        self.process, self.due = None, time.monotonic() + wait
        return wait

    def ask_to_stop(self) -> None:
        """Let it finish what it is doing and end."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def make_stop(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONUNBUFFERED": "1"}


class Supervisor:
    """Starts both children, says when the server answers, and looks after them until told to stop."""

    def __init__(self, settings: Settings, folder: Path, notices: Sequence[str]) -> None:
        self.settings = settings
        self.notices = notices
        self.server = Child("server", server_command(settings), folder)
        self.worker = Child("job worker", worker_command(), folder)
        self.stopping = threading.Event()

    def run(self) -> int:
        """Serve until a signal (0) or until the server ends by itself or never answers (1)."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())
        self.server.start()
        try:
            if not self._wait_until_served():
                return 0 if self.stopping.is_set() else 1
            self._announce()
            self.worker.start()
            return self._look_after()
        finally:
            self._stop_children()

    def _wait_until_served(self) -> bool:
        deadline = time.monotonic() + START_WITHIN
        while not self.stopping.wait(0.1):
            if self.server.ended() is not None:
                click.echo("The server ended while starting; its message is above.", err=True)
                return False
            answer = _answer(self._own_address() + "/healthz")
            if answer == HTTPStatus.OK:
                return True
            if answer is not None or time.monotonic() > deadline:
                said = f"answered {answer}" if answer else f"did not answer within {START_WITHIN:.0f} seconds"
                click.echo(f"The server started but is not well: /healthz {said}.", err=True)
                return False
        return False

    def _own_address(self) -> str:
        """Where this machine itself reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.host, self.settings.host)  # noqa: S104
        return (
            f"http://[{host}]:{self.settings.port}" if ":" in host else f"http://{host}:{self.settings.port}"
        )

    def _announce(self) -> None:
        click.echo(f"\nServing on {self.settings.base_url or self._own_address()}  (Ctrl-C stops it)")
        for line in self.notices:
            click.echo(line)

    def _look_after(self) -> int:
        while not self.stopping.wait(0.5):
            if (code := self.server.ended()) is not None:
                click.echo(f"The server ended by itself (exit code {code}).", err=True)
                return 1
            if (code := self.worker.ended()) is not None:
                wait = self.worker.plan_restart()
                click.echo(
                    f"The job worker ended (exit code {code}); starting it again in {wait:.0f} s.", err=True
                )
            elif self.worker.process is None and time.monotonic() >= self.worker.due:
                self.worker.start()
        return 0

    def _stop_children(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN
        for child in (self.worker, self.server):
            child.ask_to_stop()
        for child in (self.worker, self.server):
            child.make_stop(deadline)


def _answer(url: str) -> int | None:
    """Status the server answers with; None while it does not."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({})
    )  # a proxy does not know our loopback
    try:
        with opener.open(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError):
        return None
