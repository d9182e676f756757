"""Data of every earlier landing comes up to the newest schema whole: the figures stand, the pages open."""

import json
import lzma
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Boolean, Date, DateTime, MetaData, insert, text
from sqlalchemy.engine import make_url

from tests.conftest import settings_for
from tests.integration.test_migrations import revisions
from tests.support.apps import close_connections, make_app
from tests.support.databases import SQLITE, Databases
from webapp import areas
from webapp.core import signing
from webapp.core.db import db, upgrade

LANDINGS = Path(__file__).parent.parent / "landings"
DUMPS = sorted(LANDINGS.glob("*.sql.xz"))
# They landed together with 0014, with 0024 and with 0028: nobody's database stood there.
ON_THE_WAY = {f"{number:04}" for number in (*range(7, 14), *range(15, 24), 25, 26)}
PUBLIC = ["/", "/events/", "/plan/", "/plan/tasks/A1-1", "/calendar/", "/api/v1/events"]
STAFF = ["/manage/", "/manage/events", "/me", "/manage/exchange", "/manage/hours"]


def _dump(landing: str) -> str:
    return lzma.decompress((LANDINGS / f"{landing}.sql.xz").read_bytes()).decode()


def _value(column: Any, value: Any) -> Any:
    """SQLite's value as PostgreSQL's column takes it."""
    if value is None:
        return None
    if isinstance(column.type, Boolean):
        return bool(value)
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return json.loads(value) if column.type.__class__.__name__.startswith("JSON") else value


def _put_into_postgresql(landing: str, source: sqlite3.Connection) -> None:
    """The rows, into the schema as it was at that landing."""
    upgrade(_current(), _revision_of(landing))
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="READ COMMITTED")
        connection.exec_driver_sql("SET session_replication_role = replica")
        metadata = MetaData()
        metadata.reflect(connection)
        for table in metadata.tables.values():
            if table.name == "alembic_version":
                continue
            connection.execute(table.delete())  # what the migrations themselves put there is in the dump too
            rows = source.execute(f'SELECT * FROM "{table.name}"').fetchall()
            if rows:
                made = [
                    {name: _value(table.c[name], row[name]) for name in row.keys()}  # noqa: SIM118
                    for row in rows
                ]
                connection.execute(insert(table), made)
        connection.commit()
        connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        connection.commit()


def _current() -> Flask:
    from flask import current_app

    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def _revision_of(landing: str) -> str:
    return next(name for name in revisions(_current()) if name.startswith(landing))


@pytest.fixture(params=[path.name.split(".")[0] for path in DUMPS])
def landed(
    request: pytest.FixtureRequest, databases: Databases, database_kind: str, tmp_path: Path
) -> Iterator[Flask]:
    """The application on the data of one landing, as an upgrade finds it."""
    landing = str(request.param)
    with databases.fresh(database_kind, migrated=False) as url:
        app = make_app(settings_for(url, tmp_path))
        with app.app_context():
            file = str(make_url(url).database) if database_kind == SQLITE else ":memory:"
            source = sqlite3.connect(file)
            source.row_factory = sqlite3.Row
            source.executescript(_dump(landing))
            if database_kind != SQLITE:
                _put_into_postgresql(landing, source)
            source.close()
            yield app
            db.session.close()
        close_connections(app)


def _counts() -> dict[str, int]:
    tables = (
        "person",
        "event",
        "event_session",
        "signup",
        "attendance",
        "scan",
        "ledger_entry",
        "audit_entry",
    )
    with db.engine.connect() as connection:
        return {
            name: int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())
            for name in tables
        }


def test_an_earlier_landing_comes_up_whole(landed: Flask) -> None:
    before = _counts()
    upgrade(landed)
    after = _counts()
    assert {**before, "ledger_entry": 0} == {**after, "ledger_entry": 0}
    assert after["ledger_entry"] >= before["ledger_entry"] > 0
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    verified = landed.test_cli_runner().invoke(args=["ledger", "verify"])
    assert verified.exit_code == 0, verified.output
    assert (
        landed.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
    )  # a second time changes nothing
    client = landed.test_client()
    for address in PUBLIC:
        assert client.get(address, follow_redirects=True).status_code == 200, address
    name = {"login": "office@demo.test", "password": "kepu-demo-2026"}
    assert client.post("/sign-in", data=name).status_code == 302
    for address in STAFF:
        assert client.get(address).status_code == 200, address


def test_an_earlier_one_put_back_without_its_keys_is_refused(landed: Flask) -> None:
    """Its passes were signed, and it does not know with what: after the upgrade nobody could tell any more."""
    is_signed = _version()[:4] in {"0003", "0004", "0005", "0006"}
    path = landed.extensions["kepu_settings"].data_dir / signing.FILE
    path.unlink(missing_ok=True)
    with db.engine.begin() as connection:  # somebody has come with a pass
        one = "(SELECT id FROM scan WHERE code LIKE 'pass:%' LIMIT 1)"
        connection.execute(text(f"UPDATE scan SET device = 'phone 1' WHERE id = {one}"))
    runner, before = landed.test_cli_runner(), _version()
    said = runner.invoke(args=["db", "upgrade"])
    assert (said.exit_code, "is missing" in said.output) == ((1, True) if is_signed else (0, False))
    if is_signed:
        with pytest.raises(signing.BadKeys):
            areas.prepare(landed)
        assert _version() == before and not path.exists()
        assert "becomes void" in runner.invoke(args=["keys", "renew", "--yes"]).output
        assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    areas.prepare(landed)


def _version() -> str:
    with db.engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_no_landing_is_left_out(app: Flask) -> None:
    """Every migration up to the last landing that was kept has its data; the newest are this landing's own."""
    kept = {path.name[:4] for path in DUMPS}
    assert {name[:4] for name in revisions(app) if name[:4] <= max(kept)} == kept | ON_THE_WAY
