"""What narrows to the organisation one works for: 待办, every list of the staff's side, and what forms begin with."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy import event as sql_events

from tests.factories import events as make
from tests.factories.events import an_event, an_organisation, staff
from tests.factories.recognition import make_record
from tests.factories.volunteers import (
    give_skill,
    make_course,
    make_member,
    make_skill,
    make_team,
    make_training,
)
from tests.support.client import CheckedClient
from webapp.core import clock
from webapp.core.db import db, transaction
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership, Organisation
from webapp.people.models import Account
from webapp.recognition.domain import RecordStatus

SignIn = Callable[..., FlaskClient]
ACTS = Permission.MANAGE_EVENTS
ONLY, ALL = "看全部单位的", "全部单位</button>"
LISTS = (
    "/manage/todo",
    "/manage/events",
    "/manage/hours",
    "/manage/teams",
    "/manage/trainings",
    "/manage/papers",
)
EMPTY_LISTS = (
    "/manage/unmet",
    "/manage/calls",
    "/manage/review",
    "/manage/devices",
    "/manage/resources",
    "/manage/turnout",
    "/manage/certificates",
)


def _also(account: Account, organisation: Organisation, *permissions: Permission) -> None:
    with transaction() as current:
        current.add(
            Membership(
                person_id=account.person_id,
                organisation_id=organisation.id,
                permissions=[str(one) for one in permissions],
            )
        )


def _of_two(*permissions: Permission) -> tuple[Account, Organisation, Organisation]:
    here, there = an_organisation("向阳区科协"), an_organisation("前进区科协")
    account = staff(here, *permissions)
    _also(account, there, *permissions)
    return account, here, there


def _choose(browser: FlaskClient, organisation: Organisation | None) -> None:
    data = {"organisation": organisation.id if organisation else ""}
    assert browser.post("/manage/working-for", data=data).status_code == 303


def _main(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return answer.text.split("<main")[1].split("</main>")[0]


def _fill(organisation: Organisation, mark: str) -> None:
    """One of each kind: an event in draft, an hour to confirm, a team, a training, a paper."""
    an_event(organisation, title=f"{mark}的讲座", published=False)
    record = make_record(organisation=organisation, status=RecordStatus.TO_CONFIRM)
    person = make_member(make_team(organisation=organisation, name=f"{mark}服务队"), record.person_id)
    make_training(person, make_course(f"{mark}培训"), organisation=organisation)
    give_skill(person, make_skill(f"{mark}技能", needs_certificate=True))
    with transaction() as current:
        current.get_one(EventSession, record.session_id).event.title = f"{mark}的服务"


def test_an_organiser_of_two_sees_one_or_all(client: CheckedClient, sign_in: SignIn) -> None:
    account, here, there = _of_two(ACTS)
    _fill(here, "向阳")
    _fill(there, "前进")
    browser = sign_in(client, account)
    for path in LISTS:
        page = _main(browser, path)
        assert ONLY not in page, path
        assert "前进" in page, path
        assert "向阳" in page, path
    # Two drafts, two sessions with hours, a line of papers.
    assert browser.get("/manage/todo/count.json").get_json() == {"count": 5}
    _choose(browser, here)
    for path in LISTS:
        page = _main(browser, path)
        assert "只看向阳区科协的。" in page, path
        assert ONLY in page, path
        assert "前进" not in page, path
        assert "向阳" in page.replace("只看向阳区科协的。", ""), path
    for path in EMPTY_LISTS:
        assert ONLY in _main(browser, path), path
    assert browser.get("/manage/todo/count.json").get_json() == {"count": 3}
    _choose(browser, None)
    assert "前进" in _main(browser, "/manage/events")


def test_forms_and_pages_of_one_begin_with_the_one_chosen(client: CheckedClient, sign_in: SignIn) -> None:
    account, here, there = _of_two(ACTS)
    browser = sign_in(client, account)
    for chosen in (here, there):
        _choose(browser, chosen)
        for path in (
            "/manage/events/new",
            "/manage/teams/new",
            "/manage/events/import",
            "/manage/venues/new",
            "/manage/resources/new",
        ):
            assert f'<option selected value="{chosen.id}"' in browser.get(path).text, path
        assert chosen.name in _main(browser, "/manage/unit").split("</h1>")[1].split("</p>")[0]


def test_what_is_chosen_takes_no_right_away_and_gives_none(client: CheckedClient, sign_in: SignIn) -> None:
    account, here, there = _of_two(ACTS)
    other = an_event(there, title="前进的讲座")
    strange = an_event(an_organisation(), title="别家的讲座", published=False)
    browser = sign_in(client, account)
    _choose(browser, here)
    assert browser.get(f"/manage/events/{other.id}").status_code == 200
    assert browser.get(f"/manage/events/{strange.id}").status_code == 404
    assert "别家" not in _main(browser, "/manage/events")


def test_a_choice_of_an_organisation_one_left_is_no_choice(client: CheckedClient, sign_in: SignIn) -> None:
    account, here, there = _of_two(ACTS)
    third = an_organisation("东风区科协")
    _also(account, third, ACTS)
    _fill(there, "前进")
    browser = sign_in(client, account)
    _choose(browser, here)
    assert "前进" not in _main(browser, "/manage/events")
    with transaction() as current:
        current.execute(delete(Membership).where(Membership.organisation_id == here.id))
    page = browser.get("/manage/events").text
    assert "前进" in page
    assert ONLY not in page
    assert "全部 2 个单位" in page


def test_the_office_sees_to_its_own_work_or_to_a_units(client: CheckedClient, sign_in: SignIn) -> None:
    office, unit = an_organisation("市科协", kind="office"), an_organisation("科技馆")
    account = staff(office, Permission.GOVERN)
    _also(account, unit, ACTS)
    organiser = staff(an_organisation("学校", needs_approval=True), ACTS)
    browser = sign_in(client, account)
    an_event(unit, title="馆里的讲座", published=False)
    make_record(organisation=an_organisation(), status=RecordStatus.TO_CONFIRM)
    submitted = an_event(an_organisation("小学"), title="要审的讲座", published=False)
    with transaction() as current:
        current.get_one(type(submitted), submitted.id).status = "submitted"
    assert organiser.person_id

    def waits() -> tuple[bool, ...]:
        page = _main(browser, "/manage/todo")
        return "馆里的讲座" in page, "要审的讲座" in page, "没有签" in page

    assert waits() == (True, True, True)
    _choose(browser, office)
    assert waits() == (False, True, False)
    _choose(browser, unit)
    assert waits() == (True, False, False)


def test_a_scanner_and_a_centre_narrow_what_they_have(client: CheckedClient, sign_in: SignIn) -> None:
    account, here, there = _of_two(Permission.SCAN, Permission.SIGN_UP_OTHERS)
    soon = [make.session_draft(clock.now() + timedelta(minutes=20))]
    an_event(here, title="向阳的讲座", sessions=soon), an_event(there, title="前进的讲座", sessions=soon)
    browser = sign_in(client, account)
    for chosen, shown, hidden in ((here, "向阳的", "前进的"), (there, "前进的", "向阳的")):
        _choose(browser, chosen)
        page = _main(browser, "/manage/")
        assert ONLY in page
        assert shown in page
        assert hidden not in page
        assert f'name="centre" value="{chosen.id}"' in _main(browser, "/manage/elders")
        assert ONLY in _main(browser, "/manage/todo")
    door = browser.get("/scan").text  # who stands at a door lets in whoever has a place
    assert "向阳的讲座" in door
    assert "前进的讲座" in door


@pytest.mark.parametrize(("permission", "most"), [(Permission.GOVERN, 38), (ACTS, 26)])
def test_the_mark_asks_for_memberships_once(
    client: CheckedClient, sign_in: SignIn, permission: Permission, most: int
) -> None:
    browser = sign_in(client, staff(an_organisation(), permission))
    browser.get("/manage/todo/count.json")
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sql_events.listen(db.engine, "before_cursor_execute", note)
    assert browser.get("/manage/todo/count.json").status_code == 200
    sql_events.remove(db.engine, "before_cursor_execute", note)
    assert len(seen) <= most
    assert sum("FROM membership" in one for one in seen) == 2  # for the shell, and once for every source
