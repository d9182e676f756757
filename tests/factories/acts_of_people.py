"""Acts that can be taken back, of hours, papers, teams and those who work for an organisation (see acts.py)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.factories import signups as give
from tests.factories.acts import WHY, Case, Press, Stage, a_row, signed_up
from tests.factories.calendars import change
from tests.factories.events import positions_of
from tests.factories.organisations import make_organisation, make_staff
from tests.factories.recognition import a_past_session, make_record
from tests.factories.volunteers import (
    give_skill,
    make_course,
    make_member,
    make_skill,
    make_team,
    make_training,
    require,
)
from webapp.calendars import service as calendars
from webapp.calendars.domain import Scope
from webapp.calendars.models import Subscription
from webapp.core import clock, erasing
from webapp.core.db import get_row, new_id, session, transaction
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.people import service as people
from webapp.people.models import ApiToken
from webapp.recognition import service as recognition
from webapp.recognition.domain import RecordSource, RecordStatus, Turnout
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.models import Certificate, ServiceRecord
from webapp.volunteers import service as volunteers
from webapp.volunteers.models import TeamMembership

# --- hours and what comes of them ---------------------------------------------------------------------------------


def _record(on: Stage, **values: Any) -> ServiceRecord:
    """A volunteer's record of yesterday without a sign-out, unless more is said."""
    held = a_past_session(clock.today() - timedelta(days=1), on.organisation)
    position = positions_of(get_row(Event, held.event_id))[0].id
    person = give.a_volunteer()
    signup = signed_up(position, person_id=person)
    starts_at = get_row(EventSession, held.id).starts_at
    known: dict[str, Any] = {"minutes": 0, "in_at": starts_at, "out_at": None}
    known |= {"source": RecordSource.SCAN, "turnout": Turnout.UNKNOWN, "status": RecordStatus.TO_CONFIRM}
    return make_record(person, session_id=held.id, signup_id=signup, **(known | values))


def _noticed(on: Stage) -> ServiceRecord:
    return _record(
        on, minutes=120, out_at=clock.now() - timedelta(hours=22), status=RecordStatus.NOTICED,
        turnout=Turnout.AS_PLANNED, notice_until=clock.today() + timedelta(days=4),
    )  # fmt: skip


def _local(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%dT%H:%M}"


def _confirm_out(on: Stage) -> Press:
    record = _record(on)
    end = get_row(EventSession, record.session_id).ends_at
    return on.press(f"/manage/hours/records/{record.id}/confirm", seen=seen_as(record), out_at=_local(end))


def _mark(on: Stage) -> Press:
    record = _record(on, in_at=None, source=RecordSource.ABSENT)
    return on.press(f"/manage/hours/records/{record.id}/mark", seen=seen_as(record), turnout="no_show")


def _correct(on: Stage) -> Press:
    record = _noticed(on)
    with transaction():
        recognition.object_to(record.id, "我十一点十分才走", by=record.person_id)
    record = get_row(ServiceRecord, record.id)
    end = get_row(EventSession, record.session_id).ends_at
    times = {"in_at": _local(end - timedelta(hours=2)), "out_at": _local(end + timedelta(minutes=10))}
    return on.press(f"/manage/hours/records/{record.id}/correct", seen=seen_as(record), **times, **WHY)


def _added(on: Stage) -> str:
    record = _noticed(on)
    colleague = make_staff(on.organisation, Permission.MANAGE_EVENTS, name="赵复核").person_id
    with transaction():
        return recognition.propose_added(record.signup_id or "", 30, reason="布展", by=colleague)


def _approve_added(on: Stage) -> Press:
    return on.press(f"/manage/hours/added/{_added(on)}/approve")


def _reject_added(on: Stage) -> Press:
    return on.press(f"/manage/hours/added/{_added(on)}/reject", **WHY)


def _answer_objection(on: Stage) -> Press:
    record = _noticed(on)
    with transaction():
        said = recognition.object_to(record.id, "我十一点十分才走", by=record.person_id)
    return on.press(f"/manage/hours/objections/{said}", answer="照片上十一点已经走了")


def _certificate(on: Stage, status: str) -> str:
    found: str = a_row(
        "certificate", organisation_id=on.organisation.id, person_id=give.a_volunteer(), status=status
    )
    return f"/manage/certificates/{found}"


def _accept_certificate(on: Stage) -> Press:
    return on.press(_certificate(on, "applied") + "/accept")


def _reject_certificate(on: Stage) -> Press:
    return on.press(_certificate(on, "applied") + "/reject", **WHY)


def _revoke_certificate(on: Stage) -> Press:
    address = _certificate(on, "applied")
    change(Certificate, address.rsplit("/", 1)[1], status="issued", number="K-1", issued_at=clock.now())
    return on.press(address + "/revoke", **WHY)


def _star(on: Stage) -> str:
    person = give.a_volunteer()
    make_record(person, minutes=6000)
    found: str = a_row("star", person_id=person, state="applied", level=1)
    return f"/manage/stars/{found}"


def _grant_star(on: Stage) -> Press:
    return on.press(_star(on) + "/grant")


def _decline_star(on: Stage) -> Press:
    return on.press(_star(on) + "/decline", note="再看看")


def _list(on: Stage, **decided: Any) -> tuple[str, str]:
    found = a_row("commendation_list", kind="volunteer", thresholds={"activities": 1}, made_by=on.by)
    name = a_row(
        "commendation",
        list_id=found,
        person_id=give.a_volunteer(),
        team_id=None,
        evidence={"activities": 3, "minutes": 360, "added_minutes": 0, "members": 1},
        **decided,
    )
    return f"/manage/commendations/{found}", name


def _decide_name(on: Stage) -> Press:
    address, name = _list(on)
    return on.press(f"{address}/decide", name=name, decision="passed", **WHY)


def _close_list(on: Stage) -> Press:
    address, _name = _list(on, decision="chosen", decided_by=on.by, decided_at=clock.now())
    return on.press(f"{address}/close")


# --- papers, calendars, keys --------------------------------------------------------------------------------------


def _paper(on: Stage, *, checked: bool) -> str:
    """A certificate on which a shift of the organisation stands."""
    person, skill = give.a_volunteer(), make_skill(needs_certificate=True)
    paper = give_skill(person, skill, checked=checked)
    position = on.place("volunteer")
    give.join(position, person)
    require(position, skill=skill)
    return f"/manage/papers/{paper}"


def _check_paper(on: Stage) -> Press:
    return on.press(_paper(on, checked=False), certificate="证书 1 号", expires_on="")


def _uncheck_paper(on: Stage) -> Press:
    return on.press(_paper(on, checked=True) + "/undo")


def _void_training(on: Stage) -> Press:
    person, course = give.a_volunteer(), make_course()
    training = make_training(person, course, organisation=on.organisation)
    position = on.place("volunteer")
    require(position, course=course)
    give.join(position, person)
    return on.press(f"/manage/trainings/{training}/void")


def _revoke_my_calendar(on: Stage) -> Press:
    person = give.an_account()
    with transaction():
        calendars.create_subscription(Scope("person", person.person_id), "手机", by=person.person_id)
    return Press(f"/me/calendar/{_calendar_of(person_id=person.person_id)}/revoke", {}, person)


def _calendar_of(**owner: str) -> str:
    return session().query(Subscription).filter_by(**owner).one().id


def _revoke_calendar(on: Stage) -> Press:
    centre = make_organisation(kind=OrganisationKind.CENTRE)
    keeper = make_staff(centre, Permission.MANAGE_EVENTS)
    with transaction():
        calendars.create_subscription(Scope("organisation", centre.id), "大屏", by=keeper.person_id)
    address = f"/manage/organisations/{centre.id}/calendar/{_calendar_of(organisation_id=centre.id)}/revoke"
    return Press(address, {}, keeper)


def _revoke_key(on: Stage) -> Press:
    with transaction():
        people.create_token(on.by, "大屏程序")
    key = session().scalars(select(ApiToken.id).where(ApiToken.person_id == on.by)).one()
    return on.press(f"/me/account/tokens/{key}/revoke")


def _drop_draft(on: Stage) -> Press:
    page = new_id()
    a_row("form_draft", person_id=on.by, address="/manage/events/new", page=page, fields=[["title", "讲座"]])
    return on.press("/drafts/drop", address="/manage/events/new", page=page)


def _note_erasure(on: Stage) -> Press:
    kind = next(iter(erasing._kinds))
    found = a_row("erasure", kind=kind, count=3, erased=0, due_at=clock.now() + timedelta(days=3))
    return on.press(f"/manage/upkeep/{found}/noted")


# --- who works for an organisation --------------------------------------------------------------------------------


def _member(on: Stage) -> str:
    other = make_staff(on.organisation, Permission.MANAGE_EVENTS, name="王干事")
    a_row("team", organisation_id=on.organisation.id, leader_id=other.person_id)
    return f"/manage/organisations/{on.organisation.id}/members/{other.person_id}"


def _change_member(on: Stage) -> Press:
    return on.press(_member(on), permissions=[Permission.SCAN.value])


def _remove_member(on: Stage) -> Press:
    return on.press(_member(on) + "/remove")


def _remove_helper(on: Stage) -> Press:
    helper = make_staff(on.organisation, Permission.SCAN, name="王帮忙").person_id
    return on.press(f"/manage/unit/{on.organisation.id}/helpers/{helper}/remove")


# --- teams --------------------------------------------------------------------------------------------------------


def _led(on: Stage) -> tuple[str, str]:
    """A team the office leads, with a member on whose membership a shift stands."""
    team = make_team(on.by, organisation=on.organisation)
    person = make_member(team)
    position = on.place("volunteer")
    require(position, team=team)
    give.join(position, person)
    return team, person


def _close_team(on: Stage) -> Press:
    team, _person = _led(on)
    applicant = give.a_volunteer()
    with transaction():
        volunteers.ask_to_join(team, applicant)
    held = _session_of(on.place("volunteer"))
    with transaction():
        volunteers.request_team(held, team, note="", by=on.by)
    return on.press(f"/manage/teams/{team}/close")


def _session_of(position_id: str) -> str:
    return get_row(Position, position_id).session_id


def _applied(on: Stage, action: str) -> Press:
    team, asking = make_team(on.by, organisation=on.organisation), [give.a_volunteer() for _ in range(3)]
    for one in asking:
        with transaction():
            volunteers.ask_to_join(team, one)
    wanted = select(TeamMembership.id).where(TeamMembership.person_id.in_(asking))
    return on.press(f"/me/teams/{team}/answer", action=action, ids=list(session().scalars(wanted)), **WHY)


def _remove_from_team(on: Stage) -> Press:
    team, person = _led(on)
    return on.press(f"/me/teams/{team}/members/{person}/remove", **WHY)


def _hand_over_lead(on: Stage) -> Press:
    team, person = _led(on)
    return on.press(f"/me/teams/{team}/members/{person}/lead")


def _leave_team(on: Stage) -> Press:
    team = make_team(organisation=on.organisation)
    make_member(team, on.by)
    position = on.place("volunteer")
    require(position, team=team)
    give.join(position, on.by)
    return on.press(f"/me/teams/{team}/leave")


def _decline_request(on: Stage) -> Press:
    team, held = make_team(on.by), _session_of(on.place("volunteer"))
    with transaction():
        asked = volunteers.request_team(held, team, note="", by=on.by).id
    return on.press(f"/me/team-requests/{asked}/decline", **WHY)


ACTS: dict[str, list[Case]] = {
    "calendars.revoke_my_subscription": [_revoke_my_calendar],
    "calendars.revoke_organisation_subscription": [_revoke_calendar],
    "organisations.change_member": [_change_member],
    "organisations.remove_helper": [_remove_helper],
    "organisations.remove_member": [_remove_member],
    "pages.note_erasure": [_note_erasure],
    "pages.drop_draft": [_drop_draft],
    "people.revoke_token": [_revoke_key],
    "recognition.accept_certificate": [_accept_certificate],
    "recognition.answer_objection": [_answer_objection],
    "recognition.approve_added": [_approve_added],
    "recognition.close_commendations": [_close_list],
    "recognition.confirm_sign_out": [_confirm_out],
    "recognition.correct_record": [_correct],
    "recognition.decide_commendation": [_decide_name],
    "recognition.decline_star": [_decline_star],
    "recognition.grant_star": [_grant_star],
    "recognition.mark_turnout": [_mark],
    "recognition.reject_added": [_reject_added],
    "recognition.reject_certificate": [_reject_certificate],
    "recognition.revoke_certificate": [_revoke_certificate],
    "volunteers.answer_applications": [
        lambda on: _applied(on, "accept"),
        lambda on: _applied(on, "decline"),
    ],
    "volunteers.check_paper": [_check_paper],
    "volunteers.close_team": [_close_team],
    "volunteers.decline_request": [_decline_request],
    "volunteers.hand_over_lead": [_hand_over_lead],
    "volunteers.leave_team": [_leave_team],
    "volunteers.remove_member": [_remove_from_team],
    "volunteers.uncheck_paper": [_uncheck_paper],
    "volunteers.void_training": [_void_training],
}
