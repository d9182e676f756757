"""Many rows in few statements."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from webapp.core.db import Base, broken_constraint, session
from webapp.signups.domain.presence import HasPlaceForAnother

AT_ONCE = 400  # so many values in one statement
Item = TypeVar("Item")


def table_of(model: type[Base]) -> Table:
    """The table without its mapping."""
    return cast("Table", model.__table__)


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """So many at a time as one statement takes."""
    for first in range(0, len(items), AT_ONCE):
        yield items[first : first + AT_ONCE]


def insert_new(model: type[Base], unique: list[str], rows: list[dict[str, Any]]) -> set[str]:
    """Insert what does not break this unique index; ids of what was written."""
    if not rows:
        return set()
    connection, table = session().connection(), table_of(model)
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(table).on_conflict_do_nothing(index_elements=unique).returning(table.c.id)
    try:
        return set(connection.execute(statement, rows).scalars())
    except IntegrityError as error:  # one of them signed up for another place of the session at this moment
        if broken_constraint(error) != "uq_signup_session_id_person_id":
            raise
        raise HasPlaceForAnother from error
