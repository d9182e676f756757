"""The demonstration's certificate verifies, and an application waits."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from flask import Flask
from sqlalchemy import select

from tests.factories.events import an_organisation, staff
from tests.factories.recognition import make_record
from tests.factories.signups import a_volunteer
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as city
from webapp.core.db import session, transaction
from webapp.organisations.domain import Permission
from webapp.pages.service.demo_papers import add_papers
from webapp.recognition.models import Certificate


def test_papers_of_the_demonstration(app: Flask, clock: TestClock, client: CheckedClient) -> None:
    office = staff(an_organisation(), Permission.GOVERN).person_id
    volunteer = a_volunteer()
    stage: Any = SimpleNamespace(now=city.now(), volunteers=[volunteer], staff={"office": office})
    with transaction():
        assert add_papers(cast("Any", stage)) is None
    make_record(volunteer, served_on=date(2026, 11, 20))
    with transaction():
        add_papers(stage)
    states = {row.status: row.number for row in session().scalars(select(Certificate))}
    assert set(states) == {"issued", "applied"}
    assert "这份证明有效" in client.get(f"/verify/{states['issued']}").text
