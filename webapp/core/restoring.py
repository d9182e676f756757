"""What an act changed, kept as JSON, and put back: refused where somebody has gone on from there (core/undoing.py)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Table, TypeDecorator, delete, insert, update

from webapp.core.db import Base, session
from webapp.core.recording import AT_ONCE, RISES, Line, Row, is_one_of, persons_in, read, tables


def written(lines: Iterable[Line]) -> list[list[Any]]:
    """The lines as a JSON column keeps them."""
    return [
        [one.table, _plain(list(one.key)), _row_out(one.was), _row_out(one.became), list(one.persons)]
        for one in lines
    ]


def read_back(kept: Iterable[Sequence[Any]]) -> list[Line]:
    """Lines as they were written."""
    found = []
    for name, key, was, became, *persons in kept:
        table = Base.metadata.tables[name]
        parts = zip(table.primary_key.columns, key, strict=True)
        found.append(
            Line(
                name,
                tuple(_value(column, part) for column, part in parts),
                _row_in(table, was),
                _row_in(table, became),
                tuple(*persons),
            )
        )
    return found


def only_persons(kept: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Nothing is left to be put back; whom the sentence may name is still found by their ids (core/done.py)."""
    return [
        ["", [], None, None, sorted({one for line in kept for one in (line[4] if len(line) > 4 else ())})]
    ]


def _row_out(row: Row | None) -> dict[str, Any] | None:
    return None if row is None else {name: _plain(value) for name, value in row.items()}


def _row_in(table: Table, row: Row | None) -> Row | None:
    return None if row is None else {name: _value(table.columns[name], value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, Decimal) else value


def _value(column: Column[Any], value: Any) -> Any:
    kind = _kind(column)
    if value is None:
        return value
    if issubclass(kind, (datetime, date, time)):
        return kind.fromisoformat(value)
    if kind is bytes:
        return bytes.fromhex(value)
    return Decimal(value) if kind is Decimal else value


def _kind(column: Column[Any]) -> type[Any]:
    """The type of its values in Python."""
    kind = column.type
    return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type


# --- back ---------------------------------------------------------------------------------------------------------


class NotAsLeft(Exception):
    """A row is not as the act left it: somebody has gone on from there."""

    def __init__(self, line: Line) -> None:
        super().__init__(f"{line.table} {line.key}: {line.became}")
        self.line = line


def look_and_lock(lines: Sequence[Line], *, forgiving: Collection[str] = ()) -> list[Line]:
    """Hold these rows; those that are to be put back. Raises NotAsLeft; rows of `forgiving` tables are left instead."""
    left: list[Line] = []
    for table in tables({one.table for one in lines}):
        own = [one for one in lines if one.table == table.name]
        now = read(table, [one.key for one in own], lock=True)
        for one in own:
            standing = now.get(one.key)
            if _is_as(table, standing, one.became):
                left.append(one)
            elif not _is_as(table, standing, one.was) and table.name not in forgiving:
                raise NotAsLeft(one)
    return left


def _is_as(table: Table, standing: Row | None, row: Row | None) -> bool:
    if standing is None or row is None:
        return standing is row
    return all(standing[name] == value for name, value in row.items() if _counts(table.columns[name]))


def _counts(column: Column[Any]) -> bool:
    """Whether it says something about the row that an act decides."""
    return column.onupdate is None and "undo" not in column.info


def persons_named(lines: Iterable[Line]) -> set[str]:
    """The persons that rows would name again."""
    return {person for one in lines for person in persons_in(Base.metadata.tables[one.table], one.was or {})}


def put_back(lines: Sequence[Line]) -> None:
    """Make the rows what they were. Those that came go first, children before parents: one that stood before may only
    stand alone. Then those that went come back, parents first, and what was changed is what it was.
    """
    going = {(one.table, one.key[0]) for one in lines if one.was is None}
    _let_go_of(going, lines)
    for table in reversed(Base.metadata.sorted_tables):
        keys = [one.key for one in lines if one.table == table.name and one.was is None]
        for first in range(0, len(keys), AT_ONCE):
            session().execute(delete(table).where(is_one_of(table, keys[first : first + AT_ONCE])))
    for table in Base.metadata.sorted_tables:
        own = [one for one in lines if one.table == table.name]
        if gone := [dict(one.was) for one in own if one.was is not None and one.became is None]:
            session().execute(insert(table), gone)
    for one in lines:
        if one.was is not None and one.became is not None:
            table = Base.metadata.tables[one.table]
            if values := _values_back(table, one.was):
                _set(table, one, values)
    session().expire_all()


def _let_go_of(going: Collection[tuple[str, Any]], lines: Sequence[Line]) -> None:
    """Rows that point at what goes point again where they did before."""
    for one in lines:
        if one.was is None or one.became is None:
            continue
        table = Base.metadata.tables[one.table]
        values = {
            name: one.was[name]
            for name, value in one.became.items()
            if any((key.column.table.name, value) in going for key in table.columns[name].foreign_keys)
        }
        if values:
            _set(table, one, values)


def _set(table: Table, line: Line, values: dict[str, Any]) -> None:
    session().execute(update(table).where(is_one_of(table, [line.key])).values(values))


def _values_back(table: Table, was: Row) -> dict[str, Any]:
    values = {name: value for name, value in was.items() if _counts(table.columns[name])}
    rising = [name for name in was if table.columns[name].info == RISES]
    return values | {name: table.columns[name] + 1 for name in rising}
