"""The database: Base, naming, column types, the one transaction(), lock_row(), and moving the schema."""

import fcntl
import inspect
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import DateTime, Dialect, MetaData, String, TypeDecorator, event, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from webapp.core import clock
from webapp.core.config import Settings
from webapp.core.engines import WRITING, engine_options, prepare_engine
from webapp.core.errors import NotFound
from webapp.core.locking import write_to_itself

# Constraint names are part of the contract: services recognise a broken rule by its name.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# Crockford's base 32, lower case: no i, l, o, u, so an id read aloud survives.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TIME_LENGTH, ID_LENGTH = 10, 18
_UNSEEN = {"synchronize_session": False}
_PREPARING = 7_246_120_611  # number of our advisory lock: any, as long as it is always the same

_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def _base32(number: int, length: int) -> str:
    """Two letters at a time; `length` is even."""
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in range(5 * length - 10, -1, -10)])


def new_id() -> str:
    """A new opaque id: 50 bits of milliseconds, then 40 random bits, so ids sort by birth."""
    return _base32(time.time_ns() // 1_000_000, TIME_LENGTH) + _base32(
        secrets.randbits(40), ID_LENGTH - TIME_LENGTH
    )


def born_at(row_id: str) -> datetime:
    """When an id was made; raises ValueError for what is none."""
    number = 0
    for letter in row_id[:TIME_LENGTH]:
        number = number * 32 + _ALPHABET.index(letter)
    return datetime.fromtimestamp(number / 1000, UTC)


def is_id(text: str) -> bool:
    """Whether this could be one of them."""
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum()


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python on both databases; SQLite itself would hand back naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values: they are how time-zone faults begin."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime}


Id = Annotated[str, mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)]
CreatedAt = Annotated[datetime, mapped_column(default=clock.now)]
# Text columns state their limit; forms and the API use the same numbers (see each area's domain.py).
ShortText = Annotated[str, mapped_column(String(120))]
LongText = Annotated[str, mapped_column(String(4000))]

db = SQLAlchemy()

ModelT = TypeVar("ModelT", bound=Base)


def session() -> Session:
    """The session of the current request, job or command."""
    return db.session


def up_to_date() -> Connection:
    """The session's connection, for statements built once, after what this transaction has changed was sent."""
    current = db.session
    if current.dirty or current.new or current.deleted:
        current.flush()
    return current.connection()


@contextmanager
def transaction() -> Iterator[Session]:
    """The one place that commits: everything inside happens, or nothing does.

    What was read before is forgotten first: a write must see the present, and on SQLite a reading transaction cannot
    become a writing one while another writer was faster. Does not nest.
    """
    current = db.session
    if current.info.get("in_transaction"):
        raise RuntimeError("transaction() does not nest")
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("something was changed outside transaction()")
    current.rollback()
    current.info["in_transaction"] = True
    try:
        current.connection(execution_options=WRITING[db.engine.dialect.name])
        if first := current.info.pop("first", None):  # core/deciding.py: it may refuse the whole
            first()
        with current.info.get("act", nullcontext)():  # core/just_done.py: an act is written down
            yield current
        if last := current.info.get("last"):  # core/drafting.py: what is taken needs no draft
            last()
        for action in current.info.pop("before_commit", {}).values():
            action()
        current.commit()
        current.info.pop("act", None)
    except BaseException:
        current.rollback()
        for name in ("before_commit", "after_commit", "audit", "act"):  # what follows is another act
            current.info.pop(name, None)
        raise
    finally:
        current.info.pop("in_transaction", None)
    for action in current.info.pop("after_commit", {}).values():
        action()


@contextmanager
def savepoint() -> Iterator[Session]:
    """A part of a transaction that may fail alone: flushed at the end; what broke a constraint is undone, the
    rest stands. Catch IntegrityError outside it and look at broken_constraint().
    """
    with db.session.begin_nested():
        yield db.session


def before_commit(name: str, action: Callable[[], None]) -> None:
    """Do `action` once at the end of the current transaction, inside it; the same name is done once."""
    db.session.info.setdefault("before_commit", {})[name] = action


def after_commit(name: str, action: Callable[[], None]) -> None:
    """Do `action` once when the current transaction has been committed; the same name is done once."""
    db.session.info.setdefault("after_commit", {})[name] = action


def lock_row(model: type[ModelT], row_id: str) -> ModelT:
    """Take the row for this transaction and return it as it now is; raises NotFound.

    It writes the row to itself, which locks on PostgreSQL and SQLite alike (FOR UPDATE does nothing on SQLite).
    Order everywhere: event, then session or position, then person.
    """
    key = model.__mapper__.primary_key[0]
    current = db.session
    current.flush()  # what this transaction changed must be in the row that is read back
    current.execute(write_to_itself(model), {"row_id": row_id}, execution_options=_UNSEEN)
    found = current.scalar(select(model).where(key == row_id).execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def get_row(model: type[ModelT], row_id: str) -> ModelT:
    """The row with this id; raises NotFound."""
    found = db.session.get(model, row_id)
    if found is None:
        raise NotFound
    return found


def on_conflict_do_nothing(model: type[Base]) -> Any:
    """An INSERT that leaves out rows which break a unique constraint, on either database."""
    return _insert_or_leave(model, db.engine.dialect.name)


@cache
def _insert_or_leave(model: type[Base], dialect: str) -> Any:
    make = postgresql_insert if dialect == "postgresql" else sqlite_insert
    return make(model).on_conflict_do_nothing()


def broken_constraint(error: IntegrityError) -> str:
    """Name of the constraint an IntegrityError is about, or what the database said of the columns.

    SQLite lists table.column for UNIQUE, which is turned into the name the naming convention gives.
    """
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name:
        return str(name)
    text = str(error.orig)
    if "UNIQUE constraint failed:" in text:
        columns = [part.strip() for part in text.split(":", 1)[1].split(",")]
        if columns and columns[0].startswith("index "):
            return columns[0].removeprefix("index ").strip("'")
        table = columns[0].split(".")[0]
        return "uq_" + table + "_" + "_".join(column.split(".")[-1] for column in columns)
    return text.rsplit(":", 1)[-1].strip()


def init_database(app: Flask, settings: Settings) -> None:
    """Attach the engine to the application."""
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(settings.database_url)}
    db.init_app(app)
    # The extension also closes async sessions, which nothing here opens: half a millisecond of event loop per request.
    app.teardown_appcontext_funcs = [
        do for do in app.teardown_appcontext_funcs if not inspect.iscoroutinefunction(do)
    ]
    with app.app_context():
        prepare_engine(db.engine)
        event.listen(db.sessionmaker, "before_flush", _refuse_outside)


def _refuse_outside(current: Session, *_: object) -> None:
    """Rows are changed inside transaction() or not at all: outside it PostgreSQL would keep each by itself."""
    if not current.info.get("in_transaction") and (current.new or current.dirty or current.deleted):
        raise RuntimeError("something was changed outside transaction()")


@contextmanager
def _schema(app: Flask) -> Iterator[AlembicConfig]:
    """What Alembic works with."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execution_options(**WRITING[connection.dialect.name])
        config = AlembicConfig()
        config.set_main_option("script_location", str(app.extensions["kepu_root"] / "migrations"))
        config.attributes["connection"] = connection
        yield config


def upgrade(app: Flask, revision: str = "head") -> None:
    """Bring the schema up to a revision. One process does this before the servers start."""
    with _schema(app) as config:
        command.upgrade(config, revision)


@contextmanager
def one_process_at_a_time(app: Flask) -> Iterator[None]:
    """Others that ask wait here until this process is done; for preparing a database that several may serve.

    An advisory lock (they may run on different machines), on SQLite a lock on a file: both go with the process.
    """
    settings: Settings = app.extensions["kepu_settings"]
    with app.app_context(), ExitStack() as stack:
        if db.engine.dialect.name == "postgresql":
            connection = stack.enter_context(db.engine.connect())
            connection.exec_driver_sql("SET lock_timeout = 0")  # the other one may be loading for a while
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_PREPARING})")
            stack.callback(connection.invalidate)  # ends the connection, and with it lock and setting
        else:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context((settings.data_dir / "prepare.lock").open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def downgrade(app: Flask, revision: str) -> None:
    """Take the schema back to a revision."""
    with _schema(app) as config:
        command.downgrade(config, revision)


def make_revision(app: Flask, message: str) -> None:
    """Write a new migration from the difference between models and database."""
    with _schema(app) as config:
        command.revision(config, message=message, autogenerate=True)
