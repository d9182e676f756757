"""TableSize: how many rows each table has and how much room it takes, measured by the worker once a day.

Counting a city's tables takes seconds, so no page does it.
"""

from datetime import datetime

from sqlalchemy import BigInteger, String, func, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.db import Base, db, session

# With their indexes. On SQLite what a table's pages take; builds without that table of its own say only rows.
_POSTGRESQL = """
    SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""
_SQLITE = """
    SELECT s.tbl_name, sum(d.pgsize) FROM dbstat AS d JOIN sqlite_schema AS s ON s.name = d.name
    WHERE d.aggregate = 1 GROUP BY s.tbl_name
"""


class TableSize(Base):
    """One table, as it was last measured."""

    __tablename__ = "table_size"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    measured_at: Mapped[datetime]


def measure() -> list[TableSize]:
    """Every table of ours as it is now; only reads."""
    present, room = set(inspect(db.engine).get_table_names()), _room()
    now, found = clock.now(), []
    for name, table in sorted(Base.metadata.tables.items()):
        if name in present:
            rows = session().scalar(select(func.count()).select_from(table)) or 0
            found.append(TableSize(name=name, rows=rows, bytes=room.get(name), measured_at=now))
    return found


def keep(found: list[TableSize]) -> None:
    """Write it down in the current transaction."""
    _known = list_sizes()  # all at once, held while each is merged: else every table is asked for by itself
    for one in found:
        session().merge(one)


def list_sizes() -> dict[str, TableSize]:
    """By table's name, as last measured."""
    return {one.name: one for one in session().scalars(select(TableSize))}


def _room() -> dict[str, int]:
    is_postgresql = db.engine.dialect.name == "postgresql"
    try:
        rows = session().execute(text(_POSTGRESQL if is_postgresql else _SQLITE)).all()
    except OperationalError:  # SQLite built without dbstat
        session().rollback()
        return {}
    return {str(name): int(size) for name, size in rows}
