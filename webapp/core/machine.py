"""What the machine knows of time beside its clock: how long it runs, and whether the network sets its clock."""

import ctypes
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.core import clock

_TIME_ERROR = 5  # adjtimex: the clock is not synchronised
_ROOM = 512  # more than struct timex takes anywhere
_BOOTED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while a laptop sleeps


@dataclass(frozen=True)
class Running:
    """A counter nobody can set: `seconds` compare with others of the same `boot`, also in other processes."""

    boot: str
    seconds: float


def running() -> Running:
    """How long this machine runs. Where a test has stopped the clock, that clock is all there is."""
    if clock.is_frozen():
        return Running("frozen", clock.wall().timestamp())
    return Running(_boot(), time.clock_gettime(_BOOTED))


@cache
def _boot() -> str:
    """This start of this machine, and within it the space its counters belong to."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/time').readlink()}"
    except OSError:
        return f"process {os.getpid()}"  # elsewhere than on Linux: as long as this process lives


def is_synchronised() -> bool:
    """Whether network time keeps the clock; whoever sets the clock by hand ends that. The call only asks."""
    if clock.is_frozen():
        return False
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_ROOM))
    except (AttributeError, OSError):
        return False
    return 0 <= answer < _TIME_ERROR
