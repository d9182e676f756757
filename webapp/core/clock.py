"""Time: now, the city's time zone, and Period, where overlap is defined once."""

import time as machine_time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")

_frozen: list[datetime] = []
_steady: ContextVar[tuple[datetime, float] | None] = ContextVar("kepu_steady", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    held = _steady.get()
    if held is None or _frozen:
        return wall()
    return held[0] + timedelta(seconds=machine_time.monotonic() - held[1])


def wall() -> datetime:
    """What the machine's clock says, believed or not. Everybody but who judges that clock asks now()."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def is_frozen() -> bool:
    """Whether a test or a demonstration has stopped the clock."""
    return bool(_frozen)


@contextmanager
def steady(moment: datetime) -> Iterator[None]:
    """Let `now()` go on from `moment` by the machine's counter until the block ends, whatever becomes of its clock.

    Only in this thread. What a job has begun it ends by the time that was believed when it began.
    """
    token = _steady.set((moment, machine_time.monotonic()))
    try:
        yield
    finally:
        _steady.reset(token)


def is_steady() -> bool:
    """Whether `now()` is such a time, believed already."""
    return _steady.get() is not None


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Let `now()` answer `moment` (aware) in this process until the block ends. For tests and demonstrations."""
    if moment.tzinfo is None:
        raise ValueError("freeze() needs an aware time")
    _frozen.append(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.pop()


def local(moment: datetime) -> datetime:
    """The same moment on the city's clocks."""
    return moment.astimezone(CITY_ZONE)


def local_date(moment: datetime) -> date:
    """The calendar day of a moment in the city."""
    return local(moment).date()


def today() -> date:
    """Today in the city."""
    return local_date(now())


def start_of_day(day: date) -> datetime:
    """Midnight at which a day begins in the city, in UTC."""
    return datetime.combine(day, time.min, tzinfo=CITY_ZONE).astimezone(UTC)


def from_local(naive: datetime) -> datetime:
    """A wall-clock time typed by someone in the city, as UTC."""
    return naive.replace(tzinfo=CITY_ZONE).astimezone(UTC)


@dataclass(frozen=True)
class Period:
    """A half-open span of time: it contains its start and not its end."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    def overlaps(self, other: "Period") -> bool:
        """Whether both share any moment; touching ends do not overlap."""
        return self.start < other.end and other.start < self.end

    def contains(self, moment: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.start <= moment < self.end

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start
