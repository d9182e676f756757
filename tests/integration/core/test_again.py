"""Another transaction is in the way: for a moment, and for longer than anybody waits."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.factories.attendance import Scene, make_scene
from tests.integration.api.test_api import token_for
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from webapp.attendance import service
from webapp.core.again import InTheWay, in_transaction, is_busy
from webapp.core.db import db, lock_row, transaction
from webapp.events.models import EventSession
from webapp.organisations.models import Organisation

IMPATIENT = {"sqlite": "PRAGMA busy_timeout=1", "postgresql": "SET lock_timeout = 1"}
PATIENT = {"sqlite": "PRAGMA busy_timeout=15000", "postgresql": "SET lock_timeout = 15000"}


@pytest.fixture
def scene(app: Flask) -> Scene:
    return make_scene()


def locked_out(app: Flask, scene: Scene, kind: str) -> DBAPIError:
    """What somebody gets who waits for a row in vain."""

    def wait_in_vain() -> Exception | None:
        db.session.execute(text(IMPATIENT[kind]))
        try:
            with transaction():
                lock_row(EventSession, scene.session)
        except DBAPIError as error:
            return error
        finally:
            db.session.execute(text(PATIENT[kind]))
        return None

    with transaction():
        lock_row(EventSession, scene.session)
        (found,) = at_once(app, lambda: [wait_in_vain()])[0]
    assert isinstance(found, DBAPIError)
    return found


def test_who_waits_in_vain_is_told_to_come_again(
    app: Flask, scene: Scene, client: CheckedClient, database_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = locked_out(app, scene, database_kind)
    assert is_busy(error)

    def busy(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr(service, "check_in", busy)
    body = {"code": "7K2M9Q", "session": scene.session, "nonce": "n"}
    headers = {"Authorization": f"Bearer {token_for(scene.scanner)}"}
    answer = client.post("/api/v1/checkins", json=body, headers=headers, csrf=False, fault=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json is not None
    assert answer.json["code"] == "busy"
    monkeypatch.setattr("webapp.pages.views.public.render_template", busy)
    page = client.get("/", fault=True)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "服务器正忙" in page.text


def failing(times: int, error: Exception) -> tuple[list[int], Callable[[], str]]:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        db.session.add(Organisation(name=f"示例单位 {len(tries)}", kind="unit"))
        if len(tries) <= times:
            raise error
        return "done"

    return tries, work


def test_a_transaction_is_done_again_from_the_beginning(app: Flask) -> None:
    tries, work = failing(2, InTheWay())
    assert in_transaction(work) == "done"
    names = db.session.scalars(text("SELECT name FROM organisation")).all()
    assert names == [f"示例单位 {len(tries)}"] == ["示例单位 3"]


def test_what_will_never_go_well_is_not_tried_again(app: Flask) -> None:
    tries, work = failing(9, IntegrityError("INSERT", {}, ValueError("NOT NULL")))
    with pytest.raises(IntegrityError):
        in_transaction(work)
    assert len(tries) == 1
    tries, work = failing(9, InTheWay())
    with pytest.raises(InTheWay):
        in_transaction(work)
    assert len(tries) == 4
