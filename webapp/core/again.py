"""A whole transaction once more, where another one was in the way: what it had read is no longer so."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from webapp.core.db import transaction

Result = TypeVar("Result")

TRIES = 4
# PostgreSQL's names. SQLite has one writer at a time, so there nobody is in the way.
_UNIQUE, _DEADLOCK, _SERIALIZATION = "23505", "40P01", "40001"


class InTheWay(Exception):
    """Another transaction wrote meanwhile what this one wanted to write."""


def was_in_the_way(error: Exception) -> bool:
    """Whether it may go well at another try."""
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) in {_UNIQUE, _DEADLOCK, _SERIALIZATION}
    return isinstance(error, InTheWay)


def in_transaction(work: Callable[[], Result]) -> Result:
    """Do `work` in a transaction of its own, anew from the beginning where another one was in the way.

    `work` changes nothing but the database. Raises what it raises, at the last try whatever it is.
    """
    for _ in range(TRIES - 1):
        try:
            with transaction():
                return work()
        except (DBAPIError, InTheWay) as error:
            if not was_in_the_way(error):
                raise
    with transaction():
        return work()
