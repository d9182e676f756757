"""Alembic runs on the connection that webapp.core.db hands over; models come from the areas."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import Connection

from webapp.core.db import Base, UtcDateTime
from webapp.core.engines import is_of_models


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write column types a migration can be run with after the application's own types have changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def foreign_keys_asleep(connection: Connection) -> Iterator[None]:
    """SQLite's tables are rebuilt in batch mode, and their children must not be cut off meanwhile.

    The pragma does nothing inside a transaction, so it is given to the driver before one begins. What the rebuilt
    tables point at is looked at before anything is committed.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.rollback()
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            rows = ", ".join(sorted({f"{table} → {parent}" for table, _row, parent, _number in broken}))
            raise RuntimeError(
                f"The migration would leave rows that point at nothing ({rows}): nothing was changed."
            )
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


connection = context.config.attributes["connection"]
with foreign_keys_asleep(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
        include_object=is_of_models,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
