"""What a position asks for: approval, skills, trainings, teams, an age, set times; and the sentences that say so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.factories.events import an_organisation, staff
from tests.factories.signups import (
    a_guest,
    a_position,
    a_volunteer,
    faults,
    join,
    leave,
    status_of,
    taken,
)
from tests.support.time import TestClock
from webapp.core import clock as city_clock
from webapp.core.db import get_row, session, transaction
from webapp.core.errors import NotFound
from webapp.core.i18n import sentence_of
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.service.guardians import Guardian, record_guardian
from webapp.signups import service
from webapp.signups.domain import (
    Decided,
    LacksSkill,
    NeedsAccount,
    NotEligible,
    NotInTeam,
    NotTrained,
    NotYetOpen,
    ReasonMissing,
    SignupClosed,
    SignupExtra,
    SignupStatus,
    TooYoung,
)
from webapp.signups.domain.giving import GuardianNeeded
from webapp.signups.models import Signup
from webapp.volunteers.models import (
    Course,
    PositionRequirement,
    Skill,
    Team,
    TeamMembership,
    Training,
    Volunteer,
    VolunteerSkill,
)

SignIn = Callable[[FlaskClient, Any], FlaskClient]
S = SignupStatus


def _rules(position_id: str, **values: Any) -> None:
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position_id).values(**values))


def _approve(*signup_ids: str, by: str) -> list[Decided]:
    with transaction():
        return [one.outcome for one in service.approve(signup_ids, by=by)]


def _told(fact: str) -> list[str]:
    session().rollback()
    keys = select(OutboxMessage.body).where(OutboxMessage.dedupe_key.like(f"%:{fact}%"))
    return list(session().scalars(keys))


@pytest.fixture
def organisation(app: Flask) -> Organisation:
    return an_organisation()


@pytest.fixture
def organiser(organisation: Organisation) -> str:
    return staff(organisation, Permission.MANAGE_EVENTS).person_id


def test_who_asks_holds_no_place_until_approved(
    app: Flask, organisation: Organisation, organiser: str
) -> None:
    position = a_position("volunteer", 1, organisation=organisation)
    _rules(position, needs_approval=True)
    a, b, c = (join(position, a_volunteer()) for _ in range(3))
    assert [status_of(one) for one in (a, b, c)] == [S.PENDING] * 3
    assert (taken(position), len(_told("asked"))) == (0, 3)
    stranger = staff(an_organisation(), Permission.MANAGE_EVENTS).person_id
    for by in (stranger, get_row(Signup, a).person_id):
        with pytest.raises(NotFound):
            _approve(a, by=by)
    assert _approve(a, b, by=organiser) == [Decided.APPROVED, Decided.WAITS]
    assert _approve(a, b, by=organiser) == [Decided.BEFORE, Decided.BEFORE]
    assert [status_of(one) for one in (a, b)] == [S.CONFIRMED, S.WAITLISTED]
    with pytest.raises(ReasonMissing), transaction():
        service.decline([c], reason=" ", by=organiser)
    with transaction():
        service.decline([c, a], reason="名额先给培训过的人", by=organiser)
    assert [status_of(one) for one in (a, c)] == [S.CONFIRMED, S.DECLINED]
    assert "名额先给培训过的人" in _told("declined")[0]
    assert (len(_told("declined")), len(_told("approved"))) == (1, 2)
    again = join(position, get_row(Signup, c).person_id)  # who was declined may ask again
    leave(again)  # who asks may always leave
    assert status_of(again) == S.CANCELLED
    assert faults() == []


def test_approval_looks_again_at_clashes_places_and_the_clock(
    app: Flask, clock: TestClock, organisation: Organisation, organiser: str
) -> None:
    start = clock.now + timedelta(days=2)
    position = a_position("volunteer", 1, waitlist=False, starts_at=start, organisation=organisation)
    other = a_position("volunteer", 1, starts_at=start)
    _rules(position, needs_approval=True)
    busy, first, second = a_volunteer(), a_volunteer(), a_volunteer()
    asked = [join(position, one) for one in (busy, first, second)]
    join(other, busy)
    assert _approve(*asked, by=organiser) == [Decided.BUSY, Decided.APPROVED, Decided.FULL]
    assert [status_of(one) for one in asked] == [S.PENDING, S.CONFIRMED, S.PENDING]
    clock.set(start)
    assert _approve(asked[2], by=organiser) == [Decided.SHUT]
    assert faults() == []


def test_what_was_changed_is_approved_anew(app: Flask, organisation: Organisation, organiser: str) -> None:
    position = a_position("volunteer", 1, organisation=organisation)
    _rules(position, needs_approval=True)
    a, b = (join(position, a_volunteer()) for _ in range(2))
    _approve(a, b, by=organiser)

    def ask_again(signup_id: str) -> bool:
        with transaction():
            return service.ask_again(signup_id, by=get_row(Signup, signup_id).person_id)

    assert ask_again(a) is True
    assert [status_of(one) for one in (a, b)] == [S.PENDING, S.OFFERED]
    assert ask_again(a) is False
    assert _approve(a, by=organiser) == [Decided.WAITS]
    plain = join(a_position())
    assert ask_again(plain) is False
    assert (get_row(Signup, a).rounds, len(_told("asked_again"))) == (1, 1)
    assert faults() == []


def test_several_are_decided_on_one_page(
    app: Flask, client: FlaskClient, sign_in: SignIn, organisation: Organisation
) -> None:
    position = a_position(capacity=1, organisation=organisation)
    _rules(position, needs_approval=True)
    a, b, c = (join(position, a_guest(name)) for name in ("赵一", "钱二", "孙三"))
    path = f"/manage/positions/{position}/pending"
    sign_in(client, staff(organisation, Permission.MANAGE_EVENTS))
    page = client.get(path).text
    assert "赵一" in page and "钱二" in page
    assert client.post(path, data={"decision": "approve"}).status_code == 422
    assert client.post(path, data={"decision": "decline", "signup": [c]}).status_code == 422
    done = client.post(path, data={"decision": "approve", "signup": [a, b]}).text
    assert "占了一个名额" in done and "排进候补" in done
    assert "之前已经处理过" in client.post(path, data={"decision": "approve", "signup": [a, b]}).text
    sent = {"decision": "decline", "signup": [c], "reason": "这一场只收家长"}
    assert "没有等审核的报名" in client.post(path, data=sent).text
    assert [status_of(one) for one in (a, b, c)] == [S.CONFIRMED, S.WAITLISTED, S.DECLINED]
    assert client.post(path, data={"decision": "approve", "signup": ["x"]}).status_code == 404
    stranger = sign_in(app.test_client(), staff(an_organisation(), Permission.MANAGE_EVENTS))
    assert stranger.get(path).status_code == 404


# --------------------------------------------------------------------------------------------- what it asks for


def _refused(position_id: str, person_id: str, kind: type[NotEligible]) -> str:
    with pytest.raises(kind) as refusal:
        join(position_id, person_id)
    session().rollback()
    assert refusal.value.code == "not_eligible"
    return str(refusal.value)


def test_each_requirement_refuses_in_its_own_words(
    app: Flask, organisation: Organisation, organiser: str
) -> None:
    position, person = a_position("volunteer", 9), a_volunteer()
    with transaction() as current:
        skill, course = Skill(name="急救"), Course(name="科普讲解培训")
        team = Team(
            name="老专家团", kind="elder_experts", organisation_id=organisation.id, leader_id=organiser
        )
        current.add_all([skill, course, team])
        current.flush()
        for name, row in (("skill_id", skill), ("course_id", course), ("team_id", team)):
            current.add(PositionRequirement(position_id=position, **{name: row.id}))
        ids = skill.id, course.id, team.id
    _rules(position, min_age=16)
    assert "16" in _refused(position, person, TooYoung)
    today = city_clock.today()
    with transaction() as current:
        current.add(Volunteer(person_id=person, age_band="16_17", age_band_on=today))
    assert "老专家团" in _refused(position, person, NotInTeam)
    with transaction() as current:
        current.add(TeamMembership(team_id=ids[2], person_id=person, state="member"))
    assert "急救" in _refused(position, person, LacksSkill)
    with transaction() as current:
        current.add(VolunteerSkill(person_id=person, skill_id=ids[0]))
    assert "科普讲解培训" in _refused(position, person, NotTrained)
    with transaction() as current:
        trained = {"person_id": person, "course_id": ids[1], "organisation_id": organisation.id}
        current.add(Training(**trained, held_on=today, minutes=60))
    with pytest.raises(GuardianNeeded):
        join(position, person)
    with transaction():
        record_guardian(person, Guardian("王大明", "+8613900139000"), method="web")
    assert status_of(join(position, person)) == S.CONFIRMED
    _refused(position, a_guest(), NeedsAccount)
    assert taken(position) == 1


def test_an_age_said_when_signing_up_counts(app: Flask) -> None:
    position = a_position(capacity=5)
    _rules(position, min_age=14)

    def come(band: str | None) -> str:
        person = a_guest()
        with transaction():
            record_guardian(person, Guardian("王大明", "+8613900139000"), method="web")
            extra = SignupExtra(age_band=band)
            return service.sign_up(position, person, by=None, source="guest", extra=extra).status

    for band in (None, "under_14"):
        with pytest.raises(TooYoung) as refusal:
            come(band)
        assert refusal.value.extra == {"rule": "age"}
    assert come("14_15") == S.CONFIRMED
    assert get_row(Signup, session().scalars(select(Signup.id)).one()).age_band == "14_15"


def test_sign_up_opens_and_closes_at_set_times_and_who_waits_still_moves_up(
    app: Flask, client: FlaskClient, clock: TestClock
) -> None:
    position = a_position(capacity=1)
    opens, closes = clock.now + timedelta(hours=1), clock.now + timedelta(hours=3)
    _rules(position, opens_at=opens, closes_at=closes)
    event_id = get_row(Position, position).session.event_id
    with pytest.raises(NotYetOpen) as refusal:
        join(position)
    assert (refusal.value.code, refusal.value.extra) == ("closed", {"rule": "not_yet"})
    with app.test_request_context():
        assert "11月28日（周六）上午10:00" in sentence_of(refusal.value)
    assert "上午10:00开始报名" in client.get(f"/positions/{position}/sign-up").text
    assert "上午10:00开始报名" in client.get(f"/events/{event_id}").text
    clock.set(opens)
    holder, waiting = join(position), join(position)
    clock.set(closes)
    with pytest.raises(SignupClosed) as closed:
        join(position)
    assert closed.value.extra == {"rule": "closed"}
    leave(holder)
    assert status_of(waiting) == S.OFFERED
    assert events.people_told([get_row(Position, position).session_id]) == 1
