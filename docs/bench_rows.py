"""Rows of docs/benchmarks.md: what a part of the benchmark found, on the screen and, under `make bench`, in the table.

Nothing is measured here. Whatever measures says it with `note`; docs/bench.py collects it and writes the table.
"""

import json
import os
import re
import signal
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HANDED_TO = "KEPU_BENCH_ROWS"  # in the environment: the file docs/bench.py reads rows from
INTERRUPTED = 130  # exit code of what Ctrl-C ended
# What would make a part measure something else than the product as it comes, or be for a `make` around it.
_NOT_FOR_PARTS = re.compile(
    r"(DATABASE|REDIS|BASE|MAIL|SMS|WECOM|WEBHOOK)_URL|LIMIT_\w+|KEPU_\w+|WEB_CONCURRENCY|HOST|SECRET_KEY|M(AKE|)(FLAGS|LEVEL)"
)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    wanted: str = ""
    reached: bool | None = None  # None: nothing was wanted of it, or it cannot be measured here


def as_it_comes() -> dict[str, str]:
    """This environment without what changes the product."""
    return {name: value for name, value in os.environ.items() if not _NOT_FOR_PARTS.fullmatch(name)}


class CannotRun(Exception):
    """This machine lacks something the part needs; the message says what."""


@dataclass(frozen=True)
class Turns:
    """What the floor and the product reached in the same rounds, one after the other."""

    floors: list[float]
    ours: list[float]

    @property
    def ratios(self) -> list[float]:
        """Ours to the floor's, round by round: a neighbour who is busy for a while disturbs both."""
        return [own / floor for own, floor in zip(self.ours, self.floors, strict=True)]

    @property
    def ratio(self) -> float:
        """The median, which counts."""
        return statistics.median(self.ratios)

    @property
    def rates(self) -> tuple[float, float]:
        """The medians of both, ours first."""
        return statistics.median(self.ours), statistics.median(self.floors)

    def __str__(self) -> str:
        low, high = min(self.ratios), max(self.ratios)
        ours, floor = self.rates
        spread = f"{low:.2f}–{high:.2f} in {len(self.ours)} rounds"
        return f"ratio {self.ratio:.2f} ({spread}), {ours:,.0f}/s to {floor:,.0f}/s"


def in_turns(
    floor: Callable[[], float], ours: Callable[[], float], *, rounds: int, warm_up: int = 1
) -> Turns:
    """Measure both in each round; the first `warm_up` rounds open connections and count for nothing."""
    found = [(floor(), ours()) for _ in range(warm_up + rounds)][warm_up:]
    return Turns([low for low, _ in found], [own for _, own in found])


def note(row: Row) -> None:
    """Say a row; under `make bench` hand it over, too."""
    wanted = f" (wanted {row.wanted})" if row.wanted else ""
    missed = ", NOT REACHED" if row.reached is False else ""
    print(f"{row.what}: {row.measured}{wanted}{missed}", flush=True)
    if HANDED_TO in os.environ:
        with Path(os.environ[HANDED_TO]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def note_ratio(what: str, turns: Turns, *, least: float) -> None:
    """Say how near the product comes to its floor."""
    note(Row(what, str(turns), f"≥ {least:.2f}", turns.ratio >= least))


def note_most(what: str, value: float, limit: float, *, unit: str, measured: str = "") -> None:
    """Say something of which there should be little; `measured` says more than the value alone."""
    note(Row(what, measured or f"{value:.2f} {unit}", f"≤ {limit:g} {unit}", value <= limit))


def run(main: Callable[[], None]) -> None:
    """Run a part. Ctrl-C and being told to end go the same way: whatever was opened is closed, once."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        main()
    except CannotRun as lack:
        title = (sys.modules["__main__"].__doc__ or "").splitlines()[0].rstrip(".")
        note(Row(title, f"cannot run here: {lack}"))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _end(*_: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # an impatient second one would leave half of it behind
    raise KeyboardInterrupt
