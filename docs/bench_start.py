"""The second `make run`: from the command to the first page, on an installation that is already there.

How to repeat, on a machine that does nothing else:

    .venv/bin/python docs/bench_start.py

The first run prepares a new folder with the demonstration (SQLite, as `make run` does unless told otherwise).
"""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import wait_for  # noqa: E402  (the path must be known first)
from docs.bench_rows import as_it_comes, note_most, run  # noqa: E402
from tests.support.server import free_port  # noqa: E402

TIMES = 3
ENDS_WITHIN = 40.0


def first_page(folder: Path) -> float:
    """Seconds from `make run` until /healthz and the home page were answered; then it is ended."""
    port = free_port()
    given = as_it_comes() | {"DATA_DIR": str(folder), "PORT": str(port)}
    with (folder / "run.log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=given, stdout=log, stderr=log, start_new_session=True
        )
    try:
        for path in ("/healthz", "/"):
            wait_for(f"http://127.0.0.1:{port}{path}")
        return time.perf_counter() - began
    except OSError:
        print((folder / "run.log").read_text("utf-8", "replace"), file=sys.stderr)
        raise
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End make and what it started: it is gone when its whole group is."""
    deadline = time.monotonic() + ENDS_WITHIN
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)


def main() -> None:
    """Make a folder, start again and again, throw it away."""
    with tempfile.TemporaryDirectory() as name:
        first = first_page(Path(name))
        taken = [first_page(Path(name)) for _ in range(TIMES)]
    said = f"median {statistics.median(taken):.1f} s, longest {max(taken):.1f} s of {TIMES}"
    said += f"; the first, which loads the demonstration, {first:.1f} s"
    note_most(
        "from a second `make run` to the first page", statistics.median(taken), 5, unit="s", measured=said
    )


if __name__ == "__main__":
    run(main)
