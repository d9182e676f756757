"""Which columns of a row are written to take it: none that makes the database look anywhere else."""

from functools import cache
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, LargeBinary, Table, Text, Update, bindparam, update
from sqlalchemy.schema import ColumnCollectionConstraint


@cache
def write_to_itself(model: Any) -> Update:
    """UPDATE that leaves the row of `:row_id` as it is.

    Written to a column that others point at, SQLite reads every table that does, without an index from end to end:
    650 ms in a city's second year. A time of change stays as well, or taking a row would look like a change of it.
    """
    same: dict[str, Any] = {column.name: column for column in harmless_columns(model.__table__)}
    return update(model).where(model.__mapper__.primary_key[0] == bindparam("row_id")).values(same)


def harmless_columns(table: Table) -> list[Column[Any]]:
    """Columns that stand in no key, rule of uniqueness or index: the times of change, else one small one."""
    bound = {column.name for index in table.indexes for column in index.columns}
    for rule in table.constraints:
        if isinstance(rule, ColumnCollectionConstraint) and not isinstance(rule, CheckConstraint):
            bound |= {column.name for column in rule.columns}
    free = [column for column in table.columns if column.name not in bound and column.computed is None]
    renewed = [column for column in table.columns if column.onupdate is not None]
    small = [column for column in free if not isinstance(column.type, (Text, JSON, LargeBinary))]
    if found := renewed or (small or free)[:1]:
        return found
    raise TypeError(f"{table.name} has nothing but keys and indexed columns: no row of it can be taken")
