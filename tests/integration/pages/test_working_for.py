"""The organisation one works for: what 今天 narrows to, in this browser, and never a right more."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from tests.factories import events as make
from tests.factories.events import an_event, an_organisation, staff
from tests.support.client import CheckedClient
from webapp.core import clock
from webapp.core.db import transaction
from webapp.organisations.domain import Permission
from webapp.organisations.models import Membership

SignIn = Callable[..., FlaskClient]
ACTS = Permission.MANAGE_EVENTS


def test_who_belongs_to_one_sees_its_name_and_no_choice(client: CheckedClient, sign_in: SignIn) -> None:
    page = sign_in(client, staff(an_organisation("郊区科协"), ACTS)).get("/manage/todo").text
    assert '<p class="shell-unit">郊区科协</p>' in page
    assert "shell-switch" not in page


def test_today_narrows_and_an_address_of_another_opens(client: CheckedClient, sign_in: SignIn) -> None:
    here, there, other = an_organisation("向阳区科协"), an_organisation("前进区科协"), an_organisation()
    account = staff(here, ACTS)
    with transaction() as current:
        current.add(
            Membership(person_id=account.person_id, organisation_id=there.id, permissions=[str(ACTS)])
        )
    soon = [make.session_draft(clock.now() + timedelta(minutes=20))]
    an_event(here, title="向阳的讲座", sessions=soon)
    event = an_event(there, title="前进的讲座", sessions=soon)
    browser = sign_in(client, account)
    both = browser.get("/manage/").text
    assert "向阳的讲座" in both
    assert "前进的讲座" in both
    answer = browser.post("/manage/working-for", data={"organisation": here.id, "next": "/manage/"})
    assert (answer.status_code, answer.location) == (303, "/manage/")
    now = browser.get("/manage/").text.split('id="now"')[1].split("</section>\n")[0]
    assert "向阳的讲座" in now
    assert "前进的讲座" not in now
    assert browser.get(f"/manage/events/{event.id}").status_code == 200
    assert browser.post("/manage/working-for", data={"organisation": other.id}).status_code == 404


def test_who_has_no_work_here_is_sent_away(client: CheckedClient, sign_in: SignIn) -> None:
    answer = sign_in(client, staff(an_organisation())).post("/manage/working-for", data={})
    assert answer.status_code == 403
