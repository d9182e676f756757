"""今天: who is missing, what to bring, and what it costs however much there is."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as sql_events

from tests.factories.attendance import Scene, make_scene, person_of, sign_up, volunteer_for
from tests.factories.events import SEATS, an_event, an_organisation, session_draft, sessions_of, staff
from tests.support.client import CheckedClient
from tests.support.time import TestClock
from webapp.core import clock as the_clock
from webapp.core.db import db, transaction
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.people.models import Account
from webapp.people.queries import signed_in as as_signed_in
from webapp.resources.models import Booking, Resource
from webapp.signups.queries import pass_code

PART = {"HX-Request": "true"}


@pytest.fixture
def scene(app: Flask, clock: TestClock) -> Scene:
    """Starts at 9:30; it is 9:00."""
    return make_scene()


@pytest.fixture
def organiser(client: CheckedClient, sign_in: object, scene: Scene) -> CheckedClient:
    return sign_in(client, as_signed_in(db.session.get_one(Account, scene.scanner_account)))  # type: ignore[operator,no-any-return]


def _bring(organisation: Organisation, session_id: str, name: str) -> None:
    with transaction() as current:
        thing = Resource(organisation_id=organisation.id, name=name, kind="van")
        current.add(thing)
        current.flush()
        current.add(Booking(resource_id=thing.id, session_id=session_id))


def _statements(client: FlaskClient, **headers: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    assert client.get("/manage/", headers=headers).status_code == 200
    sql_events.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_who_has_not_come_stands_by_name_volunteers_first_and_goes_once_here(
    organiser: CheckedClient, scene: Scene
) -> None:
    seat = sign_up(scene.seats, name="王小明")
    volunteer_for(scene.shift)
    first = organiser.get("/manage/", headers=PART)
    absent = first.text.split("没到：")[1].split("</p>")[0]
    assert absent.index("（") < absent.index("王小明（")  # who serves is missed before who only comes
    assert f"/manage/sessions/{scene.session}/board" in absent
    assert (person_of(seat).phone or "-") not in first.text  # numbers are shown on the board, once asked for
    scene.scan(pass_code(seat))
    changed = organiser.get("/manage/", headers=PART | {"If-None-Match": first.headers["ETag"]}).text
    assert "王小明（" not in changed
    for number in range(8):
        sign_up(scene.seats, name=f"来宾{number}")
    assert "，还有 3 人" in organiser.get("/manage/", headers=PART).text


def test_who_only_looks_reads_masked_names(organiser: CheckedClient, scene: Scene) -> None:
    sign_up(scene.seats, name="王小明")
    with transaction() as current:
        for one in current.query(Membership).filter(Membership.person_id == scene.scanner):
            one.permissions = [Permission.INSPECT]
    shown = organiser.get("/manage/", headers=PART).text
    assert "没到：" in shown
    assert "王小明" not in shown


def test_what_comes_says_who_is_missing_and_what_to_bring(
    client: CheckedClient, sign_in: object, clock: TestClock
) -> None:
    unit = an_organisation("郊区科协")
    own = sign_in(client, staff(unit, Permission.MANAGE_EVENTS))  # type: ignore[operator]
    tomorrow = the_clock.start_of_day(the_clock.today() + timedelta(days=1)) + timedelta(hours=9)
    event = an_event(unit, title="村里的讲座", sessions=[session_draft(tomorrow)])
    (held,) = sessions_of(event)
    _bring(unit, held.id, "科普大篷车")
    page = own.get("/manage/").text
    day = page.split("明天")[1]
    for text in ("村里的讲座", "还缺", "要带：科普大篷车", "名单存到手机", "/call-out"):
        assert text in day, text
    assert "打印报名卡" not in day  # nobody has a seat yet


def test_a_full_house_has_no_word_of_who_is_missing(
    client: CheckedClient, sign_in: object, clock: TestClock
) -> None:
    unit = an_organisation()
    own = sign_in(client, staff(unit, Permission.SCAN))  # type: ignore[operator]
    tomorrow = the_clock.start_of_day(the_clock.today() + timedelta(days=1)) + timedelta(hours=9)
    an_event(unit, title="只有座位", sessions=[session_draft(tomorrow, positions=(SEATS,))])
    day = own.get("/manage/").text.split("明天")[1]
    assert "还缺" not in day
    assert "招募" not in day  # who only scans recruits nobody
    assert "志愿者齐了" not in day


def test_it_costs_the_same_for_one_session_and_for_five(
    client: CheckedClient, sign_in: object, clock: TestClock
) -> None:
    unit = an_organisation()
    own = sign_in(client, staff(unit, Permission.SCAN))  # type: ignore[operator]
    now = the_clock.now()
    costs = []
    for number in (1, 4):
        for at in range(number):
            soon = session_draft(now + timedelta(minutes=20))
            later = session_draft(now + timedelta(hours=26, minutes=at))
            for one in sessions_of(an_event(unit, sessions=[soon, later])):
                _bring(unit, one.id, f"展品{number}-{at}-{one.id}")
        costs.append((_statements(own), _statements(own, **PART)))
    assert costs[0] == costs[1]


def test_of_a_full_day_the_first_are_shown_and_the_rest_named(
    client: CheckedClient, sign_in: object, clock: TestClock
) -> None:
    unit = an_organisation()
    own = sign_in(client, staff(unit, Permission.MANAGE_EVENTS))  # type: ignore[operator]
    tomorrow = the_clock.today() + timedelta(days=1)
    begins = the_clock.start_of_day(tomorrow) + timedelta(hours=9)
    for number in range(14):
        at = begins + timedelta(minutes=number)
        an_event(unit, title=f"第{number}场讲座", sessions=[session_draft(at)])
    for _number in range(10):
        an_event(unit, title="正在进行", sessions=[session_draft(the_clock.now() + timedelta(minutes=20))])
    an_event(unit, title="昨天和后天", sessions=[session_draft(begins + timedelta(days=2))])
    page = own.get("/manage/").text
    assert "第11场讲座" in page
    assert "第12场讲座" not in page
    assert "还有 2 场，看这一天的全部活动" in page
    assert "还有 2 场正在进行，看这一天的全部活动" in own.get("/manage/", headers=PART).text
    (link,) = re.findall(r'href="(/manage/events[^"]*)">还有 2 场，', page)
    listed = own.get(unescape(link)).text
    assert "找到 14 条，共 25 条" in listed


def test_a_list_of_days_means_one_session_within_them(
    client: CheckedClient, sign_in: object, clock: TestClock
) -> None:
    unit = an_organisation()
    own = sign_in(client, staff(unit, Permission.MANAGE_EVENTS))  # type: ignore[operator]
    today = the_clock.today()
    begins = the_clock.start_of_day(today) + timedelta(hours=9)
    around = [session_draft(begins + timedelta(days=day)) for day in (2, 6)]
    an_event(unit, title="前后各一场", sessions=around)
    an_event(unit, title="正好那天", sessions=[session_draft(begins + timedelta(days=4))])
    day = today + timedelta(days=4)
    listed = own.get(f"/manage/events?from={day}&to={day}").text
    assert "正好那天" in listed
    assert "前后各一场" not in listed
