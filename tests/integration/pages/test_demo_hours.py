"""The demonstration's volunteers have hours in every state."""

import json
import time
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support.databases import SQLITE
from tests.support.time import TestClock
from webapp.core import clock as times
from webapp.core.db import db, transaction
from webapp.pages.cli import DATA, PASSWORD
from webapp.pages.service.demo_hours import add_hours
from webapp.pages.service.stage import set_stage
from webapp.people.service import prepare_password
from webapp.recognition import service
from webapp.recognition.models import ServiceRecord


@pytest.mark.databases(SQLITE)
def test_hours_in_every_state(app: Flask, clock: TestClock) -> None:
    data = json.loads(DATA.read_text("utf-8"))
    with transaction():
        stage = set_stage(data, prepare_password(PASSWORD))
        for number, recipe in list(enumerate(data["events"]))[:5]:
            stage.play(number, recipe)
        started = time.perf_counter()
        add_hours(stage)
        took = time.perf_counter() - started
    assert took < 2
    assert times.now() == stage.now
    found = Counter(db.session.scalars(select(ServiceRecord.status)))
    assert set(found) == {"final", "noticed", "to_confirm", "proposed"}
    assert found["to_confirm"] == found["proposed"] == 1
    assert service.sessions_to_settle() == []
