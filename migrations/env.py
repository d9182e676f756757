"""Alembic runs on the connection that webapp.core.db hands over; models come from the areas."""

from typing import Any, Literal

from alembic import context

from webapp.core.db import Base, UtcDateTime, is_of_models


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write column types a migration can be run with after the application's own types have changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


connection = context.config.attributes["connection"]
is_sqlite = connection.dialect.name == "sqlite"
if is_sqlite:  # tables are rebuilt in batch mode; their children must not be cut off meanwhile
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
connection.commit()
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=is_sqlite,
    compare_type=True,
    render_item=render_item,
    include_object=is_of_models,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
if is_sqlite:
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    connection.commit()
