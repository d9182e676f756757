"""Fixtures of the scanner's journeys."""

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import expect
from sqlalchemy import func, select

from tests.browser.attendance.doors import Door, Guest
from tests.factories.attendance import make_scene, sign_up
from tests.support import browser as browsers
from tests.support.server import LiveServer
from webapp.attendance.models import Attendance
from webapp.core.db import db
from webapp.people.domain import mask_name
from webapp.people.models import Account
from webapp.signups.queries import pass_code

expect.set_options(timeout=browsers.PATIENCE)
NAMES = ("王小明", "李雪", "欧阳海风", "张建国")


def _cookie(app: Flask, account: Account) -> dict[str, str]:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    value = signer.dumps({"_user_id": account.get_id(), "_fresh": True})
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": str(value)}


@pytest.fixture
def door(app: Flask, live_server: LiveServer) -> Door:
    """A session that starts in half an hour, four people signed up, a scanner signed in."""
    scene = make_scene()
    guests = []
    for name in NAMES:
        made = sign_up(scene.seats, name=name)
        # Any host will do: the code is what counts, and posters outlive addresses.
        url = f"https://kepu.example.cn/p/{pass_code(made)}"
        guests.append(Guest(name, mask_name(name), made.id, made.short_code, url))

    def arrivals() -> int:
        db.session.rollback()  # look at what is there now
        found = db.session.scalar(
            select(func.count(Attendance.id)).where(
                Attendance.session_id == scene.session, Attendance.annulled_at.is_(None)
            )
        )
        return int(found or 0)

    account = db.session.get_one(Account, scene.scanner_account)
    return Door(live_server.url, f"/scan/{scene.session}", [_cookie(app, account)], guests, arrivals)


@pytest.fixture
def forgive_lost_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium notes every failed request in its console; here they fail on purpose and the page says so."""
    known = (*browsers.ANSWERS_WITH_A_SENTENCE, "Failed to load resource")
    monkeypatch.setattr(browsers, "ANSWERS_WITH_A_SENTENCE", known)
