"""Has anything been committed since? And a shelf for what was built, good until something is.

A feed is asked for a hundred times between two changes. `mark()` costs microseconds, never misses a commit of any
process, and needs no help from the code that writes; whoever keeps something built from the database keeps the
mark he read first beside it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request
from sqlalchemy import Engine, event
from werkzeug.wsgi import ClosingIterator

from webapp.core import clock
from webapp.core.db import db

_WATCH = "kepu_watch"
# SQLite: rises on this connection when any other one has committed.
# PostgreSQL: names the transactions visible now. Two equal snapshots see the same rows; each one that wrote and
# ended makes a difference.
_QUESTIONS = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT pg_current_snapshot()::text"}


class Watch:
    """One connection of its own per process, outside the pool and outside any transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._question = _QUESTIONS[engine.dialect.name]
        self._lock = threading.Lock()
        self._connection: Any = None
        self._generation = 0  # a SQLite mark means nothing to another connection
        event.listen(engine, "engine_disposed", lambda _engine: self.close())

    def mark(self) -> tuple[int, str] | None:
        """Equal marks: nothing was committed between them. None: not known, take it as changed.

        Ask before the first read of what the mark is to stand for.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._connect()
                row = self._connection.dbapi_connection.execute(self._question).fetchone()
            except self._engine.dialect.loaded_dbapi.Error:  # the server was restarted, or is away
                self._drop()
                return None
            return self._generation, str(row[0])

    def _connect(self) -> None:
        connection = self._engine.raw_connection()
        connection.detach()  # the pool forgets it and makes itself another
        if self._engine.dialect.name == "postgresql":
            connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]
        self._connection = connection
        self._generation += 1

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        with self._lock:
            self._drop()


@dataclass
class _Kept:
    value: Any
    mark: object
    size: int


class Shelf:
    """Built things by key, oldest used thrown out first when they outgrow `limit` (bytes)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def find(self, key: Hashable) -> tuple[Any, object]:
        """(what is kept, the mark it was kept under), or (None, None)."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None, None
            self._kept.move_to_end(key)
            return found.value, found.mark

    def keep(self, key: Hashable, value: Any, *, mark: object, size: int) -> None:
        """Put it there; `size` in bytes, roughly."""
        with self._lock:
            self._remove(key)
            self._kept[key] = _Kept(value, mark, size)
            self._size += size
            while self._size > self._limit and len(self._kept) > 1:
                self._remove(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        """Forget it."""
        with self._lock:
            self._remove(key)

    def _remove(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._size -= gone.size


def _of_this_application(name: str, make: Callable[[], Any]) -> Any:
    found = current_app.extensions.get(name)
    return found if found is not None else current_app.extensions.setdefault(name, make())


def mark() -> tuple[int, str] | None:
    """The mark of this application's database."""
    watch: Watch = _of_this_application(_WATCH, lambda: Watch(db.engine))
    return watch.mark()


def shelf(name: str, limit: int) -> Shelf:
    """This process's shelf of that name."""
    found: Shelf = _of_this_application(f"kepu_shelf_{name}", lambda: Shelf(limit))
    return found


# What an answer that may be repeated can depend on, beside the database and the day.
_ASKED = (
    "REQUEST_METHOD", "wsgi.url_scheme", "HTTP_HOST", "PATH_INFO", "QUERY_STRING",
    "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE",
)  # fmt: skip
_KEEP = "kepu.keep"


def _always() -> bool:
    return True


def may_be_repeated(kept_mark: object, *, may_repeat: Callable[[], bool] = _always) -> None:
    """Let the answer to this request be given again, word for word, to equal ones while `kept_mark` holds today.

    Only for answers that depend on nothing but the request's line and the headers above: no cookie. What has to be
    done or counted each time is done by `may_repeat`, without a context of Flask's; where it says False, the view is
    asked.
    """
    if kept_mark is not None:
        request.environ[_KEEP] = ((kept_mark, clock.today()), may_repeat)


@dataclass(frozen=True)
class _Answer:
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    may_repeat: Callable[[], bool]


class Repeats:
    """Gives such answers before Flask sets anything up: a feed's 304 then costs no more than a constant.

    Requests answered here are not counted in /metrics.
    """

    def __init__(self, app: Flask, inner: Any) -> None:
        self._app, self._inner = app, inner
        self._answers = Shelf(32 * 1024 * 1024)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """A WSGI application."""
        watch: Watch | None = self._app.extensions.get(_WATCH)
        if watch is None or not environ["PATH_INFO"].endswith(".ics"):
            return self._inner(environ, start_response)
        key = tuple(environ.get(name) for name in _ASKED)
        found, kept = self._answers.find(key)
        if found is not None and kept == (watch.mark(), clock.today()) and found.may_repeat():
            start_response(found.status, list(found.headers))
            return [found.body] if found.body else []
        return self._ask(key, environ, start_response)

    def _ask(self, key: tuple[Any, ...], environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        given: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            given[:] = [status, tuple(headers)]
            return start_response(status, headers, *more)

        answer = self._inner(environ, note)
        if _KEEP not in environ:
            return answer
        kept, may_repeat = environ[_KEEP]
        body = b"".join(answer)
        size = len(body) + sum(len(part or "") for part in key) + 1000
        self._answers.keep(key, _Answer(given[0], given[1], body, may_repeat), mark=kept, size=size)
        return ClosingIterator([body], getattr(answer, "close", None))
