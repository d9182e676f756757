"""What lies outside every plan's period is asked about where it is made, shown, and taken along at a roll-over."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import attendance as scenes
from tests.factories import events as make
from tests.factories.plan import import_file, small_file
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance.models import LedgerEntry
from webapp.attendance.service import recount
from webapp.core import clock as times
from webapp.core import todo
from webapp.core.db import session, transaction
from webapp.core.errors import Refusal
from webapp.events import queries, service
from webapp.events.domain import EventChanges, NoPlanOn
from webapp.events.domain.desk import DatedSession
from webapp.events.domain.periods import NoPlanThen, OutsidePlan
from webapp.events.models import Event, EventTask
from webapp.events.queries import unplanned as waiting
from webapp.events.queries.desk import dated_sessions
from webapp.events.service import take_along
from webapp.organisations.domain import Permission
from webapp.plan import queries as plans
from webapp.plan import service as plan_service
from webapp.plan.domain import NextPlan
from webapp.plan.models import Plan, PlanTask
from webapp.signups.queries import pass_code

SignIn = Callable[[FlaskClient, object], CheckedClient]
OFFICE = todo.Viewer("-", frozenset({Permission.GOVERN}))


def _uncounted(event_id: str) -> list[DatedSession]:
    event = queries.get_event(event_id)
    return queries.uncounted(event, dated_sessions(event))


def local(*parts: int) -> datetime:
    return times.from_local(datetime(*parts))  # type: ignore[misc, arg-type]  # noqa: DTZ001


MAY_2031 = local(2031, 5, 8, 9, 0)


def codes(event: Event) -> list[str]:
    """Plan and code of the tasks an event serves."""
    rows = session().execute(
        select(Plan.code, PlanTask.code)
        .join(PlanTask, PlanTask.plan_id == Plan.id)
        .join(EventTask, EventTask.task_id == PlanTask.id)
        .where(EventTask.event_id == event.id)
    )
    return sorted(f"{plan} {code}" for plan, code in rows)


def next_plan(*, starts_on: date = date(2031, 1, 1)) -> str:
    """The plan after `test-plan`, which ends with 2030; id of its task."""
    task = make.a_task(plan_code="next-plan")
    with transaction():
        plan = session().get_one(Plan, task.plan_id)
        plan.starts_on, plan.ends_on = starts_on, date(2035, 12, 31)
    return task.id


# -------------------------------------------------------------------------------------------------- when it is made


def test_an_event_after_its_plan_is_asked_about(app: Flask, clock: TestClock) -> None:
    draft = make.event_draft(sessions=[make.session_draft(MAY_2031)])
    with pytest.raises(OutsidePlan) as asked, transaction():
        service.create_event(draft, by=None)
    assert asked.value.extra["choices"] == ["follow", "drop", "keep"]
    with pytest.raises(NoPlanThen), transaction(), service.answered("follow"):
        service.create_event(draft, by=None)
    with transaction(), service.answered("drop"):
        assert codes(service.create_event(draft, by=None)) == []
    with transaction(), service.answered("keep"):
        kept = service.create_event(draft, by=None)
    assert codes(kept) == ["test-plan A4-2"]
    assert len(_uncounted(kept.id)) == 1
    next_plan()
    with transaction(), service.answered("follow"):
        assert codes(service.create_event(draft, by=None)) == ["next-plan A4-2"]


def test_without_tasks_nobody_is_asked_and_without_a_plan_none_are_needed(
    app: Flask, clock: TestClock
) -> None:
    make.a_task()
    event = make.an_event(task_ids=[], sessions=[make.session_draft(MAY_2031)])
    assert event.status == "published"
    next_plan()
    late = make.an_event(task_ids=[], published=False, sessions=[make.session_draft(MAY_2031)])
    assert "请选择至少一项计划任务" in service.what_is_missing(late)


@pytest.mark.parametrize("way", ["add", "move", "tasks"])
def test_every_change_that_leads_outside_asks(app: Flask, clock: TestClock, way: str) -> None:
    event = make.an_event()
    (held,) = make.sessions_of(event)
    event_id, session_id, venue_id = event.id, held.id, held.venue_id
    task = next_plan()

    def change() -> None:
        if way == "add":
            service.add_session(event_id, make.session_draft(MAY_2031), by=None)
        elif way == "move":
            service.reschedule(
                session_id,
                starts_at=MAY_2031,
                ends_at=MAY_2031 + timedelta(hours=2),
                venue_id=venue_id,
                by=None,
            )
        else:
            service.update_event(event_id, EventChanges(task_ids=[task]), revision=None, by=None)

    with pytest.raises(OutsidePlan), transaction():
        change()
    session().expire_all()
    assert codes(event) == ["test-plan A4-2"]
    with transaction(), service.answered("follow"):
        change()
    expected = {
        "add": ["next-plan A4-2", "test-plan A4-2"],
        "move": ["next-plan A4-2"],
        "tasks": ["test-plan A4-2"],
    }
    assert codes(event) == expected[way]
    assert _uncounted(event_id) == []


def test_a_session_over_the_border_is_asked_about_for_the_days_outside(app: Flask, clock: TestClock) -> None:
    draft = make.event_draft(sessions=[make.session_draft(local(2030, 12, 30, 9, 0), hours=24 * 5)])
    with pytest.raises(OutsidePlan) as asked, transaction():
        service.create_event(draft, by=None)
    assert asked.value.params["day"] == date(2031, 1, 1)
    next_plan()
    with transaction(), service.answered("follow"):
        assert codes(service.create_event(draft, by=None)) == ["next-plan A4-2", "test-plan A4-2"]


def test_a_copy_serves_the_plans_of_its_days_or_says_that_there_is_none(app: Flask, clock: TestClock) -> None:
    clock.set(local(2030, 12, 27, 9, 0))
    event = make.an_event(sessions=[make.session_draft(local(2030, 12, 28, 9, 0))])
    left_out: list[Refusal] = []
    with transaction():
        copy = service.duplicate(event.id, by=None, left_out=left_out)
    assert codes(copy) == []
    assert [type(one) for one in left_out] == [NoPlanOn]
    next_plan()
    with transaction():
        assert codes(service.duplicate(event.id, by=None)) == ["next-plan A4-2"]


def test_the_pages_ask_with_what_was_typed_kept(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    organisation = make.an_organisation()
    sign_in(client, make.staff(organisation, Permission.MANAGE_EVENTS))
    event = make.an_event(organisation)
    (held,) = make.sessions_of(event)
    next_plan()
    address = f"/manage/sessions/{held.id}/move"
    data = {
        "starts_at": "2031-05-08T09:00",
        "ends_at": "2031-05-08T11:00",
        "venue_id": held.venue_id,
        "revision": str(event.revision),
    }
    asked = client.post(address, data=data)
    assert asked.status_code == 409
    assert "改用那时的计划里编号相同的任务" in asked.text
    assert "2031-05-08T09:00" in asked.text
    assert client.post(address, data=data | {"outside_plan": "elsewhere"}).status_code == 422
    assert client.post(address, data=data | {"outside_plan": "follow"}).status_code == 303
    session().rollback()
    assert codes(event) == ["next-plan A4-2"]
    page = client.post(
        f"/manage/events/{event.id}/sessions/new", data={"venue_id": held.venue_id} | _places("2036")
    )
    assert page.status_code == 409
    assert "照样保存，不计入" in page.text
    kept = _places("2036") | {"venue_id": held.venue_id, "outside_plan": "keep"}
    assert client.post(f"/manage/events/{event.id}/sessions/new", data=kept).status_code == 303
    assert "有 1 场不在计划的期限内" in client.get(f"/manage/events/{event.id}").text


def _places(year: str) -> dict[str, str]:
    return {
        "starts_at": f"{year}-05-08T09:00",
        "ends_at": f"{year}-05-08T11:00",
        "positions-0-name": "观众",
        "positions-0-kind": "audience",
        "positions-0-capacity": "5",
    }


# ------------------------------------------------------------------------------------------------------ roll-over


def _a_plan_that_ends() -> scenes.Scene:
    """A plan of 2026, made of a file, and a published event that serves its first task."""
    scene = scenes.make_scene(starts_at=local(2026, 12, 15, 9, 0))
    import_file(small_file(period={"start": "2026-01-01", "end": "2026-12-31"}), code="city")
    with transaction():
        task = plans.get_task("A1-1", "city")
        service.update_event(scene.event, EventChanges(task_ids=[task.id]), revision=None, by=None)
    return scene


def test_a_roll_over_takes_coming_events_along_and_recounts(app: Flask, clock: TestClock) -> None:
    clock.set(local(2026, 12, 10, 9, 0))
    scene = _a_plan_that_ends()
    held = queries.get_session(scene.session)
    with transaction(), service.answered("keep"):
        service.reschedule(
            scene.session,
            starts_at=local(2027, 1, 12, 9, 0),
            ends_at=local(2027, 1, 12, 11, 0),
            venue_id=held.venue_id,
            by=None,
        )
    old = plans.get_plan("city")
    code = pass_code(scenes.sign_up(scene.seats))
    clock.set(local(2027, 1, 12, 9, 0))
    assert scene.scan(code).body["outcome"] == "accepted"
    assert session().scalars(select(LedgerEntry)).all() == []  # it counts for nothing yet
    asked = NextPlan("plan-next", "下一期", date(2027, 1, 1), date(2031, 12, 31))
    (going,) = queries.going_along(old, (asked.starts_on, asked.ends_on), codes=plans.task_codes(old.id))
    assert (going.event_id, going.codes, going.stays, going.lacking) == (scene.event, ("A1-1",), False, ())
    with transaction():
        new = plan_service.roll_over(old.code, asked, by=None)
    event = queries.get_event(scene.event)
    assert codes(event) == ["plan-next A1-1"]
    rows = session().scalars(select(LedgerEntry)).all()
    assert sorted((one.metric, one.occurred_on, one.quantity) for one in rows) == [
        ("sessions", date(2027, 1, 12), 1),
        ("visits", date(2027, 1, 12), 1),
    ]
    assert recount.differences(scene.session) == []
    with transaction():
        assert take_along(old.id, new.id, None) == []  # a second time nothing is left to do


def test_an_event_on_both_sides_serves_both(app: Flask, clock: TestClock) -> None:
    clock.set(local(2030, 12, 1, 9, 0))
    with transaction(), service.answered("keep"):
        event = service.create_event(
            make.event_draft(
                sessions=[
                    make.session_draft(local(2030, 12, 20, 9, 0)),
                    make.session_draft(local(2031, 1, 20, 9, 0)),
                ]
            ),
            by=None,
        )
    plan = plans.get_plan("test-plan")
    next_plan()
    (todo_,) = waiting.events_to_take_along(OFFICE)
    assert (todo_.values["n"], todo_.where) == (1, {"code": "test-plan"})
    new = plans.successor_of(plan)
    assert new is not None
    with transaction():
        assert len(take_along(plan.id, new.id, None)) == 1
    assert codes(event) == ["next-plan A4-2", "test-plan A4-2"]
    assert list(waiting.events_to_take_along(OFFICE)) == []


# ---------------------------------------------------------------------------------------------------------- 待办


def test_a_plans_last_months_and_the_days_after_stand_in_todo(app: Flask, clock: TestClock) -> None:
    make.a_task()
    clock.set(local(2030, 6, 1, 9, 0))
    assert list(waiting.plan_to_follow(OFFICE)) == []
    clock.set(local(2030, 7, 2, 9, 0))
    (ends,) = waiting.plan_to_follow(OFFICE)
    assert (ends.where, ends.due) == ({"code": "test-plan"}, local(2031, 1, 1))
    assert "还没有接着的计划" in ends.text
    clock.set(local(2031, 1, 1, 0, 5))
    (over,) = waiting.plan_to_follow(OFFICE)
    assert "没有接着的计划：现在的活动不计入任何计划" in over.text
    assert list(waiting.plan_to_follow(todo.Viewer("-", frozenset({Permission.MANAGE_EVENTS})))) == []
    next_plan()
    assert list(waiting.plan_to_follow(OFFICE)) == []


def test_organisers_see_what_will_not_count(app: Flask, clock: TestClock) -> None:
    organisation = make.an_organisation()
    account = make.staff(organisation, Permission.MANAGE_EVENTS)
    make.an_event(organisation)
    with transaction(), service.answered("keep"):
        event = service.create_event(
            make.event_draft(organisation, sessions=[make.session_draft(MAY_2031)]), by=None
        )
    viewer = todo.Viewer(account.person_id, frozenset({Permission.MANAGE_EVENTS}))
    (found,) = waiting.outside_their_plans(viewer)
    assert (found.where, found.due) == ({"event_id": event.id}, MAY_2031)
    next_plan()
    with transaction(), service.answered("follow"):
        service.update_event(event.id, EventChanges(task_ids=[_task_of("next-plan")]), revision=None, by=None)
    assert list(waiting.outside_their_plans(viewer)) == []


def _task_of(plan_code: str) -> str:
    return plans.get_task("A4-2", plan_code).id


def test_the_offices_page_previews_and_makes_the_next_plan(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock
) -> None:
    clock.set(local(2026, 12, 10, 9, 0))
    scene = _a_plan_that_ends()
    with transaction(), service.answered("keep"):
        service.add_session(
            scene.event, make.session_draft(local(2027, 2, 3, 9, 0), positions=[make.SEATS]), by=None
        )
    old_code = "city"
    office = make.staff(make.an_organisation(), Permission.GOVERN)
    sign_in(client, office)
    address = f"/manage/plans/{old_code}/next"
    assert "看看哪些活动要带过去" in client.get(address).text
    data: dict[str, Any] = {
        "title": "下一期计划",
        "code": "plan-2027",
        "starts_on": "2027-01-01",
        "ends_on": "2031-12-31",
    }
    assert client.post(address, data=data | {"ends_on": "2026-06-01"}).status_code == 422
    assert client.post(address, data=data | {"code": old_code}).status_code == 409
    preview = client.post(address, data=data)
    assert "示例健康讲座" in preview.text
    assert "建立，并带过去 1 场活动" in preview.text
    assert session().scalar(select(Plan.id).where(Plan.code == "plan-2027")) is None
    session().rollback()
    made = client.post(address, data=data | {"previewed": "2027-01-01|2031-12-31"})
    assert made.status_code == 303
    session().rollback()
    assert codes(queries.get_event(scene.event)) == ["city A1-1", "plan-2027 A1-1"]
    assert "没有要带过去的活动" in client.get(address).text
    assert client.post(f"/manage/plans/{old_code}/take-along").status_code == 303
