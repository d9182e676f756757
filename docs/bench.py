"""`make bench`: runs each part of the benchmark in a process of its own, then writes the table of docs/benchmarks.md.

    .venv/bin/python docs/bench.py

It measures, it does not judge: the exit code is 0 when everything ran, whatever was reached. A part that crashed is
named, in the table, too, and the exit code is 1.
"""

import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_rows import HANDED_TO, INTERRUPTED, Row, as_it_comes  # noqa: E402  (the path must be known first)
from tests.support.postgres import NoPostgres, programs  # noqa: E402

PARTS = ("doors", "rush", "feeds", "pages", "start", "mail", "camera", "cards", "jump", "todo")
TABLE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- `make bench` writes from here -->", "<!-- to here -->"
PATIENCE = 600.0  # seconds for one part


@dataclass(frozen=True)
class Found:
    """What a part said, and whether it came to its end."""

    part: str
    rows: Sequence[Row]
    has_crashed: bool

    @property
    def script(self) -> str:
        """Its name in docs."""
        return f"bench_{self.part}.py"


def run_part(part: str, folder: Path) -> Found:
    """Run it to its end; what it leaves in temporary folders goes with `folder`."""
    handed = folder / f"{part}.jsonl"
    handed.touch()
    given = as_it_comes() | {HANDED_TO: str(handed), "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    print(f"\n— docs/bench_{part}.py", flush=True)
    # A session of its own: it hears of Ctrl-C from us, once, and closes what it opened in its own order.
    process = subprocess.Popen(
        [sys.executable, f"docs/bench_{part}.py"], cwd=ROOT, env=given, start_new_session=True
    )
    try:
        code: int | None = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    lines = handed.read_text("utf-8").splitlines()
    return Found(part, [Row(**json.loads(line)) for line in lines], code != 0)


def machine() -> str:
    """What it ran on, without a name or a place."""
    try:
        told = subprocess.run(
            [programs() / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        postgres = "PostgreSQL " + told.stdout.split()[2]
    except NoPostgres:
        postgres = "no PostgreSQL"
    cores = os.cpu_count()
    return f"{cores} cores ({_processor()}), Python {platform.python_version()}, {postgres}"


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        told = ""
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def clean(text: str) -> str:
    """Without this machine's name, without paths of its files, fit for a cell of a table."""
    for name in {socket.gethostname(), socket.getfqdn(), platform.node()} - {"", "localhost"}:
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", "…", text)
    text = re.sub(r"(?<![\w.}])/([\w.+-]+)[\w./+-]*", _path_or_address, text)
    return text.replace("|", "/").replace("\n", " ")


def _path_or_address(found: re.Match[str]) -> str:
    return "…" if Path("/", found[1]).exists() else found[0]


def table(found: Sequence[Found]) -> str:
    """The rows as Markdown."""
    lines = ["| what | measured | wanted | reached | how |", "|---|---|---|---|---|"]
    for part in found:
        how = f"`.venv/bin/python docs/{part.script}`"
        rows = [*part.rows]
        if part.has_crashed:
            rows.append(Row(f"what else {part.script} measures", "it ended with an error"))
        for row in rows:
            reached = {True: "yes", False: "**no**", None: "–"}[row.reached]
            cells = [row.what, row.measured, row.wanted or "–", reached]
            lines.append("| " + " | ".join([*(clean(cell) for cell in cells), how]) + " |")
            how = "the same"
    return "\n".join(lines)


def put(text: str, made: str) -> str:
    """The text with `made` between the markers and nothing else changed; raises ValueError without both of them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/benchmarks.md needs the lines {BEGIN} and {END}")
    return f"{before}{begin}\n\n{made}\n\n{end}{after}"


def _stop(*_: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Run all, write the table, name what crashed; after Ctrl-C nothing is written."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    put(TABLE.read_text("utf-8"), "")  # better now than after minutes
    began, load = time.monotonic(), os.getloadavg()[0]
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    try:
        with tempfile.TemporaryDirectory(prefix="kepu-bench-") as name:
            Path(name).chmod(0o711)  # PostgreSQL runs as another user where we are root
            found = [run_part(part, Path(name)) for part in PARTS]
    except KeyboardInterrupt:
        print("\nStopped; docs/benchmarks.md is as it was.", file=sys.stderr)
        return INTERRUPTED
    minutes = (time.monotonic() - began) / 60
    said = (
        f"Measured on {when} in {minutes:.0f} minutes: {clean(machine())}; load {load:.1f} before it began."
    )
    TABLE.write_text(put(TABLE.read_text("utf-8"), f"{said}\n\n{table(found)}"), "utf-8")
    print(f"\ndocs/benchmarks.md is written ({minutes:.0f} minutes).")
    crashed = [part.script for part in found if part.has_crashed]
    if crashed:
        print(f"Ended with an error: {', '.join(crashed)}. What they said is above.", file=sys.stderr)
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
