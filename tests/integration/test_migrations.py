"""The schema: what the migrations make is what the models say, and the way back and forth keeps the data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, inspect, text

from tests.conftest import settings_for
from tests.factories import events as make
from tests.support.databases import Databases
from webapp import create_app
from webapp.core import audit, deeds
from webapp.core.db import Base, db, downgrade, transaction, upgrade
from webapp.core.engines import is_of_models
from webapp.people.models import Person


@pytest.fixture
def bare_app(databases: Databases, database_kind: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without tables."""
    with databases.fresh(database_kind, migrated=False) as url:
        app = create_app(settings_for(url, tmp_path))
        with app.app_context():
            yield app
            db.session.close()
            db.engine.dispose()


def test_head_equals_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_of_models}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_constraint_the_models_name_exists(app: Flask) -> None:
    """compare_metadata does not look at CHECK constraints, and services recognise a broken rule by its name."""
    inspector = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        found = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
        assert wanted == found, table.name


def test_up_down_and_up_again_with_data(bare_app: Flask) -> None:
    upgrade(bare_app)
    with transaction() as session:
        session.add(Person(name="王小明", phone="+8613800000001"))
    upgrade(bare_app)  # a second time changes nothing
    assert db.session.scalar(text("SELECT count(*) FROM person")) == 1
    db.session.rollback()
    downgrade(bare_app, "base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade(bare_app)
    assert db.session.scalar(text("SELECT count(*) FROM person")) == 0


def test_each_step_back_keeps_what_is_older(bare_app: Flask) -> None:
    """From the newest migration down one and up again, a person stays a person."""
    upgrade(bare_app)
    with transaction() as session:
        session.add(Person(name="王小明", phone="+8613800000001"))
    names = list(revisions(bare_app))
    for older in names[1:]:
        downgrade(bare_app, older)
        upgrade(bare_app)
        assert db.session.scalar(text("SELECT name FROM person")) == "王小明"
        db.session.rollback()


def test_older_entries_of_the_audit_learn_where_they_belong(bare_app: Flask) -> None:
    """As 0030 tells the kind of act by its name: the same as core/deeds.py says of all there are."""
    upgrade(bare_app)
    unit = make.an_organisation()
    event = make.an_event(unit)
    held = make.sessions_of(event)[0].id
    ids = (event.id, held, unit.id)
    with transaction():
        for action in deeds.all_deeds():
            audit.record(action, "event_session", held, by=None)
    db.session.close()
    wanted = text("SELECT id, kind, event_id, session_id, organisation_id FROM audit_entry ORDER BY id")
    before = db.session.execute(wanted).all()
    assert before[-1][2:] == ids
    db.session.close()
    downgrade(bare_app, "0029")
    upgrade(bare_app)
    assert [tuple(row) for row in db.session.execute(wanted)] == [tuple(row) for row in before]


def revisions(app: Flask) -> Iterator[str]:
    """Newest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(app.extensions["kepu_root"] / "migrations"))
    for revision in ScriptDirectory.from_config(config).walk_revisions():
        yield revision.revision
