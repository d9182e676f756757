"""Minors on every way in: what is known of their age counts, a guardian is somebody else and of age, children under
ten are accompanied; the guardian's link; withdrawing ends what is to come and is told.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import TestClock
from tests.factories.events import staff
from tests.factories.sharing import a_course_event, join_course
from tests.factories.signups import a_guest, a_position, an_account, join, status_of, taken
from tests.factories.volunteers import make_profile
from webapp.core import clock as city_clock
from webapp.core.db import get_row, session, transaction
from webapp.core.outbox import OutboxMessage
from webapp.events import service as events
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.domain import GuardianIsChild, Withdrawn
from webapp.people.models import Guardianship, Person, SettledAge
from webapp.people.queries import standing_guardianship
from webapp.people.service.guardians import Guardian
from webapp.people.service.own import anonymise
from webapp.signups import service
from webapp.signups.domain import GUARDIAN_WITHDREW, SignupExtra
from webapp.signups.domain.giving import (
    ChildrenOnList,
    CompanyNeeded,
    CompanyNotSaid,
    ConsentWithdrawn,
    Given,
    GuardianGiven,
    GuardianIsMinor,
    GuardianNeeded,
)
from webapp.signups.domain.rows import Named
from webapp.signups.models import HandOver, Signup
from webapp.signups.queries import guest_token
from webapp.signups.queries.ages import known_age_of
from webapp.signups.queries.guardians import guardian_path, minor_facts
from webapp.signups.service.applying import apply
from webapp.signups.service.consents import agree, withdraw
from webapp.signups.service.handing import accept_hand_over
from webapp.signups.service.many import sign_up_many
from webapp.volunteers.domain import AgeDisagrees, ProfileDraft
from webapp.volunteers.service import save_profile

SignIn = Callable[[FlaskClient, Any], FlaskClient]
_days = count(1)
FATHER = GuardianGiven("王大明", "+8613900139000")


def _place(capacity: int) -> str:
    """Seats at an hour of their own: who has something else then is asked about that first."""
    return a_position(capacity=capacity, starts_at=city_clock.now() + timedelta(days=30 + next(_days)))


def _said_before(band: str, *, name: str = "王小明", days: int = 0, clock: TestClock | None = None) -> str:
    """A person whose earlier sign-up said this, so many days ago; the consent of then is gone."""
    person = a_guest(name)
    _apply(_place(9), person, Given(age_band=band, guardian=FATHER, company="李老师"))
    with transaction() as current:
        for one in current.scalars(select(Guardianship).where(Guardianship.person_id == person)):
            current.delete(one)
    if clock is not None:
        clock.advance(days=days)
    return person


def _apply(position: str, person: str, given: Given, *, by: str | None = None) -> Signup:
    with transaction():
        return apply(position, person, by=by, source="staff" if by else "guest", given=given)


def _organiser(position: str, *more: Permission) -> str:
    host = get_row(Position, position).session.event.organisation_id
    return staff(get_row(Organisation, host), Permission.MANAGE_EVENTS, *more).person_id


def _newest(person: str) -> Signup:
    session().rollback()
    wanted = select(Signup).where(Signup.person_id == person).order_by(Signup.id.desc()).limit(1)
    return session().scalars(wanted).one()


# --- every way in -------------------------------------------------------------------------------------------------


def _by_page(position: str, person: str) -> None:
    _apply(position, person, Given())


def _by_staff(position: str, person: str) -> None:
    _apply(position, person, Given(), by=_organiser(position))


def _by_list(position: str, person: str) -> None:
    found = get_row(Person, person)
    named, by = Named(found.name, found.phone), _organiser(position)
    with transaction():
        sign_up_many(position, [named], by=by)


def _at_the_door(position: str, person: str) -> None:
    by = _organiser(position)
    with transaction():
        service.seat_arrival(position, person, by=by, given=Given())


def _by_team(position: str, person: str) -> None:
    with transaction():
        service.sign_up(position, person, by=None, source="self", extra=SignupExtra())


WAYS = [_by_page, _by_staff, _by_list, _at_the_door, _by_team]


@pytest.mark.parametrize("way", WAYS)
def test_an_age_said_before_counts_on_every_way_in(app: Flask, way: Callable[[str, str], None]) -> None:
    person = _said_before("14_15")
    position = _place(5)
    with pytest.raises((GuardianNeeded, ChildrenOnList)):
        way(position, person)
    assert taken(position) == 0
    with transaction():
        agree(person, Guardian(FATHER.name, FATHER.phone), method="oral")
    way(position, person)
    made = _newest(person)
    assert (made.position_id, made.age_band, made.age_said) == (position, "14_15", False)


def test_a_hand_over_a_course_and_an_offer_ask_too(app: Flask) -> None:
    young, giver = make_profile(age_band="14_15"), an_account("李秀英").person_id
    shift = a_position("volunteer", capacity=1)
    held = join(shift, giver, by=giver, source="self")
    with transaction() as current:
        asked = HandOver(signup_id=held, from_person_id=giver, to_person_id=young)
        current.add(asked)
        current.flush()
        asked_id = asked.id
    with pytest.raises(GuardianNeeded), transaction():
        accept_hand_over(asked_id, by=young)
    with pytest.raises(GuardianNeeded):
        join_course(a_course_event().id, young, by=young)
    # Who waits, and says only then how old they are, is asked when the place is theirs.
    full = _place(1)
    first, other = join(full), an_account("孙小小")
    waits = join(full, other.person_id, by=other.person_id, source="self")
    with transaction():
        save_profile(other.person_id, ProfileDraft(age_band="16_17"), by=other.person_id, only=["age_band"])
    assert _newest(other.person_id).age_band == "16_17"  # what they had signed up for follows
    with transaction():
        service.cancel_signup(first, by=None)
    assert status_of(waits) == "offered"
    with pytest.raises(GuardianNeeded), transaction():
        service.accept_offer(waits, by=other.person_id)
    with transaction():
        agree(other.person_id, Guardian(FATHER.name, FATHER.phone), method="web")
    with transaction():
        service.accept_offer(waits, by=other.person_id)
    assert status_of(waits) == "confirmed"


def test_disagreement_is_asked_about_and_the_stricter_holds(app: Flask, clock: TestClock) -> None:
    person = _said_before("14_15")
    position = _place(5)
    with pytest.raises(AgeDisagrees):
        _apply(position, person, Given(age_band="adult"))
    organiser = _organiser(position)
    with pytest.raises(AgeDisagrees):
        _apply(position, person, Given(age_band="adult"), by=organiser)
    made = _apply(position, person, Given(age_band="adult", age_confirmed=True), by=organiser)
    assert (made.age_band, get_row(SettledAge, person).said_by) == ("adult", organiser)
    again = _place(5)
    assert _apply(again, person, Given()).age_band == "adult"
    # and nobody confirms it for themselves
    other = _said_before("14_15", name="李小明")
    with pytest.raises(AgeDisagrees):
        _apply(position, other, Given(age_band="adult", age_confirmed=True))


def test_children_grow(app: Flask, clock: TestClock) -> None:
    person = _said_before("16_17", days=400, clock=clock)
    position = _place(5)
    with pytest.raises(GuardianNeeded):  # 17 to 19: not by saying nothing
        _apply(position, person, Given())
    assert _apply(position, person, Given(age_band="adult")).age_band == "adult"
    grown = _said_before("16_17", name="李小明", days=740, clock=clock)
    assert _apply(_place(5), grown, Given()).age_band == "adult"


def test_a_profile_does_not_make_a_minor_older(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    young = an_account("王小明")
    make_profile(young.person_id, age_band="14_15")
    sign_in(client, young)
    refused = client.fill("/me/profile/about", age_band="adult")
    assert refused.status_code == 409 and "先按以前的算" in refused.text
    assert client.fill("/me/profile/about", age_band="").status_code == 409
    assert client.fill("/me/profile/about", age_band="10_13").status_code == 303
    page = client.get(f"/positions/{a_position()}/sign-up").text
    assert 'value="10_13" selected' in page or 'selected value="10_13"' in page


# --- the guardian -------------------------------------------------------------------------------------------------


def test_a_guardian_is_somebody_else_and_of_age(app: Flask) -> None:
    position, child = _place(9), a_guest("王小明")
    own = get_row(Person, child)
    phone = own.phone or ""
    with pytest.raises(GuardianIsChild):
        _apply(position, child, Given(age_band="14_15", guardian=GuardianGiven("王 小明", phone)))
    sister = _said_before("16_17", name="王小红")
    hers = get_row(Person, sister).phone or ""
    with pytest.raises(GuardianIsMinor):
        _apply(position, child, Given(age_band="14_15", guardian=GuardianGiven("王小红", hers)))
    # one telephone for the family is usual
    assert _apply(position, child, Given(age_band="14_15", guardian=GuardianGiven("王大明", phone)))


def test_children_come_with_somebody(app: Flask, client: FlaskClient) -> None:
    position = _place(9)

    def come(band: str, company: str | None = None) -> Signup:
        return _apply(position, a_guest(), Given(age_band=band, guardian=FATHER, company=company))

    for alone in (None, ""):
        with pytest.raises(CompanyNeeded):
            come("under_10", alone)
    with pytest.raises(CompanyNotSaid):
        come("10_13")
    assert (come("under_10", "李老师").company, come("10_13", "").company) == ("李老师", "")
    page = f"/positions/{position}/sign-up"
    who = {"name": "赵桂兰", "phone": "13800138000", "consent": "y"}
    guardian = {"guardian_name": "赵桂兰", "guardian_phone": "13800138000", "guardian_consent": "y"}
    child = {"companions-0-name": "赵小宝", "companions-0-age_band": "under_10"}
    assert client.fill(page, **who, **guardian, **child).status_code == 302  # with grandmother
    made = session().scalars(
        select(Signup).join(Person, Person.id == Signup.person_id).where(Person.name == "赵小宝")
    )
    assert made.one().company == "赵桂兰"


def test_a_list_says_all_that_is_lacking_of_its_minors(app: Flask) -> None:
    position = _place(9)
    organiser = _organiser(position)
    known = _said_before("14_15")
    person = get_row(Person, known)
    people = [
        Named(person.name, person.phone, "adult"),
        Named("李小红", "+8613800138001", "16_17"),
        Named("孙奶奶", "+8613800138002"),
    ]
    with pytest.raises(ChildrenOnList) as refusal, transaction():
        sign_up_many(position, people, by=organiser)
    assert [one.params["name"] for one in refusal.value.params["reasons"]] == ["王小明", "李小红"]
    with transaction():
        sign_up_many(position, people[2:], by=organiser)
    assert taken(position) == 1


# --- withdrawing, and agreeing anew -------------------------------------------------------------------------------


def _child_of(client: FlaskClient, *positions: str) -> tuple[str, str]:
    """A guest of 14 or 15 signed up for these; the person and the guardian's link."""
    who = {"name": "王小明", "phone": "13800138000", "consent": "y", "age_band": "14_15"}
    guardian = {"guardian_name": "王大明", "guardian_phone": "13900139000", "guardian_consent": "y"}
    for position in positions:
        assert client.fill(f"/positions/{position}/sign-up", **who, **guardian).status_code == 302
    session().rollback()
    found = session().scalars(select(Guardianship)).one()
    return found.person_id, guardian_path(found.id)


def test_a_guardian_takes_it_back_by_link_and_agrees_anew(app: Flask, client: FlaskClient) -> None:
    position = _place(1)
    later = a_position(capacity=3, starts_at=city_clock.now() + timedelta(days=20))
    organiser = _organiser(position)
    person, link = _child_of(client, position, later)
    first = session().scalars(select(Signup.id).where(Signup.position_id == position)).one()
    own = client.get(f"/signups/{guest_token(first)}").text
    assert "监护人王大明已经同意" in own and "给监护人的链接" in own and "/guardian/" in own
    waits = join(position)
    page = client.get(link).text
    assert "您已经同意" in page and "王小明" in page
    assert client.post(link + "/withdraw").status_code == 303
    assert (status_of(first), status_of(waits)) == ("cancelled", "offered")
    assert get_row(Signup, first).cancel_reason == GUARDIAN_WITHDREW
    assert (taken(position), taken(later)) == (1, 0)
    told = session().scalars(select(OutboxMessage.subject).where(OutboxMessage.person_id == organiser)).all()
    assert any("监护人撤回同意" in one for one in told)
    assert "您没有同意" in client.get(link).text
    # the second press changes nothing; the child does not give it again
    assert client.post(link + "/withdraw").status_code == 303
    with pytest.raises(ConsentWithdrawn):
        _apply(later, person, Given(age_band="14_15", guardian=FATHER))
    assert client.fill(link, link + "/agree").status_code == 303
    found = standing_guardianship(person)
    assert found is not None and found.method == "link"
    assert _apply(later, person, Given()).age_band == "14_15"
    # the guardian says how old the child is
    assert client.fill(link, link + "/agree", age_band="16_17").status_code == 303
    assert (known_age_of(person).at_least, _newest(person).age_band) == (16, "16_17")  # type: ignore[union-attr]
    assert client.get("/guardian/made-up").status_code == 404


def test_a_move_is_told_to_the_guardian(app: Flask, client: FlaskClient, clock: TestClock) -> None:
    position = _place(3)
    _person, link = _child_of(client, position)
    held = get_row(Position, position).session
    clock.advance(minutes=5)
    with transaction():
        events.reschedule(
            held.id,
            starts_at=held.starts_at + timedelta(days=1),
            ends_at=held.ends_at + timedelta(days=1),
            venue_id=held.venue_id,
            by=None,
        )
    assert "改了时间或地点" in client.get(link).text
    clock.advance(minutes=5)
    client.fill(link, link + "/agree")
    assert "改了时间或地点" not in client.get(link).text


def test_own_and_staffs_withdrawal(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    position = _place(3)
    person, _link = _child_of(client, position)
    (made,) = session().scalars(select(Signup.id).where(Signup.person_id == person)).all()
    host = get_row(Position, position).session.event.organisation_id
    sign_in(client, staff(get_row(Organisation, host), Permission.MANAGE_EVENTS))
    assert "/guardian/" in client.get(f"/manage/signups/{made}").text  # to be printed and handed over
    page = f"/manage/signups/{made}/guardian"
    said = {"withdraw-what": "withdraw", "withdraw-reason": "家长来电话"}
    answer = client.post(page, data=said, follow_redirects=True)
    assert "1 个报名已取消" in answer.text and status_of(made) == "cancelled"
    assert taken(position) == 0


def test_what_is_forgotten_of_a_child(app: Flask, client: FlaskClient) -> None:
    position = _place(3)
    person, _link = _child_of(client, position)
    with transaction():
        withdraw(person, by=None, how=Withdrawn.LINK)
    with transaction():
        anonymise(person)
    assert session().scalar(select(func.count()).select_from(Guardianship)) == 0
    kept = session().scalars(select(OutboxMessage.body)).all()
    assert not [one for one in kept if "您是监护人" in one]


def test_lists_mark_minors(app: Flask) -> None:
    position = _place(3)
    child = _apply(position, a_guest(), Given(age_band="under_10", guardian=FATHER, company="李老师")).id
    grown = join(position)
    session().rollback()
    facts = minor_facts([child, grown])
    assert grown not in facts
    assert (facts[child].mark, facts[child].lacks_consent, facts[child].company) == (
        "under_10",
        False,
        "李老师",
    )
