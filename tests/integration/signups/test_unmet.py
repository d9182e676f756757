"""What a shift asked for ends: both sides are told once, nobody loses the place before the organiser says so."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import signups as made
from tests.factories.events import staff
from tests.factories.volunteers import (
    give_skill,
    make_course,
    make_member,
    make_skill,
    make_team,
    make_training,
    require,
)
from tests.support.client import CheckedClient
from tests.support.crowd import at_once
from tests.support.time import TestClock
from webapp.core import leaving, todo
from webapp.core.db import get_row, session, transaction
from webapp.core.jobs import run_due
from webapp.core.leaving import End, Ending
from webapp.core.outbox import OutboxMessage
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import permissions_of
from webapp.people.models import Account
from webapp.signups.domain.unmet import UnmetSettled, UnmetState
from webapp.signups.models import Unmet
from webapp.signups.service import unmet
from webapp.volunteers import service as volunteers
from webapp.volunteers.domain import ProfileDraft, Requirements
from webapp.volunteers.models import Training


def told(person_id: str) -> list[str]:
    session().rollback()
    wanted = select(OutboxMessage.subject).where(OutboxMessage.person_id == person_id)
    return list(session().scalars(wanted.order_by(OutboxMessage.id)))


def states() -> list[str]:
    session().rollback()
    return list(session().scalars(select(Unmet.state).order_by(Unmet.found_at, Unmet.id)))


def organiser_of(position_id: str) -> Account:
    event_id = get_row(EventSession, get_row(Position, position_id).session_id).event_id
    return staff(get_row(Organisation, get_row(Event, event_id).organisation_id), Permission.MANAGE_EVENTS)


def a_shift(kind: str) -> tuple[str, str, str]:
    """A position that asks for it, a volunteer signed up who has it, and the id of what they have."""
    position, person = made.a_position("volunteer", 1), made.a_volunteer()
    host = get_row(
        Organisation,
        get_row(
            Event, get_row(EventSession, get_row(Position, position).session_id).event_id
        ).organisation_id,
    )
    if kind == "team":
        held = make_team(organisation=host)
        make_member(held, person)
        require(position, team=held)
    elif kind == "training":
        course = make_course()
        held = make_training(person, course, organisation=host)
        require(position, course=course)
    else:
        skill = make_skill(needs_certificate=True)
        held = give_skill(person, skill, checked=True)
        require(position, skill=skill)
    return position, person, held


def end(kind: str, held: str, person: str, by: str) -> None:
    with transaction():
        if kind == "team":
            volunteers.leave(held, person)
        elif kind == "training":
            volunteers.void_training(held, by=by)
        else:
            volunteers.uncheck_certificate(held, by=by)


@pytest.mark.parametrize("kind", ["team", "training", "skill"])
def test_what_rests_on_it_is_named_before_and_told_after(app: Flask, clock: TestClock, kind: str) -> None:
    position, person, held = a_shift(kind)
    by = organiser_of(position).person_id
    signup = made.join(position, person)
    ending = Ending(End.TEAM if kind == "team" else End.PAPER, person, held)
    (named,) = leaving.hanging(ending)
    assert named.values["n"] == 1
    end(kind, held, person, by)
    assert made.status_of(signup) == "confirmed"
    assert states() == [UnmetState.OPEN]
    assert len([one for one in told(person) if one.startswith("岗位要求有变")]) == 1
    assert len([one for one in told(by) if one.startswith("请决定一个岗位")]) == 1
    (waits,) = (
        one
        for one in todo.collect(todo.Viewer(by, permissions_of(by)))
        if one.endpoint == "signups.list_unmet"
    )
    assert waits.due is not None
    clock.advance(hours=2)
    run_due()  # the sweep finds it there already
    assert states() == [UnmetState.OPEN]


def test_kept_is_kept_and_not_asked_again(app: Flask, clock: TestClock) -> None:
    position, person, held = a_shift("training")
    by = organiser_of(position).person_id
    signup = made.join(position, person)
    end("training", held, person, by)
    (one,) = session().scalars(select(Unmet.id))
    with transaction():
        unmet.keep(one, by=by)
    assert any(text.startswith("名额保留") for text in told(person))
    clock.advance(hours=2)
    run_due()
    assert states() == [UnmetState.KEPT]
    assert made.status_of(signup) == "confirmed"


def test_released_goes_to_the_next_at_once(
    app: Flask, client: CheckedClient, sign_in: Any, clock: TestClock
) -> None:
    position, person, held = a_shift("skill")
    organiser = organiser_of(position)
    signup = made.join(position, person)
    session().rollback()
    end("skill", held, person, organiser.person_id)
    sign_in(client, organiser)
    page = client.get("/manage/unmet").text
    assert "技能" in page and "让出名额" in page
    (one,) = session().scalars(select(Unmet.id))
    assert client.post(f"/manage/unmet/{one}/release").status_code == 303
    assert made.status_of(signup) == "cancelled"
    assert any(text.startswith("报名已取消") for text in told(person))
    assert states() == [UnmetState.RELEASED]
    again = client.post(f"/manage/unmet/{one}/keep", follow_redirects=True)
    assert "已经处理过（名额已让出）" in again.text
    assert made.faults() == []


def test_what_came_back_needs_no_word(app: Flask, clock: TestClock) -> None:
    position, person, held = a_shift("training")
    by = organiser_of(position).person_id
    made.join(position, person)
    end("training", held, person, by)
    voided = get_row(Training, held)
    host, course = get_row(Organisation, voided.organisation_id), voided.course_id
    with transaction():
        volunteers.save_profile(person, ProfileDraft(), by=person)
    assert states() == [UnmetState.OPEN]
    make_training(person, course, organisation=host)
    clock.advance(hours=2)
    run_due()
    assert states() == [UnmetState.REGAINED]


def test_a_requirement_raised_puts_the_signed_up_before_the_organiser(app: Flask, clock: TestClock) -> None:
    position, person = made.a_position("volunteer", 2), made.a_volunteer()
    signup = made.join(position, person)
    course = make_course()
    with transaction():
        volunteers.set_requirements(position, Requirements(courses=frozenset({course})), by=None)
    assert states() == [UnmetState.OPEN]
    made.leave(signup)
    clock.advance(hours=2)
    run_due()
    assert states() == [UnmetState.OVER]


def test_two_organisers_at_once_decide_once(app: Flask) -> None:
    for _ in range(3):
        position, person, held = a_shift("training")
        by = organiser_of(position).person_id
        signup = made.join(position, person)
        end("training", held, person, by)
        one = session().scalars(select(Unmet.id).where(Unmet.state == UnmetState.OPEN)).one()

        def keep(one: str = one, by: str = by) -> str:
            with transaction():
                unmet.keep(one, by=by)
            return "kept"

        def release(one: str = one, by: str = by) -> str:
            with transaction():
                unmet.release(one, by=by)
            return "released"

        answers = at_once(app, keep, release)
        done = [answer for answer in answers if isinstance(answer, str)]
        assert len(done) == 1
        assert all(isinstance(answer, (str, UnmetSettled)) for answer in answers)
        session().rollback()
        assert get_row(Unmet, one).state == done[0]
        assert made.status_of(signup) == ("cancelled" if done == ["released"] else "confirmed")
    assert made.faults() == []
