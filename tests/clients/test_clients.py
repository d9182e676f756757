"""Real programs read our feeds, and agree on every instant and every character."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from flask import Flask
from icalendar import Calendar as Component

from tests.clients.programs import Subscriber, read_with_ical_js, seen_by_libical
from tests.factories.calendars import City, change, make_person, sign_up
from tests.support.server import LiveServer
from webapp.calendars import ics, queries, service
from webapp.calendars.domain import Calendar, Entry, Scope
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events.models import Event, EventSession

AWKWARD = '逗号, 分号; 反斜杠\\N 引号" 👩‍🔬𠮷'


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """That hour on the city's clocks."""
    return clock.from_local(datetime(year, month, day, hour))  # noqa: DTZ001


def entry(number: int, starts_at: datetime, *, hours: float = 2, title: str = "健康讲座") -> Entry:
    return Entry(
        uid=f"ev-{number}@kepu.example.cn", sequence=number, starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours), created_at=at(2026, 1, 1), changed_at=at(2026, 1, 2),
        title=title, place=AWKWARD, description=f"第一行\n{AWKWARD}", path=f"/events/{number}",
        status="CONFIRMED", opaque=True, category="科普讲座",
    )  # fmt: skip


@pytest.fixture
def feed() -> tuple[bytes, dict[str, Entry]]:
    """Years with and without summer time, over midnight, over new year, text that needs care."""
    entries = (
        entry(1, at(2026, 11, 28)),
        entry(2, at(2026, 12, 31, 22), hours=4, title=AWKWARD),
        entry(3, at(1990, 7, 1)),  # summer time
        entry(4, at(1990, 1, 1)),
        entry(5, at(1988, 4, 17, 1), hours=4),  # the clock goes forward in it
        entry(6, at(1991, 9, 14, 20), hours=10),  # the clock goes back in it
        entry(7, at(1985, 7, 1)),
        entry(8, at(2050, 7, 1), hours=24 * 30),
    )
    text = ics.build(Calendar(AWKWARD, "自动更新", entries), base_url="https://kepu.example.cn")
    return text, {one.uid: one for one in entries}


def instants(one: Entry) -> tuple[int, int]:
    return int(one.starts_at.timestamp()), int(one.ends_at.timestamp())


def test_ical_js_sees_every_instant_and_every_character(
    feed: tuple[bytes, dict[str, Entry]], tmp_path: Path
) -> None:
    text, entries = feed
    found = read_with_ical_js(text, tmp_path)
    assert set(found) == set(entries)
    for uid, one in entries.items():
        seen = found[uid]
        assert (seen["start"], seen["end"]) == instants(one), uid
        assert (seen["title"], seen["place"]) == (one.title, one.place)
        assert seen["text"] == f"{one.description}\nhttps://kepu.example.cn{one.path}"
        assert (seen["status"], seen["sequence"]) == ("CONFIRMED", one.sequence)


def test_libical_sees_the_same_and_objects_to_nothing(feed: tuple[bytes, dict[str, Entry]]) -> None:
    text, entries = feed
    found = seen_by_libical(text)
    assert {uid: (one.start, one.end, one.title) for uid, one in found.items()} == {
        uid: (*instants(one), one.title) for uid, one in entries.items()
    }


def test_recurring_ical_events_sees_the_same(feed: tuple[bytes, dict[str, Entry]]) -> None:
    text, entries = feed
    seen = recurring_ical_events.of(Component.from_ical(text)).between((1980, 1, 1), (2060, 1, 1))
    assert {str(one["UID"]): (int(one.start.timestamp()), int(one.end.timestamp())) for one in seen} == {
        uid: instants(one) for uid, one in entries.items()
    }


def test_every_program_takes_an_empty_calendar(tmp_path: Path) -> None:
    text = ics.build(Calendar("空", "自动更新", ()), base_url="https://kepu.example.cn")
    assert read_with_ical_js(text, tmp_path) == {}
    assert seen_by_libical(text) == {}


@pytest.fixture
def city(app: Flask) -> City:
    return City()


@pytest.mark.databases("sqlite")
def test_a_subscriber_follows_a_venue_through_its_life(
    city: City, live_server: LiveServer, tmp_path: Path
) -> None:
    """New, renamed, moved, cancelled: what vdirsyncer fetches and khal shows."""
    day = clock.today() + timedelta(days=3)
    start = clock.start_of_day(day) + timedelta(hours=9)
    first = city.add(start, title="健康讲座", sequence=0)
    night = city.add(start + timedelta(hours=13), hours=4, title="观星夜")
    reader = Subscriber(tmp_path / "reader", f"{live_server.url}/calendar/venues/{city.venue}.ics")
    shape = "{start-time}-{end-time} {title} | {location}"

    files = reader.sync()
    assert len(files) == 2
    assert reader.list(str(day), str(day + timedelta(days=1)), shape)[0] == (
        "09:00-11:00 健康讲座 | 桥南社区服务中心（向阳区长安路 12 号）"
    )
    assert any("观星夜" in line for line in reader.list(str(day), str(day + timedelta(days=1)), shape))
    assert reader.sync() == files  # nothing changed, nothing is written again

    event = session().get_one(EventSession, first).event_id
    change(Event, event, title="老年健康讲座")
    change(EventSession, first, updated_at=clock.now())
    assert len(reader.sync()) == 2
    assert "老年健康讲座" in "".join(reader.list(str(day), str(day), shape))

    later = start + timedelta(days=1, hours=5)
    change(
        EventSession,
        first,
        starts_at=later,
        ends_at=later + timedelta(hours=1),
        sequence=1,
        updated_at=clock.now(),
    )
    assert len(reader.sync()) == 2
    tomorrow = str(day + timedelta(days=1))
    assert "14:00-15:00 老年健康讲座" in "".join(reader.list(tomorrow, tomorrow, shape))

    change(EventSession, first, cancelled_at=clock.now(), sequence=2, updated_at=clock.now())
    change(EventSession, night, cancelled_at=clock.now(), sequence=1, updated_at=clock.now())
    assert len(reader.sync()) == 2
    lines = reader.list(str(day), tomorrow, shape)
    assert sum("【已取消】" in line for line in lines) >= 2


@pytest.mark.databases("sqlite")
def test_a_volunteer_follows_their_shifts(city: City, live_server: LiveServer, tmp_path: Path) -> None:
    account = make_person("张桂兰")
    with transaction():
        made = service.create_subscription(Scope("person", account.person_id), "手机", by=account.person_id)
        url = f"{live_server.url}/calendar/s/{queries.token_of(made)}.ics"
    reader = Subscriber(tmp_path / "reader", url)
    assert reader.sync() == {}  # an address without shifts yet is taken, too
    start = clock.start_of_day(clock.today() + timedelta(days=2)) + timedelta(hours=9)
    sign_up(city.add(start, title="甲"), account.person_id)
    sign_up(city.add(start, title="乙"), account.person_id, "waitlisted")
    sign_up(city.add(start, title="丙"), account.person_id, "cancelled")
    assert len(reader.sync()) == 3
    day = str(clock.local_date(start))
    lines = reader.list(day, day, "{title} {status}")
    assert sorted(line.strip() for line in lines) == [
        "【候补】乙（讲解员） TENTATIVE", "【已取消】丙（讲解员） CANCELLED", "甲（讲解员） CONFIRMED",
    ]  # fmt: skip
