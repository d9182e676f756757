"""A figure is counted once where it stands: events, tasks, sections, plans, districts and units in any mixture."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from tests.factories import events as make
from tests.factories.attendance import sign_up, volunteer_for
from tests.support.client import CheckedClient
from tests.support.time import START, TestClock
from webapp.attendance import queries, service
from webapp.attendance.domain import CountMethod, Direction, Grade, Method, Metric, ScanRequest
from webapp.attendance.models import Attendance, HeadCount
from webapp.attendance.queries import Figure
from webapp.attendance.service.annul import annul_attendance
from webapp.attendance.service.folding import fold
from webapp.core import clock as now
from webapp.core.db import db, new_id, session, transaction
from webapp.events import service as events
from webapp.events.domain import COUNTING_STATUSES, EventChanges
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.organisations.domain import Permission
from webapp.pages.queries import Stand, Tally, plan_lines, task_sessions
from webapp.plan.models import Plan, PlanTask
from webapp.signups.domain.telling import PeopleInside
from webapp.signups.models import Signup

CODES = ("A1-1", "A1-2", "A2-1", "A2-2", "P1-1")
PLANS = 2
_numbers = count(1)
EVENTS, SESSIONS = 3, 2
Numbers = Counter[tuple[str, str]]
some_tasks = st.sets(st.integers(0, len(CODES) * PLANS - 1), min_size=1, max_size=4)
one_session = st.integers(0, EVENTS * SESSIONS - 1)


def numbers(figures: Iterable[Figure]) -> Numbers:
    return Counter({(one.metric.value, one.grade.value): one.quantity for one in figures})


class City(RuleBasedStateMachine):
    """Three events of two units in two districts, serving any tasks of two plans that hold at the same time."""

    clock: ClassVar[TestClock]

    @initialize(served=st.lists(some_tasks, min_size=EVENTS, max_size=EVENTS))
    def open(self, served: list[set[int]]) -> None:
        db.session.rollback()
        self.clock.set(START)
        self.plans = [f"once-{next(_numbers)}" for _ in range(PLANS)]
        self.tasks = [make.a_task(code, plan_code=plan).id for plan in self.plans for code in CODES]
        self.venues = [make.a_venue(district=make.a_district(code)).id for code in ("230803", "230804")]
        units = [make.an_organisation() for _ in range(2)]
        self.door = make.staff(units[0], Permission.GOVERN).person_id
        begins = now.now() + timedelta(minutes=20)
        self.events: list[str] = []
        self.sessions: list[str] = []
        for number, tasks in enumerate(served):
            drafts = [
                make.session_draft(begins, positions=[make.SEATS, make.GUIDES]) for _ in range(SESSIONS)
            ]
            event = make.an_event(
                units[number % 2], sessions=drafts, task_ids=[self.tasks[one] for one in tasks]
            )
            self.events.append(event.id)
            self.sessions += [one.id for one in make.sessions_of(event)]

    # --- what happens

    @rule(number=one_session, ticked=st.booleans(), helps=st.booleans())
    def somebody_comes(self, number: int, ticked: bool, helps: bool) -> None:
        wanted = select(Position.id).where(
            Position.session_id == self.sessions[number],
            Position.kind == ("volunteer" if helps else "audience"),
        )
        place = session().scalar(wanted)
        assert place is not None
        if self._is_put_off(number) or (helps and session().get_one(Position, place).taken >= 2):
            return
        request = ScanRequest(
            session_id=self.sessions[number],
            direction=Direction.IN,
            nonce=new_id(),
            method=Method.ROSTER if ticked else Method.CAMERA,
            code="",
            device="door",
            by=self.door,
            signup_id=(volunteer_for if helps else sign_up)(place).id,
        )
        with transaction():
            service.check_in(request)

    def _is_put_off(self, number: int) -> bool:
        return session().get_one(EventSession, self.sessions[number]).event.status == "postponed"

    @rule(number=one_session, count=st.integers(1, 40))
    def people_are_counted(self, number: int, count: int) -> None:
        if self._is_put_off(number):
            return
        with transaction():
            service.count_heads(
                self.sessions[number],
                audience="公众",
                count=count,
                method=CountMethod.COUNTED,
                note="",
                by=self.door,
            )

    @rule(event=st.integers(0, EVENTS - 1), tasks=some_tasks)
    def it_serves_other_tasks(self, event: int, tasks: set[int]) -> None:
        changes = EventChanges(task_ids=[self.tasks[one] for one in tasks])
        with transaction():
            events.update_event(self.events[event], changes, revision=None, by=None)

    @rule(number=one_session, place=st.integers(0, 1))
    def it_was_elsewhere(self, number: int, place: int) -> None:
        one = session().get_one(EventSession, self.sessions[number])
        if session().scalar(select(Attendance.id).where(Attendance.session_id == one.id)):
            return  # a session at which people were checked in is not moved
        with transaction():
            events.reschedule(
                one.id, starts_at=one.starts_at, ends_at=one.ends_at, venue_id=self.venues[place], by=None
            )

    @rule(data=st.data())
    def one_is_taken_back(self, data: st.DataObject) -> None:
        standing = select(Attendance.id).where(Attendance.annulled_at.is_(None)).order_by(Attendance.id)
        ids = session().scalars(standing).all()
        if ids:
            with transaction():
                annul_attendance(data.draw(st.sampled_from(ids)), by=self.door, reason="弄错了")

    @rule(event=st.integers(0, EVENTS - 1))
    def it_is_put_off_or_goes_on(self, event: int) -> None:
        goes_on = session().get_one(Event, self.events[event]).status == "postponed"
        with suppress(PeopleInside), transaction():  # whoever is in goes home first
            if goes_on:
                events.publish(self.events[event], by=None, same_dates=True)
            else:
                events.postpone(self.events[event], by=None)

    @rule()
    def rows_are_folded(self) -> None:
        with transaction():
            fold()

    # --- what must be true

    @invariant()
    def figures_are_a_recount(self) -> None:
        db.session.rollback()
        if not hasattr(self, "sessions") or len(self.sessions) < EVENTS * SESSIONS:
            return
        facts = _facts()
        tasks = {one.id: one for one in session().scalars(select(PlanTask))}
        for plan in session().scalars(select(Plan).where(Plan.code.in_(self.plans))).all():
            mine = {one.id for one in tasks.values() if one.plan_id == plan.id}
            lines, total = plan_lines(plan)
            assert Counter(dict(total.numbers)) == _sum(facts, mine)
            assert numbers(queries.plan_progress(plan.id)) == _sum(facts, mine)
            for line in lines:
                own = {one for one in mine if tasks[one].section_id == line.section.id}
                assert Counter(dict(line.total.numbers)) == _sum(facts, own)
                for one in own:
                    assert Counter(dict(line.tallies[one].numbers)) == _sum(facts, {one})
            first = tasks[min(mine)]
            assert (
                task_sessions(first, Stand.COUNTED).total
                == Tally.of(queries.progress([first.id]).get(first.id, ())).held
            )
            for by, name in (("district", 1), ("unit", 2)):
                self._parts(queries.plan_breakdown(plan.id, by), facts, mine, name)
        for by, name in (("district", 1), ("unit", 2)):
            self._parts(queries.city_breakdown(by), facts, set(tasks), name)
        assert queries.totals_differ() == []

    @staticmethod
    def _parts(found: dict[str, list[Figure]], facts: Any, tasks: set[str], place: int) -> None:
        keys = {one[place] for one in facts}
        wanted = {key: _sum([one for one in facts if one[place] == key], tasks) for key in keys}
        assert {key: numbers(some) for key, some in found.items()} == {
            key: some for key, some in wanted.items() if some
        }


def _facts() -> list[tuple[set[str], str, str, Numbers]]:
    """Session by session: tasks, district, unit, and what its attendances and head-counts say."""
    found = []
    for one in session().scalars(select(EventSession)).all():
        if one.event.status not in COUNTING_STATUSES or one.cancelled_at is not None:
            continue
        said: Numbers = Counter()
        came = select(Attendance.grade, Position.kind).join(Signup, Signup.id == Attendance.signup_id)
        came = came.join(Position, Position.id == Signup.position_id)
        for row in session().execute(
            came.where(Attendance.session_id == one.id, Attendance.annulled_at.is_(None))
        ):
            said[("volunteers" if row.kind == "volunteer" else "visits", row.grade)] += 1
        for heads in session().scalars(select(HeadCount.count).where(HeadCount.session_id == one.id)):
            said[(Metric.VISITS.value, Grade.HEADCOUNT.value)] += heads
        if said:
            said[(Metric.SESSIONS.value, Grade.HELD.value)] = 1
        tasks = set(session().scalars(select(EventTask.task_id).where(EventTask.event_id == one.event_id)))
        found.append((tasks, one.venue.district_code, one.event.organisation_id, said))
    return found


def _sum(facts: Any, tasks: set[str]) -> Numbers:
    total: Numbers = Counter()
    for served, _district, _unit, said in facts:
        if served & tasks:
            total += said
    return total


@pytest.mark.parametrize("examples", [6])
def test_page_figures_are_a_recount_of_distinct_sessions_and_people(
    app: Flask, clock: TestClock, examples: int
) -> None:
    City.clock = clock
    run_state_machine_as_test(
        City,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    checked = app.test_cli_runner().invoke(args=["ledger", "verify"])
    assert checked.exit_code == 0, checked.output


def _served_by_all(code: str, **values: Any) -> tuple[Plan, EventSession]:
    """An event that serves three tasks of two sections of a plan, with one guest checked in and five counted."""
    tasks = [make.a_task(one, plan_code=code) for one in ("A1-1", "A1-2", "A2-1")]
    begins = now.now() + timedelta(minutes=20)
    event = make.an_event(task_ids=[one.id for one in tasks], sessions=[make.session_draft(begins)], **values)
    (one,) = make.sessions_of(event)
    door = make.staff(event.organisation, Permission.GOVERN).person_id
    seat = make.positions_of(event, "观众")[0].id
    for method in (Method.CAMERA, Method.ROSTER):
        request = ScanRequest(
            session_id=one.id, direction=Direction.IN, nonce=new_id(), method=method, code="", device="door",
            by=door, signup_id=sign_up(seat).id,
        )  # fmt: skip
        with transaction():
            service.check_in(request)
    with transaction():
        service.count_heads(one.id, audience="公众", count=5, method=CountMethod.COUNTED, note="", by=door)
    plan = session().scalar(select(Plan).where(Plan.code == code))
    assert plan is not None
    return plan, session().get_one(EventSession, one.id)


def test_the_plan_s_page_and_programs_read_the_same(
    app: Flask, clock: TestClock, client: CheckedClient
) -> None:
    plan, one = _served_by_all("seen")
    page = client.get("/plan/?plan=seen").text
    assert "一场活动服务几项任务时，这里只算一次，各项相加可能更多" in page
    assert "没有定目标，不作评价" in page and "<progress" not in page
    head = page.split('class="figures"')[1].split("</dl>")[0]
    assert [part.split("<")[0] for part in head.split('figure-value">')[1:]] == ["1", "1", "1", "5"]
    answer = client.get(f"/api/v1/plans/{plan.code}/progress?by=section").json
    assert answer is not None
    held = {"metric": "sessions", "grade": "held", "quantity": 1}
    assert held in answer["total"] and [held in part["figures"] for part in answer["parts"]] == [True, True]
    for by in ("district", "unit", "audience", "month"):
        parts = client.get(f"/api/v1/plans/{plan.code}/progress?by={by}").json
        assert parts is not None and parts["total"] == answer["total"]
    assert client.get("/api/v1/plans/seen/progress?by=age").status_code == 422
    task = client.get("/plan/tasks/A1-1?plan=seen").text
    assert "没有定目标，不作评价" in task and "<progress" not in task
    assert "已办的 1 场" in task and "正在进行" in task
    clock.set(one.ends_at + timedelta(hours=1))
    assert "已结束" in client.get("/plan/tasks/A1-1?plan=seen").text


def test_a_session_of_which_nothing_is_known_is_said_to_be_so(
    app: Flask, clock: TestClock, client: CheckedClient
) -> None:
    make.an_event(task_ids=[make.a_task("A1-1", plan_code="seen").id], title="没有记录的讲座")
    clock.advance(days=8)
    task = client.get("/plan/tasks/A1-1?plan=seen").text
    assert "已过、没有签到也没有点数的 1 场" in task and "没有记录的讲座" in task
    assert "已办的" not in task
    for page in ("past=9", "past=x", "coming=2", "past=-1"):
        assert client.get(f"/plan/tasks/A1-1?plan=seen&{page}").status_code == 200


def test_nobody_is_inside_after_the_end(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: Any
) -> None:
    _plan, one = _served_by_all("seen")
    sign_in(client, make.staff(one.event.organisation, Permission.MANAGE_EVENTS))
    sheet, board = f"/manage/sessions/{one.id}", f"/manage/sessions/{one.id}/board"
    assert "还在场" in client.get(sheet).text and "没有签退" not in client.get(sheet).text
    clock.set(one.ends_at + timedelta(minutes=1))
    for address in (sheet, board):
        page = client.get(address).text
        assert "在场<" not in page and "没有签退" in page, address
        assert "实名签到 + 名册勾到（计数规则第 1 版）" in page


def test_each_grade_has_its_own_column_in_the_exchange(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: Any
) -> None:
    _plan, one = _served_by_all("seen")
    sign_in(client, make.staff(one.event.organisation, Permission.MANAGE_EVENTS))
    clock.set(one.ends_at + timedelta(minutes=1))
    day = now.today().isoformat()
    sheet = client.post("/manage/exchange/activities.csv", data={"from_on": day, "until_on": day}).text
    head, row = (line.split(",") for line in sheet.lstrip("\ufeff").splitlines()[:2])
    found = dict(zip(head, row, strict=True))
    assert (found["实名签到观众"], found["名册勾到观众"], found["现场计数观众"]) == ("1", "1", "5")
    assert date.fromisoformat(found["活动日期"])
