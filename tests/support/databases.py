"""A database for each test: a copy of a template that the real migrations made once per test process."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.postgres import Cluster

# What the migrations themselves put into tables is kept beside them, and put back after each test. Connections that
# a test left open are ended; foreign keys sleep meanwhile, since all tables are emptied.
_REMEMBER = """
DO $$ DECLARE name text; has_rows boolean; BEGIN
  CREATE SCHEMA kept;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
    IF has_rows THEN EXECUTE format('CREATE TABLE kept.%I AS SELECT * FROM public.%I', name, name); END IF;
  END LOOP;
END $$
"""
_EMPTY = """
DO $$ DECLARE name text; has_rows boolean; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
    IF has_rows THEN EXECUTE format('DELETE FROM public.%I', name); END IF;
  END LOOP;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
    EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
  END LOOP;
END $$
"""
SQLITE, POSTGRESQL = "sqlite", "postgresql"
ROOM = 2 * 1024**3  # bytes
Migrate = Callable[[str], None]


def folder_in_memory() -> Path | None:
    """Where SQLite's files need no disk: every transaction waits for one (synchronous=FULL, as in production). None
    where there is no room, as in a container.
    """
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    return Path(tempfile.mkdtemp(prefix="kepu-tests-", dir=memory)) if has_room else None


@dataclass
class Databases:
    """Makes them and throws them away."""

    folder: Path
    migrate: Migrate
    _clusters: dict[bool, Cluster] = field(default_factory=dict)
    _templates: set[tuple[bool, bool]] = field(default_factory=set)
    _free: list[str] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def fresh(self, kind: str, *, migrated: bool = True, durable: bool = False) -> Iterator[str]:
        """Address of a new database of this kind, at the newest migration unless `migrated` is false."""
        if kind == SQLITE:
            file = self._sqlite(migrated=migrated)
            yield f"sqlite:///{file}"
            for ending in ("", "-wal", "-shm"):
                file.with_name(file.name + ending).unlink(missing_ok=True)
            return
        if migrated and not durable:
            yield from self._emptied()
            return
        cluster, name = self._cluster(durable=durable), f"test_{next(self._numbers)}"
        template = self._template(cluster, durable=durable) if migrated else "template1"
        cluster.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield cluster.url(name)
        finally:
            cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _emptied(self) -> Iterator[str]:
        """A PostgreSQL database that is emptied after each use: making one takes ten times as long."""
        cluster = self._cluster(durable=False)
        name = self._free.pop() if self._free else f"test_{next(self._numbers)}"
        if name not in self._used:
            cluster.execute(f"CREATE DATABASE {name} TEMPLATE {self._template(cluster, durable=False)}")
            cluster.execute(_REMEMBER, database=name)
            self._used.add(name)
        yield cluster.url(name)
        cluster.execute(_EMPTY, database=name)
        self._free.append(name)

    def _sqlite(self, *, migrated: bool) -> Path:
        template = self.folder / "template.sqlite3"
        file = self.folder / f"test_{next(self._numbers)}.sqlite3"
        if migrated:
            if not template.exists():
                draft = self.folder / "draft.sqlite3"
                self.migrate(f"sqlite:///{draft}")
                draft.rename(template)
            shutil.copyfile(template, file)
        return file

    def _cluster(self, *, durable: bool) -> Cluster:
        if durable not in self._clusters:
            self._clusters[durable] = Cluster(durable=durable)
        return self._clusters[durable]

    def _template(self, cluster: Cluster, *, durable: bool) -> str:
        name = "kepu_template"
        if (durable, True) not in self._templates:
            cluster.execute(f"CREATE DATABASE {name}")
            self.migrate(cluster.url(name))
            self._templates.add((durable, True))
        return name

    def stop(self) -> None:
        """Stop every server that was started, and leave nothing in memory."""
        for cluster in self._clusters.values():
            cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
