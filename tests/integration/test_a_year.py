"""A year walked day by day with a moved clock, its jobs run as the worker runs them.

Fourteen months: from the New Year of 2026 to the March after it, over Spring Festival and the National Day, over the
end of one plan and into the next, with the calendar of 2027 set when it was told. What must hold on every day stands in
`_Walk.look`, what must hold of the whole in the test.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import events as make
from tests.factories.plan import import_file, small_file
from tests.factories.recognition import records_of
from tests.factories.signups import a_guest, a_volunteer, faults, join, leave
from tests.support.time import TestClock
from webapp.attendance import queries as figures
from webapp.attendance import service as attendance
from webapp.attendance.domain import Direction, Method, ScanRequest
from webapp.attendance.service import recount
from webapp.core import clock as times
from webapp.core import delivery, jobs, outbox, todo
from webapp.core.db import get_row, new_id, session, transaction
from webapp.core.jobs import JobRun
from webapp.core.letters import Letter
from webapp.core.outbox import OutboxMessage
from webapp.events import queries as events_found
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Position
from webapp.events.queries import unplanned as waiting
from webapp.organisations.domain import Permission
from webapp.pages.service.retention import KEEP_GUESTS
from webapp.people.models import Person
from webapp.plan import queries as plans
from webapp.plan import service as plan_service
from webapp.plan.domain import NextPlan
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordStatus
from webapp.recognition.domain.workdays import SaidOfYear
from webapp.recognition.models import ServiceRecord
from webapp.recognition.queries.todo import years_to_announce
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code
from webapp.signups.service.offering import accept_offer

OFFICE = todo.Viewer("-", frozenset({Permission.GOVERN}))
FIRST, LAST = date(2026, 1, 1), date(2027, 3, 10)
KEPT_DAYS = 60  # of guests' names; a year of keeping would outlast the walk
AT_THE_LATEST = timedelta(days=30)  # an erasure may be announced a week before, one batch after the other

# The day served → the last day of its three working days, by the State Council's notices of 2026, counted by hand.
NOTICES = {
    date(2026, 1, 15): date(2026, 1, 20),  # over a weekend
    date(2026, 2, 12): date(2026, 2, 24),  # 13th, Saturday 14th which is worked; off from 15th to 23rd; 24th
    date(2026, 4, 3): date(2026, 4, 9),  # 清明: off from 4th to 6th
    date(2026, 4, 30): date(2026, 5, 8),  # 劳动节: off from 1st to 5th
    date(2026, 6, 18): date(2026, 6, 24),  # 端午: off from 19th to 21st
    date(2026, 9, 17): date(2026, 9, 21),  # Friday, Sunday 20th which is worked, Monday
    date(2026, 9, 29): date(2026, 10, 9),  # 国庆节: 30th; off from 1st to 7th; 8th, 9th
    date(2026, 10, 9): date(2026, 10, 13),  # Saturday 10th, worked; Monday, Tuesday
    date(2026, 12, 31): date(2027, 1, 6),  # 元旦 as the office was to list it: off from 1st to 3rd
    date(2027, 2, 3): date(2027, 2, 15),  # running while 2027 is set, see below
}
# Told late, on 4 February: off from 5 to 12 February, Sunday 14 February worked, 1 January as by law.
SPRING_2027 = SaidOfYear(
    [date(2027, 2, day) for day in range(5, 13)],
    [date(2027, 2, 14)],
    is_announced=True,
    notice="示例〔2027〕1号",
)
CALENDAR_SET_ON, NEXT_PLAN_ON = date(2027, 2, 4), date(2026, 12, 10)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return times.from_local(datetime.combine(day, time(hour, minute)))


@dataclass
class _Post:
    """Every channel's gateway: what left, and when."""

    letters: list[tuple[datetime, Letter]] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append((times.now(), letter))

    def close(self) -> None:
        """Nothing was opened."""


@dataclass
class _Shift:
    """A session of two hours from nine: a volunteer, a guest, and one who waits and gets the place of who leaves."""

    session_id: str
    day: date
    volunteer: str = ""
    shift: str = ""  # sign-up ids
    seat: str = ""
    leaver: str = ""
    waiter: str = ""
    guests: list[str] = field(default_factory=list)


class _Walk:
    """The city of one year."""

    def __init__(self, clock: TestClock) -> None:
        self.clock, self.month = clock, 0
        self.shifts: dict[date, _Shift] = {}
        self.erased: dict[str, date] = {}
        clock.set(at(FIRST, 2))
        with transaction():
            KEEP_GUESTS.set(KEPT_DAYS, by=None)
        import_file(small_file(period={"start": "2026-01-01", "end": "2026-12-31"}), code="city")
        self.organisation = make.an_organisation()
        self.staff = make.staff(self.organisation, Permission.SCAN, Permission.MANAGE_EVENTS)
        self.venue = make.a_venue()
        make.a_type()
        for day in NOTICES:
            self._publish(day)

    def _publish(self, day: date) -> None:
        task = plans.get_task("A1-1", "city").id
        draft = make.session_draft(
            at(day, 9),
            venue=self.venue,
            positions=[PositionDraft("观众", "audience", 2), PositionDraft("讲解员", "volunteer", 1)],
        )
        with events.answered("keep"):  # those of 2027 lie outside the plan, and stand in 待办
            event = make.an_event(self.organisation, task_ids=[task], sessions=[draft])
        (held,) = make.sessions_of(event)
        self.shifts[day] = _Shift(held.id, day)

    # --- the days

    def let_pass(self, moment: datetime) -> None:
        """Be there, and let the worker have its turn."""
        assert moment >= times.now()
        self.clock.set(moment)
        jobs.run_due()

    def run(self) -> None:
        day = FIRST
        while day <= LAST:
            if not self._is_quiet(day) or day.toordinal() % 3 == 0:
                self._a_day(day)
            day += timedelta(days=1)

    def _is_quiet(self, day: date) -> bool:
        """Whether nothing is near: of such days every third is enough."""
        near = any(-6 <= (day - one).days <= 14 for one in self.shifts)
        return not near and day not in {CALENDAR_SET_ON, NEXT_PLAN_ON, LAST}

    def _a_day(self, day: date) -> None:
        self.let_pass(at(day, 3))
        before, leaves = day + timedelta(days=5), day + timedelta(days=3)
        if before in self.shifts:
            self.let_pass(at(day, 10))
            self._sign_up(self.shifts[before])
            self.let_pass(at(day, 10, 5))
        if leaves in self.shifts:
            self.let_pass(at(day, 14))
            leave(self.shifts[leaves].leaver)
            self.let_pass(at(day, 14, 5))
            with transaction():  # who waited was told, and says yes
                accept_offer(self.shifts[leaves].waiter, by=self.shifts[leaves].guests[2])
            self.let_pass(at(day, 14, 10))
        if day + timedelta(days=1) in self.shifts:
            self.let_pass(at(day, 9, 1))  # a day before: the first reminder
        if day in self.shifts:
            self._serve(self.shifts[day])
        if day == CALENDAR_SET_ON:
            self._announce_2027()
        if day == NEXT_PLAN_ON:
            self._next_plan()
        self.look(day)

    def _sign_up(self, held: _Shift) -> None:
        seats, shift = self._positions(held.session_id)
        held.volunteer = a_volunteer()
        held.shift = join(shift, held.volunteer)
        held.guests = [a_guest(f"客人{held.day:%m%d}甲"), a_guest(f"客人{held.day:%m%d}乙")]
        held.seat, held.leaver = (join(seats, one) for one in held.guests)
        held.guests.append(a_guest(f"客人{held.day:%m%d}丙"))
        held.waiter = join(seats, held.guests[2])

    def _positions(self, session_id: str) -> tuple[str, str]:
        found = session().scalars(select(Position).where(Position.session_id == session_id)).all()
        by_kind = {one.kind: one.id for one in found}
        return by_kind["audience"], by_kind["volunteer"]

    def _serve(self, held: _Shift) -> None:
        self.let_pass(at(held.day, 7, 1))  # two hours before: the second reminder
        self.clock.set(at(held.day, 8, 55))
        for signup in (held.shift, held.seat):
            self._scan(held, signup)
        self.let_pass(at(held.day, 11))
        self._scan(held, held.shift, Direction.OUT)
        self.let_pass(at(held.day, 13))
        self.let_pass(at(held.day, 13, 10))

    def _scan(self, held: _Shift, signup_id: str, direction: Direction = Direction.IN) -> None:
        request = ScanRequest(
            held.session_id, direction, new_id(), "door", self.staff.person_id, Method.CAMERA,
            code=pass_code(get_row(Signup, signup_id)),
        )  # fmt: skip
        with transaction():
            answer = attendance.check_in(request)
        assert answer.body["outcome"] == "accepted", (held.day, answer.body)

    def _announce_2027(self) -> None:
        with transaction():
            assert recognition.set_workdays(2027, SPRING_2027, by=self.staff.person_id) == 1

    def _next_plan(self) -> None:
        old = plans.get_plan("city")
        assert [one.where for one in waiting.plan_to_follow(OFFICE)] == [{"code": "city"}]
        asked = NextPlan("city-next", "下一期", date(2027, 1, 1), date(2031, 12, 31))
        going = events_found.going_along(
            old, (asked.starts_on, asked.ends_on), codes=plans.task_codes(old.id)
        )
        assert len(going) == sum(day.year == 2027 for day in NOTICES)
        with transaction():
            plan_service.roll_over(old.code, asked, by=None)
        assert list(waiting.plan_to_follow(OFFICE)) == []

    # --- what must hold on every day

    def look(self, day: date) -> None:
        session().rollback()
        self._look_at_notices(day)
        self._look_at_guests(day)
        self._look_at_todo(day)
        if day.month != self.month:
            self.month = day.month
            assert session().scalars(select(JobRun.error).where(JobRun.error.is_not(None))).all() == []
            for session_id in figures.counted_sessions():
                assert recount.differences(session_id) == []
            assert figures.totals_differ() == []
            assert faults() == []

    def _look_at_notices(self, day: date) -> None:
        """Final is a record on the day after its notice, and not a day earlier."""
        for record in session().scalars(select(ServiceRecord)):
            last = NOTICES[record.served_on]
            running = day <= last
            assert record.status == (RecordStatus.NOTICED if running else RecordStatus.FINAL), (
                day,
                record.served_on,
            )
            if record.served_on != date(2027, 2, 3) or day >= CALENDAR_SET_ON:
                assert record.notice_until == last, record.served_on

    def _look_at_guests(self, day: date) -> None:
        names = dict(session().execute(select(Person.id, Person.name)).all())
        for held in self.shifts.values():
            ends = at(held.day, 11)
            for guest in held.guests:
                is_there = names.get(guest, "").startswith("客人")
                if not is_there:
                    self.erased.setdefault(guest, day)
                too_early = times.now() < ends + timedelta(days=KEPT_DAYS)
                assert is_there or not too_early, (day, held.day)
                assert not is_there or times.now() < ends + timedelta(days=KEPT_DAYS) + AT_THE_LATEST, (
                    day,
                    held.day,
                )

    def _look_at_todo(self, day: date) -> None:
        unknown = [one.values["year"] for one in years_to_announce(OFFICE)]
        assert unknown == ([2027] if date(2026, 11, 20) <= day < CALENDAR_SET_ON else []), day
        ends = bool(list(waiting.plan_to_follow(OFFICE)))
        assert ends == (date(2026, 6, 30) <= day < NEXT_PLAN_ON), day


def test_a_year(app: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
    post = _Post()
    monkeypatch.setattr(delivery, "open_sender", lambda *_given: post)
    monkeypatch.setattr(outbox, "is_configured", lambda *_given: True)
    walk = _Walk(clock)
    walk.run()

    _every_message_once_and_in_time(walk, post)
    for held in walk.shifts.values():
        (record,) = records_of(held.volunteer)
        assert (record.minutes, record.status) == (125, RecordStatus.FINAL)
    months = {
        month: {one.metric: one.quantity for one in some}
        for month, some in figures.city_breakdown("month").items()
    }
    served = Counter(f"{day:%Y-%m}" for day in NOTICES)
    assert months == {
        month: {"sessions": count, "visits": count, "volunteers": count} for month, count in served.items()
    }  # all of it counted, in 2027 for the next plan
    next_plan = plans.get_plan("city-next")
    assert sum(one.quantity for one in figures.plan_progress(next_plan.id)) == 3 * sum(
        day.year == 2027 for day in NOTICES
    )
    assert walk.erased  # and not too early, as looked at every day


def _every_message_once_and_in_time(walk: _Walk, post: _Post) -> None:
    told = Counter((letter.recipient, letter.subject, letter.body) for _, letter in post.letters)
    # A day before and two hours before the same is said.
    assert [one for one, count in told.items() if count > (2 if one[1].startswith("提醒") else 1)] == []
    left = {letter.id: moment for moment, letter in post.letters}
    assert len(left) == len(post.letters)
    rows = {one.id: one for one in session().scalars(select(OutboxMessage))}
    assert not [one.subject for one in rows.values() if one.state == "waiting"]
    of_whom: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for moment, letter in post.letters:
        kind = letter.subject.partition("：")[0]
        of_whom[letter.recipient, kind].append(letter.id)
        held = _session_of(walk, letter)
        if kind in {"提醒", "报名成功", "有空位了，请确认"} and held is not None:
            assert moment < at(held.day, 9), (kind, moment)  # none after its use
        assert 7 <= times.local(moment).hour < 22 or kind not in {"提醒", "谢谢您", "没有来"}, (kind, moment)
    kinds = Counter(kind for (_, kind), ids in of_whom.items() for _ in ids)
    shifts = len(walk.shifts)
    assert kinds["谢谢您"] == shifts
    assert kinds["提醒"] == 2 * 3 * shifts  # volunteer, guest, and who moved up: a day and two hours before
    assert "没有来" not in kinds
    assert kinds["有空位了，请确认"] == shifts
    assert kinds["报名成功"] >= 3 * shifts


def _session_of(walk: _Walk, letter: Letter) -> _Shift | None:
    """The only session of the recipient: everyone in the walk has one."""
    row = session().get(OutboxMessage, letter.id)
    if row is None or row.person_id is None:
        return None
    return next((one for one in walk.shifts.values() if row.person_id in {one.volunteer, *one.guests}), None)
