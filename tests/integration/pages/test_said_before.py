"""What cannot be taken back is said beside its button, before it is pressed (docs/undo.md)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, current_app

from tests.architecture.test_undoing import SAID_BEFORE
from tests.factories import signups as give
from tests.factories.acts import Press, Stage, a_row, guest_link
from tests.factories.organisations import make_organisation, make_staff
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.attendance.domain.phones import WallMode
from webapp.attendance.service.wall import open_wall
from webapp.calendars import service as calendars
from webapp.calendars.domain import Scope
from webapp.core import clock as times
from webapp.core.db import get_row, session, transaction
from webapp.events.models import Position
from webapp.organisations.domain import OrganisationKind, Permission
from webapp.people.models import Guardianship
from webapp.people.service.guardians import Guardian, record_guardian
from webapp.resources import service as resources
from webapp.resources.domain import ResourceDetails
from webapp.signups.queries.guardians import guardian_path

SignIn = Callable[[CheckedClient, Any], CheckedClient]
Page = Callable[[Stage], Press]
CANNOT = ("不能撤回", "不能恢复")


def _wall(on: Stage) -> Press:
    held = on.scene().session
    with transaction():
        open_wall(held, mode=WallMode.PRINTED, by=on.by)
    return on.press(f"/manage/sessions/{held}/wall")


def _my_calendar(on: Stage) -> Press:
    with transaction():
        calendars.create_subscription(Scope("person", on.by), "手机", by=on.by)
    return on.press("/me/calendar")


def _calendar(on: Stage) -> Press:
    centre = make_organisation("一个社区", kind=OrganisationKind.CENTRE)
    keeper = make_staff(centre, Permission.MANAGE_EVENTS)
    with transaction():
        calendars.create_subscription(Scope("organisation", centre.id), "大屏", by=keeper.person_id)
    return Press(f"/manage/organisations/{centre.id}/calendar", {}, keeper)


def _clock(on: Stage) -> Press:
    now = times.now()
    a_row("worker_beat", name="worker", verdict="ahead", said_at=now, stood_still=False, apart=0)
    return on.press("/manage/upkeep")


def _messages(on: Stage) -> Press:
    a_row("outbox_message", state="failed")
    return on.press("/manage/messages")


def _certificate(on: Stage) -> Press:
    found = a_row(
        "certificate", organisation_id=on.organisation.id, person_id=give.a_volunteer(), status="accepted"
    )
    return on.press(f"/manage/certificates/{found}")


def _resource(on: Stage) -> Press:
    with transaction():
        van = resources.make_resource(on.organisation.id, ResourceDetails("大篷车", "caravan", ""), by=on.by)
    return on.press(f"/manage/resources/{van.id}")


def _call(on: Stage) -> Press:
    before = on.place("volunteer", starts_at=times.now() + timedelta(days=30))
    give.join(before, give.a_volunteer())
    return on.press(f"/manage/positions/{on.place('volunteer')}/call-out")


def _new_pass(on: Stage) -> Press:
    person = give.an_account()
    return Press(f"/signups/{give.join(on.place(), person.person_id)}/new-pass", {}, person)


def _new_pass_as_guest(on: Stage) -> Press:
    return Press(f"/signups/{guest_link(give.join(on.place()))}/new-pass")


def _agreed(on: Stage) -> tuple[str, Any]:
    young = give.an_account("王小小")
    signup = give.join(on.place(), young.person_id)
    with transaction():
        record_guardian(young.person_id, Guardian("王家长", "+8613800138000"), method="web")
    return signup, young


def _guardian_link(on: Stage) -> Press:
    _signup, young = _agreed(on)
    found = session().query(Guardianship).filter_by(person_id=young.person_id).one()
    with current_app.test_request_context():
        return Press(guardian_path(found.id))


def _own_guardian(on: Stage) -> Press:
    return Press("/me/guardian", {}, _agreed(on)[1])


def _guardian(on: Stage) -> Press:
    return on.press(f"/manage/signups/{_agreed(on)[0]}/guardian")


PAGES: dict[str, Page] = {
    "attendance.renew_wall": _wall,
    "calendars.renew_my_subscription": _my_calendar,
    "calendars.renew_organisation_subscription": _calendar,
    "pages.close_account": lambda on: Press("/me/data/close", {}, give.an_account()),
    "pages.confirm_clock": _clock,
    "pages.send_again": _messages,
    "pages.send_chosen_again": _messages,
    "recognition.issue_certificate": _certificate,
    "resources.renew_feed": _resource,
    "signups.call_out": _call,
    "signups.new_pass": _new_pass,
    "signups.new_pass_as_guest": _new_pass_as_guest,
    "signups.show_guardian": _guardian,
    "signups.withdraw_consent": _guardian_link,
    "signups.withdraw_own_guardian": _own_guardian,
}


def test_what_cannot_be_taken_back_is_said_before(
    app: Flask, clock: TestClock, new_client: Callable[[], CheckedClient], sign_in: SignIn
) -> None:
    assert PAGES.keys() == SAID_BEFORE
    stage, silent = Stage(), []
    for endpoint, page in PAGES.items():
        press, client = page(stage), new_client()
        if press.by:
            sign_in(client, press.by)
        answer = client.get(press.address)
        assert answer.status_code == 200, (endpoint, answer.status_code)
        buttons = f'action="{press.address}' in answer.text or "<button" in answer.text
        if not buttons or not any(one in answer.text.split("<main")[1] for one in CANNOT):
            silent.append(endpoint)
    assert silent == []


def test_from_three_hours_before_it_begins_pages_say_that_it_cannot_be_taken_back(
    app: Flask, clock: TestClock, client: CheckedClient, sign_in: SignIn
) -> None:
    stage = Stage()
    position = stage.place(starts_at=times.now() + timedelta(hours=5))
    signup, held = give.join(position), get_row(Position, position).session_id
    pages = (f"/signups/{signup}/cancel", f"/manage/sessions/{held}", f"/manage/positions/{position}/pending")
    sign_in(client, stage.office)
    for page in pages:
        assert "不能撤回" not in client.get(page).text, page
    assert "15 分钟内可以撤回" in client.get(pages[0]).text
    clock.advance(hours=3)
    for page in pages:
        assert "不能撤回" in client.get(page).text, page
    answer = client.post(pages[0], data={"reason": "场地小了"})
    assert "undo-bar" not in client.get(answer.location).text
