"""Which rows an act changes and how they were before: written down while it is done, put back when it is undone.

Every statement that changes rows passes here, whoever sends it, so an act that changes one more table next year is
written down without a word of its own. What a machine keeps for itself, and what is counted from other rows, is left
out (`LEFT_OUT`, `info=COUNTED` beside the column): those who count are asked again (core/undoing.py).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Engine, Insert, Table, Update, and_, event, or_, select

from webapp.core.db import Base, session

Key = tuple[Any, ...]
Row = Mapping[str, Any]

COUNTED = {"undo": "counted"}  # follows from other rows; whoever counts it puts it right
RISES = {"undo": "rises"}  # goes up with every change: a change back is one, too
# Kept by the machine, said once, or counted from other rows: an undo does not unsay it.
LEFT_OUT = frozenset(
    {
        *("audit_entry", "done_act", "ended_sign_in", "job_run", "known_secret", "ledger_entry"),
        *(
            "ledger_total",
            "long_task",
            "option",
            "sign_in_failure",
            "stored_answer",
            "table_size",
            "worker_beat",
        ),
    }
)
AT_ONCE = 300  # rows of one question


@dataclass(frozen=True)
class Line:
    """A row an act changed: what it was and what it became (None: there was none); of a changed one what differs.

    `persons` are those the row names, also where that did not change: who goes takes along what is kept of them.
    """

    table: str
    key: tuple[Any, ...]
    was: Row | None
    became: Row | None
    persons: tuple[str, ...] = ()


class Recording:
    """The rows an act has touched so far, as they were before it."""

    def __init__(self) -> None:
        self.before: dict[str, dict[Key, Row | None]] = {}
        self.is_looking = False

    def keep(self, table: Table, rows: Iterable[Row]) -> None:
        """These are about to change."""
        known = self.before.setdefault(table.name, {})
        for row in rows:
            known.setdefault(_key_of(table, row), row)

    def made(self, table: Table, keys: Iterable[Key]) -> None:
        """These were not there before."""
        known = self.before.setdefault(table.name, {})
        for key in keys:
            known.setdefault(key, None)

    def lines(self) -> list[Line]:
        """What became of them, in the order of the tables; rows that are as they were are none."""
        session().flush()
        self.is_looking = True
        found: list[Line] = []
        for table in tables(self.before):
            known = self.before[table.name]
            now = read(table, list(known))
            found += filter(None, (_line(table, key, row, now.get(key)) for key, row in known.items()))
        return found


_recording: ContextVar[Recording | None] = ContextVar("kepu_recording", default=None)


def is_on() -> bool:
    """Whether an act is being written down."""
    return _recording.get() is not None


@contextmanager
def recording() -> Iterator[Recording]:
    """What is changed inside is written down."""
    session().flush()
    made = Recording()
    token = _recording.set(made)
    try:
        yield made
        session().flush()  # what the last lines of an act set is still on its way
    finally:
        _recording.reset(token)


@contextmanager
def not_recording() -> Iterator[None]:
    """What is changed inside belongs to others: it stays when the act is undone."""
    if is_on():
        session().flush()
    token = _recording.set(None)
    try:
        yield
        if token.old_value:
            session().flush()
    finally:
        _recording.reset(token)


def _before(conn: Any, statement: Any, many: Any, one: Any, _options: Any) -> None:
    kept = _recording.get()
    if kept is None or kept.is_looking or not isinstance(statement, (Update, Delete)):
        return
    table = Base.metadata.tables.get(getattr(statement.table, "name", ""))
    if table is None or table.name in LEFT_OUT:
        return
    wanted = select(*statement.table.columns)
    if statement.whereclause is not None:
        wanted = wanted.where(statement.whereclause)
    kept.is_looking = True
    try:
        for given in many or [one or {}]:
            kept.keep(table, [dict(row) for row in conn.execute(wanted, given).mappings()])
    finally:
        kept.is_looking = False


def _after(_conn: Any, statement: Any, _many: Any, _one: Any, _options: Any, result: Any) -> None:
    kept = _recording.get()
    if kept is None or not isinstance(statement, Insert) or statement.table.name in LEFT_OUT:
        return
    table = Base.metadata.tables[statement.table.name]
    names = [column.key for column in table.primary_key.columns]
    kept.made(
        table,
        [
            tuple(given[name] for name in names)
            for given in result.context.compiled_parameters
            if names[0] in given
        ],
    )


event.listen(Engine, "before_execute", _before)
event.listen(Engine, "after_execute", _after)


# --- one row ------------------------------------------------------------------------------------------------------


def _key_of(table: Table, row: Row) -> Key:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _line(table: Table, key: Key, was: Row | None, became: Row | None) -> Line | None:
    persons = tuple(persons_in(table, was or became or {}))
    if was is None or became is None:
        return None if was is became else Line(table.name, key, was, became, persons)
    names = [name for name in was if was[name] != became[name]]
    if not names:
        return None
    before, after = ({name: row[name] for name in names} for row in (was, became))
    return Line(table.name, key, before, after, persons)


def persons_in(table: Table, row: Row) -> Iterator[str]:
    """The persons a row names by their ids."""
    for name, value in row.items():
        if value and any(key.column.table.name == "person" for key in table.columns[name].foreign_keys):
            yield value


def tables(names: Collection[str]) -> list[Table]:
    """Parents before children, but persons last: as everything else is locked."""
    return sorted(
        (one for one in Base.metadata.sorted_tables if one.name in names),
        key=lambda one: one.name == "person",
    )


def is_one_of(table: Table, keys: Sequence[Key]) -> Any:
    """The condition for these rows."""
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return or_(*(and_(*(column == part for column, part in zip(columns, key, strict=True))) for key in keys))


def read(table: Table, keys: Sequence[Key], *, lock: bool = False) -> dict[Key, Row]:
    """These rows as they are now."""
    found: dict[Key, Row] = {}
    keys = sorted(keys, key=str)
    for first in range(0, len(keys), AT_ONCE):
        wanted = select(*table.columns).where(is_one_of(table, keys[first : first + AT_ONCE]))
        wanted = wanted.order_by(*table.primary_key.columns)
        rows = session().connection().execute(wanted.with_for_update() if lock else wanted).mappings()
        found |= {_key_of(table, dict(row)): dict(row) for row in rows}
    return found
