"""A clock that a test sets and moves."""

from contextlib import ExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from webapp.core import clock

# A Saturday morning in the city: no midnight, month or year is near.
START = clock.from_local(datetime(2026, 11, 28, 9, 0))  # noqa: DTZ001  (made aware by from_local)


class TestClock:
    """What `core.clock.now()` answers until the test ends."""

    __test__ = False

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.set(START)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def now(self) -> datetime:
        """The present moment."""
        return clock.now()

    def set(self, moment: datetime) -> None:
        """Be at this (aware) moment."""
        self._stack.enter_context(clock.freeze(moment))

    def advance(self, **parts: float) -> None:
        """Let time pass: `clock.advance(hours=2)`."""
        self.set(clock.now() + timedelta(**parts))
