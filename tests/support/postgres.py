"""A PostgreSQL of the tests' own: made with initdb in a temporary folder, reached by its socket, gone at the end."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

# Debian keeps the server's programs out of PATH.
DEBIAN = Path("/usr/lib/postgresql")
START_WITHIN = 60.0
_PR_SET_PDEATHSIG = 1


class NoPostgres(Exception):
    """PostgreSQL's programs are not on this machine."""


def programs() -> Path:
    """Folder with initdb and postgres; raises NoPostgres."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if folders:
        return folders[-1]
    raise NoPostgres(
        "PostgreSQL is not on this machine, and half of what these tests promise is about it. Install it "
        "(Debian, Ubuntu: apt-get install postgresql), or set KEPU_TEST_SQLITE_ONLY=1 to test SQLite alone."
    )


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as, or None to stay who we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _go_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    """One server. `durable` keeps fsync on, as in production; without it tests are several times faster."""

    def __init__(self, *, durable: bool = False) -> None:
        self._bin = programs()
        self._user = _unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="kepu-pg-"))
        self._log = self.folder / "log"
        if self._user:
            shutil.chown(self.folder, self._user)
        self._call(
            "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "fsync": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
            "autovacuum": "off",
        }
        command = [str(self._bin / "postgres"), "-D", self._data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, user=self._user, preexec_fn=_go_with_parent
            )
        self._wait()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _call(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *words],
            cwd=self.folder,
            user=self._user,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()}") from None
                time.sleep(0.05)
            else:
                return

    def url(self, database: str) -> str:
        """SQLAlchemy address of a database."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run a statement outside any transaction, in the maintenance database or another."""
        with psycopg.connect(
            f"host={self.folder} user=postgres dbname={database}", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """Stop at once and leave nothing behind."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
