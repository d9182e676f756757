"""The life of a service record, moved by the clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import attendance as scenes
from tests.factories.recognition import make_record, records_of
from tests.factories.signups import a_position, a_volunteer, join
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.attendance import service as attendance
from webapp.attendance.domain import Direction
from webapp.attendance.queries import attendance_of
from webapp.core import clock as times
from webapp.core.db import db, transaction
from webapp.core.errors import ChangedMeanwhile, NotFound
from webapp.core.outbox import OutboxMessage
from webapp.recognition import jobs, queries, service
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain import refusals as no
from webapp.recognition.domain.counting import Rule
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.domain.workdays import SaidOfYear
from webapp.recognition.models import ServiceRecord
from webapp.recognition.service import standing, writing
from webapp.signups.models import Signup
from webapp.signups.queries import pass_code

CONFIRM, NOTICED, FINAL, VOID = (
    RecordStatus.TO_CONFIRM,
    RecordStatus.NOTICED,
    RecordStatus.FINAL,
    RecordStatus.VOID,
)


@dataclass
class Shift:
    """One volunteer's place in a session of two hours that starts at nine."""

    scene: scenes.Scene
    signup: Signup
    leader: str

    @property
    def person(self) -> str:
        return self.signup.person_id

    def scan(self, direction: Direction = Direction.IN, **more: object) -> None:
        answer = self.scene.scan(pass_code(self.signup), direction=direction, **more)
        assert answer.body["outcome"] == "accepted", answer.body

    def records(self) -> list[ServiceRecord]:
        return records_of(self.person)

    def standing(self) -> ServiceRecord:
        (found,) = [one for one in self.records() if one.status != VOID]
        return found

    def settle(self) -> list[str]:
        with transaction():
            return service.settle_session(self.scene.session)


def local(*parts: int) -> datetime:
    return times.from_local(datetime(*parts))  # type: ignore[misc, arg-type]  # noqa: DTZ001


def a_shift(starts_at: datetime) -> Shift:
    """Made a day before; the clock is at the start afterwards."""
    scene = scenes.make_scene(starts_at=starts_at)
    return Shift(scene, scenes.volunteer_for(scene.shift), a_volunteer("负责人"))


def subjects(person_id: str) -> list[str]:
    wanted = select(OutboxMessage.subject).where(OutboxMessage.person_id == person_id)
    return [one for one in db.session.scalars(wanted.order_by(OutboxMessage.id)) if "报名" not in one]


def test_from_check_in_to_a_star(app: Flask, clock: TestClock) -> None:
    """In, no sign-out, confirmed, notice over a weekend, objection, correction, new notice, final, star."""
    clock.set(local(2026, 11, 26, 8, 0))
    shift = a_shift(local(2026, 11, 27, 9, 0))  # a Friday
    clock.set(local(2026, 11, 27, 8, 50))
    shift.scan()
    clock.set(local(2026, 11, 27, 12, 59))
    assert shift.settle() == []
    assert service.sessions_to_settle() == []
    clock.set(local(2026, 11, 27, 13, 0))
    assert service.sessions_to_settle() == [shift.scene.session]
    jobs.settle_sessions()
    record = shift.standing()
    assert (record.status, record.minutes, record.turnout) == (CONFIRM, 0, Turnout.UNKNOWN)
    assert queries.totals_of(shift.person) == queries.Totals(0, 0, 1, 0)
    assert shift.settle() == []
    assert service.sessions_to_settle() == []
    assert subjects(shift.person) == []

    seen = seen_as(record)
    for out_at in (local(2026, 11, 27, 11, 16), local(2026, 11, 27, 8, 50)):
        with pytest.raises(no.BadTimes), transaction():
            service.confirm_out(record.id, out_at, by=shift.leader, seen=seen)
    with pytest.raises(no.OwnRecord), transaction():
        service.confirm_out(record.id, local(2026, 11, 27, 11, 0), by=shift.person, seen=seen)
    with pytest.raises(ChangedMeanwhile), transaction():
        service.confirm_out(record.id, local(2026, 11, 27, 11, 0), by=shift.leader, seen="something else")
    for _ in range(2):
        with transaction():
            service.confirm_out(record.id, local(2026, 11, 27, 11, 0), by=shift.leader, seen=seen)
    record = shift.standing()
    assert (record.status, record.minutes, record.source) == (NOTICED, 130, RecordSource.CLOSED)
    assert (record.notice_from, record.notice_until) == (date(2026, 11, 27), date(2026, 12, 2))
    assert queries.totals_of(shift.person) == queries.Totals(0, 0, 0, 130)
    assert subjects(shift.person) == ["谢谢您：示例健康讲座"]
    assert shift.settle() == []
    _object_and_correct(shift, record, clock)
    _final_and_starred(app, shift, clock)


def _object_and_correct(shift: Shift, record: ServiceRecord, clock: TestClock) -> None:
    clock.set(local(2026, 12, 2, 23, 0))
    for _ in range(2):
        with transaction():
            objection = service.object_to(record.id, "我十一点十分才走", by=shift.person)
    with pytest.raises(NotFound), transaction():
        service.object_to(record.id, "别人的", by=shift.leader)
    with pytest.raises(no.AlreadyObjected), transaction():
        service.object_to(record.id, "还有一件", by=shift.person)
    clock.set(local(2026, 12, 3, 9, 0))
    jobs.end_notices()
    assert shift.standing().status == NOTICED  # someone objects
    fix = service.Correction(record.in_at or times.now(), local(2026, 11, 27, 11, 10), "现场照片为证")
    for _ in range(2):
        with transaction():
            made = service.correct(record.id, fix, by=shift.leader, seen=seen_as(record))
        record = shift.standing()
        assert record.id == made
    old, new = shift.records()
    assert (old.status, old.minutes, old.void_reason) == (VOID, 130, "现场照片为证")
    assert (new.status, new.minutes, new.replaces_id) == (NOTICED, 140, old.id)
    assert queries.objections_of([old.id])[old.id][0].answered_by == shift.leader
    assert [one.id for one in queries.objections_of([old.id])[old.id]] == [objection]
    assert subjects(shift.person)[1:] == ["异议已答复：示例健康讲座", "服务记录已更正：示例健康讲座"]


def _final_and_starred(app: Flask, shift: Shift, clock: TestClock) -> None:
    clock.set(local(2026, 12, 8, 23, 59))
    jobs.end_notices()
    assert shift.standing().status == NOTICED
    clock.set(local(2026, 12, 9, 0, 1))
    jobs.end_notices()
    assert shift.standing().status == FINAL
    assert queries.totals_of(shift.person).minutes == 140

    with pytest.raises(no.NotEnoughHours), transaction():
        service.apply_for_star(shift.person)
    make_record(shift.person, minutes=99 * 60)
    person = shift.person  # the row belongs to this thread
    answers = at_once(app, *[lambda: _apply(person)] * 2)
    assert sum(isinstance(one, str) for one in answers) == 1
    star = next(one for one in answers if isinstance(one, str))
    with transaction():
        service.decide_star(star, grant=True, by=shift.leader)
        service.decide_star(star, grant=True, by=shift.leader)
    with pytest.raises(no.AlreadyDecided), transaction():
        service.decide_star(star, grant=False, by=shift.leader, note="不算")
    stars = queries.stars_of(shift.person)
    assert (stars.granted, stars.waiting, stars.reachable, stars.next_hours) == (1, None, None, 300)
    assert subjects(shift.person)[-1] == "1 星志愿者：已评定"


def _apply(person: str) -> str:
    with transaction():
        return service.apply_for_star(person)


def test_a_notice_runs_over_the_national_day_and_the_weekend_made_up_for_it(
    app: Flask, clock: TestClock
) -> None:
    clock.set(local(2026, 9, 29, 8, 0))
    shift = a_shift(local(2026, 9, 30, 9, 0))
    clock.set(local(2026, 9, 30, 9, 0))
    shift.scan()
    clock.set(local(2026, 9, 30, 11, 0))
    shift.scan(Direction.OUT)
    clock.set(local(2026, 9, 30, 13, 0))
    shift.settle()
    record = shift.standing()
    assert (record.minutes, record.turnout) == (120, Turnout.AS_PLANNED)
    assert record.notice_until == date(2026, 10, 10)  # Thursday 8th, Friday 9th, Saturday 10th is worked
    with transaction():
        service.set_workdays(2026, SaidOfYear([date(2026, 10, 8)], []), by=shift.leader)
    assert queries.work_calendar().after(date(2026, 9, 30), 3) == date(2026, 10, 12)
    assert not queries.work_calendar().is_certain(date(2027, 3, 1))


def test_what_the_door_learns_later_makes_another_record(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(hours=1)
    shift = a_shift(start)
    other = scenes.volunteer_for(shift.scene.shift)
    clock.set(start)
    shift.scan()
    clock.set(start + timedelta(hours=2))
    shift.scan(Direction.OUT)
    clock.advance(hours=2)
    jobs.settle_sessions()
    first = shift.standing()
    assert (first.status, first.minutes) == (NOTICED, 120)
    clock.advance(days=10)
    jobs.end_notices()
    assert shift.standing().status == FINAL
    (missing,) = records_of(other.person_id)
    assert (missing.status, missing.turnout) == (NOTICED, Turnout.NO_SHOW)
    assert subjects(other.person_id) == ["没有来：示例健康讲座"]

    came = attendance_of([shift.signup.id])[shift.signup.id]
    with transaction():
        attendance.annul_attendance(came.id, by=shift.leader, reason="扫错了人")
    assert service.sessions_to_settle() == [shift.scene.session]
    jobs.settle_sessions()
    old, new = shift.records()
    assert (old.status, old.minutes) == (VOID, 120)
    assert (new.status, new.minutes, new.in_at, new.replaces_id) == (CONFIRM, 0, None, old.id)
    assert service.sessions_to_settle() == []
    with transaction():
        service.mark(new.id, Turnout.EXCUSED, by=shift.leader, seen=seen_as(new))
    record = shift.standing()
    assert (record.id, record.status, record.turnout) == (new.id, NOTICED, Turnout.EXCUSED)
    with pytest.raises(no.WrongTurnout), transaction():
        service.mark(new.id, Turnout.PART, by=shift.leader, seen=seen_as(record))
    with pytest.raises(no.ReasonMissing), transaction():
        service.mark(new.id, Turnout.NO_SHOW, by=shift.leader, seen=seen_as(record))
    fix = service.Correction(start, start + timedelta(hours=1), "来了")
    with pytest.raises(no.NoCheckIn), transaction():
        service.correct(new.id, fix, by=shift.leader, seen=seen_as(record))


def test_a_scan_that_waited_for_the_network_is_stronger_than_a_leaders_word(
    app: Flask, clock: TestClock
) -> None:
    start = clock.now + timedelta(hours=1)
    shift = a_shift(start)
    clock.set(start)
    shift.scan()
    clock.set(start + timedelta(hours=4))
    jobs.settle_sessions()
    record = shift.standing()
    with transaction():
        service.confirm_out(record.id, start + timedelta(hours=2), by=shift.leader, seen=seen_as(record))
    clock.advance(hours=1)
    shift.scan(Direction.OUT, scanned_at=start + timedelta(hours=3))
    assert service.sessions_to_settle() == [shift.scene.session]
    jobs.settle_sessions()
    old, new = shift.records()
    assert (old.status, old.source) == (VOID, RecordSource.CLOSED)
    assert (new.source, new.minutes, new.turnout) == (RecordSource.SCAN, 135, Turnout.LONGER)
    # The leader confirms that the whole stay counts, as far as it was signed out.
    late = service.Correction(start, start + timedelta(hours=3, minutes=1), "收拾展台")
    with pytest.raises(no.BadTimes), transaction():
        service.correct(new.id, late, by=shift.leader, seen=seen_as(new))
    with transaction():
        whole = service.Correction(start, start + timedelta(hours=3), "收拾展台")
        service.correct(new.id, whole, by=shift.leader, seen=seen_as(new))
    record = shift.standing()
    assert (record.source, record.minutes) == (RecordSource.SCAN, 180)
    assert shift.settle() == []
    # The exit was someone else's: the word that stood on it falls with it.
    clock.advance(minutes=1)
    came = attendance_of([shift.signup.id])[shift.signup.id]
    with transaction():
        attendance.annul_exit(came.id, by=shift.leader, reason="扫了别人的码")
    assert service.sessions_to_settle() == [shift.scene.session]
    jobs.settle_sessions()
    record = shift.standing()
    assert (record.status, record.minutes, record.out_at) == (CONFIRM, 0, None)
    assert service.sessions_to_settle() == []


def test_after_seven_days_only_two_people_can_add_time(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(hours=1)
    shift = a_shift(start)
    second = a_volunteer("复核人")
    clock.set(start)
    shift.scan()
    clock.advance(hours=4)
    jobs.settle_sessions()
    clock.advance(days=8)
    jobs.end_notices()
    record = shift.standing()
    assert record.status == CONFIRM  # shown, and not counted
    with pytest.raises(no.TooLateToConfirm), transaction():
        service.confirm_out(record.id, start + timedelta(hours=2), by=shift.leader, seen=seen_as(record))

    def propose(minutes: int, reason: str = "活动照片可证", by: str = shift.leader) -> str:
        with transaction():
            return service.propose_added(shift.signup.id, minutes, reason=reason, by=by)

    for minutes in (0, 121):
        with pytest.raises(no.AddedTooLong):
            propose(minutes)
    with pytest.raises(no.ReasonMissing):
        propose(60, reason=" ")
    with pytest.raises(no.OwnRecord):
        propose(60, by=shift.person)
    added = propose(100)
    assert propose(100) == added
    with pytest.raises(no.AddedTooLong):
        propose(21)
    with pytest.raises(no.SecondPersonNeeded), transaction():
        service.approve_added(added, by=shift.leader)

    def approve(by: str) -> bool:
        with transaction():
            service.approve_added(added, by=by)
        return True

    third = a_volunteer("另一人")
    answers = at_once(app, lambda: approve(second), lambda: approve(third), lambda: approve(second))
    done = [one for one in answers if one is True]
    assert done
    assert all(isinstance(one, no.AlreadyDecided) for one in answers if one is not True)
    db.session.rollback()
    row = db.session.get_one(ServiceRecord, added)
    assert (row.status, row.added_minutes, row.minutes) == (NOTICED, 100, 0)
    assert queries.totals_of(shift.person) == queries.Totals(0, 0, 1, 0, 100)
    rejected = propose(20)
    with transaction():
        service.reject_added(rejected, reason="没有依据", by=second)
        service.reject_added(rejected, reason="没有依据", by=second)
    assert shift.settle() == []
    clock.advance(days=7)
    jobs.end_notices()
    assert queries.totals_of(shift.person) == queries.Totals(0, 100, 1, 0, 0)


def test_adding_time_settles_that_somebody_did_not_come(app: Flask, clock: TestClock) -> None:
    """Thanks and 没有来 both went out; while two people are adding time nobody is noted as absent."""
    start = clock.now + timedelta(hours=1)
    shift, second = a_shift(start), a_volunteer("复核人")
    clock.set(start + timedelta(hours=4))
    jobs.settle_sessions()
    assert shift.standing().source == RecordSource.ABSENT
    with transaction():
        added = service.propose_added(shift.signup.id, 90, reason="签到的手机坏了", by=shift.leader)
    clock.advance(days=9)
    jobs.end_notices()
    assert subjects(shift.person) == []  # the proposal waits, and so does the absence
    with transaction():
        service.approve_added(added, by=second)
    jobs.settle_sessions()
    jobs.end_notices()
    assert shift.standing().id == added
    assert subjects(shift.person) == ["谢谢您：示例健康讲座"]
    assert queries.no_shows([shift.person]) == {}
    assert service.sessions_to_settle() == []
    with transaction():
        more = service.propose_added(shift.signup.id, 10, reason="还布置了会场", by=shift.leader)
        service.approve_added(more, by=second)
    assert subjects(shift.person) == ["谢谢您：示例健康讲座", "时长有变：示例健康讲座"]


def test_an_absence_that_was_told_is_taken_back_with_the_thanks(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(hours=1)
    told, not_yet, second = a_shift(start), a_shift(start), a_volunteer("复核人")
    clock.set(start + timedelta(hours=4))
    jobs.settle_sessions()
    clock.advance(days=9)
    jobs.end_notices()
    assert subjects(told.person) == subjects(not_yet.person) == ["没有来：示例健康讲座"]
    with transaction() as current:
        current.execute(
            update(OutboxMessage).where(OutboxMessage.person_id == told.person).values(state="sent")
        )
    for shift in (told, not_yet):
        with transaction():
            added = service.propose_added(shift.signup.id, 90, reason="签到的手机坏了", by=shift.leader)
            service.approve_added(added, by=second)
        assert shift.standing().id == added
    assert subjects(told.person) == ["没有来：示例健康讲座", "谢谢您：示例健康讲座"]
    assert subjects(not_yet.person) == ["谢谢您：示例健康讲座"]
    wanted = select(OutboxMessage.body).where(OutboxMessage.subject.startswith("谢谢您"))
    said = {"作废" in body for body in db.session.scalars(wanted)}
    assert said == {True, False}
    with transaction():  # nobody vouches for them any more: the absence is back
        row = db.session.get_one(ServiceRecord, told.standing().id)
        writing.void(row, by=second, reason="认错了人")
    jobs.settle_sessions()
    assert told.standing().source == RecordSource.ABSENT


def test_two_processes_settle_one_session(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(hours=1)
    shift = a_shift(start)
    others = [scenes.volunteer_for(shift.scene.shift) for _ in range(3)]
    clock.set(start + timedelta(hours=4))
    answers = at_once(app, *[shift.settle] * 4)
    assert sorted(len(one) for one in answers) == [0, 0, 0, 4]
    assert all(len(records_of(one.person_id)) == 1 for one in [shift.signup, *others])


def test_no_shows_may_stop_the_next_sign_up(app: Flask, clock: TestClock) -> None:
    person, leader = a_volunteer(), a_volunteer("负责人")
    marks = {"minutes": 0, "turnout": Turnout.NO_SHOW, "in_at": None, "out_at": None}
    make_record(person, served_on=times.today() - timedelta(days=180), **marks)
    make_record(person, served_on=times.today() - timedelta(days=179), **marks)
    last = make_record(person, **marks)
    assert queries.no_shows([person, leader]) == {person: 2}
    join(a_position("volunteer"), person)  # the default: no consequence
    with transaction():
        standing.no_show_limit.set(2, by=leader)
    with pytest.raises(no.TooManyNoShows) as refused:
        join(a_position("volunteer", starts_at=times.now() + timedelta(days=9)), person)
    assert refused.value.extra == {"rule": "no_show"}
    join(a_position("audience"), person)
    with transaction():
        objection = service.object_to(last.id, "我在，没扫上码", by=person)
    join(a_position("volunteer", starts_at=times.now() + timedelta(days=9)), person)
    with transaction():
        service.answer(objection, "照片里没有您", by=leader)
    assert queries.no_shows([person]) == {person: 2}


def test_a_new_version_of_the_rule_counts_from_now_on(app: Flask, clock: TestClock) -> None:
    start = clock.now + timedelta(hours=1)
    shift = a_shift(start)
    by = shift.leader
    with transaction():
        assert service.change_rule(Rule(version=1, early_minutes=0, late_minutes=0), by=by) == 2
        assert service.change_rule(Rule(version=1, early_minutes=0, late_minutes=0), by=by) == 2
    with pytest.raises(ChangedMeanwhile), transaction():
        service.change_rule(Rule(version=1, notice_days=5), by=by)
    clock.set(start - timedelta(minutes=10))
    shift.scan()
    clock.set(start + timedelta(hours=2, minutes=5))
    shift.scan(Direction.OUT)
    clock.advance(hours=2)
    jobs.settle_sessions()
    assert (shift.standing().minutes, shift.standing().rule_version) == (120, 2)
    with transaction():
        service.change_rule(Rule(version=2), by=by)
    assert shift.settle() == []
    assert shift.standing().minutes == 120
