"""The same data as pages: months, weeks, a list for other sites, Atom, linked data; and who still comes for it."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.calendars import City, change, make_member, make_person
from tests.support.time import TestClock
from webapp.calendars import queries, service
from webapp.calendars.domain import Scope
from webapp.calendars.models import Subscription
from webapp.core.db import session, transaction
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission

SignIn = Callable[[FlaskClient, Any], FlaskClient]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


def test_a_month_shows_what_happens_on_its_days(city: City, client: FlaskClient, clock: TestClock) -> None:
    now = clock.now.replace(day=15, hour=2, minute=0)
    city.add(now, title="血压怎么量")
    city.add(now + timedelta(days=1), title="取消的课", status="cancelled")
    city.add(now + timedelta(days=62), title="两个月后")
    city.add(now, title="草稿", status="draft")
    page = client.get(f"/calendar/?day={now:%Y-%m}").text
    assert "血压怎么量" in page
    assert "【已取消】取消的课" in page
    assert "草稿" not in page
    assert "两个月后" not in page
    later = client.get(f"/calendar/?day={now + timedelta(days=62):%Y-%m-%d}&span=week").text
    assert "两个月后" in later
    assert "血压怎么量" not in later


@pytest.mark.parametrize(
    "query", ["day=x", "day=0001-01", "day=9999-12", "span=year", "feed=/calendar/all.ics"]
)
def test_an_odd_address_shows_this_month(city: City, client: FlaskClient, query: str) -> None:
    assert client.get(f"/calendar/?{query}").status_code == 200


@pytest.mark.parametrize(
    "feed", ["/calendar/s/x.ics", "/events/", "https://elsewhere.cn/calendar/all.ics", "%00"]
)
@pytest.mark.parametrize("page", ["/calendar/", "/calendar/embed", "/calendar/feed.atom"])
def test_only_feeds_for_everyone_are_shown(city: City, client: FlaskClient, page: str, feed: str) -> None:
    assert client.get(page, query_string={"feed": feed}).status_code in {400, 404}


def test_a_persons_own_feed_is_no_page_for_everyone(city: City, client: FlaskClient) -> None:
    person = make_person()
    with transaction():
        made = service.create_subscription(Scope("person", person.person_id), "手机", by=person.person_id)
        path = f"/calendar/s/{queries.token_of(made)}.ics"
    assert client.get("/calendar/subscribe", query_string={"feed": path}).status_code == 200
    for page in ("/calendar/", "/calendar/embed", "/calendar/feed.atom"):
        assert client.get(page, query_string={"feed": path}).status_code == 404


def test_a_list_may_be_shown_in_another_sites_frame(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    city.add(clock.now + timedelta(days=1), title="一号课")
    city.add(clock.now + timedelta(days=2), title="别处的课", venue_id=city.make_venue("别处"))
    answer = client.get("/calendar/embed", query_string={"feed": f"/calendar/venues/{city.venue}.ics"})
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert "一号课" in answer.text
    assert "别处的课" not in answer.text
    assert "frame-ancestors 'none'" in client.get("/calendar/").headers["Content-Security-Policy"]
    page = client.get("/calendar/subscribe", query_string={"feed": "/calendar/all.ics"}).text
    assert "&lt;iframe src=&#34;http://localhost/calendar/embed?feed=/calendar/all.ics" in page


def test_atom_has_what_changed_last_first(city: City, client: FlaskClient, clock: TestClock) -> None:
    first = city.add(title="甲 & <乙>\x0b")
    city.add(title="丙")
    clock.advance(minutes=5)
    change(EventSession, first, updated_at=clock.now)
    answer = client.get("/calendar/feed.atom")
    assert answer.mimetype == "application/atom+xml"
    root = ET.fromstring(answer.data)
    titles = [entry.findtext(f"{ATOM}title") for entry in root.findall(f"{ATOM}entry")]
    assert titles == ["甲 & <乙>\n", "丙"]
    moments = [entry.findtext(f"{ATOM}updated") or "" for entry in root.findall(f"{ATOM}entry")]
    assert moments[0] > moments[1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moments[0])
    again = client.get("/calendar/feed.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_an_event_says_what_it_is_to_search_engines(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    made = city.add(datetime(2026, 11, 28, 1, tzinfo=UTC), title="量血压</script>")
    event_id = session().get_one(EventSession, made).event_id
    session().rollback()
    page = client.get(f"/events/{event_id}").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    (event,) = json.loads(found[1])
    assert event["name"] == "量血压</script>"
    assert event["startDate"] == "2026-11-28T09:00+08:00"
    assert event["location"]["address"]["addressLocality"] == "向阳区"
    assert event["eventStatus"].endswith("EventScheduled")


# --- who still comes --------------------------------------------------------------------------------------------


def test_the_office_sees_whose_calendar_nobody_comes_for(
    city: City, client: FlaskClient, sign_in: SignIn, clock: TestClock
) -> None:
    office = make_member(city.unit, Permission.GOVERN)
    with transaction():
        for name in ("前台电脑", "大屏"):
            service.create_subscription(Scope("organisation", city.centre), name, by=office.person_id)
    assert queries.feeds_silent()[0] == 0
    clock.advance(days=8)
    fetched = session().query(Subscription).filter_by(name="大屏").one().id
    session().rollback()
    with transaction():
        service.note_fetch(fetched, client="Outlook/16", count=3)
    assert queries.feeds_silent()[0] == 1
    sign_in(client, office)
    page = client.get("/manage/calendars").text
    assert page.index("前台电脑") < page.index("大屏")
    assert "七天没有来取" in page
    assert "1 个社区日历七天没有来取" in client.get("/manage/").text
    with transaction():
        one = session().query(Subscription).filter_by(name="前台电脑").one()
        service.revoke_subscription(one.id, Scope("organisation", city.centre), by=office.person_id)
    assert queries.feeds_silent()[0] == 0
    assert client.get("/manage/calendars").text.count("七天没有来取") == 1  # in the words at the top
