"""Hand-overs, teams and calls under everything at once, on both databases."""

from collections import Counter
from datetime import timedelta
from functools import partial

from flask import Flask
from sqlalchemy import func, select

from tests.factories.events import an_organisation, staff
from tests.factories.signups import a_position, a_volunteer, faults, join, leave, status_of, taken
from tests.factories.volunteers import make_member, make_profile, make_team
from tests.support.crowd import at_once
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import Refusal
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.signups.domain import HOLDS_PLACE, SignupStatus
from webapp.signups.domain.sharing import HandOverState, TeamNotSignedUp
from webapp.signups.models import Called, HandOver, Signup
from webapp.signups.service.calling import call_out
from webapp.signups.service.handing import accept_hand_over, ask_hand_over
from webapp.signups.service.teams import sign_up_team


def test_accepting_twice_while_the_first_cancels_gives_the_shift_once(app: Flask) -> None:
    for _ in range(4):
        position, first, second = a_position("volunteer", 1), a_volunteer(), a_volunteer()
        signup = join(position, first)
        with transaction():
            asked = ask_hand_over(signup, second, by=first).id

        def accept(asked: str = asked, second: str = second) -> str:
            with transaction():
                return accept_hand_over(asked, by=second).id

        answers = at_once(app, accept, partial(leave, signup), accept)
        accepted = [one for one in (answers[0], answers[2]) if isinstance(one, str)]
        assert len(accepted) <= 1
        state = get_row(HandOver, asked).state
        assert state == (HandOverState.ACCEPTED if accepted else HandOverState.WITHDRAWN)
        assert status_of(signup) == SignupStatus.CANCELLED
        assert taken(position) == len(accepted)
        assert isinstance(answers[1], Refusal) == bool(accepted)
    assert faults() == []


def test_two_teams_at_once_never_overbook_and_never_half_do(app: Flask) -> None:
    for _ in range(3):
        start = clock.now() + timedelta(days=7)
        position = a_position("volunteer", 3, starts_at=start)
        held = get_row(Position, position).session_id
        works = []
        for _number in range(2):
            leader = a_volunteer("队长")
            team = make_team(leader)
            members = [make_member(team) for _ in range(2)]

            def sign(
                team: str = team, leader: str = leader, picks: tuple[str, ...] = tuple(members)
            ) -> list[str]:
                with transaction():
                    return sign_up_team(held, team, {position: picks}, by=leader)  # noqa: B023

            works.append(sign)
        answers = at_once(app, *works)
        assert sorted(isinstance(one, TeamNotSignedUp) for one in answers) == [False, True]
        assert taken(position) == 2
        holders = select(Signup.team_id).where(Signup.position_id == position, Signup.status.in_(HOLDS_PLACE))
        assert set(Counter(session().scalars(holders)).values()) == {2}
    assert faults() == []


def test_two_organisers_at_once_call_nobody_too_often(app: Flask) -> None:
    office = an_organisation()
    organiser = staff(office, Permission.MANAGE_EVENTS).person_id
    people = [make_profile() for _ in range(4)]
    start, positions = clock.now() + timedelta(days=7), []
    for days in range(4):
        home = session().get_one(Organisation, office.id)
        when = start + timedelta(days=days)
        positions.append(a_position("volunteer", 1, starts_at=when, organisation=home))

    def call(position: str) -> int:
        with transaction():
            return call_out(position, note="", most=10, by=organiser)

    at_once(app, *[partial(call, one) for one in positions])
    session().rollback()
    counts = session().execute(select(Called.person_id, func.count()).group_by(Called.person_id)).all()
    assert {row[0] for row in counts} == set(people)
    assert {row[1] for row in counts} == {2}
