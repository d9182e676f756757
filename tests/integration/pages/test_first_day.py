"""The first day of a unit: steps read from what there is, each with its one link, gone when done or put away."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.factories.attendance import make_account
from tests.factories.events import a_venue, an_event, an_organisation, sessions_of, staff
from tests.support.client import CheckedClient
from webapp.attendance.queries.beginning import beginnings
from webapp.core.db import db, get_row, transaction
from webapp.core.errors import NotAllowed
from webapp.organisations import service
from webapp.organisations.domain import NoSuchHelper, Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import find_membership

SignIn = Callable[..., FlaskClient]


def the_steps(page: str) -> list[tuple[bool, str]]:
    """Whether each is done, and where it leads."""
    if "first-day" not in page:
        return []
    part = page.split('id="first-day"')[1].split("</ol>", maxsplit=1)[0]
    rows = part.split("<li ")[1:]
    return [("step-done" in row, (re.findall(r'<a[^>]* href="(/[^"]+)"', row) or [""])[-1]) for row in rows]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_new_unit_is_led_through_and_then_left_alone(client: CheckedClient, sign_in: SignIn) -> None:
    unit = an_organisation("新来的单位")
    own = sign_in(client, staff(unit, Permission.MANAGE_EVENTS))
    shown = the_steps(own.get("/manage/").text)
    assert [done for done, _ in shown] == [False] * 5
    assert [where for _, where in shown] == [
        f"/manage/unit/{unit.id}?next=/manage/",
        "/manage/venues/new?next=/manage/",
        "/manage/events/new",
        f"/manage/unit/{unit.id}/helpers?next=/manage/",
        "/manage/devices",
    ]
    assert (
        own.fill(f"/manage/unit/{unit.id}", form=f"/manage/unit/{unit.id}", phone="0454 8612345").status_code
        == 302
    )
    assert get_row(Organisation, unit.id).phone
    venue = a_venue()
    draft = an_event(unit, published=False)
    shown = the_steps(own.get("/manage/").text)
    assert [done for done, _ in shown] == [True, True, False, False, False]
    assert shown[2][1] == f"/manage/events/{draft.id}"
    made = an_event(unit)
    helper = make_account("刘帮手", "helper@example.cn")
    address = f"/manage/unit/{unit.id}/helpers"
    assert "没有找到这个姓名" in own.fill(address, name="别人", login="helper@example.cn").text
    assert own.fill(address, name="刘帮手", login="helper@example.cn").status_code == 302
    assert own.fill(address, name="刘帮手", login="helper@example.cn").status_code == 409
    shown = the_steps(own.get("/manage/").text)
    session_id = sessions_of(made)[0].id
    assert shown[3:] == [(True, ""), (False, f"/manage/sessions/{session_id}/devices")]
    assert venue and find_membership(helper.person_id, unit.id)
    paired = own.fill(f"/manage/sessions/{session_id}/devices", form=f"/manage/sessions/{session_id}/devices")
    code = re.search(r'class="qr-code">([^<]+)<', own.get(paired.location).text)
    assert code
    phone = client.application.test_client()
    assert phone.fill(f"/scan/pair/{code[1]}").status_code in {302, 303}
    assert the_steps(own.get("/manage/").text) == []


def test_it_can_be_put_away_on_this_device(client: CheckedClient, sign_in: SignIn) -> None:
    unit, other = an_organisation("甲单位"), an_organisation("乙单位")
    own = sign_in(client, staff(unit, Permission.MANAGE_EVENTS))
    assert own.post(f"/manage/first-day/{other.id}/away").status_code == 404
    assert own.post(f"/manage/first-day/{unit.id}/away").status_code == 302
    assert the_steps(own.get("/manage/").text) == []


@pytest.mark.parametrize("permission", [Permission.SCAN, Permission.REPORT, Permission.INSPECT])
def test_who_makes_no_events_is_not_led(
    client: CheckedClient, sign_in: SignIn, permission: Permission
) -> None:
    unit = an_organisation()
    own = sign_in(client, staff(unit, permission))
    assert the_steps(own.get("/manage/").text) == []
    assert own.get(f"/manage/unit/{unit.id}").status_code == 403


def test_the_lists_that_are_empty_lead_on_as_well(client: CheckedClient, sign_in: SignIn) -> None:
    own = sign_in(client, staff(an_organisation(), Permission.MANAGE_EVENTS))
    for address in ("/manage/events", "/manage/devices"):
        assert len(the_steps(own.get(address).text)) == 5, address


def test_one_question_for_all_units(app: Flask) -> None:
    units = [an_organisation(f"单位{n}").id for n in range(3)]
    seen: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        assert len(beginnings(units, person_id="nobody")) == 3
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


# --- who may give the right to check people in


def test_an_organiser_gives_and_takes_the_door_and_no_more(client: CheckedClient, sign_in: SignIn) -> None:
    unit, other = an_organisation("甲单位"), an_organisation("乙单位")
    boss = staff(unit, Permission.MANAGE_EVENTS)
    by, helper = boss.person_id, make_account("刘帮手", "helper@example.cn")
    with transaction():
        service.add_helper(unit.id, "刘帮手", "helper@example.cn", by=by)
    with transaction(), pytest.raises(NotAllowed):
        service.set_membership(helper.person_id, unit.id, ["scan", "manage_events"], by=by)
    with transaction(), pytest.raises(NotAllowed):
        service.add_helper(other.id, "刘帮手", "helper@example.cn", by=by)
    with transaction(), pytest.raises(NoSuchHelper):
        service.add_helper(unit.id, "刘帮手", "nobody@example.cn", by=by)
    own = sign_in(client, boss)
    gone = f"/manage/unit/{unit.id}/helpers/{helper.person_id}/remove"
    assert own.fill("/manage/unit", form=gone).status_code == 302
    assert find_membership(helper.person_id, unit.id) is None
    page = own.get("/manage/unit").text
    assert gone not in page
    assert "不再让刘帮手替单位签到" in page  # and for a quarter of an hour it can be taken back
