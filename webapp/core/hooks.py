"""Hook: how a later area asks an earlier one to be told of a fact, in the same transaction.

An earlier area may not import a later one, yet a cancelled event must cancel promises and take back figures at
once. The earlier area declares `cancelled = Hook()` and calls it; `webapp/areas.py` connects the followers.
"""

from collections.abc import Callable
from typing import Any


class Hook:
    """An ordered list of functions called with the same arguments, inside the caller's transaction."""

    def __init__(self) -> None:
        self._followers: list[Callable[..., object]] = []

    def connect(self, follower: Callable[..., object]) -> None:
        """Add a follower; adding it again changes nothing."""
        if follower not in self._followers:
            self._followers.append(follower)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Tell every follower."""
        for follower in self._followers:
            follower(*args, **kwargs)
