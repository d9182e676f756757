"""What goes, goes whole: one way to delete a row others point at.

Beside each foreign key stands what becomes of the child when its parent is deleted: `GOES_ALONG`, `LET_GO` (the child
stays and forgets it), or `holds("…")`: while such a row is there, the parent cannot be deleted, and the sentence names
it. A key that says nothing holds. A test walks every foreign key of the schema.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Column, ForeignKey, Table, delete, select, update

from webapp.core.db import Base, savepoint, session
from webapp.core.errors import Conflict, N_, Words

_KEY = "on_removal"
GOES_ALONG = {_KEY: "goes"}
LET_GO = {_KEY: "let_go"}


def holds(what: str) -> dict[str, str]:
    """The parent stays while there is such a row; `what` is its marked name in the sentence."""
    return {_KEY: "holds", "what": what}


class StillHeld(Conflict):
    """Something hangs on it that is not thrown away."""

    sentence = N_("已有%(what)s，不能删除。可以取消，记录会保留。")
    code = "still_held"


def rule_of(key: ForeignKey) -> str | None:
    """What the key says: goes, let_go, holds; None where it says nothing."""
    return key.info.get(_KEY)


@cache
def keys_into(table: Table) -> tuple[tuple[Column[Any], ForeignKey], ...]:
    """Every foreign key of the schema that points at this table, with its column."""
    return tuple(
        (column, key)
        for other in Base.metadata.sorted_tables
        for column in other.columns
        for key in column.foreign_keys
        if key.column.table is table
    )


@cache
def _model_of(table: Any) -> type[Base]:
    """Its class, so that the session forgets the objects of deleted rows."""
    return next(one.class_ for one in Base.registry.mappers if one.local_table is table)


def remove(model: type[Base], ids: Collection[str]) -> None:
    """Delete these rows and all that goes along; raises StillHeld, and then nothing is gone."""
    table = model.__table__
    with savepoint():
        if isinstance(table, Table):
            for some in _parts(sorted(ids)):
                _remove(table, _only(table), some)


def _only(table: Table) -> Column[Any]:
    column, *more = table.primary_key.columns
    if more:
        raise TypeError(f"{table.name} has no single key")
    return column


def _remove(table: Table, key: Column[Any], ids: Collection[str]) -> None:
    """Rows are locked before their children are looked at, so that nobody adds one meanwhile."""
    current = session()
    current.execute(select(key).where(key.in_(ids)).order_by(key).with_for_update())
    for column, foreign in sorted(keys_into(table), key=_in_order):
        hanging = column.in_(ids)
        if rule_of(foreign) == "let_go":
            current.execute(update(_model_of(column.table)).where(hanging).values({column.name: None}))
        elif rule_of(foreign) == "goes":
            _remove_children(column.table, hanging)
        elif current.execute(select(1).select_from(column.table).where(hanging).limit(1)).first():
            raise StillHeld(what=Words(foreign.info.get("what", N_("别的记录"))))
    current.execute(delete(_model_of(table)).where(key.in_(ids)))


def _in_order(pair: tuple[Column[Any], ForeignKey]) -> tuple[int, str]:
    """What holds is looked at first, then who lets go, then who goes along."""
    return {"let_go": 1, "goes": 2}.get(rule_of(pair[1]) or "", 0), str(pair[0])


def _remove_children(table: Any, hanging: Any) -> None:
    """Those that others may point at by their ids, one by one; a row of two keys has no children."""
    if len(table.primary_key.columns) > 1:
        session().execute(delete(_model_of(table)).where(hanging))
        return
    key = _only(table)
    children = list(session().scalars(select(key).where(hanging)))
    for some in _parts(children):
        _remove(table, key, some)


def _parts(ids: list[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
