"""How each database is spoken to: reading, writing, and what every new connection is told."""

import select
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DisconnectionError

# On PostgreSQL each reading statement stands alone, as it does in a READ COMMITTED transaction anyway. That saves two
# questions to the server per request, and above all the ROLLBACK at its end: after one psycopg throws away every
# statement the server has prepared (a table might have been undone), and all joins would be planned anew each time.
READING = "AUTOCOMMIT"
WRITING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "READ COMMITTED"},
    "sqlite": {"writes": True},
}


def engine_options(url: str) -> dict[str, Any]:
    """What the extension makes the engine with."""
    options: dict[str, Any] = {"url": url}
    if make_url(url).get_backend_name() == "postgresql":
        options |= {
            "pool_size": 10,
            "max_overflow": 10,
            "isolation_level": READING,
            "pool_use_lifo": True,  # the connection used last has its statements prepared
            # synchronous_commit is stated, not trusted: promise 3 must not depend on a server's setting.
            "connect_args": {"options": "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=15000"},
        }
    return options


def prepare_engine(engine: Engine) -> None:
    """Attach what has to happen when connections are opened and handed out."""
    prepare = _prepare_sqlite if engine.dialect.name == "sqlite" else _prepare_postgresql
    prepare(engine)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # Promise 3: NORMAL may lose an acknowledged check-in at a power cut, FULL does not.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA busy_timeout=15000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        """Hand out no connection the server has closed. An idle one has nothing to read unless it says goodbye, so a
        look at the socket tells, without the question to the server that `pool_pre_ping` asks before every request.
        """
        look = select.poll()
        look.register(connection.fileno(), select.POLLIN)
        if look.poll(0):
            raise DisconnectionError  # the pool opens another


def is_of_models(*given: Any) -> bool:
    """For Alembic: both databases know it alike. An index of words is each one's own: GIN, and tables of FTS5."""
    name, kind = str(given[1]), given[2]
    if kind == "index":
        return name not in {"ix_event_words_words", "ix_person_words_words"}
    return not name.startswith(("event_words_index", "person_words_index"))
