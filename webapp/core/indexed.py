"""Asking the indexes of words that stand over a table's column `words`: GIN on PostgreSQL, FTS5 on SQLite.

The table numbers its rows by `number`; SQLite's index is called as the table with `_index` behind, and triggers of the
migration keep it (event_words, person_words).
"""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, cast, column, func, literal, or_, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from webapp.core.db import session
from webapp.core.words import Node, as_fts5, as_tsquery


def stands(model: Any, node: Node) -> ColumnElement[bool]:
    """Whether the row's words fulfil the condition."""
    if _is_postgresql():
        return _told_by(model.words, node)
    within: ColumnElement[bool] = model.number.in_(_matching(model, node))
    return within


def hold(words: ColumnElement[str], node: Node) -> ColumnElement[bool]:
    """The same, asked of some rows' words by themselves: the index would first gather all it has for the condition.

    PostgreSQL takes its index nevertheless unless these rows stand in a materialised CTE.
    """
    return _told_by(words, node) if _is_postgresql() else _in_line(literal(" ") + words + " ", node)


def newest(model: Any, node: Node, limit: int) -> CTE:
    """The numbers of the rows made last whose words fulfil the condition, at most `limit`.

    SQLite's index gives its rows in their order, and stops when there are enough. PostgreSQL's has none: it is asked by
    itself, since walking all rows backwards would be slow for whoever is rare.
    """
    if _is_postgresql():
        rows = (
            select(model.number).where(_told_by(model.words, node)).cte("meant").prefix_with("MATERIALIZED")
        )
        return select(rows.c.number).order_by(rows.c.number.desc()).limit(limit).cte("newest")
    matching = _matching(model, node)
    return matching.order_by(matching.selected_columns.number.desc()).limit(limit).cte("newest")


def _is_postgresql() -> bool:
    return session().get_bind().dialect.name == "postgresql"


def _told_by(words: Any, node: Node) -> ColumnElement[bool]:
    found: ColumnElement[bool] = words.op("@@", is_comparison=True)(cast(as_tsquery(node), TSQUERY))
    return found


def _in_line(line: ColumnElement[str], node: Node) -> ColumnElement[bool]:
    """As core/matching.py holds a line of words against it in Python."""
    if isinstance(node, str):
        wanted = f" {node[:-1]}" if node.endswith("*") else f" {node} "
        return func.instr(line, wanted) > 0
    mark, nodes = node
    return (and_ if mark == "AND" else or_)(*(_in_line(line, one) for one in nodes))


def _matching(model: Any, node: Node) -> Select[tuple[int]]:
    name = f"{model.__tablename__}_index"
    index = table(name, column("rowid"), column(name))
    return select(index.c.rowid.label("number")).where(index.c[name].op("MATCH")(literal(as_fts5(node))))
