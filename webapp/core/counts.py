"""Where rate limits count while there is no Redis: the memory of this process."""

import threading
import time

from limits.storage import Storage

_SWEEP_EVERY = 60.0  # seconds


def _now() -> float:
    """Seconds since 1970 by the machine's own clock: the library compares with it."""
    return time.time_ns() / 1e9


class Counts(Storage):
    """Counters that end with their window, `process://` to Flask-Limiter.

    The library's own starts a thread every hundredth of a second under load and walks over every key in it; with a
    key for each of thousands of addresses that costs more than what it guards.
    """

    STORAGE_SCHEME = ["process"]

    def __init__(
        self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool
    ) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}  # how many, until when (seconds since 1970)
        self._sweep_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing can fail here; the base class wants one."""
        return MemoryError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` more and give the sum; the first opens a window of `expiry` seconds."""
        now = _now()
        with self._lock:
            if now >= self._sweep_at:
                self._counts = {name: kept for name, kept in self._counts.items() if kept[1] > now}
                self._sweep_at = now + _SWEEP_EVERY
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._counts[key] = (count + amount, until)
            return count + amount

    def get(self, key: str) -> int:
        """The sum so far."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > _now() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends (seconds since 1970)."""
        return self._counts.get(key, (0, _now()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._lock:
            self._counts.pop(key, None)

    def reset(self) -> int:
        """Forget all; how many there were."""
        with self._lock:
            found = len(self._counts)
            self._counts.clear()
            return found
