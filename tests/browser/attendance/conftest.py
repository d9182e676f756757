"""Fixtures of the scanner's journeys."""

import secrets
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import expect
from sqlalchemy import func, select

from tests.browser.attendance.doors import Door, Guest
from tests.factories.attendance import make_scene, sign_up
from tests.support import browser as browsers
from tests.support.databases import SQLITE, Databases
from tests.support.server import LiveServer, free_port
from webapp import create_app
from webapp.attendance.models import Attendance, HeadCount
from webapp.core.config import Settings
from webapp.core.db import db, transaction
from webapp.people.domain import mask_name
from webapp.people.models import Account
from webapp.signups import service as signups
from webapp.signups.queries import pass_code

expect.set_options(timeout=browsers.PATIENCE)
NAMES = ("王小明", "李雪", "欧阳海风", "张建国")


def _cookie(app: Flask, account: Account) -> dict[str, str]:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    # Whoever signed in with the form has the form's token; without it, pages asked for at once would make several.
    value = signer.dumps({"_user_id": account.get_id(), "_fresh": True, "csrf_token": secrets.token_hex(20)})
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": str(value)}


@pytest.fixture(scope="module")
def settings(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One server for all journeys of a file: each has a session of its own, and starting takes seconds."""
    with databases.fresh(SQLITE) as url:
        yield Settings(
            database_url=url,
            data_dir=tmp_path_factory.mktemp("door"),
            secret_key="for the door's tests only, for the door's tests only",
            argon2_time_cost=1,
            argon2_memory_kib=8,
            host="127.0.0.1",
            port=free_port(),
        )


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """The application on the server's database, to prepare and to look inside."""
    made = create_app(settings)
    with made.app_context():
        yield made
        db.session.rollback()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="module")
def live_server(settings: Settings) -> Iterator[LiveServer]:
    """The production server."""
    server = LiveServer(settings, settings.data_dir / "server.log")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def door(app: Flask, live_server: LiveServer) -> Door:
    """A session that starts in half an hour, four people signed up, a scanner signed in."""
    scene = make_scene()

    def another(name: str) -> Guest:
        made = sign_up(scene.seats, name=name)
        # Any host will do: the code is what counts, and posters outlive addresses.
        url = f"https://kepu.example.cn/p/{pass_code(made)}"
        return Guest(name, mask_name(name), made.id, made.short_code, url)

    def cancel(guest: Guest) -> None:
        with transaction():
            signups.cancel_signup(guest.signup, by=scene.scanner, reason="重复报名")

    def heads() -> int:
        db.session.rollback()
        wanted = select(func.sum(HeadCount.count)).where(HeadCount.session_id == scene.session)
        return int(db.session.scalar(wanted) or 0)

    guests = [another(name) for name in NAMES]

    def arrivals() -> int:
        db.session.rollback()  # look at what is there now
        found = db.session.scalar(
            select(func.count(Attendance.id)).where(
                Attendance.session_id == scene.session, Attendance.annulled_at.is_(None)
            )
        )
        return int(found or 0)

    account = db.session.get_one(Account, scene.scanner_account)
    return Door(
        address=live_server.url,
        path=f"/scan/{scene.session}",
        cookies=[_cookie(app, account)],
        guests=guests,
        arrivals=arrivals,
        heads=heads,
        another=another,
        cancel=cancel,
        scanner=scene.scanner,
    )


@pytest.fixture
def forgive_lost_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium notes every failed request in its console; here they fail on purpose and the page says so."""
    known = (*browsers.ANSWERS_WITH_A_SENTENCE, "Failed to load resource")
    monkeypatch.setattr(browsers, "ANSWERS_WITH_A_SENTENCE", known)
