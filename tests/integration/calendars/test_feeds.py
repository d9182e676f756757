"""The public feeds: what stands in them, and that they stand still."""

import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.calendars import DISTRICT, TOWNSHIP, City, change
from tests.support.time import TestClock
from webapp.calendars import domain
from webapp.core import clock as city_clock
from webapp.core.db import session, transaction
from webapp.events.models import Event, EventSession, EventTask
from webapp.venues.models import Venue


@pytest.fixture
def city(app: Flask, clock: TestClock) -> City:
    return City()


def entries(client: FlaskClient, path: str) -> dict[str, Any]:
    """VEVENTs by UID."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {str(one["UID"]): one for one in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}


def uid(session_id: str) -> str:
    return session().get_one(EventSession, session_id).uid


def event_of(session_id: str) -> str:
    return session().get_one(EventSession, session_id).event_id


def addresses(city: City, session_id: str) -> list[str]:
    """Every feed this session belongs to."""
    return [
        "/calendar/all.ics",
        f"/calendar/venues/{city.venue}.ics",
        f"/calendar/districts/{DISTRICT}.ics",
        f"/calendar/districts/{TOWNSHIP}.ics",
        f"/calendar/organisations/{city.unit}.ics",
        f"/calendar/organisations/{city.centre}.ics",
        "/calendar/types/lecture.ics",
        "/calendar/tasks/A4-2.ics",
        "/calendar/tasks/A4-2.ics?plan=now",
        f"/calendar/events/{event_of(session_id)}.ics",
    ]


def test_a_session_stands_in_every_feed_it_belongs_to_and_in_no_other(
    city: City, client: FlaskClient
) -> None:
    mine = city.add(tasks=[city.task])
    with transaction() as current:
        current.add(Venue(id="v" * 18, name="别处", kind="park", district_code=DISTRICT, address="江边"))
    other = city.add(venue_id="v" * 18, type_slug="caravan", organisation_id=city.unit)
    for address in addresses(city, mine):
        assert uid(mine) in entries(client, address), address
    only_mine = [one for one in addresses(city, mine) if not re.search(rf"all|{DISTRICT}\.|{city.unit}", one)]
    for address in only_mine:
        assert set(entries(client, address)) == {uid(mine)}, address
    assert set(entries(client, "/calendar/types/caravan.ics")) == {uid(other)}


def test_what_an_entry_says(city: City, client: FlaskClient) -> None:
    change(Venue, city.venue, latitude=46.81, longitude=130.36)
    made = city.add(title="健康讲座", session_title="第二课", bring="老花镜", sequence=4)
    entry = entries(client, "/calendar/all.ics")[uid(made)]
    assert entry["SUMMARY"] == "健康讲座：第二课"
    assert entry["LOCATION"] == "桥南社区服务中心（向阳区长安路 12 号）"
    assert entry["GEO"].to_ical() == "46.81;130.36"
    assert "讲三减三健。" in entry["DESCRIPTION"]
    assert "请带：老花镜" in entry["DESCRIPTION"]
    assert "主办：市卫生健康委" in entry["DESCRIPTION"]
    assert entry["URL"] == f"http://localhost/events/{event_of(made)}"
    assert entry["CATEGORIES"].cats == ["科普讲座"]
    assert (entry["STATUS"], entry["TRANSP"], entry["SEQUENCE"]) == ("CONFIRMED", "OPAQUE", 4)
    assert entry["DTSTART"].dt == city_clock.now() + timedelta(days=1)
    assert entry["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert entry["DTSTAMP"].dt == entry["LAST-MODIFIED"].dt == city_clock.now()
    assert "ORGANIZER" not in entry
    assert "ATTENDEE" not in entry


@pytest.mark.settings(base_url="https://kepu.example.cn")
def test_links_lead_where_the_site_is_reached(city: City, client: FlaskClient) -> None:
    made = city.add()
    entry = entries(client, "/calendar/all.ics")[uid(made)]
    assert entry["URL"] == f"https://kepu.example.cn/events/{event_of(made)}"


def test_drafts_are_nobodys_business(city: City, client: FlaskClient) -> None:
    draft, waiting = city.add(status="draft"), city.add(status="submitted")
    assert entries(client, "/calendar/all.ics") == {}
    for one in (draft, waiting):
        assert client.get(f"/calendar/events/{event_of(one)}.ics").status_code == 404


def test_a_cancelled_session_stays_and_says_so(city: City, client: FlaskClient) -> None:
    alone = city.add(title="讲座甲", cancelled_at=city_clock.now(), sequence=1)
    whole = city.add(title="讲座乙", status="cancelled", sequence=1)
    later = city.add(title="讲座丙", status="postponed", sequence=1)
    found = entries(client, f"/calendar/venues/{city.venue}.ics")
    for one, title in ((alone, "【已取消】讲座甲"), (whole, "【已取消】讲座乙")):
        entry = found[uid(one)]
        assert (entry["SUMMARY"], entry["STATUS"], entry["TRANSP"]) == (title, "CONFIRMED", "TRANSPARENT")
        assert "本场已取消" in entry["DESCRIPTION"]
    entry = found[uid(later)]
    assert (entry["SUMMARY"], entry["STATUS"], entry["TRANSP"]) == (
        "【延期】讲座丙",
        "TENTATIVE",
        "TRANSPARENT",
    )


def test_the_window(city: City, client: FlaskClient) -> None:
    now = city_clock.now()
    kept = [
        city.add(now - timedelta(days=30)),
        city.add(now - timedelta(days=59), status="cancelled"),
        city.add(now - timedelta(days=59), cancelled_at=now),
        city.add(now + timedelta(days=2000)),
        city.add(now - timedelta(days=45), hours=24 * 20),  # an exhibition that ended 25 days ago
    ]
    gone = [city.add(now - timedelta(days=33)), city.add(now - timedelta(days=62), status="cancelled")]
    found = entries(client, "/calendar/all.ics")
    assert set(found) == {uid(one) for one in kept}
    # one event's own feed is what its page offers, whenever it was
    assert uid(gone[0]) in entries(client, f"/calendar/events/{event_of(gone[0])}.ics")


def test_the_window_moves_at_midnight_and_at_no_other_time(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    made = city.add(clock.now - timedelta(days=31, hours=5), hours=1)
    first = client.get("/calendar/all.ics")
    assert uid(made) in first.text
    clock.advance(hours=14)  # 23:00
    assert client.get("/calendar/all.ics").data == first.data
    clock.advance(hours=2)
    assert uid(made) not in client.get("/calendar/all.ics").text


def test_a_feed_that_is_too_long_says_so(
    city: City, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert domain.ENTRIES_MAX == 1000
    monkeypatch.setattr(domain, "ENTRIES_MAX", 20)  # a thousand take seconds to write
    city.add_many(20)
    assert len(entries(client, "/calendar/all.ics")) == 20
    assert b"more-all" not in client.get("/calendar/all.ics").data
    late = city.add(city_clock.now() + timedelta(days=300))
    found = entries(client, "/calendar/all.ics")
    assert len(found) == 20
    assert uid(late) not in found
    note = found["more-all-@kepuxing.invalid"]
    assert note["SUMMARY"] == "从这里起还有 2 场没有列出，请到网站上查看"
    assert note["TRANSP"] == "TRANSPARENT"
    assert client.get("/calendar/all.ics").data == client.get("/calendar/all.ics").data


def test_an_empty_feed_is_a_valid_calendar(city: City, client: FlaskClient) -> None:
    keys = (
        f"venues/{city.venue}",
        "districts/230803",
        f"organisations/{city.centre}",
        "types/caravan",
        "tasks/A4-2",
        "all",
    )
    for key in keys:
        answer = client.get(f"/calendar/{key}.ics")
        assert answer.status_code == 200, key
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        calendar = icalendar.Calendar.from_ical(answer.data)
        assert [one.name for one in calendar.subcomponents] == ["VTIMEZONE"]
        assert answer.headers["ETag"]


UNKNOWN = (
    "venues/unknown.ics", "districts/999999.ics", "organisations/unknown.ics", "types/unknown.ics",
    "tasks/Z9-9.ics", "tasks/A4-2.ics?plan=unknown", "tasks/A4-2.ics?plan='", "events/unknown.ics",
    "venues/%ff.ics", f"venues/{'x' * 3000}.ics", "s/unknown.ics", "s/%ff.ics", "nothing.ics", "a/b/c.ics",
    "venues/'%20OR%201=1.ics", "venues/%F0%9F%98%80.ics",
)  # fmt: skip


def test_an_unknown_feed_is_a_line_of_text(city: City, client: FlaskClient) -> None:
    for path in UNKNOWN:
        answer = client.get(f"/calendar/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8", path
        assert "没有找到" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    for path in ("venues/%00.ics", "s/%00.ics", "tasks/A4-2.ics?plan=%00"):
        assert client.get(f"/calendar/{path}").status_code in {400, 404}, path


def test_feeds_neither_set_nor_look_at_cookies(city: City, client: FlaskClient) -> None:
    city.add()
    first = client.get("/calendar/all.ics")
    client.set_cookie("lang", "en")
    client.set_cookie("kepu_session", "rubbish")
    second = client.get("/calendar/all.ics")
    for answer in (first, second):
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert first.data == second.data


def test_nothing_moves_while_nothing_changes(
    city: City, client: FlaskClient, clock: TestClock, app: Flask
) -> None:
    made = city.add(tasks=[city.task])
    for address in addresses(city, made):
        first = client.get(address)
        clock.advance(seconds=7)
        second = client.get(address)
        assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"]), address


def test_another_title_is_news_but_no_other_appointment(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    made = city.add(title="旧名", sequence=2)
    before, tag = (
        entries(client, "/calendar/all.ics")[uid(made)],
        client.get("/calendar/all.ics").headers["ETag"],
    )
    clock.advance(minutes=5)
    change(Event, event_of(made), title="新名")
    change(EventSession, made, updated_at=clock.now)
    after = entries(client, "/calendar/all.ics")[uid(made)]
    assert after["SUMMARY"] == "新名"
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt - before["LAST-MODIFIED"].dt == timedelta(minutes=5)
    assert client.get("/calendar/all.ics", headers={"If-None-Match": tag}).status_code == 200


def test_what_leaves_a_feed_is_noticed_by_tag_and_by_date(
    city: City, client: FlaskClient, clock: TestClock
) -> None:
    elsewhere = city.make_venue("别处", address="江边")
    gone, stays = city.add(tasks=[city.task]), city.add(tasks=[city.task])
    for address, leave in (
        (f"/calendar/venues/{city.venue}.ics", lambda: _move(gone, elsewhere)),
        ("/calendar/tasks/A4-2.ics", lambda: _unlink(gone)),
    ):
        clock.advance(minutes=1)
        first = client.get(address)
        clock.advance(minutes=1)
        leave()
        by_tag = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        by_date = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
        assert (by_tag.status_code, by_date.status_code) == (200, 200), address
        assert uid(stays) in by_tag.text
        assert uid(gone) not in by_tag.text


def _move(session_id: str, venue_id: str) -> None:
    change(EventSession, session_id, venue_id=venue_id, updated_at=city_clock.now())


def _unlink(session_id: str) -> None:
    with transaction() as current:
        event = current.get_one(Event, event_of(session_id))
        current.delete(current.query(EventTask).filter_by(event_id=event.id).one())
        event.revision += 1


def test_a_changed_name_of_the_organiser_arrives_at_once(city: City, client: FlaskClient) -> None:
    """No date says that it changed; the feed must not stand still because of that."""
    from webapp.organisations.models import Organisation

    made = city.add()
    first = client.get("/calendar/all.ics")
    change(Organisation, city.unit, name="市疾控中心")
    second = client.get("/calendar/all.ics")
    assert first.headers["ETag"] != second.headers["ETag"]
    assert "市疾控中心" in entries(client, "/calendar/all.ics")[uid(made)]["DESCRIPTION"]


def test_an_address_that_ends_like_a_feed_and_is_none(client: FlaskClient) -> None:
    for path in ("/nothing.ics", "/me.ics", "/events/x.ics"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers
