"""PostgreSQL spoken to by its driver, for the few statements that stand before and behind every scan.

SQLAlchemy builds them, once. What it does at each execution (find what it has compiled, turn each value by its type,
name the columns of the result, keep the state of a session) took more than half of a check-in's time
(docs/decisions/0017).
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Insert, Select, insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.pool import PoolProxiedConnection

from webapp.core.db import Base, db, up_to_date

Values = Mapping[str, Any]
Found = TypeVar("Found")

# A transaction that cannot go on for one of these is begun anew the usual way, which has a sentence for each.
_IN_THE_WAY = (psycopg.IntegrityError, psycopg.OperationalError)


class Prepared:
    """A statement compiled once and sent as it is.

    Values are given as the driver takes them: text, numbers, dates, aware moments, JSON as text. Rows come back as
    named tuples with moments in UTC.
    """

    def __init__(self, built: Select[Any] | Insert, names: Sequence[str] | None = None) -> None:
        self.built = built
        self._names = names

    @classmethod
    def new_row(cls, model: type[Base], names: Sequence[str], *, or_leave: bool = False) -> "Prepared":
        """An INSERT of one row with these columns; with `or_leave` one that breaks a unique constraint is left out."""
        if or_leave:
            return cls(postgresql_insert(model.__table__).on_conflict_do_nothing(), names)  # type: ignore[arg-type]
        return cls(insert(model.__table__), names)  # type: ignore[arg-type]

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        made = self.built.compile(dialect=dialect(), column_keys=self._names)  # type: ignore[no-untyped-call]
        if self._names is not None and set(made.params) != set(self._names):
            raise ValueError("a column with a default of its own is missing")
        fixed = {
            name: value.value if isinstance(value, Enum) else value
            for name, value in made.params.items()
            if value is not None
        }
        return str(made), fixed

    @cached_property
    def _row(self) -> Callable[[Sequence[Any]], Any]:
        assert isinstance(self.built, Select)
        names = [str(column.key) for column in self.built.selected_columns]
        return namedtuple("Row", names)._make  # type: ignore[attr-defined]  # noqa: PYI024

    def send(self, cursor: "psycopg.Cursor[Any]", values: Values) -> None:
        """Execute it; in a pipeline the rows are there after the next `sync`."""
        text, fixed = self._compiled
        cursor.execute(text, {**fixed, **values})

    def rows(self, cursor: "psycopg.Cursor[Any]") -> list[Any]:
        """What came of it."""
        return [self._row(row) for row in cursor.fetchall()]


class Errand:
    """A transaction in two trips: what is asked comes back at once, what is written goes with the COMMIT."""

    def __init__(self, connection: "psycopg.Connection[Any]", pipeline: psycopg.Pipeline) -> None:
        self._connection, self._pipeline = connection, pipeline
        self._writing = connection.cursor()
        self.wrote = False

    def ask(self, *questions: tuple[Prepared, Values]) -> list[list[Any]]:
        """The rows of each, in one trip."""
        cursors = [self._connection.cursor() for _ in questions]
        for cursor, (asked, values) in zip(cursors, questions, strict=True):
            asked.send(cursor, values)
        self._pipeline.sync()
        return [asked.rows(cursor) for cursor, (asked, _) in zip(cursors, questions, strict=True)]

    def write(self, prepared: Prepared, values: Values) -> None:
        """Sent with what follows it; what it breaks shows at the end."""
        self.wrote = True
        prepared.send(self._writing, values)

    def begin(self) -> None:
        """Sent with what is asked first."""
        self._writing.execute("BEGIN", prepare=False)

    def end(self, *, keep: bool) -> None:
        """Sent with what was written. Where nothing was, COMMIT too: the driver forgets its prepared statements after a
        ROLLBACK.
        """
        self._writing.execute("COMMIT" if keep or not self.wrote else "ROLLBACK", prepare=False)


def rows(prepared: Prepared, values: Values) -> list[Any]:
    """Rows of one question, on either database."""
    if db.engine.dialect.name != "postgresql":
        return list(up_to_date().execute(prepared.built, dict(values)).all())
    with _connection() as (_, connection):
        cursor = connection.cursor()
        prepared.send(cursor, values)
        return prepared.rows(cursor)


def attempt(work: Callable[[Errand], Found | None]) -> Found | None:
    """`work` in a transaction of its own, committed when it gives something; what it raises undoes it.

    None where there is no PostgreSQL, where `work` gives None, and where a unique constraint, a deadlock or the
    connection stood in the way. Then nothing is written, but for a connection lost in the very moment of the COMMIT,
    and the caller goes the usual way; so `work` does nothing that may not be done twice. As `transaction()`, for views
    and jobs alone.
    """
    if db.engine.dialect.name != "postgresql":
        return None
    with _connection() as (pooled, connection):
        try:
            with connection.pipeline() as pipeline:
                errand = Errand(connection, pipeline)
                errand.begin()
                found = _done(errand, work)
        except psycopg.errors.LockNotAvailable:
            raise  # it has waited long enough; core/http.py asks to come again
        except _IN_THE_WAY:
            return None
        finally:
            _end(pooled, connection)
        return found


def _done(errand: Errand, work: Callable[[Errand], Found | None]) -> Found | None:
    try:
        found = work(errand)
    except psycopg.Error:
        raise  # the transaction is broken already
    except Exception:
        errand.end(keep=False)
        raise
    errand.end(keep=found is not None)
    return found


@contextmanager
def _connection() -> Iterator[tuple[PoolProxiedConnection, "psycopg.Connection[Any]"]]:
    """One of the pool's, which are in autocommit (core/engines.py)."""
    pooled = db.engine.raw_connection()
    try:
        yield pooled, pooled.driver_connection  # type: ignore[misc]
    except psycopg.OperationalError:
        pooled.invalidate()
        raise
    finally:
        pooled.close()


def _end(pooled: PoolProxiedConnection, connection: "psycopg.Connection[Any]") -> None:
    """Leave no transaction open, whatever happened in it."""
    try:
        if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            connection.rollback()
    except psycopg.Error:
        pooled.invalidate()
