"""A database for each test: a copy of a template that the real migrations made once per test process."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.postgres import Cluster

SQLITE, POSTGRESQL = "sqlite", "postgresql"
Migrate = Callable[[str], None]


@dataclass
class Databases:
    """Makes them and throws them away."""

    folder: Path
    migrate: Migrate
    _clusters: dict[bool, Cluster] = field(default_factory=dict)
    _templates: set[tuple[bool, bool]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def fresh(self, kind: str, *, migrated: bool = True, durable: bool = False) -> Iterator[str]:
        """Address of a new database of this kind, at the newest migration unless `migrated` is false."""
        if kind == SQLITE:
            yield self._sqlite(migrated=migrated)
            return
        cluster, name = self._cluster(durable=durable), f"test_{next(self._numbers)}"
        template = self._template(cluster, durable=durable) if migrated else "template1"
        cluster.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield cluster.url(name)
        finally:
            cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _sqlite(self, *, migrated: bool) -> str:
        template = self.folder / "template.sqlite3"
        file = self.folder / f"test_{next(self._numbers)}.sqlite3"
        if migrated:
            if not template.exists():
                draft = self.folder / "draft.sqlite3"
                self.migrate(f"sqlite:///{draft}")
                draft.rename(template)
            shutil.copyfile(template, file)
        return f"sqlite:///{file}"

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
        """Stop every server that was started."""
        for cluster in self._clusters.values():
            cluster.stop()
