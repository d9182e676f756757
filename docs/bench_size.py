"""How many bytes a row takes, with its indexes, and what a city's tables are in five years (docs/operate.md).

    .venv/bin/python docs/bench_size.py             SQLite
    .venv/bin/python docs/bench_size.py postgresql  a PostgreSQL of its own

The rows are those of the demonstration, each many times with other ids: as long as real ones, and spread over the
indexes as those of a year are. It prints the table of docs/operate.md.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event, func, insert, select

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.bench_place import a_cluster, an_installation  # noqa: E402  (the path must be known first)
from docs.bench_rows import run  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.core import sizes  # noqa: E402
from webapp.core.config import Settings  # noqa: E402
from webapp.core.db import Base, db, new_id, session, transaction  # noqa: E402

ROWS = 20_000
ID = 18
# A city: 2,500 sessions a year, 300,000 sign-ups, two of three come. Rows a year, and years they are kept.
YEAR: dict[str, tuple[int, float]] = {
    "signup": (300_000, 5),
    "answer": (150_000, 1.2),
    "person": (100_000, 5),
    "consent": (100_000, 5),
    "scan": (230_000, 5),
    "attendance": (200_000, 5),
    "ledger_entry": (250_000, 5),
    "service_record": (30_000, 5),
    "outbox_message": (900_000, 1),
    "notice": (1_000, 1),
    "telling": (60_000, 1),
    "audit_entry": (750_000, 5),
    "event_session": (2_500, 5),
    "position": (5_000, 5),
    "event": (1_000, 5),
    "job_run": (2_700_000, 31 / 365),
    "stored_answer": (20_000, 31 / 365),
}
# What the demonstration has none of.
MADE_UP: dict[str, dict[str, Any]] = {
    "stored_answer": {
        "request_hash": "0" * 64,
        "status": 201,
        "body": {"id": "0" * ID, "status": "confirmed" * 20},
    },
    "job_run": {"name": "signups.jobs.expire_offers", "error": None},
}


def fill(table: Table) -> int:
    """Many rows like those there are; how many there are then."""
    rows = [dict(row) for row in session().execute(select(table).limit(200)).mappings()]
    given = rows or [{}]
    some = [_another(table, given[number % len(given)], number) for number in range(ROWS)]
    with transaction() as current:
        current.execute(insert(table), some)
    return session().scalar(select(func.count()).select_from(table)) or 0


def _another(table: Table, row: dict[str, Any], number: int) -> dict[str, Any]:
    made = MADE_UP.get(table.name, {}) | row
    for column in table.columns:
        length = getattr(column.type, "length", None)
        is_key = column.primary_key or column.foreign_keys or _is_id(made.get(column.name))
        if is_key and length is not None and (made.get(column.name) is not None or column.primary_key):
            made[column.name] = new_id()
        if column.name in {"nonce", "dedupe_key", "key", "name_key", "uid", "number"} and made.get(
            column.name
        ):
            made[column.name] = f"{str(made[column.name])[:20]}{number:08d}"
        if column.name in {"chain_id", "counter"}:
            made[column.name] = None
        if column.name not in made and not column.nullable and not column.primary_key:
            made[column.name] = _filling(column)
    if table.name == "job_run":
        made |= {
            "name": "signups.jobs.expire_offers",
            "period": _moment(number),
            "started_at": _moment(number),
        }
    return made


def _filling(column: Any) -> Any:
    return (
        _moment(0)
        if column.name.endswith("_at") or column.name == "at"
        else "x" * min(column.type.length or 20, 20)
    )


def _moment(number: int) -> Any:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) == ID and value.isascii() and value.isalnum()


def _let_all_in(connection: Any, *_: Any) -> None:
    """Rows that point at nothing are rows, too."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    connection.cursor().execute(
        "PRAGMA foreign_keys=OFF" if is_sqlite else "SET session_replication_role = replica"
    )
    connection.commit()


@contextmanager
def a_demonstration() -> Iterator[None]:
    """On the database that was asked for, with an application context."""
    if sys.argv[1:] == ["postgresql"]:
        with a_cluster(durable=False) as cluster, an_installation(cluster, "size", demo=True):
            yield
        return
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{name}/size.sqlite3"
        app = create_app(
            Settings(
                database_url=url, data_dir=Path(name), secret_key="of a measurement only, no use", demo=True
            )
        )
        with app.app_context():
            app.extensions["kepu_prepare"](app)
            yield


def main() -> None:
    """Fill, measure, say it."""
    with a_demonstration():
        session().rollback()
        event.listen(db.engine, "checkout", _let_all_in)
        for name in YEAR:
            fill(Base.metadata.tables[name])
        session().rollback()
        found = {one.name: one for one in sizes.measure()}
    total = 0
    print("| table | rows a year | bytes a row | in five years |\n|---|---|---|---|")
    for name, (rows, years) in YEAR.items():
        each = (found[name].bytes or 0) / found[name].rows
        whole = each * rows * years
        total += whole
        print(f"| {name} | {rows:,} | {each:.0f} | {whole / 1e6:,.0f} MB |")
    print(f"| together | | | {total / 1e9:.1f} GB |")


if __name__ == "__main__":
    run(main)
