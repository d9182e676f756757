"""Asking the indexes of words that stand over a table's column `words`: GIN on PostgreSQL, FTS5 on SQLite.

The table numbers its rows by `number`; SQLite's index is called as the table with `_index` behind, and triggers of the
migration keep it (event_words, person_words).
"""

from typing import Any

from sqlalchemy import ColumnElement, cast, column, literal, select, table
from sqlalchemy.dialects.postgresql import TSQUERY

from webapp.core.db import session
from webapp.core.words import Node, as_fts5, as_tsquery


def stands(model: Any, node: Node) -> ColumnElement[bool]:
    """Whether the row's words fulfil the condition."""
    if session().get_bind().dialect.name == "postgresql":
        found: ColumnElement[bool] = model.words.op("@@", is_comparison=True)(cast(as_tsquery(node), TSQUERY))
        return found
    name = f"{model.__tablename__}_index"
    index = table(name, column("rowid"), column(name))
    matching = select(index.c.rowid).where(index.c[name].op("MATCH")(literal(as_fts5(node))))
    within: ColumnElement[bool] = model.number.in_(matching)
    return within
