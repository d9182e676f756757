"""Use cases of events: what they change, whom they tell, what they refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import events as make
from tests.support.time import TestClock
from webapp.core.audit import AuditEntry
from webapp.core.db import session, transaction
from webapp.core.errors import ChangedMeanwhile, NotAllowed, NotFound, Refusal
from webapp.core.hooks import Hook
from webapp.core.outbox import OutboxMessage
from webapp.events import queries, service
from webapp.events.domain import (
    AlreadyCreated,
    BadCapacity,
    CapacityBelowTaken,
    EventChanges,
    NeedsApproval,
    NotReadyToPublish,
    PositionDraft,
    PositionInUse,
    PositionNameTaken,
    SessionEndsBeforeStart,
    SessionTooLong,
    SessionWasCancelled,
    StillComing,
    TooLong,
    TooMany,
    UnknownChoice,
    WordsMissing,
    WouldBeIncomplete,
    WrongState,
)
from webapp.events.models import Event, EventWords, Position
from webapp.organisations import service as organisations
from webapp.organisations.domain import OrganisationDetails
from webapp.people.service import find_or_make_person
from webapp.signups.service import sign_up
from webapp.venues import service as venues
from webapp.venues.models import Venue


@contextmanager
def told(hook: Hook) -> Iterator[list[tuple[Any, ...]]]:
    """What a follower of the hook would hear."""
    heard: list[tuple[Any, ...]] = []

    def follower(*args: Any) -> None:
        heard.append(args)

    hook.connect(follower)
    yield heard
    hook._followers.remove(follower)


def found_by(event: Event) -> str:
    """What the event is found by."""
    kept = session().scalars(select(EventWords).where(EventWords.event_id == event.id)).one()
    return f"{kept.title}\n{kept.summary}\n{kept.more}"


def feed_state(event: Event) -> list[tuple[str, int, Any]]:
    return [(one.uid, one.sequence, one.updated_at) for one in make.sessions_of(event)]


def take_places(position: Position, number: int) -> None:
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position.id).values(taken=number))


def test_an_event_is_made_with_its_sessions_and_positions(app: Flask, clock: TestClock) -> None:
    event = make.an_event(published=False)
    found = queries.get_event(event.id)
    assert (found.status, found.revision, found.published_at) == ("draft", 1, None)
    assert [task.code for task in found.tasks] == ["A4-2"]
    (only,) = found.sessions
    assert only.uid == f"{only.id}@kepuxing.invalid"
    assert only.sequence == 0
    assert [(p.name, p.kind, p.capacity, p.taken, p.waitlist) for p in only.positions] == [
        ("观众", "audience", 30, 0, True),
        ("讲解员", "volunteer", 2, 0, True),
    ]
    entry = session().scalar(select(AuditEntry).where(AuditEntry.action == "event.create"))
    assert entry is not None
    assert entry.subject_id == event.id


@pytest.mark.settings(base_url="https://kepu.example.cn")
def test_the_uid_stays_what_it_was_given(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    (before,) = make.sessions_of(event)
    assert before.uid == f"{before.id}@kepu.example.cn"


def test_what_an_event_is_found_by(app: Flask, clock: TestClock) -> None:
    district = make.a_district("230803", "向阳区")
    town = make.a_district("230803001", "西林街道", "230803")
    venue = make.a_venue("西林社区服务中心", district, township_code=town.code)
    unit = make.an_organisation("市卫生健康委", full_name="佳木斯市卫生健康委员会")
    event = make.an_event(
        unit,
        title="ＡＥＤ急救　Heart课",
        summary="心肺复苏。",
        sessions=[make.session_draft(venue=venue, title="第一课")],
    )
    text = found_by(event)
    for words in (
        "aed急救 heart课",
        "心肺复苏。",
        "科普讲座/科普报告会",
        "市卫生健康委",
        "佳木斯市卫生健康委员会",
        "西林社区服务中心",
        "向阳区",
        "西林街道",
        "a4-2",
        "加强老年人健康科普服务",
        "第一课",
    ):
        assert words in text.split("\n")


BAD_DRAFTS: list[tuple[dict[str, Any], type[Refusal], str]] = [
    ({"title": " "}, WordsMissing, "title"),
    ({"title": "题" * 81}, TooLong, "title"),
    ({"summary": "长" * 2001}, TooLong, "summary"),
    ({"bring": "带" * 301}, TooLong, "bring"),
    ({"risk_statement": "险" * 1001}, TooLong, "risk_statement"),
    ({"type_slug": "没有"}, UnknownChoice, "type_slug"),
    ({"audiences": ["外星人"]}, UnknownChoice, "audiences"),
    ({"task_ids": ["nosuchtask00000000"]}, UnknownChoice, "task_ids"),
    ({"task_ids": [f"task{n}" for n in range(21)]}, TooMany, "task_ids"),
    ({"organisation_id": "nosuchunit00000000"}, UnknownChoice, "organisation_id"),
]


def test_a_bad_draft_is_refused_at_its_field(app: Flask, subtests: pytest.Subtests) -> None:
    good = make.event_draft()
    for values, refusal, field in BAD_DRAFTS:
        with subtests.test(field=field):
            with pytest.raises(refusal) as caught, transaction():
                service.create_event(replace(good, **values), by=None)
            assert caught.value.at_field == field
    assert session().scalar(select(Event.id)) is None


def test_bad_sessions_and_positions_are_refused(app: Flask, clock: TestClock) -> None:
    good = make.session_draft()
    event = make.an_event()

    def add(refusal: type[Exception], **values: Any) -> None:
        with pytest.raises(refusal), transaction():
            service.add_session(event.id, replace(good, **values), by=None)

    add(SessionEndsBeforeStart, ends_at=good.starts_at)
    add(SessionEndsBeforeStart, ends_at=good.starts_at - timedelta(hours=1))
    add(SessionTooLong, ends_at=good.starts_at + timedelta(days=31, minutes=1))
    add(UnknownChoice, venue_id="nosuchvenue0000000")
    add(PositionNameTaken, positions=[make.SEATS, make.SEATS])
    add(BadCapacity, positions=[PositionDraft("观众", "audience", 0)])
    add(BadCapacity, positions=[PositionDraft("观众", "audience", 100_001)])
    add(UnknownChoice, positions=[PositionDraft("观众", "guest", 5)])
    add(WordsMissing, positions=[PositionDraft(" ", "audience", 5)])
    add(TooMany, positions=[PositionDraft(f"岗{n}", "volunteer", 1) for n in range(21)])
    add(WouldBeIncomplete, positions=[])
    assert len(make.sessions_of(event)) == 1


def test_sixty_sessions_and_no_more(app: Flask, clock: TestClock) -> None:
    draft = make.session_draft()
    with transaction():
        event = service.create_event(make.event_draft(sessions=[draft] * 60), by=None)
    with pytest.raises(TooMany), transaction():
        service.add_session(event.id, draft, by=None)
    with pytest.raises(TooMany), transaction():
        service.create_event(make.event_draft(sessions=[draft] * 61), by=None)


def test_the_same_form_twice_makes_one_event(app: Flask, clock: TestClock) -> None:
    draft = replace(make.event_draft(), id="0123456789abcdefgh")
    with transaction():
        service.create_event(draft, by=None)
    with pytest.raises(AlreadyCreated) as caught, transaction():
        service.create_event(draft, by=None)
    assert caught.value.extra == {"id": draft.id}
    with transaction():
        service.add_session(draft.id or "", replace(make.session_draft(), id="s123456789abcdefgh"), by=None)
    with pytest.raises(AlreadyCreated), transaction():
        service.add_session(draft.id or "", replace(make.session_draft(), id="s123456789abcdefgh"), by=None)


def test_who_may_change_an_event(app: Flask, clock: TestClock) -> None:
    own, other = make.an_organisation(), make.an_organisation()
    organiser = make.staff(own, "manage_events").person_id
    stranger = make.staff(other, "manage_events").person_id
    scanner = make.staff(own, "scan", "inspect").person_id
    office = make.staff(other, "govern").person_id
    with transaction():
        event = service.create_event(make.event_draft(own), by=organiser)
    for person in (stranger, scanner):
        with pytest.raises(NotAllowed), transaction():
            service.publish(event.id, by=person)
        with pytest.raises(NotAllowed), transaction():
            service.create_event(make.event_draft(own), by=person)
    with transaction():
        service.publish(event.id, by=office)
    (only,) = make.sessions_of(event)
    (position, _) = make.positions_of(event)
    acts = (
        lambda: service.update_event(event.id, EventChanges(title="别"), revision=None, by=stranger),
        lambda: service.add_session(event.id, make.session_draft(venue=only.venue), by=stranger),
        lambda: service.rename_session(only.id, title="别", by=stranger),
        lambda: service.reschedule(
            only.id, starts_at=only.starts_at, ends_at=only.ends_at, venue_id=only.venue_id, by=stranger
        ),
        lambda: service.cancel_session(only.id, reason="别", by=stranger),
        lambda: service.add_position(only.id, PositionDraft("新", "audience", 1), by=stranger),
        lambda: service.change_position(position.id, name="别", capacity=1, waitlist=True, by=stranger),
        lambda: service.remove_position(position.id, by=stranger),
        lambda: service.cancel(event.id, reason="别", by=stranger),
        lambda: service.close(event.id, by=stranger),
        lambda: service.postpone(event.id, by=stranger),
        lambda: service.duplicate(event.id, by=stranger),
    )
    for act in acts:
        with pytest.raises(NotAllowed), transaction():
            act()


def test_unknown_ids_are_not_found(app: Flask) -> None:
    draft = PositionDraft("新", "audience", 1)
    for act in (
        lambda: service.publish("x", by=None),
        lambda: service.cancel_session("x", reason="因雨", by=None),
        lambda: service.add_position("x", draft, by=None),
        lambda: service.remove_position("x", by=None),
        lambda: service.duplicate("x", by=None),
        lambda: service.discard("x", by=None),
    ):
        with pytest.raises(NotFound), transaction():
            act()


def test_publishing_needs_what_the_law_and_the_plan_ask_for(app: Flask, clock: TestClock) -> None:
    make.a_task()  # there is a plan
    event = make.an_event(published=False, summary="", risk_statement="", task_ids=[], sessions=[])
    with pytest.raises(NotReadyToPublish) as caught, transaction():
        service.publish(event.id, by=None)
    assert caught.value.params["missing"] == ("请写活动简介", "请选择至少一项计划任务", "请添加至少一个场次")
    only_audience = make.an_event(
        published=False, risk_statement="", sessions=[make.session_draft(positions=[make.SEATS])]
    )
    with transaction():
        service.publish(only_audience.id, by=None)
    (one,) = make.sessions_of(only_audience)
    with pytest.raises(WouldBeIncomplete), transaction():  # now it would recruit without a risk statement
        service.add_position(one.id, make.GUIDES, by=None)
    past = make.an_event(published=False, sessions=[make.session_draft(clock.now - timedelta(days=3))])
    with pytest.raises(NotReadyToPublish) as caught, transaction():
        service.publish(past.id, by=None)
    assert caught.value.params["missing"] == ("所有场次都已过去，请检查日期",)


def test_an_organisation_that_needs_approval_submits(app: Flask, clock: TestClock) -> None:
    unit = make.an_organisation(needs_approval=True)
    organiser = make.staff(unit, "manage_events").person_id
    office = make.staff(make.an_organisation(), "govern").person_id
    event = make.an_event(unit, published=False)
    with pytest.raises(NeedsApproval), transaction():
        service.publish(event.id, by=organiser)
    with transaction():
        service.submit(event.id, by=organiser)
    assert session().get_one(Event, event.id).status == "submitted"
    with transaction():
        service.withdraw(event.id, by=organiser)
        service.submit(event.id, by=organiser)
    with transaction():
        service.publish(event.id, by=office)
    assert session().get_one(Event, event.id).status == "published"
    with pytest.raises(WrongState), transaction():
        service.publish(event.id, by=office)


def test_sequence_rises_with_time_place_and_status_and_at_no_other_time(app: Flask, clock: TestClock) -> None:
    event = make.an_event(published=False)
    (one,) = make.sessions_of(event)
    uid = one.uid

    def after(act: Any) -> tuple[int, bool]:
        (before,) = make.sessions_of(event)
        old = (before.sequence, before.updated_at)
        clock.advance(minutes=1)
        with transaction():
            act()
        session().rollback()
        (now,) = make.sessions_of(event)
        assert now.uid == uid
        return now.sequence - old[0], now.updated_at != old[1]

    def move(**values: Any) -> Any:
        (now,) = make.sessions_of(event)
        kept = {"starts_at": now.starts_at, "ends_at": now.ends_at, "venue_id": now.venue_id}
        return lambda: service.reschedule(one.id, **(kept | values), by=None)

    def say(**values: Any) -> Any:
        return lambda: service.update_event(event.id, EventChanges(**values), revision=None, by=None)

    position, _ = make.positions_of(event)
    assert after(lambda: service.submit(event.id, by=None)) == (0, False)
    assert after(lambda: service.publish(event.id, by=None)) == (1, True)
    assert after(say(title="换个名称")) == (0, True)
    assert after(say(summary="换个简介")) == (0, True)
    assert after(say(task_ids=[make.a_task("A4-1", "智慧助老行动").id])) == (0, True)
    assert after(lambda: service.rename_session(one.id, title="第一课", by=None)) == (0, True)
    assert after(
        lambda: service.change_position(position.id, name="观众", capacity=40, waitlist=False, by=None)
    ) == (0, False)
    assert after(
        lambda: service.change_position(position.id, name="听众", capacity=40, waitlist=False, by=None)
    ) == (0, True)
    assert after(move()) == (0, False)
    assert after(move(starts_at=one.starts_at + timedelta(minutes=30))) == (1, True)
    assert after(move(ends_at=one.ends_at + timedelta(minutes=30))) == (1, True)
    assert after(move(venue_id=make.a_venue().id)) == (1, True)
    assert after(lambda: service.postpone(event.id, by=None)) == (1, True)
    assert after(lambda: service.publish(event.id, by=None, same_dates=True)) == (1, True)
    assert after(lambda: service.cancel(event.id, reason="暴雪", by=None)) == (1, True)


def test_a_session_cancelled_alone_does_not_move_the_others(app: Flask, clock: TestClock) -> None:
    event = make.an_event(sessions=[make.session_draft(), make.session_draft(clock.now + timedelta(days=14))])
    first, second = make.sessions_of(event)
    before = feed_state(event)[1]
    with told(service.session_cancelled) as heard, told(service.counting_changed) as counted, transaction():
        service.cancel_session(first.id, reason="暴雪", by=None)
    assert [(args[0].id, args[0].cancel_reason, args[1].session_id) for args in heard] == [
        (first.id, "暴雪", first.id)
    ]
    assert counted == [(event.id,)]
    assert feed_state(event)[1] == before
    first, second = make.sessions_of(event)
    assert (first.sequence, first.cancel_reason) == (2, "暴雪")
    with transaction():
        service.cancel(event.id, reason="全部取消", by=None)
    assert [one.sequence for one in make.sessions_of(event)] == [2, 2]  # the first was cancelled already
    with pytest.raises(WrongState), transaction():
        service.cancel_session(second.id, reason="再取消", by=None)


def test_a_cancelled_session_stays_as_it_was(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    (one,) = make.sessions_of(event)
    with transaction():
        service.cancel_session(one.id, reason="暴雪", by=None)
    for act in (
        lambda: service.cancel_session(one.id, reason="再来", by=None),
        lambda: service.rename_session(one.id, title="别", by=None),
        lambda: service.add_position(one.id, PositionDraft("新", "audience", 1), by=None),
    ):
        with pytest.raises(SessionWasCancelled), transaction():
            act()


def test_cancelling_says_why_and_tells_followers_inside_the_transaction(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    with pytest.raises(WordsMissing), transaction():
        service.cancel(event.id, reason="  ", by=None)
    with pytest.raises(TooLong), transaction():
        service.cancel(event.id, reason="雪" * 301, by=None)

    class FollowerFailed(Exception):
        pass

    def fail(*_args: Any) -> None:
        raise FollowerFailed

    service.cancelled.connect(fail)
    try:
        with pytest.raises(FollowerFailed), transaction():
            service.cancel(event.id, reason="暴雪", by=None)
    finally:
        service.cancelled._followers.remove(fail)
    assert session().get_one(Event, event.id).status == "published"
    session().rollback()
    with told(service.cancelled) as heard, told(service.counting_changed) as counted, transaction():
        service.cancel(event.id, reason=" 暴雪 ", by=None)
    assert [(args[0].id, args[0].cancel_reason, args[1].session_id) for args in heard] == [
        (event.id, "暴雪", None)
    ]
    assert counted == [(event.id,)]
    found = session().get_one(Event, event.id)
    assert (found.status, found.cancel_reason) == ("cancelled", "暴雪")
    assert found.cancelled_at == clock.now
    for act in (
        lambda: service.cancel(event.id, reason="再来", by=None),
        lambda: service.publish(event.id, by=None),
        lambda: service.update_event(event.id, EventChanges(title="别"), revision=None, by=None),
        lambda: service.add_session(event.id, make.session_draft(), by=None),
        lambda: service.close(event.id, by=None),
    ):
        with pytest.raises(WrongState), transaction():
            act()


def test_moving_tells_followers_the_old_time_and_place(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    (one,) = make.sessions_of(event)
    old = (one.starts_at, one.ends_at, one.venue_id)
    venue = make.a_venue("新的地方")
    later = timedelta(days=1)
    with told(service.rescheduled) as heard, told(service.counting_changed) as counted, transaction():
        service.reschedule(
            one.id, starts_at=old[0] + later, ends_at=old[1] + later, venue_id=venue.id, by=None
        )
    assert [(args[0].id, *args[1:]) for args in heard] == [(one.id, *old, None)]
    assert counted == [(event.id,)]
    assert "新的地方" in found_by(event)
    draft = make.an_event(published=False)
    (one,) = make.sessions_of(draft)
    with told(service.rescheduled) as heard, told(service.counting_changed) as counted, transaction():
        service.reschedule(
            one.id, starts_at=one.starts_at, ends_at=one.ends_at + later, venue_id=venue.id, by=None
        )
    assert (heard, counted) == ([], [])  # nobody can have signed up, nothing can have counted


def test_changed_tasks_and_groups_are_counted_again_and_words_are_not(app: Flask, clock: TestClock) -> None:
    event = make.an_event()

    def counted(**values: Any) -> int:
        with told(service.counting_changed) as heard, transaction():
            service.update_event(event.id, EventChanges(**values), revision=None, by=None)
        return len(heard)

    assert counted(title="新名称") == 0
    assert counted(audiences=["老年人"]) == 0
    assert counted(audiences=["农民", "老年人"]) == 1
    assert session().get_one(Event, event.id).audiences == ["农民", "老年人"]
    assert counted(task_ids=[make.a_task("A3-1", "树立科学观念").id]) == 1
    assert [task.code for task in queries.get_event(event.id).tasks] == ["A3-1"]


def test_a_published_event_stays_complete(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    for changes in (EventChanges(summary=""), EventChanges(risk_statement=" "), EventChanges(task_ids=[])):
        with pytest.raises(WouldBeIncomplete), transaction():
            service.update_event(event.id, changes, revision=None, by=None)
    assert session().get_one(Event, event.id).summary
    assert queries.get_event(event.id).tasks


def test_the_second_of_two_editors_must_look_first(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    seen = session().get_one(Event, event.id).revision
    (one,) = make.sessions_of(event)
    with transaction():
        service.update_event(event.id, EventChanges(title="甲改的"), revision=seen, by=None)
    for act in (
        lambda: service.update_event(event.id, EventChanges(title="乙改的"), revision=seen, by=None),
        lambda: service.rename_session(one.id, title="乙改的", by=None, revision=seen),
        lambda: service.cancel(event.id, reason="乙要取消", by=None, revision=seen),
    ):
        with pytest.raises(ChangedMeanwhile), transaction():
            act()
    assert session().get_one(Event, event.id).title == "甲改的"


def test_capacity_never_falls_below_those_who_hold_a_place(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    (seats,) = make.positions_of(event, "观众")
    take_places(seats, 12)
    with pytest.raises(CapacityBelowTaken) as caught, transaction():
        service.change_position(seats.id, name="观众", capacity=11, waitlist=True, by=None)
    assert "已确认 12 人" in str(caught.value)
    with told(service.capacity_raised) as heard, transaction():
        service.change_position(seats.id, name="观众", capacity=12, waitlist=True, by=None)
    assert heard == []
    with told(service.capacity_raised) as heard, transaction():
        service.change_position(seats.id, name="观众", capacity=50, waitlist=True, by=None)
    assert [args[0].id for args in heard] == [seats.id]
    (seats,) = make.positions_of(event, "观众")
    assert (seats.capacity, seats.taken) == (50, 12)
    for wrong in (-1, 100_001):
        with pytest.raises(BadCapacity), transaction():
            service.change_position(seats.id, name="观众", capacity=wrong, waitlist=True, by=None)


def test_positions_are_told_apart_by_name(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    (one,) = make.sessions_of(event)
    seats, guides = make.positions_of(event)
    with pytest.raises(PositionNameTaken), transaction():
        service.add_position(one.id, PositionDraft("观众", "volunteer", 1), by=None)
    with pytest.raises(PositionNameTaken), transaction():
        service.change_position(guides.id, name=" 观众 ", capacity=2, waitlist=True, by=None)
    with transaction():
        made = service.add_position(one.id, PositionDraft("司机", "volunteer", 1, waitlist=False), by=None)
    assert [p.name for p in make.positions_of(event)] == ["观众", "讲解员", "司机"]
    with transaction():
        service.remove_position(made.id, by=None)
    take_places(guides, 1)
    with pytest.raises(PositionInUse), transaction():
        service.remove_position(guides.id, by=None)
    take_places(guides, 0)
    with transaction():
        service.remove_position(guides.id, by=None)
    with pytest.raises(WouldBeIncomplete), transaction():  # a session without any place
        service.remove_position(seats.id, by=None)
    assert [p.name for p in make.positions_of(event)] == ["观众"]


def test_an_event_is_closed_when_it_is_over(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    with pytest.raises(StillComing), transaction():
        service.close(event.id, by=None)
    clock.advance(days=8)
    before = feed_state(event)
    with told(service.counting_changed) as counted, transaction():
        service.close(event.id, by=None)
    assert counted == [(event.id,)]
    assert feed_state(event) == before
    assert session().get_one(Event, event.id).status == "closed"


def test_a_copy_is_a_draft_in_the_future(app: Flask, clock: TestClock) -> None:
    event = make.an_event(
        sessions=[
            make.session_draft(clock.now + timedelta(days=1), title="第一课"),
            make.session_draft(clock.now + timedelta(days=2), title="第二课"),
        ]
    )
    with transaction():
        service.cancel_session(make.sessions_of(event)[1].id, reason="暴雪", by=None)
    clock.advance(days=30)
    with transaction():
        made = service.duplicate(event.id, by=None)
    old, new = queries.get_event(event.id), queries.get_event(made.id)
    assert (new.status, new.title, [task.id for task in new.tasks]) == (
        "draft",
        old.title,
        [task.id for task in old.tasks],
    )
    (copy,) = new.sessions
    source = old.sessions[0]
    assert copy.title == "第一课"
    assert (copy.starts_at - source.starts_at) % timedelta(weeks=1) == timedelta(0)
    assert timedelta(0) < copy.starts_at - clock.now <= timedelta(weeks=1)
    assert [(p.name, p.capacity) for p in copy.positions] == [("观众", 30), ("讲解员", 2)]
    assert copy.uid != source.uid


def test_only_what_was_never_published_is_thrown_away(app: Flask, clock: TestClock) -> None:
    draft, published = make.an_event(published=False), make.an_event()
    (one,) = make.sessions_of(draft)
    with transaction():
        service.add_session(draft.id, make.session_draft(), by=None)
        service.remove_session(one.id, by=None)
    assert len(make.sessions_of(draft)) == 1
    with transaction():
        service.discard(draft.id, by=None)
    assert session().get(Event, draft.id) is None
    with pytest.raises(WrongState), transaction():
        service.discard(published.id, by=None)
    with pytest.raises(WrongState), transaction():
        service.remove_session(make.sessions_of(published)[0].id, by=None)


def test_how_many_would_be_told(app: Flask, clock: TestClock) -> None:
    def follower(session_ids: list[str], people: set[str]) -> None:
        people.update({"甲", "乙"} if "s1" in session_ids else set())

    service.who_is_told.connect(follower)
    try:
        assert service.people_told(["s1", "s2"]) >= 2
    finally:
        service.who_is_told._followers.remove(follower)


def test_postponing_keeps_places_and_tells_everyone_once(app: Flask, clock: TestClock) -> None:
    event = make.an_event()
    (seats, _guides) = make.positions_of(event)
    with transaction():
        person = find_or_make_person(name="王小明", phone="+8613900000001")
        sign_up(seats.id, person.id, by=None, source="guest")
    with transaction():
        service.postpone(event.id, by=None)
    (position, _) = make.positions_of(event)
    assert position.taken == 1
    (message,) = session().scalars(select(OutboxMessage).where(OutboxMessage.subject.contains("延期"))).all()
    assert "报名还保留着" in message.body
    with transaction():
        service.publish(event.id, by=None, same_dates=True)
        service.postpone(event.id, by=None)
    found = session().scalars(select(OutboxMessage).where(OutboxMessage.subject.contains("延期"))).all()
    assert len(found) == 2


def test_a_new_name_is_news(app: Flask, clock: TestClock) -> None:
    unit, venue = make.an_organisation("市卫健委"), make.a_venue("老地方")
    event = make.an_event(unit, sessions=[make.session_draft(venue=venue)])
    before = feed_state(event)
    clock.advance(minutes=1)
    with transaction():
        details = OrganisationDetails(name="市卫生健康委", kind="unit", full_name="", phone="")
        organisations.change_organisation(unit.id, details, by=None)
    assert "市卫生健康委" in found_by(event)
    after = feed_state(event)
    assert [(uid, sequence) for uid, sequence, _at in after] == [(uid, n) for uid, n, _at in before]
    assert after[0][2] > before[0][2]
    with transaction() as current:
        row = current.get_one(Venue, venue.id)
        row.name = "新地方"
        venues.changed(row)
    assert "新地方" in found_by(event)
