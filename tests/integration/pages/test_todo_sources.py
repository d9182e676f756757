"""Every source of 待办: what makes one, who sees it, where it is done, and that it goes once it is settled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import events as make
from tests.factories.attendance import make_plan
from tests.factories.calendars import change
from tests.factories.recognition import make_record
from tests.factories.signups import a_volunteer
from tests.factories.volunteers import give_skill, make_member, make_skill, make_team
from tests.support.client import CheckedClient
from tests.support.rows import make_row
from tests.support.time import TestClock
from webapp.attendance.models import Device, Scan
from webapp.calendars.models import Subscription
from webapp.core import clock as times
from webapp.core import erasing, outbox, timekeeping, todo
from webapp.core.db import new_id, session, transaction
from webapp.events.models import Event, EventSession, Position
from webapp.events.service import take_along
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.organisations.queries import permissions_of
from webapp.people.models import Account
from webapp.plan.models import Plan
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordStatus
from webapp.recognition.domain.commendations import Measure
from webapp.recognition.domain.workdays import SaidOfYear
from webapp.recognition.models import Certificate, CommendationList, Objection, ServiceRecord, Star
from webapp.signups.domain import GUARDIAN_WITHDREW
from webapp.signups.models import Signup, Telling, Unmet
from webapp.volunteers.models import TeamMembership, TeamRequest, VolunteerSkill

SignIn = Callable[..., FlaskClient]
Settle = Callable[[], object]
BEYOND = date(2031, 5, 8)


def _row(table: str, **values: Any) -> Any:
    with transaction():
        return make_row(table, **values)


def _now() -> Any:
    return times.now()


def _set(row: type, row_id: str, **values: Any) -> Settle:
    return lambda: change(row, row_id, **values)


def _place(unit: Organisation, name: str = "讲解员") -> Position:
    return make.positions_of(make.an_event(unit), name)[0]


def _signed_up(unit: Organisation, **values: Any) -> str:
    place = _place(unit)
    found: str = _row("signup", position_id=place.id, session_id=place.session_id, **values)
    return found


def _event_that_is(unit: Organisation, status: str) -> Settle:
    event = make.an_event(unit, published=False)
    change(Event, event.id, status=status)
    return _set(Event, event.id, status="published")


def a_call(unit: Organisation) -> Settle:
    held = make.sessions_of(make.an_event(unit))[0]
    notice = _row("notice", event_id=held.event_id, session_id=held.id, kind="moved")
    telling = _row("telling", notice_id=notice, way="phone")
    return _set(Telling, telling, told_at=_now())


def an_unmet_shift(unit: Organisation) -> Settle:
    found = _row("unmet", signup_id=_signed_up(unit), lack="skill", state="open")
    return _set(Unmet, found, state="kept", settled_at=_now())


def a_phone_lost(unit: Organisation) -> Settle:
    held = make.sessions_of(make.an_event(unit))[0]
    until = held.ends_at + timedelta(days=1)
    phone = _row(
        "device", kind="phone", expires_at=until, secret_hash=new_id().ljust(64, "x"), revoked_at=_now()
    )
    _row("device_session", device_id=phone, session_id=held.id)
    return _set(Device, phone, revoked_at=None, secret_expires_at=until)


def a_plan_that_ends(_unit: Organisation) -> Settle:
    make_plan("now", date(2021, 1, 1), date(2026, 12, 31))
    return lambda: make_plan("next", date(2027, 1, 1), date(2031, 12, 31))


def _beyond_the_plan(unit: Organisation) -> tuple[EventSession, Any]:
    held = make.sessions_of(make.an_event(unit))[0]
    was, starts_at = held.starts_at, times.start_of_day(BEYOND) + timedelta(hours=9)
    change(EventSession, held.id, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    return held, was


def an_event_to_take_along(unit: Organisation) -> Settle:
    _beyond_the_plan(unit)
    old = make.a_task().plan_id
    new = make.a_task(plan_code="next-plan").plan_id
    change(Plan, new, starts_on=date(2031, 1, 1), ends_on=date(2035, 12, 31))

    def settle() -> None:
        with transaction():
            take_along(old, new, by=None)

    return settle


def an_event_outside(unit: Organisation) -> Settle:
    held, was = _beyond_the_plan(unit)
    return _set(EventSession, held.id, starts_at=was, ends_at=was + timedelta(hours=2))


def someone_who_asks(unit: Organisation) -> Settle:
    return _set(Signup, _signed_up(unit, status="pending"), status="confirmed")


def a_minor(unit: Organisation) -> Settle:
    return _set(Signup, _signed_up(unit, age_band="under_14"), age_band=None)


def a_consent_taken_back(unit: Organisation) -> Settle:
    values = {"status": "cancelled", "cancel_reason": GUARDIAN_WITHDREW, "cancelled_at": _now()}
    return _set(Signup, _signed_up(unit, **values), cancelled_at=_now() - timedelta(days=30))


def a_place_to_fill(unit: Organisation) -> Settle:
    place = _place(unit)
    return _set(Position, place.id, taken=place.capacity)


def a_scan_to_look_at(unit: Organisation) -> Settle:
    held = make.sessions_of(make.an_event(unit))[0]
    scan = _row("scan", session_id=held.id, flag="no_proof", direction="in", answer={})
    return _set(Scan, scan, settled_at=_now(), settlement="accepted")


def hours(unit: Organisation) -> Settle:
    record = make_record(organisation=unit, status=RecordStatus.TO_CONFIRM)
    return _set(ServiceRecord, record.id, status=RecordStatus.VOID, void_reason="记错了人")


def added_time(unit: Organisation) -> Settle:
    values = {
        "source": "added",
        "added_minutes": 30,
        "minutes": 0,
        "reason": "撤场",
        "in_at": None,
        "out_at": None,
    }
    record = make_record(organisation=unit, status=RecordStatus.PROPOSED, **values)
    return _set(ServiceRecord, record.id, status=RecordStatus.VOID, void_reason="记错了")


def a_list(_unit: Organisation) -> Settle:
    found = _row("commendation_list", kind="volunteer", thresholds={str(one): 1 for one in Measure})
    return _set(CommendationList, found, closed_at=_now())


def scans_not_handed_in(unit: Organisation) -> Settle:
    held = make.sessions_of(make.an_event(unit))[0]
    was = _now() - timedelta(hours=5)
    change(EventSession, held.id, starts_at=was, ends_at=was + timedelta(hours=2))
    phone = _row("device", kind="phone", expires_at=_now(), secret_hash=new_id().ljust(64, "x"))
    _row("device_session", device_id=phone, session_id=held.id)
    chain = _row("scan_chain", device_id=phone)
    link = {"session_id": held.id, "device": phone, "chain_id": chain, "direction": "in", "answer": {}}
    scan = _row("scan", counter=2, **link)
    return _set(Scan, scan, counter=1)


def someone_who_would_join(unit: Organisation) -> Settle:
    found = _row("team_membership", team_id=_led(unit), state="asked")
    return _set(TeamMembership, found, state="member")


def a_session_asking(unit: Organisation) -> Settle:
    held = make.sessions_of(make.an_event(unit))[0]
    found = _row("team_request", session_id=held.id, team_id=_led(unit), state="asked")
    return _set(TeamRequest, found, state="declined", answered_at=_now())


def _led(unit: Organisation) -> str:
    """A team led by who works there."""
    wanted = select(Membership.person_id).where(Membership.organisation_id == unit.id)
    return make_team(session().scalars(wanted).one(), organisation=unit)


def an_objection(unit: Organisation) -> Settle:
    record = make_record(organisation=unit)
    found = _row("objection", record_id=record.id, text="多记了半小时")
    return _set(Objection, found, answered_at=_now())


def a_sheet(unit: Organisation) -> Settle:
    signup = _signed_up(unit)
    held = session().scalars(select(Signup.session_id).where(Signup.id == signup)).one()
    was = _now() - timedelta(hours=5)
    change(EventSession, held, starts_at=was, ends_at=was + timedelta(hours=2))
    return lambda: _row("head_count", session_id=held, count=12)


def a_paper(unit: Organisation) -> Settle:
    person = make_member(make_team(organisation=unit))
    found = give_skill(person, make_skill(needs_certificate=True))
    return _set(VolunteerSkill, found, checked_at=_now())


def a_certificate(unit: Organisation) -> Settle:
    found = _row("certificate", organisation_id=unit.id, status="applied")
    return _set(Certificate, found, status="rejected", ended_at=_now())


def a_star(_unit: Organisation) -> Settle:
    return _set(Star, _row("star", state="applied", level=1), state="declined")


def a_year(_unit: Organisation) -> Settle:
    """From November on nobody knows the days off of the next year until somebody says them."""

    def settle() -> None:
        by = a_volunteer()
        with transaction():
            said = SaidOfYear([date(2027, 2, 5)], [], is_announced=True, notice="示例〔2026〕1号")
            recognition.set_workdays(2027, said, by=by)

    return settle


def a_team_alone(unit: Organisation) -> Settle:
    leader = a_volunteer()
    make_team(leader, organisation=unit)
    account = session().scalars(select(Account).where(Account.person_id == leader)).one().id
    change(Account, account, disabled_at=_now())
    return _set(Account, account, disabled_at=None)


def a_unit_alone(_unit: Organisation) -> Settle:
    place = make.an_organisation()
    last = make.staff(place, Permission.MANAGE_EVENTS).person_id

    def let(*permissions: Permission) -> None:
        with transaction():
            organisations.set_membership(last, place.id, permissions, by=None)

    let()
    return lambda: let(Permission.MANAGE_EVENTS)


def a_silent_centre(unit: Organisation) -> Settle:
    long_ago = _now() - timedelta(days=9)
    found = _row("subscription", organisation_id=unit.id, created_at=long_ago)
    return _set(Subscription, found, last_fetched_at=_now())


def a_message_given_up(_unit: Organisation) -> Settle:
    return _set(outbox.OutboxMessage, _row("outbox_message", state="failed"), state="sent")


def a_wrong_clock(_unit: Organisation) -> Settle:
    _row("worker_beat", name="worker", verdict="ahead", said_at=_now(), stood_still=False, apart=0)
    return _set(timekeeping.WorkerBeat, "worker", verdict="agrees")


def an_erasure(_unit: Organisation) -> Settle:
    kind = next(iter(erasing._kinds))
    found = _row("erasure", kind=kind, count=3, erased=0, due_at=_now() + timedelta(days=3))
    return _set(erasing.Erasure, found, seen_at=_now())


@dataclass(frozen=True)
class Case:
    """Who has to act, and how one comes to be; what it gives settles it."""

    make: Callable[[Organisation], Settle]
    is_office: bool = False


CASES = {
    "people_to_call": Case(a_call),
    "shifts_to_keep_or_release": Case(an_unmet_shift),
    "phones_to_pair_again": Case(a_phone_lost),
    "plan_to_follow": Case(a_plan_that_ends, is_office=True),
    "events_to_take_along": Case(an_event_to_take_along, is_office=True),
    "outside_their_plans": Case(an_event_outside),
    "events_to_review": Case(lambda unit: _event_that_is(unit, "submitted"), is_office=True),
    "events_put_off": Case(lambda unit: _event_that_is(unit, "postponed")),
    "people_to_decide": Case(someone_who_asks),
    "minors_without_consent": Case(a_minor),
    "consents_withdrawn": Case(a_consent_taken_back),
    "places_to_fill": Case(a_place_to_fill),
    "drafts_to_publish": Case(lambda unit: _event_that_is(unit, "draft")),
    "scans_to_settle": Case(a_scan_to_look_at),
    "hours_to_settle": Case(hours),
    "added_time_to_approve": Case(added_time),
    "lists_to_settle": Case(a_list, is_office=True),
    "scans_to_wait_for": Case(scans_not_handed_in),
    "people_asking_to_join": Case(someone_who_would_join),
    "sessions_asking_for_a_team": Case(a_session_asking),
    "objections_to_answer": Case(an_objection),
    "sheets_to_fill": Case(a_sheet),
    "papers_to_check": Case(a_paper),
    "certificates_to_settle": Case(a_certificate),
    "stars_to_decide": Case(a_star, is_office=True),
    "teams_to_give_a_leader": Case(a_team_alone),
    "organisations_left_alone": Case(a_unit_alone, is_office=True),
    "years_to_announce": Case(a_year, is_office=True),
    "centres_gone_silent": Case(a_silent_centre, is_office=True),
    "messages_not_sent": Case(a_message_given_up, is_office=True),
    "clock_to_check": Case(a_wrong_clock, is_office=True),
    "erasures_to_note": Case(an_erasure, is_office=True),
}


def test_every_source_has_a_case(app: Flask) -> None:
    assert sorted(one.__name__ for one in todo.sources()) == sorted(CASES)


def _rows(name: str, account: Account) -> list[todo.Todo]:
    session().rollback()
    (source,) = (one for one in todo.sources() if one.__name__ == name)
    found = list(source(todo.Viewer(account.person_id, permissions_of(account.person_id))))
    session().rollback()
    return found


@pytest.mark.parametrize("name", sorted(CASES))
def test_it_waits_for_who_can_act_until_it_is_settled(
    app: Flask, client: CheckedClient, sign_in: SignIn, clock: TestClock, name: str
) -> None:
    unit, case = make.an_organisation("向阳区科协"), CASES[name]
    office = make.staff(make.an_organisation("市科协", kind="office"), Permission.GOVERN)
    theirs = office if case.is_office else make.staff(unit, Permission.MANAGE_EVENTS)
    stranger = make.staff(make.an_organisation("别家"), Permission.MANAGE_EVENTS)
    settle = case.make(unit)
    (one,) = _rows(name, theirs)
    assert one.at is not None  # its time
    assert _rows(name, stranger) == []
    with app.test_request_context():
        address = url_for(one.endpoint, **one.where)
    browser = sign_in(client, theirs)
    assert browser.get(address).status_code == 200, address
    page = browser.get("/manage/todo").text
    assert f'href="{address}"' in page
    settle()
    assert _rows(name, theirs) == []
