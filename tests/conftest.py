"""Fixtures. Whatever uses `app` runs on SQLite and on PostgreSQL, each time on a fresh, really migrated database."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask

from tests.support.apps import Apps, close_connections, make_app
from tests.support.client import CheckedClient
from tests.support.databases import POSTGRESQL, SQLITE, Databases, folder_in_memory
from tests.support.server import LiveServer, free_port
from tests.support.time import TestClock
from webapp import create_app
from webapp.core.config import Settings
from webapp.core.db import db, upgrade

SQLITE_ONLY = os.environ.get("KEPU_TEST_SQLITE_ONLY") == "1"
UNIT = Path(__file__).parent / "unit"
BROWSER = Path(__file__).parent / "browser"

# The same examples every time: a red run can be run again.
hypothesis.settings.register_profile("kepuxing", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("kepuxing")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on both kinds; journeys in a browser on the embedded one, unless they say more."""
    if "database_kind" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("databases")
    kinds = list(marker.args) if marker else [SQLITE, POSTGRESQL]
    if marker is None and metafunc.definition.path.is_relative_to(BROWSER):
        kinds = [SQLITE]
    if SQLITE_ONLY:
        kinds = [kind for kind in kinds if kind == SQLITE]
    metafunc.parametrize("database_kind", kinds, indirect=True, scope="function")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests decide without an application; what opens a browser is marked so."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if item.path.is_relative_to(UNIT) and {"app", "database_kind"} & set(names):
            raise pytest.UsageError(
                f"{item.nodeid} is a unit test and may not use the application or a database"
            )
        if item.path.is_relative_to(BROWSER):
            item.add_marker("browser")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what a run left out."""
    if SQLITE_ONLY:
        terminalreporter.section("NOT TESTED ON POSTGRESQL", sep="!", red=True, bold=True)
        terminalreporter.line("KEPU_TEST_SQLITE_ONLY=1 was set: every test ran on SQLite alone.")


# ------------------------------------------------------------------------------------------------ application


def settings_for(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a test: cheap password hashing, everything it writes below `folder`."""
    settings = Settings(
        database_url=database_url,
        data_dir=folder,
        secret_key="for tests only, for tests only, for tests only",
        argon2_time_cost=1,
        argon2_memory_kib=8,
        testing=True,
    )
    return replace(settings, **changes)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Makes fresh databases: `with databases.fresh("postgresql") as url`."""
    folder = folder_in_memory() or tmp_path_factory.mktemp("databases")

    def migrate(url: str) -> None:
        app = create_app(settings_for(url, folder))
        upgrade(app)
        close_connections(app)

    made = Databases(folder, migrate)
    yield made
    made.stop()


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`; @pytest.mark.databases("postgresql") chooses."""
    return str(request.param)


@pytest.fixture
def database(databases: Databases, database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of this test's own database, at the newest migration."""
    durable = request.node.get_closest_marker("durable") is not None
    with databases.fresh(database_kind, durable=durable) as url:
        yield url


@pytest.fixture
def settings(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """This test's settings; @pytest.mark.settings(limit_sign_in="3 per minute") changes some."""
    changes: dict[str, Any] = {}
    for marker in request.node.iter_markers("settings"):
        changes = marker.kwargs | changes
    return settings_for(database, tmp_path, **changes)


@pytest.fixture(scope="session")
def apps() -> Apps:
    """The applications of this test process."""
    return Apps()


@pytest.fixture
def app(apps: Apps, settings: Settings, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application, with an application context open for the test's own reads and writes.

    Requests of `client` run in contexts of their own. It is lent (tests/support/apps.py) unless the test changes
    settings or asks for one of its own with @pytest.mark.own_app.
    """
    is_own = any(map(request.node.get_closest_marker, ("own_app", "settings", "durable")))
    lent = nullcontext(make_app(settings)) if is_own else apps.lend(settings)
    with lent as made:
        with made.app_context():
            yield made
            db.session.rollback()
        close_connections(made)


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """A visitor who is not signed in. `new_client()` makes more of them."""
    return CheckedClient(app, app.response_class)


@pytest.fixture
def new_client(app: Flask) -> Callable[[], CheckedClient]:
    """Another visitor each time."""
    return lambda: CheckedClient(app, app.response_class)


@pytest.fixture
def sign_in() -> Callable[[CheckedClient, Any], CheckedClient]:
    """`sign_in(client, account)`: the client goes on as this account, without the sign-in page."""

    def as_account(client: CheckedClient, account: Any) -> CheckedClient:
        key = account.get_id()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = key, True
        return client

    return as_account


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """Stops the clock on Saturday, 28 November 2026, 9:00 in the city; `clock.set(…)`, `clock.advance(hours=1)`."""
    with TestClock() as stopped:
        yield stopped


# ------------------------------------------------------------------------------------------- servers, browsers


@pytest.fixture
def live_server(settings: Settings, tmp_path: Path) -> Iterator[LiveServer]:
    """The production server on this test's database (`app` may be used beside it to look inside)."""
    own = replace(settings, host="127.0.0.1", port=free_port(), testing=False)
    server = LiveServer(own, tmp_path / "server.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """The driver; started by the first test that opens a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Any) -> Iterator[Any]:
    """Chromium, one per test process."""
    from tests.support.browser import launch

    started = launch(playwright)
    yield started
    started.close()


@pytest.fixture
def visit(browser: Any, live_server: LiveServer) -> Iterator[Callable[..., Any]]:
    """`page = visit()`: a new visitor on a phone; `visit(viewport=DESK, java_script_enabled=False)` and so on."""
    from tests.support.browser import visitor

    with ExitStack() as stack:

        def come(**options: Any) -> Any:
            made: AbstractContextManager[Any] = visitor(browser, live_server.url, **options)
            return stack.enter_context(made)

        yield come


@pytest.fixture
def visit_with_camera(playwright: Any, live_server: LiveServer) -> Iterator[Callable[..., Any]]:
    """`page = visit_with_camera(file)`: the same with a camera that plays a .y4m file."""
    from tests.support.browser import launch, visitor

    with ExitStack() as stack:

        def come(camera: Path, **options: Any) -> Any:
            started = launch(playwright, camera)
            stack.callback(started.close)
            return stack.enter_context(visitor(started, live_server.url, permissions=["camera"], **options))

        yield come
