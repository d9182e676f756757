"""Demonstration data: whole, true to its ledger, only in an empty database, whatever today is."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.time import TestClock
from webapp import areas
from webapp.attendance.models import Attendance, HeadCount
from webapp.attendance.queries import progress, session_counts
from webapp.core import clock as city
from webapp.core.db import db
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership
from webapp.organisations.queries import permissions_at, permissions_of
from webapp.people.models import Account, Person
from webapp.plan import queries as plans
from webapp.plan.models import PlanTask
from webapp.signups.models import Signup
from webapp.venues.models import Venue

NO_EVENTS = {"facility", "policy", "funding"}  # the vocabulary itself says: 里程碑，非活动


def _sessions_of(code: str) -> list[EventSession]:
    """Sessions whose event serves tasks of this plan."""
    rows = db.session.scalars(select(EventSession).order_by(EventSession.starts_at)).unique().all()
    plan = plans.get_plan(code).id
    served = set(
        db.session.scalars(
            select(EventTask.event_id)
            .join(PlanTask, PlanTask.id == EventTask.task_id)
            .where(PlanTask.plan_id == plan)
        )
    )
    return [row for row in rows if row.event_id in served]


def _grant(login: str) -> tuple[str, frozenset[str]]:
    person = db.session.scalar(select(Account.person_id).where(Account.email == f"{login}@demo.test"))
    assert person is not None
    organisation = db.session.scalar(select(Membership.organisation_id).where(Membership.person_id == person))
    return organisation or "", permissions_of(person)


def _check_accounts() -> None:
    assert db.session.scalar(select(func.count()).select_from(Account)) == 26
    organiser, scanner, unit = _grant("organiser"), _grant("scanner"), _grant("unit")
    assert organiser[0] == scanner[0] == unit[0]
    assert Permission.MANAGE_EVENTS in organiser[1]
    assert scanner[1] == {Permission.SCAN}
    assert unit[1] == {Permission.REPORT}
    assert Permission.GOVERN in _grant("office")[1]
    assert _grant("inspector")[1] == {Permission.INSPECT}
    centre, held = _grant("centre")
    assert held == {Permission.SIGN_UP_OTHERS}
    assert db.session.scalar(select(Venue.id).where(Venue.organisation_id == centre))
    assert _grant("volunteer20") == ("", frozenset())
    volunteer = db.session.scalar(select(Account.person_id).where(Account.email == "volunteer1@demo.test"))
    assert not permissions_at(volunteer or "", centre)


def _check_spread() -> None:
    past, coming = _sessions_of("jiamusi-2021-2025"), _sessions_of("jiamusi-2026-2030")
    everyone = {row.slug for row in plans.list_event_types()}
    for sessions in (past, coming):
        assert {row.event.type_slug for row in sessions} == everyone - NO_EVENTS
        assert len({row.venue.district_code for row in sessions}) == 10
    assert {row.event.status for row in past} == {"closed"}
    assert all(2021 <= city.local(row.starts_at).year <= 2025 for row in past)
    assert {row.event.status for row in coming} == {
        "draft",
        "submitted",
        "published",
        "postponed",
        "cancelled",
        "closed",
    }


def _check_places() -> None:
    now = city.now()
    coming = select(Position).join(Position.session).where(EventSession.starts_at > now)
    rows = db.session.scalars(coming).unique().all()
    assert any(row.taken == row.capacity for row in rows)
    assert any(0 < row.taken < row.capacity for row in rows)
    waiting = select(func.count()).where(Signup.status == "waitlisted")
    assert db.session.scalar(waiting)
    held = (
        select(Signup.position_id, func.count())
        .where(Signup.status == "confirmed")
        .group_by(Signup.position_id)
    )
    taken = dict(db.session.execute(held).all())
    assert {row.id: row.taken for row in db.session.scalars(select(Position)) if row.taken} == taken
    running = db.session.scalars(
        select(EventSession).where(EventSession.starts_at <= now, EventSession.ends_at > now)
    ).one()
    counts = session_counts(running.id)
    assert 0 < counts.came < counts.expected
    assert running.event.status == "published"


def _check_people() -> None:
    names = db.session.scalars(select(Person.name)).all()
    assert all(name.startswith("示例·") for name in names)
    phones = [phone for phone in db.session.scalars(select(Person.phone)) if phone]
    assert phones
    assert all(phone.startswith("+8619900000") for phone in phones)


def _check_figures() -> None:
    tasks = [task.id for part in plans.tree(plans.get_plan("jiamusi-2021-2025").id) for task in part.tasks]
    figures = [one for found in progress(tasks).values() for one in found]
    assert {str(one.grade) for one in figures} == {"scan", "roster", "headcount", "held"}
    assert db.session.scalar(select(func.count()).where(Attendance.annulled_at.is_not(None))) == 1
    assert db.session.scalar(select(func.count()).select_from(HeadCount))


def test_a_new_database_gets_the_demonstration_where_it_is_wanted(app: Flask, clock: TestClock) -> None:
    app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], demo=True)
    begun = time.process_time()
    told = areas.prepare(app)
    assert time.process_time() - begun < 30  # about 6 where nothing else runs
    assert any("kepu-demo-2026" in line for line in told)
    runner, client = app.test_cli_runner(), app.test_client()
    verified = runner.invoke(args=["ledger", "verify"])
    assert verified.exit_code == 0, verified.output
    assert " 0 differences" in verified.output
    _check_accounts()
    _check_spread()
    _check_places()
    _check_people()
    _check_figures()
    for address in ("/plan/", "/plan/?plan=jiamusi-2021-2025", "/plan/tasks/A4-2"):
        assert client.get(address).status_code == 200
    events = db.session.scalar(select(func.count()).select_from(Event))
    db.session.rollback()
    assert areas.prepare(app) == told
    again = runner.invoke(args=["demo", "load"])
    assert again.exit_code == 1
    assert "already" in again.stderr
    assert "Traceback" not in again.output
    assert db.session.scalar(select(func.count()).select_from(Event)) == events


@pytest.mark.databases("sqlite")
def test_whatever_today_is(app: Flask, clock: TestClock) -> None:
    clock.set(datetime(2031, 1, 2, 15, 58, tzinfo=UTC))  # two minutes to midnight in the city
    loaded = app.test_cli_runner().invoke(args=["demo", "load"])
    assert loaded.exit_code == 0, loaded.output
    plan = plans.plan_on(city.today())
    assert plan is not None
    assert (plan.is_demo, plan.starts_on.year) == (True, 2031)
    assert app.test_cli_runner().invoke(args=["ledger", "verify"]).exit_code == 0


def test_a_new_database_is_prepared_once(app: Flask) -> None:
    assert areas.prepare(app) == []
    assert [plan.code for plan in plans.list_plans()] == ["jiamusi-2021-2025"]
    assert db.session.scalar(select(func.count()).select_from(Event)) == 0
    db.session.rollback()
    begun = time.process_time()
    assert areas.prepare(app) == []
    assert time.process_time() - begun < 1
