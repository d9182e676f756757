"""Acts that can be taken back, of events, sign-ups and the door: what is there before, who presses what.

Those about hours, teams and papers are in acts_of_people.py; tests/integration/core/test_every_undo.py has the table.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from tests.factories import attendance as door
from tests.factories import signups as give
from tests.factories.calendars import change
from tests.factories.events import a_task, an_event, positions_of, sessions_of
from tests.factories.organisations import grant, make_organisation, make_staff
from tests.factories.people import make_token
from tests.factories.phones import Phone
from tests.factories.plan import import_file, small_file
from tests.factories.recognition import a_past_session
from tests.factories.sharing import a_course_event, join_course
from tests.factories.volunteers import make_member, make_team, require
from tests.support.rows import make_row
from webapp.attendance.domain import CountMethod, Direction
from webapp.attendance.models import Attendance, Scan
from webapp.attendance.service import headcount
from webapp.core import clock
from webapp.core.db import get_row, session, transaction
from webapp.events.domain.questions import QuestionDraft
from webapp.events.models import Event, EventSession, Position
from webapp.events.service.questions import add_question
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.models import Account
from webapp.plan.models import Plan
from webapp.resources import service as resources
from webapp.resources.domain import ResourceDetails
from webapp.signups import queries as signup_queries
from webapp.signups.domain.telling import Ask
from webapp.signups.models import CourseSignup, Signup, Telling, Unmet
from webapp.signups.queries import guest_token, pass_code
from webapp.signups.queries.asking import answer_path, clashes_of, seen_of
from webapp.signups.queries.courses import guest_course_token
from webapp.signups.service.handing import ask_hand_over
from webapp.volunteers import service as volunteers

ALL = (Permission.MANAGE_EVENTS, Permission.GOVERN, Permission.SCAN)
WHY = {"reason": "记错了，改回来"}


@dataclass(frozen=True)
class Press:
    """A button: its address, what its form sends, who presses it (nobody: a guest), or a program's key."""

    address: str
    fields: dict[str, Any] = field(default_factory=dict)
    by: Account | None = None
    key: str = ""
    method: str = "POST"


class Stage:
    """An organisation and its office, who may do everything there."""

    def __init__(self) -> None:
        self.organisation = make_organisation("办事的单位")
        self.office = make_staff(self.organisation, *ALL)
        self.by = self.office.person_id

    def press(self, address: str, /, **fields: Any) -> Press:
        """The office presses it."""
        return Press(address, fields, self.office)

    def place(self, kind: str = "audience", capacity: int = 2, **more: Any) -> str:
        """Id of a position of the organisation."""
        return give.a_position(kind, capacity, organisation=self.organisation, **more)

    def draft(self) -> Event:
        """An event that was never published."""
        return an_event(self.organisation, published=False)

    def scene(self) -> door.Scene:
        """A session whose doors are open; the office may do everything there."""
        made = door.make_scene()
        grant(self.office, get_row(Organisation, made.organisation), *ALL)
        return made


Case = Callable[[Stage], Press]


def a_row(table: str, **values: Any) -> Any:
    with transaction():
        return make_row(table, **values)


def _of(position_id: str) -> EventSession:
    return get_row(EventSession, get_row(Position, position_id).session_id)


# --- events -------------------------------------------------------------------------------------------------------


def _publish(on: Stage) -> Press:
    return on.press(f"/manage/events/{on.draft().id}/publish")


def _submit(on: Stage) -> Press:
    return on.press(f"/manage/events/{on.draft().id}/submit")


def _withdraw(on: Stage) -> Press:
    event = on.draft()
    change(Event, event.id, status="submitted")
    return on.press(f"/manage/events/{event.id}/withdraw")


def _close(on: Stage) -> Press:
    held = a_past_session(clock.today() - timedelta(days=2), on.organisation)
    signed_up(positions_of(get_row(Event, held.event_id))[0].id)
    return on.press(f"/manage/events/{held.event_id}/close")


def signed_up(position_id: str, **values: Any) -> str:
    place = get_row(Position, position_id)
    found: str = a_row("signup", position_id=place.id, session_id=place.session_id, **values)
    with transaction() as current:
        current.execute(update(Position).where(Position.id == position_id).values(taken=Position.taken + 1))
    return found


def _discard(on: Stage) -> Press:
    return on.press(f"/manage/events/{on.draft().id}/discard")


def _discard_chosen(on: Stage) -> Press:
    return on.press("/manage/events/chosen", act="discard", row=[on.draft().id for _ in range(3)])


def _remove_session(on: Stage) -> Press:
    return on.press(f"/manage/sessions/{sessions_of(on.draft())[0].id}/remove")


def _remove_question(on: Stage) -> Press:
    event = on.draft()
    with transaction():
        asked = add_question(event.id, QuestionDraft("text", "会说方言吗", (), False), by=None).id
    return on.press(f"/manage/events/{event.id}/questions/{asked}/remove")


def _release_booking(on: Stage) -> Press:
    held = sessions_of(an_event(on.organisation))[0].id
    with transaction():
        van = resources.make_resource(
            on.organisation.id, ResourceDetails("科普大篷车一号", "caravan", ""), by=on.by
        ).id
    with transaction():
        booked = resources.book(van, held, by=on.by).id
    return on.press(f"/manage/bookings/{booked}/release")


def _next_plan(on: Stage) -> Press:
    """Made after its preview, which is what `previewed` says."""
    import_file(small_file(period={"start": 2041, "end": 2045}), code="plan-to-follow")
    sent = {"code": "plan-2046", "title": "下一期", "starts_on": "2046-01-01", "ends_on": "2050-12-31"}
    return on.press("/manage/plans/plan-to-follow/next", **sent, previewed="2046-01-01|2050-12-31")


def _take_along(on: Stage) -> Press:
    old, new = (a_task(plan_code=f"plan-{one}") for one in ("old", "new"))
    held = sessions_of(an_event(on.organisation, task_ids=[old.id]))[0].id
    change(Plan, old.plan_id, ends_on=date(2035, 12, 31))
    change(Plan, new.plan_id, starts_on=date(2036, 1, 1), ends_on=date(2040, 12, 31))
    starts_at = clock.start_of_day(date(2036, 5, 8)) + timedelta(hours=9)
    change(EventSession, held, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    return on.press("/manage/plans/plan-old/take-along")


def _void_result(on: Stage) -> Press:
    plan = a_task().plan_id
    target = a_row("target", plan_id=plan)
    return on.press(f"/plan/results/{a_row('survey_result', target_id=target)}/void", **WHY)


# --- sign-ups -----------------------------------------------------------------------------------------------------


def _cancel_own(on: Stage) -> Press:
    person = give.an_account()
    signup = give.join(on.place("volunteer"), person.person_id)
    return Press(f"/signups/{signup}/cancel", {}, person)


def _cancel_of_another(on: Stage) -> Press:
    return on.press(f"/signups/{give.join(on.place(), give.a_volunteer())}/cancel", **WHY)


def _cancel_as_guest(on: Stage) -> Press:
    return Press(f"/signups/{guest_link(give.join(on.place()))}/cancel")


def guest_link(signup_id: str) -> str:
    """What stands in a guest's link."""
    with current_app.test_request_context():
        return guest_token(signup_id)


def _delete_signup(on: Stage) -> Press:
    person = give.an_account()
    signup = give.join(on.place(), person.person_id)
    return Press(f"/api/v1/signups/{signup}", key=make_token(person), method="DELETE")


def _offered(on: Stage, person: str) -> str:
    position = on.place()
    signup = give.join(position, person)
    change(Signup, signup, status="offered", offer_expires_at=clock.now() + timedelta(days=1))
    return signup


def _decline_offer(on: Stage) -> Press:
    person = give.an_account()
    return Press(f"/signups/{_offered(on, person.person_id)}/offer", {"answer": "no"}, person)


def _decline_offer_as_guest(on: Stage) -> Press:
    return Press(f"/signups/{guest_link(_offered(on, give.a_guest()))}/offer", {"answer": "no"})


def _leave_course(on: Stage) -> Press:
    person = give.an_account()
    join_course(a_course_event().id, person.person_id, by=person.person_id)
    course = (
        session().scalars(select(CourseSignup.id).where(CourseSignup.person_id == person.person_id)).one()
    )
    return Press(f"/me/courses/{course}/leave", {}, person)


def _leave_course_as_guest(on: Stage) -> Press:
    person = give.a_guest()
    join_course(a_course_event().id, person)
    course = session().scalars(select(CourseSignup.id).where(CourseSignup.person_id == person)).one()
    with current_app.test_request_context():
        return Press(f"/signups/courses/{guest_course_token(course)}/leave")


def _handed_over(on: Stage) -> tuple[str, Account, Account]:
    giver, taker = give.an_account("王一"), give.an_account("王二")
    signup = give.join(on.place("volunteer"), giver.person_id)
    with transaction():
        asked = ask_hand_over(signup, taker.person_id, by=giver.person_id).id
    return asked, giver, taker


def _decline_shift(on: Stage) -> Press:
    asked, _giver, taker = _handed_over(on)
    return Press(f"/me/hand-overs/{asked}/decline", {}, taker)


def _withdraw_shift(on: Stage) -> Press:
    asked, giver, _taker = _handed_over(on)
    return Press(f"/me/hand-overs/{asked}/withdraw", {}, giver)


def _keep_unmet(on: Stage) -> Press:
    return on.press(f"/manage/unmet/{_unmet(on)}/keep")


def _release_unmet(on: Stage) -> Press:
    return on.press(f"/manage/unmet/{_unmet(on)}/release")


def _unmet(on: Stage) -> str:
    position, person = on.place("volunteer", 1), give.a_volunteer()
    team = make_team(organisation=on.organisation)
    make_member(team, person)
    require(position, team=team)
    give.join(position, person)
    with transaction():
        volunteers.leave(team, person)
    return session().scalars(select(Unmet.id).order_by(Unmet.found_at.desc(), Unmet.id.desc())).first() or ""


def _tick_told(on: Stage) -> Press:
    held = _of(on.place())
    notice = a_row("notice", event_id=held.event_id, session_id=held.id, kind="moved")
    telling = a_row("telling", notice_id=notice, way="phone")
    assert get_row(Telling, telling).told_at is None
    return on.press(f"/manage/notices/{notice}/told/{telling}", told="yes")


def _asking(on: Stage, number: int = 3) -> tuple[str, list[str]]:
    position = on.place("volunteer")
    change(Position, position, needs_approval=True)
    return position, [give.join(position, give.a_volunteer()) for _ in range(number)]


def _approve_some(on: Stage) -> Press:
    position, asked = _asking(on)
    return on.press(f"/manage/positions/{position}/pending", decision="approve", signup=asked, shown=asked)


def _decline_some(on: Stage) -> Press:
    position, asked = _asking(on)
    return on.press(
        f"/manage/positions/{position}/pending", decision="decline", signup=asked, shown=asked, **WHY
    )


def _approve_on_sheet(on: Stage) -> Press:
    position, asked = _asking(on)
    return on.press(f"/manage/sessions/{_of(position).id}/chosen", act="approve", row=asked)


def _decline_on_sheet(on: Stage) -> Press:
    position, asked = _asking(on)
    return on.press(f"/manage/sessions/{_of(position).id}/chosen", act="decline", row=asked, **WHY)


def _take_off(on: Stage) -> Press:
    position = on.place(capacity=3)
    rows = [give.join(position) for _ in range(3)]
    return on.press(f"/manage/sessions/{_of(position).id}/chosen", act="take_off", row=rows, **WHY)


def _approve_of_event(on: Stage) -> Press:
    position, asked = _asking(on)
    return on.press(f"/manage/events/{_of(position).event_id}/people/chosen", act="approve", row=asked)


def _take_off_of_event(on: Stage) -> Press:
    position = on.place(capacity=3)
    rows = [give.join(position, give.a_volunteer()) for _ in range(3)]
    return on.press(f"/manage/events/{_of(position).event_id}/people/chosen", act="take_off", row=rows, **WHY)


def _give_an_offer_away_from_its_message(on: Stage) -> Press:
    person = give.a_guest()
    with current_app.test_request_context():
        link = answer_path(Ask.OFFER, _offered(on, person), person)
    return Press(link, {"answer": "no"})


def _choose_between_two(on: Stage) -> Press:
    person, starts_at = give.a_volunteer(), clock.now() + timedelta(days=9)
    one = give.join(on.place("volunteer", starts_at=starts_at), person)
    other = on.place("volunteer", starts_at=starts_at + timedelta(hours=2))
    for signup in (one, give.join(other, person)):
        change(Signup, signup, confirmed_at=clock.now() - timedelta(hours=1))
    change(EventSession, _of(other).id, starts_at=starts_at)
    with current_app.test_request_context():
        return Press(
            answer_path(Ask.CHOOSE, one, person), {"answer": "this", "seen": seen_of(clashes_of(one))}
        )


# --- the door -----------------------------------------------------------------------------------------------------


def _came(on: Stage, *ways: Direction) -> tuple[door.Scene, str]:
    scene = on.scene()
    signup = door.volunteer_for(scene.shift)
    for way in ways:
        scene.scan(pass_code(signup), direction=way)
    found = session().scalars(select(Attendance.id).where(Attendance.session_id == scene.session))
    return scene, found.one()


def _annul_arrival(on: Stage) -> Press:
    _scene, came = _came(on, Direction.IN)
    return on.press(f"/manage/attendances/{came}/annul", **WHY)


def _annul_exit(on: Stage) -> Press:
    _scene, came = _came(on, Direction.IN, Direction.OUT)
    return on.press(f"/manage/attendances/{came}/reopen", **WHY)


def _annul_scan(on: Stage) -> Press:
    scene, _came_in = _came(on, Direction.IN)
    scan = session().scalars(select(Scan.id).where(Scan.session_id == scene.session)).one()
    return Press(f"/api/v1/checkins/{scan}/annul", dict(WHY), key=make_token(on.office))


def _annul_heads(on: Stage) -> Press:
    scene = on.scene()
    with transaction():
        made = headcount.count_heads(
            scene.session, audience="老年人", count=120, method=CountMethod.COUNTED, note="", by=on.by
        ).id
    return on.press(f"/manage/headcounts/{made}/annul", **WHY)


def _remove_photo(on: Stage) -> Press:
    photo = a_row("evidence_photo", session_id=on.scene().session, by_person_id=on.by)
    return on.press(f"/manage/photos/{photo}/remove", **WHY)


def _settle(settlement: str) -> Case:
    def case(on: Stage) -> Press:
        scene = on.scene()
        phone = Phone(scene, "东门手机")
        for _ in range(2):
            signup = door.sign_up(scene.seats)
            give.leave(signup.id, by=scene.scanner, reason="重复报名")
            phone.scan(pass_code(signup_queries.get_with_session(signup.id)))
        phone.hand_in()
        flagged = select(Scan.id).where(Scan.session_id == scene.session, Scan.flag.is_not(None))
        scans = list(session().scalars(flagged))
        return on.press(
            f"/manage/sessions/{scene.session}/review", scans=scans, settlement=settlement, note="看过照片"
        )

    return case


def _revoke_device(on: Stage) -> Press:
    scene = on.scene()
    phone = Phone(scene)
    phone.ask(pass_code(door.sign_up(scene.seats)))
    return on.press(f"/manage/devices/{phone.device}/revoke")


ACTS: dict[str, list[Case]] = {
    "api.annul_checkin": [_annul_scan],
    "api.delete_signup": [_delete_signup],
    "attendance.annul_attendance": [_annul_arrival],
    "attendance.annul_exit": [_annul_exit],
    "attendance.annul_headcount": [_annul_heads],
    "attendance.remove_photo": [_remove_photo],
    "attendance.review_session": [_settle("counted"), _settle("dismissed")],
    "attendance.revoke_device": [_revoke_device],
    "events.act_on_chosen": [_discard_chosen],
    "events.close_event": [_close],
    "events.discard_event": [_discard],
    "events.next_plan": [_next_plan],
    "events.publish_event": [_publish],
    "events.remove_question": [_remove_question],
    "events.remove_session": [_remove_session],
    "events.submit_event": [_submit],
    "events.take_along": [_take_along],
    "events.withdraw_event": [_withdraw],
    "pages.act_on_people": [_approve_of_event, _take_off_of_event],
    "pages.act_on_sheet": [_approve_on_sheet, _decline_on_sheet, _take_off],
    "pages.show_pending": [_approve_some, _decline_some],
    "plan.void_result": [_void_result],
    "resources.release_booking": [_release_booking],
    "signups.answer": [_give_an_offer_away_from_its_message, _choose_between_two],
    "signups.cancel": [_cancel_own, _cancel_of_another],
    "signups.cancel_as_guest": [_cancel_as_guest],
    "signups.decline_shift": [_decline_shift],
    "signups.keep_unmet": [_keep_unmet],
    "signups.leave_course_as_guest": [_leave_course_as_guest],
    "signups.leave_own_course": [_leave_course],
    "signups.offer": [_decline_offer],
    "signups.offer_as_guest": [_decline_offer_as_guest],
    "signups.release_unmet": [_release_unmet],
    "signups.tick_told": [_tick_told],
    "signups.withdraw_shift": [_withdraw_shift],
}
