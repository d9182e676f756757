"""One application per kind of database and test process, lent to each test on a database of its own.

Making an application takes a tenth of a second and its first statements another one; three thousand tests would
spend half their time on it. What a test may leave behind in the application is taken back at the end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url

from tests.support.client import CheckedClient, watch_for_unkept_writes
from webapp import create_app
from webapp.core import changes, security
from webapp.core.config import Settings
from webapp.core.db import db


def make_app(settings: Settings) -> Flask:
    """An application whose clients look at every answer."""
    made = create_app(settings)
    made.testing = True
    made.test_client_class = CheckedClient
    watch_for_unkept_writes(made)
    return made


def close_connections(app: Flask) -> None:
    """Let go of the database."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


class Apps:
    """The applications of this test process."""

    def __init__(self) -> None:
        self._made: dict[str, Flask] = {}
        self._address: dict[str, str] = {}

    @contextmanager
    def lend(self, settings: Settings) -> Iterator[Flask]:
        """The application of this kind of database, on the database of these settings."""
        kind = make_url(settings.database_url).get_backend_name()
        self._address[kind] = settings.database_url
        if kind not in self._made:
            self._made[kind] = self._make(kind, settings)
        app = self._made[kind]
        extensions, config = dict(app.extensions), dict(app.config)
        app.extensions["kepu_settings"] = settings
        try:
            yield app
        finally:
            close_connections(app)  # also ends what was built from this database (core/changes.py)
            for kept, now in ((extensions, app.extensions), (config, app.config)):
                now.clear()
                now.update(kept)
            with app.app_context():
                security.limiter.reset()

    def _make(self, kind: str, settings: Settings) -> Flask:
        app = make_app(settings)
        with app.app_context():
            changes.mark()  # its watch outlives each test, so that no two databases look alike to it

            @event.listens_for(db.engine, "do_connect")
            def elsewhere(_dialect: Any, _record: Any, places: list[Any], names: dict[str, Any]) -> None:
                url = make_url(self._address[kind])
                if kind == "sqlite":
                    places[0] = url.database
                else:
                    names["dbname"] = url.database

        return app
