"""Transactions, locks, constraint names, durability."""

import re
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Table, select, text
from sqlalchemy.exc import IntegrityError

from tests.architecture.source import modules
from tests.support.time import TestClock
from webapp.core.db import Base, broken_constraint, db, get_row, lock_row, new_id, transaction
from webapp.core.errors import NotFound
from webapp.core.locking import harmless_columns, write_to_itself
from webapp.organisations.models import Organisation
from webapp.people.models import Person


def make(name: str) -> Organisation:
    return Organisation(name=name, kind="unit")


def test_what_fails_half_way_leaves_nothing(app: Flask) -> None:
    def half() -> None:
        with transaction() as session:
            session.add(make("市科协"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert db.session.scalar(text("SELECT count(*) FROM organisation")) == 0


def test_transactions_do_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="nest"), transaction(), transaction():
        pass


def test_changes_outside_a_transaction_are_refused(app: Flask) -> None:
    db.session.add(make("市科协"))
    with pytest.raises(RuntimeError, match="outside"), transaction():
        pass
    db.session.rollback()


def test_a_lock_shows_the_row_as_it_is_now(app: Flask) -> None:
    with transaction() as session:
        made = make("市科协")
        session.add(made)
    row = get_row(Organisation, made.id)
    assert row.name == "市科协"
    with transaction():
        db.session.execute(text("UPDATE organisation SET name = '市科学技术协会'"))
        assert lock_row(Organisation, made.id).name == "市科学技术协会"


def test_taking_a_row_reads_no_table_that_points_at_it(app: Flask) -> None:
    """SQLite looks for children of a key that is written, and without an index it reads 600,000 sign-ups for it: its
    program of the statement may open the row's own table and no other.
    """
    for model in taken_somewhere():
        table = model.__table__
        assert isinstance(table, Table)
        pointed_at = {key.column for other in Base.metadata.tables.values() for key in other.foreign_keys}
        assert pointed_at.isdisjoint(harmless_columns(table)), table.name
        if db.engine.dialect.name == "sqlite":
            statement = str(write_to_itself(model).compile(db.engine)).replace("?", "'x'")
            assert opened_by(statement) <= {table.name}, statement
            column = table.primary_key.columns[0].name
            worse = opened_by(f"UPDATE {table.name} SET {column} = {column}")
            assert len(worse) > 1 or column not in {one.name for one in pointed_at if one.table is table}


def taken_somewhere() -> list[type[Base]]:
    """Every model some code hands to lock_row."""
    names = {name for path in modules() for name in re.findall(r"lock_row\((\w+),", path.read_text())}
    return [mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__name__ in names]


def opened_by(statement: str) -> set[str]:
    """Tables SQLite opens for it."""
    names = {
        row.rootpage: row.tbl_name
        for row in db.session.execute(text("SELECT rootpage, tbl_name FROM sqlite_schema"))
    }
    program = db.session.execute(text("EXPLAIN " + statement))
    return {names[row.p2] for row in program if row.opcode in {"OpenRead", "OpenWrite"}}


def test_taking_a_row_is_no_change_of_it(app: Flask, clock: TestClock) -> None:
    with transaction() as session:
        made = Person(name="李阿姨", phone="13800000001")
        session.add(made)
    before = made.updated_at
    clock.advance(hours=1)
    with transaction():
        lock_row(Person, made.id)
    db.session.expire_all()
    assert get_row(Person, made.id).updated_at == before


def test_a_lock_on_nothing_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound), transaction():
        lock_row(Organisation, "nothing")


def test_a_broken_constraint_has_the_same_name_on_both_databases(app: Flask) -> None:
    with transaction() as session:
        session.add(make("市科协"))
    with pytest.raises(IntegrityError) as broken, transaction() as session:
        session.add(make("市科协"))
    assert broken_constraint(broken.value) == "uq_organisation_name"


def test_naive_times_never_reach_the_database(app: Flask) -> None:
    with pytest.raises(Exception, match="naive"), transaction() as session:
        session.add(Organisation(name="市科协", kind="unit", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_ids_sort_by_birth_and_do_not_repeat() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 18 for one in ids)
    assert [one[:10] for one in ids] == sorted(one[:10] for one in ids)


def test_an_acknowledged_write_survives_a_power_cut(app: Flask) -> None:
    """Promise 3 asks for these settings on the very connection that writes; a kill alone cannot show them."""
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
            assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
        else:
            assert session.scalar(text("SHOW synchronous_commit")) == "on"
            assert session.scalar(text("SHOW TimeZone")) == "UTC"


def test_rows_read_and_changed_outside_a_transaction_are_not_sent(app: Flask) -> None:
    with transaction() as session:
        session.add(make("市科协"))
    row = db.session.scalars(select(Organisation)).one()
    row.name = "别的"
    with pytest.raises(RuntimeError, match="outside"):
        db.session.scalars(select(Organisation)).all()
    db.session.rollback()
    assert db.session.scalars(select(Organisation.name)).all() == ["市科协"]


@pytest.mark.databases("postgresql")  # SQLite plans in the same process
def test_the_server_keeps_what_it_has_planned(app: Flask) -> None:
    """psycopg forgets prepared statements at every ROLLBACK; reading must not end with one."""
    for _ in range(8):
        assert db.session.scalars(select(Organisation)).all() == []
        with transaction():
            pass
        db.session.close()
    assert db.session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) > 0


@pytest.mark.databases("postgresql")  # SQLite has no server
def test_a_connection_the_server_has_closed_is_not_handed_out(app: Flask) -> None:
    with db.engine.connect() as kept:
        gone = kept.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with db.engine.connect() as first, db.engine.connect() as other:
        pids = {one.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() for one in (first, other)}
        assert gone in pids
        (own,) = pids - {gone}
        killer = first if first.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() == own else other
        victim = other if killer is first else first
        victim.close()
        killer.exec_driver_sql(f"SELECT pg_terminate_backend({gone}, 5000)")
    for _ in range(3):
        with db.engine.connect() as one:
            assert one.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != gone
