"""PostgreSQL spoken to by its driver: what is kept, what is undone, what is left to the usual way."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, select, text

from webapp.core.db import db, new_id, transaction
from webapp.core.direct import Errand, Prepared, attempt, rows
from webapp.core.errors import NotFound
from webapp.organisations.models import Organisation

COLUMNS = ("id", "name", "kind", "publishes_freely", "created_at")
NAMED = Prepared(select(Organisation.id, Organisation.name).where(Organisation.name == bindparam("name")))

only_postgresql = pytest.mark.databases("postgresql")


def row(name: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in Organisation.__table__.columns:
        if column.default is not None and column.default.is_scalar:
            values[column.key] = column.default.arg
        elif column.default is not None:
            values[column.key] = column.default.arg(None)
    return values | {"id": new_id(), "name": name, "kind": "unit"}


def insert_of(values: dict[str, Any], *, or_leave: bool = False) -> Prepared:
    return Prepared.new_row(Organisation, tuple(values), or_leave=or_leave)


def names() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Organisation.name).order_by(Organisation.name)))


def write(errand: Errand, *made: str, found: str | None = "done") -> str | None:
    for name in made:
        values = row(name)
        errand.write(insert_of(values), values)
    return found


def test_rows_are_read_on_either_database(app: Flask) -> None:
    with transaction() as session:
        session.add(Organisation(name="市科协", kind="unit"))
    (found,) = rows(NAMED, {"name": "市科协"})
    assert found.name == "市科协"
    assert rows(NAMED, {"name": "别的"}) == []


@pytest.mark.databases("sqlite")
def test_there_is_no_such_way_on_sqlite(app: Flask) -> None:
    assert attempt(lambda errand: "never asked") is None


@only_postgresql
def test_what_was_written_is_kept_with_an_answer(app: Flask) -> None:
    assert attempt(lambda errand: write(errand, "甲", "乙")) == "done"
    assert names() == ["乙", "甲"]


@only_postgresql
def test_nothing_is_kept_without_one(app: Flask) -> None:
    assert attempt(lambda errand: write(errand, "甲", found=None)) is None
    assert names() == []


@only_postgresql
def test_what_is_raised_undoes_everything_and_comes_out(app: Flask) -> None:
    def work(errand: Errand) -> str:
        write(errand, "甲")
        raise NotFound

    with pytest.raises(NotFound):
        attempt(work)
    assert names() == []
    assert attempt(lambda errand: write(errand, "乙")) == "done", "the connection is as good as before"


@only_postgresql
def test_a_broken_constraint_leaves_it_to_the_usual_way(app: Flask) -> None:
    values = row("甲")

    def work(errand: Errand) -> str:
        errand.write(insert_of(values), values)
        errand.write(insert_of(values), values)
        return "done"

    assert attempt(work) is None
    assert names() == []
    assert attempt(lambda errand: write(errand, "乙")) == "done"


@only_postgresql
def test_a_row_that_is_there_already_can_be_left_out(app: Flask) -> None:
    values = row("甲")

    def work(errand: Errand) -> str:
        for _ in range(2):
            errand.write(insert_of(values, or_leave=True), values)
        return "done"

    assert attempt(work) == "done"
    assert names() == ["甲"]


@only_postgresql
def test_what_is_asked_sees_what_was_committed_and_keeps_its_plan(app: Flask) -> None:
    for number in range(8):
        attempt(lambda errand, number=number: write(errand, f"单位{number}"))  # type: ignore[misc]
        found = attempt(lambda errand, number=number: errand.ask((NAMED, {"name": f"单位{number}"})))  # type: ignore[misc]
        assert found is not None
        assert len(found[0]) == 1
    assert db.session.scalar(
        text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%name%'")
    )


@only_postgresql
def test_a_connection_lost_on_the_way_leaves_it_to_the_usual_way(app: Flask) -> None:
    pid = Prepared(select(func.pg_backend_pid().label("pid")))

    def work(errand: Errand) -> str | None:
        own = errand.ask((pid, {}))[0][0].pid
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:own, 5000)"), {"own": own})
        return write(errand, "甲")

    assert attempt(work) is None
    assert names() == []
    assert attempt(lambda errand: write(errand, "乙")) == "done"


def test_a_column_with_a_default_of_its_own_is_missed() -> None:
    incomplete = Prepared.new_row(Organisation, ("name",))
    with pytest.raises(ValueError, match="default"):
        incomplete._compiled  # noqa: B018
