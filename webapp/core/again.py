"""A whole transaction once more, where another one was in the way: what it had read is no longer so."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from webapp.core.db import session, transaction

Result = TypeVar("Result")

TRIES = 4
# PostgreSQL's names. SQLite has one writer at a time, so there nobody is in the way.
_UNIQUE, _DEADLOCK, _SERIALIZATION = "23505", "40P01", "40001"
_LOCK_NOT_AVAILABLE = "55P03"
_SQLITE_BUSY = 5


class InTheWay(Exception):
    """Another transaction wrote meanwhile what this one wanted to write."""


def was_in_the_way(error: Exception) -> bool:
    """Whether it may go well at another try."""
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlstate", None) in {_UNIQUE, _DEADLOCK, _SERIALIZATION}
    return isinstance(error, InTheWay)


def is_busy(error: Exception) -> bool:
    """Whether the database had too much to do, or others in the way, for longer than we wait: later it may go well."""
    said = (
        error.orig if isinstance(error, DBAPIError) else error
    )  # core/direct.py lets the driver speak for itself
    # The lower byte of SQLite's code names the kind; the rest says more of it.
    is_locked = getattr(said, "sqlite_errorcode", 0) & 0xFF == _SQLITE_BUSY
    return is_locked or getattr(said, "sqlstate", None) in {_LOCK_NOT_AVAILABLE, _DEADLOCK}


def in_transaction(work: Callable[[], Result]) -> Result:
    """Do `work` in a transaction of its own, anew from the beginning where another one was in the way.

    `work` changes nothing but the database. Raises what it raises, at the last try whatever it is.
    """
    first = session().info.get("first")  # what is looked at before anything is decided (core/deciding.py)
    for _ in range(TRIES - 1):
        try:
            with transaction():
                return work()
        except (DBAPIError, InTheWay) as error:
            if not was_in_the_way(error):
                raise
            session().info["first"] = first
    with transaction():
        return work()
