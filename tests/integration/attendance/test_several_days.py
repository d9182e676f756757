"""A session of several days counts on the day each came: day, month, year, and the plan that holds the day."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import attendance as scenes
from tests.factories.recognition import records_of
from tests.support.time import TestClock
from webapp.attendance import queries, service
from webapp.attendance.domain import CountMethod, Direction
from webapp.attendance.domain.doors import Heads, NotThatDay
from webapp.attendance.models import LedgerEntry
from webapp.attendance.service import recount
from webapp.core import clock as times
from webapp.core.db import session, transaction
from webapp.events import service as events
from webapp.events.models import EventTask
from webapp.plan.models import PlanTask
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordStatus
from webapp.signups.queries import pass_code


def local(*parts: int) -> datetime:
    return times.from_local(datetime(*parts))  # type: ignore[misc, arg-type]  # noqa: DTZ001


def over_new_year(clock: TestClock) -> scenes.Scene:
    """An exhibition from 30 December 2026 to 3 January 2027; each year is a plan of its own."""
    clock.set(local(2026, 12, 20, 9, 0))
    scene = scenes.make_scene(starts_at=local(2026, 12, 30, 9, 0))
    (next_task,) = scenes.make_plan("plan-2027", date(2027, 1, 1), date(2027, 12, 31))
    with transaction() as current:
        current.add(EventTask(event_id=scene.event, task_id=next_task))
    scene.tasks.append(next_task)
    with transaction():
        held = current.get_one(scenes.EventSession, scene.session)
        events.reschedule(
            scene.session,
            starts_at=held.starts_at,
            ends_at=local(2027, 1, 3, 17, 0),
            venue_id=held.venue_id,
            by=None,
        )
    return scene


def rows() -> list[tuple[str, str, date, int]]:
    """Standing figures by task code of its plan, metric and day."""
    total = func.sum(LedgerEntry.quantity)
    found = session().execute(
        select(PlanTask.plan_id, LedgerEntry.metric, LedgerEntry.occurred_on, total)
        .join(PlanTask, PlanTask.id == LedgerEntry.task_id)
        .group_by(PlanTask.plan_id, LedgerEntry.metric, LedgerEntry.occurred_on)
        .having(total != 0)
    )
    plans = {one: str(year) for year, one in _plans().items()}
    return sorted((plans[row[0]], row[1], row[2], int(row[3])) for row in found)


def _plans() -> dict[int, str]:
    found = session().scalars(select(PlanTask)).all()
    return {one.plan.starts_on.year: one.plan_id for one in found}


def test_each_days_people_count_on_their_day_in_their_plan(app: Flask, clock: TestClock) -> None:
    scene = over_new_year(clock)
    passes = [pass_code(scenes.sign_up(scene.seats)) for _ in range(3)]
    for day, code in zip(((2026, 12, 31), (2027, 1, 1), (2027, 1, 3)), passes, strict=True):
        clock.set(local(*day, 10, 0))
        assert scene.scan(code).body["outcome"] == "accepted"
    first, new_year = date(2026, 12, 30), date(2027, 1, 1)
    assert rows() == [
        ("2026", "sessions", first, 1),
        ("2026", "visits", date(2026, 12, 31), 1),
        ("2027", "sessions", new_year, 1),
        ("2027", "visits", new_year, 1),
        ("2027", "visits", date(2027, 1, 3), 1),
    ]
    assert recount.differences(scene.session) == []
    months = queries.city_breakdown("month")
    assert {month: sum(one.quantity for one in some) for month, some in months.items()} == {
        "2026-12": 2,
        "2027-01": 2,
    }  # the session once in the city, in the month it began
    with transaction():
        assert recount.reconcile_session(scene.session) == 0


def test_heads_are_counted_for_the_day_said(app: Flask, clock: TestClock) -> None:
    scene = over_new_year(clock)
    clock.set(local(2027, 1, 2, 8, 0))
    for day in (date(2026, 12, 31), None):
        with transaction():
            service.count_page(
                scene.session, Heads("公众", 40, CountMethod.COUNTED, day=day), by=scene.scanner
            )
    for day in (date(2027, 1, 3), date(2026, 12, 29)):  # has not come; is none of its days
        with pytest.raises(NotThatDay), transaction():
            service.count_page(
                scene.session, Heads("公众", 40, CountMethod.COUNTED, day=day), by=scene.scanner
            )
    assert [one for one in rows() if one[1] == "visits"] == [
        ("2026", "visits", date(2026, 12, 31), 40),
        ("2027", "visits", date(2027, 1, 2), 40),
    ]
    assert recount.differences(scene.session) == []


def test_hours_are_of_the_day_served(app: Flask, clock: TestClock) -> None:
    scene = over_new_year(clock)
    clock.set(local(2026, 12, 28, 9, 0))
    one, two = (scenes.volunteer_for(scene.shift) for _ in range(2))
    clock.set(local(2027, 1, 2, 9, 0))
    scene.scan(pass_code(one))
    clock.set(local(2027, 1, 2, 12, 0))
    scene.scan(pass_code(one), direction=Direction.OUT)
    clock.set(local(2027, 1, 2, 13, 0))
    scene.scan(pass_code(two))
    clock.set(local(2027, 1, 3, 17, 0))  # they slept at home in between
    scene.scan(pass_code(two), direction=Direction.OUT)
    clock.set(local(2027, 1, 3, 19, 0))
    with transaction():
        recognition.settle_session(scene.session)
    (record,) = records_of(one.person_id)
    assert (record.served_on, record.minutes, record.status) == (date(2027, 1, 2), 180, RecordStatus.NOTICED)
    (record,) = records_of(two.person_id)
    assert (record.served_on, record.minutes, record.status) == (date(2027, 1, 2), 0, RecordStatus.TO_CONFIRM)
    assert recognition.sessions_to_settle() == []


def test_what_was_counted_on_the_first_day_before_is_counted_anew_once(app: Flask, clock: TestClock) -> None:
    scene = over_new_year(clock)
    clock.set(local(2027, 1, 2, 10, 0))
    scene.scan(pass_code(scenes.sign_up(scene.seats)))
    with transaction() as current:
        for row in current.scalars(select(LedgerEntry)):
            row.occurred_on = date(2026, 12, 30)
    assert recount.differences(scene.session) != []
    with transaction():
        assert recount.count_by_day_once() == 1
    assert recount.differences(scene.session) == []
    with transaction():
        assert recount.count_by_day_once() == 0
