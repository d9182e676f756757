"""The production server on a free port, for tests that need sockets, several processes, or a kill."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from webapp.core.config import Settings
from webapp.core.serve import server_command

ROOT = Path(__file__).parents[2]
START_WITHIN = 60.0


def free_port() -> int:
    """A port of the loopback address nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class LiveServer:
    """gunicorn with the command line of `make run`, on a test's database. The job worker is not started."""

    settings: Settings
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address without a slash at the end."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = self.settings
        given = {
            "DATABASE_URL": settings.database_url,
            "DATA_DIR": str(settings.data_dir),
            "SECRET_KEY": settings.secret_key,
            "HOST": settings.host,
            "PORT": str(settings.port),
            "KEPU_DEMO": "0",
            "MAIL_URL": settings.mail_url,
            "SMS_URL": settings.sms_url,
            "HOOK_SECRET": settings.hook_secret,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                server_command(settings),
                cwd=ROOT,
                env=os.environ | given | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_WITHIN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/healthz", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """`kill -9` for every one of its processes at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it end in good order."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
