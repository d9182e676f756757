"""Courses, hand-overs, teams, fitting shifts and calls, through their services."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.events import a_district, an_organisation, session_draft, sessions_of, staff
from tests.factories.sharing import NAME, a_course_event, join_course, position_ids
from tests.factories.signups import a_guest, a_position, a_volunteer, faults, join, leave, status_of, taken
from tests.factories.volunteers import make_member, make_profile, make_skill, make_team, require
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import NotFound
from webapp.core.i18n import sentence_of
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.domain import PositionDraft
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.signups.domain import OverlappingShift, SignupStatus
from webapp.signups.domain.fitting import Because, NotCalled
from webapp.signups.domain.sharing import (
    AlreadyHandingOver,
    AlreadyInCourse,
    HandOverNeedsStaff,
    HandOverSettled,
    HandOverState,
    NobodyToCall,
    NotToHandOver,
    TeamNotSignedUp,
)
from webapp.signups.models import Called, HandOver, Signup
from webapp.signups.queries.calling import call_list
from webapp.signups.queries.courses import courses_of
from webapp.signups.queries.fitting import shifts_for
from webapp.signups.queries.handing import find_volunteer, hand_overs_to, teammates
from webapp.signups.service.calling import call_out
from webapp.signups.service.course_leaving import leave_course
from webapp.signups.service.handing import (
    accept_hand_over,
    ask_hand_over,
    decline_hand_over,
    withdraw_hand_over,
)
from webapp.signups.service.teams import sign_up_team
from webapp.volunteers.models import TeamRequest

CONFIRMED, WAITLISTED = SignupStatus.CONFIRMED, SignupStatus.WAITLISTED
CANCELLED = SignupStatus.CANCELLED


def _messages(person_id: str, words: str) -> int:
    wanted = select(func.count()).where(
        OutboxMessage.person_id == person_id, OutboxMessage.subject.contains(words)
    )
    return int(session().scalar(wanted) or 0)


def _ask(signup_id: str, to: str, *, by: str) -> str:
    with transaction():
        return ask_hand_over(signup_id, to, by=by).id


def _accept(hand_over_id: str, *, by: str) -> str:
    with transaction():
        return accept_hand_over(hand_over_id, by=by).id


# --- courses ----------------------------------------------------------------------------------------------------


def test_the_life_of_a_course(app: Flask) -> None:
    event, person = a_course_event(capacity=1), a_guest()
    event_id, (first, second, third) = event.id, position_ids(event)
    holder = join(second)
    before = join(third, person)  # had signed up for one date alone
    answer = join_course(event_id, person)
    assert [status_of(one) for one in answer.signups] == [CONFIRMED, WAITLISTED, CONFIRMED]
    assert before in answer.signups and not answer.left_out
    with pytest.raises(AlreadyInCourse):
        join_course(event_id, person)
    leave(answer.signups[0])  # one date dropped; the course goes on
    (found,) = courses_of(person)
    assert len(found.dates) == 3 and len(found.living) == 2
    draft = session_draft(
        clock.now() + timedelta(days=60), positions=[PositionDraft(NAME, "audience", 1, True)]
    )
    with transaction():
        added = events.add_session(event_id, draft, by=None).id
    new = session().scalars(select(Signup).where(Signup.session_id == added)).one()
    assert (new.person_id, new.status, new.course_id) == (person, CONFIRMED, answer.course_id)
    assert _messages(person, "系列加了一场") == 1
    assert taken(first) == 0  # the dropped date was not taken again
    with transaction():
        left = leave_course(answer.course_id, by=None)
    assert len(left.cancelled) == 3 and not left.too_late
    assert courses_of(person) == [] and status_of(holder) == CONFIRMED
    with transaction():
        later = events.add_session(event_id, draft, by=None).id
    assert session().scalars(select(Signup).where(Signup.session_id == later)).all() == []
    assert faults() == []


def test_dates_that_clash_are_left_out_and_named(app: Flask) -> None:
    event, person = a_course_event(kind="volunteer"), a_volunteer()
    event_id, sessions = event.id, [(one.starts_at, one.id) for one in sessions_of(event)]
    join(a_position("volunteer", starts_at=sessions[1][0]), person)
    answer = join_course(event_id, person, by=person)
    assert len(answer.signups) == 2
    (left_out,) = answer.left_out
    assert isinstance(left_out.params["reason"], OverlappingShift)
    with app.test_request_context():
        assert "同一时间" in sentence_of(left_out)
    assert faults() == []


# --- hand-overs -------------------------------------------------------------------------------------------------


def test_a_shift_stays_with_the_first_until_the_other_accepts(app: Flask) -> None:
    position, first, second = a_position("volunteer", 1), a_volunteer(), a_volunteer("赵接手")
    signup, waiting = join(position, first), join(position, a_volunteer())
    asked = _ask(signup, second, by=first)
    assert _messages(second, "请您接手") == 1 and hand_overs_to(second) == [asked]
    with pytest.raises(AlreadyHandingOver):
        _ask(signup, a_volunteer(), by=first)
    with pytest.raises(NotFound):
        _accept(asked, by=first)
    assert status_of(signup) == CONFIRMED
    made = _accept(asked, by=second)
    assert (status_of(signup), status_of(made), status_of(waiting)) == (CANCELLED, CONFIRMED, WAITLISTED)
    assert taken(position) == 1 and get_row(HandOver, asked).new_signup_id == made
    assert _messages(first, "已有人接手") == 1 and _messages(second, "已接手") == 1
    with pytest.raises(HandOverSettled):
        _accept(asked, by=second)
    assert faults() == []


def test_hand_overs_end_with_the_shift_with_no_and_with_staff(app: Flask) -> None:
    position, first, second = a_position("volunteer", 2), a_volunteer(), a_volunteer()
    signup = join(position, first)
    for act, by, state in (
        (decline_hand_over, second, HandOverState.DECLINED),
        (withdraw_hand_over, first, HandOverState.WITHDRAWN),
    ):
        asked = _ask(signup, second, by=first)
        with transaction():
            act(asked, by=by)
        assert get_row(HandOver, asked).state == state
    last = _ask(signup, second, by=first)
    leave(signup)
    assert get_row(HandOver, last).state == HandOverState.WITHDRAWN
    assert _messages(second, "不用接手了") == 2
    other = join(position, first)
    with transaction():
        get_row(Position, position).needs_approval = True
    with pytest.raises(HandOverNeedsStaff):
        _ask(other, second, by=first)


def test_the_second_is_judged_when_accepting_and_not_after_the_start(app: Flask) -> None:
    start = clock.now() + timedelta(days=2)
    position, first, second = a_position("volunteer", starts_at=start), a_volunteer(), a_volunteer()
    signup = join(position, first)
    asked = _ask(signup, second, by=first)
    other = join(a_position("volunteer", starts_at=start), second)
    with pytest.raises(OverlappingShift):
        _accept(asked, by=second)
    assert status_of(signup) == CONFIRMED
    leave(other)
    with clock.freeze(start), pytest.raises(NotToHandOver):
        _accept(asked, by=second)
    assert faults() == []


def test_only_name_and_telephone_together_find_someone(app: Flask) -> None:
    team = make_team()
    mine, mate = make_member(team), make_member(team)
    with transaction():
        get_row(
            Account, session().scalars(select(Account.id).where(Account.person_id == mate)).one()
        ).phone = "+8613800000009"
    assert find_volunteer(name=" 李秀英", phone="+8613800000009") == mate
    assert mate in {one.person_id for one in teammates(mine)}
    assert mine not in {one.person_id for one in teammates(mine)}
    assert find_volunteer(name="李秀英", phone="+8613800000008") is None
    assert find_volunteer(name="李秀兰", phone="+8613800000009") is None
    assert find_volunteer(name="12345", phone="+8613800000009") is None


# --- teams ------------------------------------------------------------------------------------------------------


def test_a_team_is_signed_up_all_or_none(app: Flask) -> None:
    leader, start = a_volunteer("队长"), clock.now() + timedelta(days=5)
    position = a_position("volunteer", 2, starts_at=start)
    held = get_row(Position, position).session_id
    team = make_team(leader)
    members = [make_member(team) for _ in range(3)]
    with transaction() as current:
        current.add(TeamRequest(session_id=held, team_id=team, asked_by=leader))
    join(a_position("volunteer", starts_at=start), members[2])

    def sign(picks: list[str]) -> list[str]:
        with transaction():
            return sign_up_team(held, team, {position: picks}, by=leader)

    with pytest.raises(TeamNotSignedUp) as refused:
        sign(members)
    with app.test_request_context():
        said = sentence_of(refused.value)
    assert "还有 2 个名额，您选了 3 位" in said and "同一时间已有别的岗位" in said
    assert taken(position) == 0
    made = sign(members[:2])
    rows = [get_row(Signup, one) for one in made]
    assert {(row.team_id, row.created_by, row.status) for row in rows} == {(team, leader, CONFIRMED)}
    assert session().scalars(select(TeamRequest.state)).one() == "accepted"
    assert _messages(members[0], "报名") == 1
    leave(made[0], by=members[0])
    with pytest.raises(NotFound), transaction():
        sign_up_team(held, team, {position: members[:1]}, by=members[0])
    assert faults() == []


# --- fitting shifts and calls -----------------------------------------------------------------------------------


def test_shifts_that_suit_come_first_with_their_reasons(app: Flask) -> None:
    skill, start = make_skill(), clock.now() + timedelta(days=3)
    a_district()
    person = make_profile(districts=["230803"], skills=[skill])
    plain, fitting = a_position("volunteer", starts_at=start), a_position("volunteer", starts_at=start)
    require(fitting, skill=skill)
    too_much = a_position("volunteer", starts_at=start)
    require(too_much, skill=make_skill())
    full = a_position("volunteer", 1, starts_at=start)
    join(full, a_volunteer())
    found = shifts_for(person)
    assert [one.position.id for one in found] == [fitting, plain]
    assert found[0].because == (Because.SKILL, Because.DISTRICT)
    join(a_position("volunteer", starts_at=start), person)
    assert shifts_for(person) == []


def test_calls_reach_fitting_free_and_willing_people_twice_a_week_at_most(app: Flask) -> None:
    office = an_organisation()
    organiser = staff(office, Permission.MANAGE_EVENTS).person_id
    start = clock.now() + timedelta(days=3)

    def shift(days: int = 0) -> str:
        when = start + timedelta(days=days)
        home = session().get_one(Organisation, office.id)
        return a_position("volunteer", 2, starts_at=when, organisation=home)

    def call(position: str) -> int:
        with transaction():
            return call_out(position, note="缺讲解员", most=10, by=organiser)

    position = shift()
    served, team_mate = a_volunteer(), make_member(make_team(organisation=office))
    join(shift(20), served)
    willing, unwilling = make_profile(), make_profile(takes_calls=False)
    join(shift(21), unwilling)
    busy = make_profile()
    join(a_position("volunteer", starts_at=start), busy)
    a_volunteer()  # known to nobody
    found = call_list(get_row(Position, position))
    ids = [one.person_id for one in found.people]
    assert ids[0] == served and {team_mate, willing} <= set(ids)
    assert found.left_out == {NotCalled.UNWILLING: 1, NotCalled.BUSY: 1}
    count = call(position)
    assert count == len(ids) and _messages(willing, "缺人手") == 1
    with pytest.raises(NobodyToCall):
        call(position)
    assert call(shift(1)) == count + 1  # with the one who was busy before
    assert call(shift(2)) == 1  # the others were called twice this week
    with pytest.raises(NobodyToCall):
        call(shift(3))
    most = select(func.count()).select_from(Called).group_by(Called.person_id)
    assert max(session().scalars(most)) == 2
