"""Every page is reached by links from the pages of those who may open it, and no link leads nowhere.

With the demonstration's data, each kind of person begins at the home page and follows links, pictures and forms that
only ask. Of each route some addresses are opened, not all: the same page of another event says nothing new.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from tests.factories.signups import an_account
from tests.support import html
from tests.support.client import CheckedClient, fields_of
from webapp import areas
from webapp.core import jobs
from webapp.core.auth import Access, access_of
from webapp.core.db import db, transaction
from webapp.organisations import service as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import permissions_of
from webapp.pages.domain.shell import is_named
from webapp.people.models import Account

SignIn = Callable[..., FlaskClient]
ROOT = Path(__file__).parent.parent.parent
# Routes that no page leads to, and how one comes there instead. The API's are described in its OpenAPI document.
NO_LINK = {
    "attendance.hello": "asked by the scanner's script",
    "attendance.open_pass": "the QR of a pass",
    "attendance.open_wall_code": "the QR on the wall",
    "attendance.pair_device": "the QR shown to a phone that is to be paired",
    "attendance.show_wall_visit": "follows upon the QR on the wall",
    "attendance.scan_list": "asked by the scanner's script",
    "attendance.scan_pack": "asked by the scanner's script",
    "attendance.service_worker": "asked by the browser",
    "attendance.wall_now": "asked by the wall's script",
    "attendance.pass_without_code": "somebody cut the address of a pass",
    "calendars.no_feed": "an address that is none",
    "calendars.embed_calendar": "stands on other sites; the words to put there are shown to copy",
    "calendars.subscription_feed": "an address with a secret, shown to copy",
    "pages.confirm_todo_mail": "a signed link in a mail",
    "pages.end_todo_mail": "a signed link in a mail",
    "pages.count_todo": "asked by the script of the navigation",
    "pages.jump_at_once": "asked by the script of the search",
    "pages.show_person": "found by the search",
    "pages.favicon": "asked by the browser",
    "pages.healthz": "operations",
    "pages.readyz": "operations",
    "pages.metrics": "operations",
    "pages.robots": "search engines",
    "signups.show_signup": "a guest's link, sent to the telephone and shown once after signing up",
    "signups.cancel_as_guest": "from the guest's own page",
    "signups.guest_answers": "from the guest's own page",
    "signups.guest_guardian": "from the guest's own page",
    "signups.add_companions_as_guest": "from the guest's own page",
    "signups.show_for_guardian": "a guardian's link, sent to the telephone or printed",
    "signups.leave_course_as_guest": "from the guest's own page",
    "signups.new_pass_as_guest": "from the guest's own page",
    "signups.offer_as_guest": "from the guest's own page",
    "signups.show_course_as_guest": "from the guest's own page",
    "signups.answer": "a signed link in a message that asks for an answer",
    "pages.show_long_task": "where one is led after asking for hundreds of cards",
    "pages.long_task_result": "from the page of the long task",
    "resources.unit_resources": "where a unit's list stood before; leads to the list of all",
    "signups.download_answers": "where the files were before; leads to the list, which gives them",
    "signups.show_many": "where one is led after signing up many",
    "static": "files",
}
# Pages that are linked from others where there is something to see, which the demonstration does not have.
NOT_IN_THE_DEMONSTRATION = {
    "attendance.annul_exit", "attendance.kiosk", "attendance.print_wall", "attendance.show_pairing",
    "attendance.type_pairing_code", "calendars.change_my_subscription", "calendars.change_organisation_subscription",
    "calendars.venue_feed", "calendars.all_feed", "calendars.district_feed", "calendars.type_feed",
    "calendars.task_feed", "events.change_question", "events.resume_event",
    "organisations.change_member", "pages.hold_erasure", "pages.show_pending",
    "plan.void_result",
    "recognition.answer_objection", "recognition.commendation_list", "recognition.commendations_xlsx",
    "recognition.correct_record", "recognition.decline_star", "recognition.mark_turnout",
    "recognition.propose_added", "signups.add_companions",
    "signups.leave_own_course", "signups.offer", "signups.own_answers",
    "signups.show_course", "signups.show_hand_over", "signups.sign_up_team",
    "volunteers.decline_request",
}  # fmt: skip
# Linked where a row has it, which none of the first two pages of its kind that somebody opens need have (the first
# test below comes to each of them as somebody): the page with the link, and which row has it.
WHERE_A_ROW_HAS_IT = {
    "attendance.annul_attendance": ("pages/_sheet_parts.html", "somebody who came"),
    "attendance.annul_headcount": ("pages/session_sheet.html", "a count that stands"),
    "attendance.remove_photo": ("attendance/session_photos.html", "a photo"),
    "attendance.revoke_device": ("attendance/_devices.html", "a phone that is paired"),
    "attendance.session_photos": ("pages/event_outcome.html", "a session that began, for who may change it"),
    "attendance.show_photo": ("attendance/session_photos.html", "a photo"),
    "attendance.show_wall_screen": ("attendance/show_wall.html", "a session with a code on a screen"),
    "calendars.organisation_calendar": ("calendars/list_centres.html", "a unit that is a centre"),
    "events.postpone_event": ("pages/_workspace.html", "an event with sessions to come"),
    "pages.event_things": ("../webapp/pages/views/workspace.py", "an event that has things, or may get some"),
    "recognition.confirm_sign_out": ("recognition/session_hours.html", "somebody who did not sign out"),
    "recognition.manage_certificate": ("recognition/manage_certificates.html", "a certificate asked for"),
    "recognition.reject_added": ("recognition/manage_hours.html", "hours added by hand"),
    "signups.show_elder": ("signups/list_elders.html", "somebody a centre signed up"),
    "signups.show_notice": ("signups/_notices.html", "a change people were told of"),
    "signups.show_occasion": ("signups/list_occasions.html", "a session a centre signed somebody up for"),
    "volunteers.change_team": ("volunteers/list_hosted_teams.html", "a team one may change"),
    "volunteers.void_training": ("volunteers/list_trainings.html", "a training that counts"),
}
WHO = ("office", "organiser", "centre", "scanner", "unit", "inspector", "volunteer1", "")  # "": a visitor
STAFF = ("office", "organiser", "centre", "scanner", "unit", "inspector")
OF_EACH_ROUTE, VISITORS = 2, 8
SITE = "http://localhost"


@dataclass
class Crawl:
    """One kind of person, following links."""

    client: FlaskClient
    app: Flask
    of_each: int = OF_EACH_ROUTE
    start: str = "/"
    within: frozenset[str] = frozenset()  # of the rules of access: other pages are not followed; empty: all
    opened: Counter[str] = field(default_factory=Counter)  # by endpoint
    faults: list[str] = field(default_factory=list)
    forms: dict[str, tuple[str, dict[str, list[Any]]]] = field(
        default_factory=dict
    )  # that write, by endpoint

    def go(self) -> None:
        queue, seen = deque([(self.start, "the start")]), {self.start}
        while queue:
            address, origin = queue.popleft()
            endpoint = self.endpoint_of(address)
            if endpoint is None:
                self.faults.append(f"{origin} leads to {address}, which is no page")
                continue
            if self.opened[endpoint] >= self.of_each or not self.is_within(endpoint):
                continue
            self.opened[endpoint] += 1
            for found in self.open(address, origin):
                if found not in seen:
                    seen.add(found)
                    queue.append((found, address))

    def is_within(self, endpoint: str) -> bool:
        return not self.within or access_of(endpoint) in self.within or is_named(endpoint)

    def open(self, address: str, origin: str) -> Iterator[str]:
        answer = self.client.get(address)
        answer.close()
        if answer.status_code in {301, 302, 303, 308}:
            yield from self.inside(answer.location or "", address)
            return
        if answer.status_code != 200:
            self.faults.append(f"{origin} leads to {address}, which answers {answer.status_code}")
            return
        if answer.mimetype == "text/html":
            page = html.parse(answer.data)[0]
            self.keep_forms(page, address)
            for link in links_of(page):
                yield from self.inside(link, address)

    def keep_forms(self, page: Element, address: str) -> None:
        for form in page.iter("form"):
            if (form.get("method") or "get").lower() == "post":
                action = urlsplit(urljoin(SITE + address, form.get("action") or "")).path
                endpoint = self.endpoint_of(action, "POST")
                if endpoint is None:
                    self.faults.append(f"{address} has a form for {action}, which takes none")
                else:
                    self.forms.setdefault(endpoint, (action, fields_of(form)))

    def inside(self, link: str, page: str) -> Iterator[str]:
        """The address a link leads to, if it stays on this site and is served by a view."""
        parts = urlsplit(urljoin(SITE + page, link))
        if f"{parts.scheme}://{parts.netloc}" == SITE and not parts.path.startswith("/static/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")

    def endpoint_of(self, address: str, method: str = "GET") -> str | None:
        adapter = self.app.url_map.bind("localhost")
        try:
            return str(adapter.match(urlsplit(address).path, method=method)[0])
        except HTTPException as error:
            new = getattr(error, "new_url", None)  # a missing slash at the end
            return self.endpoint_of(urlsplit(new).path, method) if new else None


def links_of(page: Element) -> Iterator[str]:
    for element in page.iter():
        for name in ("href", "src", "data"):
            value = element.get(name)
            if value and not value.startswith(("#", "tel:", "mailto:", "data:", "blob:")):
                yield value.replace("webcal://", "http://")
        if element.tag == "form" and (element.get("method") or "get").lower() == "get":
            fields = [(name, value) for name, some in fields_of(element).items() for value in some]
            yield (element.get("action") or "") + "?" + urlencode(fields)


@pytest.fixture
def city(app: Flask) -> Flask:
    """The application with the demonstration's data."""
    return demonstrated(app)


def demonstrated(app: Flask) -> Flask:
    """The application, with the demonstration's data put in."""
    app.extensions["kepu_settings"] = replace(app.extensions["kepu_settings"], demo=True)
    areas.prepare(app)
    jobs.beat()  # a service without its worker is not ready
    return app


def client_of(app: Flask, sign_in: SignIn, who: str) -> FlaskClient:
    client = CheckedClient(app, app.response_class)
    if not who:
        return client
    return sign_in(client, account_of(who))


def reached_by(app: Flask, client: FlaskClient, who: str) -> Counter[str]:
    """What they come to; fails at the first thing that is wrong, with all of it."""
    crawl = Crawl(client, app, of_each=VISITORS if not who else OF_EACH_ROUTE)
    crawl.go()
    assert not crawl.faults, f"as {who or 'a visitor'}:\n" + "\n".join(crawl.faults)
    return crawl.opened


@pytest.mark.databases("sqlite")
def test_every_page_is_reached_by_links_and_no_link_leads_nowhere(city: Flask, sign_in: SignIn) -> None:
    reached: Counter[str] = Counter()
    for who in WHO:
        reached += reached_by(city, client_of(city, sign_in, who), who)
    routes = {rule.endpoint for rule in city.url_map.iter_rules() if "GET" in (rule.methods or set())}
    alone = {one for one in routes - set(reached) if not one.startswith("api.")} - set(NO_LINK)
    assert alone - NOT_IN_THE_DEMONSTRATION == set(), "no page leads there, and no reason is given"
    assert set(NO_LINK) <= routes
    assert routes >= NOT_IN_THE_DEMONSTRATION
    texts = {file: file.read_text("utf-8") for file in (ROOT / "templates").rglob("*.html")}
    texts |= {file: file.read_text("utf-8") for file in (ROOT / "webapp").glob("*/views/*.py")}
    for one in NOT_IN_THE_DEMONSTRATION:
        own = ROOT / "templates" / one.replace(".", "/")
        links = (f"'{one}'", f'"{one}"')
        assert any(link in text for file, text in texts.items() for link in links if file.stem != own.name), (
            one
        )


@pytest.mark.databases("postgresql")
def test_what_a_centre_a_volunteer_and_a_visitor_see_answers_on_postgresql_too(
    city: Flask, sign_in: SignIn
) -> None:
    for who in ("centre", "volunteer1", ""):
        assert len(reached_by(city, client_of(city, sign_in, who), who)) > 20


def test_what_a_row_has_stands_on_the_page_that_is_named() -> None:
    for endpoint, (page, _row) in WHERE_A_ROW_HAS_IT.items():
        text = (ROOT / "templates" / page).read_text("utf-8")
        assert f"'{endpoint}'" in text or f'"{endpoint}"' in text, endpoint


# --- from the staff's navigation alone ----------------------------------------------------------------------------


@pytest.mark.databases("sqlite")
def test_each_of_the_staff_reaches_all_they_may_open_from_their_navigation(
    city: Flask, sign_in: SignIn
) -> None:
    lost: dict[str, set[str]] = {}
    for who in (*STAFF, "two units"):
        account = of_two_units() if who == "two units" else account_of(who)
        crawl = Crawl(
            sign_in(CheckedClient(city, city.response_class), account),
            city,
            start="/manage/",
            within=frozenset({"allowed", "scanner", "signed_in"}),
        )
        crawl.go()
        assert not crawl.faults, f"as {who}:\n" + "\n".join(crawl.faults)
        known = set(NO_LINK) | NOT_IN_THE_DEMONSTRATION | set(WHERE_A_ROW_HAS_IT)
        lost |= {who: missing} if (missing := staff_pages(city, account) - set(crawl.opened) - known) else {}
    assert lost == {}


def account_of(who: str) -> Account:
    return db.session.scalars(select(Account).where(Account.email == f"{who}@demo.test")).one()


def staff_pages(app: Flask, account: Account) -> set[str]:
    """The pages of staff whose own rule lets this person in."""
    held, found = permissions_of(account.person_id), set()
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "__access__", Access("operations"))
        is_read = "GET" in (rule.methods or set()) and not rule.endpoint.startswith("api.")
        if is_read and access.kind in {"allowed", "scanner"} and not access.permissions.isdisjoint(held):
            found.add(rule.endpoint)
    return found


def of_two_units() -> Account:
    """Who organises for one unit and checks in for another."""
    some = db.session.scalars(select(Organisation).order_by(Organisation.id).limit(2)).all()
    account = an_account("周两家")
    for one, permission in zip(some, (Permission.MANAGE_EVENTS, Permission.SCAN), strict=True):
        with transaction():
            organisations.set_membership(account.person_id, one.id, [permission], by=None)
    return account
