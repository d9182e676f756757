"""What the machines that watch the service are told."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.support.messages import fact
from tests.support.time import TestClock
from webapp.core import jobs, outbox
from webapp.core.db import transaction
from webapp.pages.views import operations


def test_alive(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_says_which_part_is_not(
    app: Flask, client: FlaskClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "_started", time.monotonic())  # however long this test process has run
    young = client.get("/readyz")
    assert young.status_code == 200
    assert young.json["checks"]["worker"] == {"ok": True, "note": "starting: not seen yet"}  # type: ignore[index]

    monkeypatch.setattr(operations, "_started", operations._started - 3600)
    never = client.get("/readyz", fault=True)
    assert never.status_code == 503
    assert never.json["status"] == "not_ready"  # type: ignore[index]
    assert never.json["checks"]["worker"] == {"ok": False, "note": "was never seen"}  # type: ignore[index]
    assert never.json["checks"]["database"]["ok"]  # type: ignore[index]

    jobs.beat()
    assert client.get("/readyz").status_code == 200
    clock.advance(minutes=9)
    assert client.get("/readyz").status_code == 200
    clock.advance(minutes=2)
    late = client.get("/readyz", fault=True)
    assert (late.status_code, late.json["checks"]["worker"]["ok"]) == (503, False)  # type: ignore[index]


def test_ready_without_a_database_is_an_answer(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> tuple[bool, str]:
        raise OperationalError("select 1", {}, Exception("server closed the connection"))

    monkeypatch.setattr(operations, "_database", away)
    answer = client.get("/readyz", fault=True)
    assert answer.status_code == 503
    assert answer.json["checks"]["database"]["note"] == "does not answer (OperationalError)"  # type: ignore[index]


def test_figures(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    client.get("/help")
    client.open("/help", method="BREW")
    with transaction():
        outbox.queue(outbox.Draft("mail", "li@example.cn", "改期", "改到下午。"), fact("x"))
    jobs.beat()
    clock.advance(seconds=30)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert 'endpoint="pages.help",method="GET"' in answer.text
    assert 'method="other",' in answer.text
    assert "BREW" not in answer.text
    assert 'kepu_outbox_messages{state="waiting"} 1.0' in answer.text
    assert "kepu_worker_seen_seconds 30.0" in answer.text
    refused = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert refused.status_code == 403


def test_figures_before_the_worker_was_seen(app: Flask, client: FlaskClient) -> None:
    assert "kepu_worker_seen_seconds NaN" in client.get("/metrics").text


def test_crawlers_and_browsers(app: Flask, client: FlaskClient) -> None:
    robots = client.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    for path in ("/me", "/p/", "/calendar/s/"):
        assert f"Disallow: {path}" in robots.text
    icon = client.get("/favicon.ico")
    assert icon.status_code == 301
    assert icon.location.startswith("/static/img/favicon.svg")
