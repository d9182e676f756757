"""Every program sees the same entries: whatever an event may be called, whenever it takes place, however it stands."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from flask import Flask

from tests.clients.programs import (
    Seen,
    Subscriber,
    seen_by_ical_js,
    seen_by_icalendar,
    seen_by_libical,
)
from tests.factories.calendars import City, make_person, sign_up
from tests.support.server import LiveServer
from webapp.calendars import queries, service
from webapp.calendars.domain import Calendar, Scope, Wishes
from webapp.calendars.service import Choice
from webapp.core import clock
from webapp.core.db import session, transaction
from webapp.events.models import EventSession

AWKWARD = [
    '逗号, 分号; 反斜杠\\N 引号"',
    "👩‍🔬🇨🇳😀𠮷野家",
    "C:\\New\\n 不是换行",
    "e\u0301é ﬁ ﷽",
    "<b>&amp;</b> =HYPERLINK(1)",
]
WORDS = "社区科普大篷车进村讲解健康知识智能手机课程应急演练气象防灾反诈骗"


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """That moment on the city's clocks."""
    return clock.from_local(datetime(year, month, day, hour, minute))  # noqa: DTZ001


def truth(calendar: Calendar, site: str) -> dict[str, Seen]:
    """What the programs have to see."""
    found = {}
    for one in calendar.entries:
        starts, ends = clock.local(one.starts_at), clock.local(one.ends_at)
        days = (str(starts.date()), str(ends.date()))
        instants = (int(starts.timestamp()), int(ends.timestamp()))
        start, end = days if one.is_all_day else instants
        text = f"{one.description}\n{site}{one.path}"
        found[one.uid] = Seen(start, end, one.title, one.place, text, one.status)
    return found


def fetch(url: str) -> bytes:
    """The feed as it comes over the wire."""
    with build_opener(ProxyHandler({})).open(url, timeout=30) as answer:
        return bytes(answer.read())


@pytest.fixture
def city(app: Flask) -> City:
    return City()


def everything(city: City) -> str:
    """One event with a date for everything that may be odd about one; its id."""
    first = city.add(
        at(2026, 12, 1), title="课程", summary=f"第一行\n第二行, {AWKWARD[0]}", bring="身份证；老花镜"
    )
    event_id = session().get_one(EventSession, first).event_id
    dates: list[tuple[str, datetime, timedelta]] = [
        ("过夜", at(2026, 12, 2, 22, 30), timedelta(hours=3)),
        ("跨年", at(2026, 12, 31, 22), timedelta(hours=4)),
        ("全天", at(2026, 12, 3, 0), timedelta(days=1)),
        ("三天", at(2026, 12, 4, 0), timedelta(days=3)),
        ("到半夜", at(2026, 12, 8, 9), timedelta(hours=15)),
        ("一分钟", at(2026, 12, 9), timedelta(minutes=1)),
        ("夏令时里", at(1990, 7, 1), timedelta(hours=2)),
        ("夏令时前", at(1990, 3, 1), timedelta(hours=2)),
        ("夏天的全天", at(1990, 7, 2, 0), timedelta(days=1)),
    ]
    dates += [(name, at(2027, 1, 4 + n), timedelta(hours=2)) for n, name in enumerate(AWKWARD)]
    # "SUMMARY:课程：" and n characters of three octets: a line is folded before, inside and after each of them.
    dates += [
        ((WORDS * 2)[:n], at(2027, 2, 1 + n % 28, 8 + n // 28), timedelta(hours=1)) for n in range(1, 61)
    ]
    dates += [("a" * n + WORDS[:20], at(2027, 3, 1 + n), timedelta(hours=1)) for n in range(1, 5)]
    with transaction() as database:
        database.add_all(
            EventSession(
                event_id=event_id, venue_id=city.venue, title=title, uid=f"odd-{n}@kepu.example.cn",
                starts_at=starts, ends_at=starts + length,
            )
            for n, (title, starts, length) in enumerate(dates)
        )  # fmt: skip
        # A series of Mondays, one moved to the Wednesday and one cancelled.
        for n in range(6):
            starts = at(2027, 4, 5) + timedelta(days=7 * n + (2 if n == 2 else 0))
            database.add(
                EventSession(
                    event_id=event_id, venue_id=city.venue, title=f"第{n + 1}课", uid=f"mon-{n}@kepu.example.cn",
                    starts_at=starts, ends_at=starts + timedelta(hours=2), sequence=int(n in {2, 4}),
                    cancelled_at=clock.now() if n == 4 else None,
                )
            )  # fmt: skip
    return event_id


def agree(url: str, home: Path, expected: dict[str, Seen], days: list[tuple[str, str]]) -> None:
    """Five programs, entry by entry; then nothing moves while nothing changes."""
    text = fetch(url)
    assert seen_by_icalendar(text) == expected
    assert seen_by_libical(text) == expected
    assert seen_by_ical_js(text, home) == expected
    reader = Subscriber(home / "reader", url)
    files = reader.sync()
    assert len(files) == len(expected)
    assert set().union(*(reader.entries(*between) for between in days)) == set(expected.values())
    assert fetch(url) == text
    assert reader.sync() == files


@pytest.mark.databases("sqlite")
def test_whatever_a_session_may_be(city: City, live_server: LiveServer, tmp_path: Path) -> None:
    event_id = everything(city)
    expected = truth(queries.calendar_of(Scope("event", event_id)), live_server.url)
    assert len(expected) == 85
    assert {one.status for one in expected.values()} == {"CONFIRMED"}
    assert sum("【已取消】" in one.title for one in expected.values()) == 1
    days = [("1990-02-28", "1990-07-03"), ("2026-11-30", "2027-05-20")]
    agree(f"{live_server.url}/calendar/events/{event_id}.ics", tmp_path, expected, days)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("status", ["postponed", "cancelled"])
def test_an_event_that_does_not_take_place_as_planned(
    city: City, live_server: LiveServer, tmp_path: Path, status: str
) -> None:
    made = city.add(at(2026, 12, 1), title="健康讲座", status=status, sequence=1)
    event_id = session().get_one(EventSession, made).event_id
    expected = truth(queries.calendar_of(Scope("event", event_id)), live_server.url)
    (one,) = expected.values()
    assert one.status == {"postponed": "TENTATIVE", "cancelled": "CONFIRMED"}[status]
    assert one.title == {"postponed": "【延期】健康讲座", "cancelled": "【已取消】健康讲座"}[status]
    days = [("2026-11-30", "2026-12-02")]
    agree(f"{live_server.url}/calendar/events/{event_id}.ics", tmp_path, expected, days)


@pytest.mark.databases("sqlite")
def test_an_address_with_a_choice_and_an_alarm_in_english(
    city: City, live_server: LiveServer, tmp_path: Path
) -> None:
    account = make_person("张桂兰")
    start = clock.start_of_day(clock.today() + timedelta(days=2)) + timedelta(hours=9)
    sign_up(city.add(start, title="甲", audiences=["老年人"]), account.person_id)
    city.add(start + timedelta(hours=20), hours=5, title="乙", audiences=["老年人"])
    sign_up(city.add(start, title="丙", audiences=["老年人"]), account.person_id, "cancelled")
    city.add(start, title="丁", audiences=["青少年"])
    choice = Choice(Wishes(districts=("230803",), audiences=("老年人",), own=True), 60, "en")
    with transaction():
        made = service.create_subscription(
            Scope("person", account.person_id), "手机", by=account.person_id, choice=choice
        )
        address = f"{live_server.url}/calendar/s/{queries.token_of(made)}.ics"
    expected = truth(queries.calendar_of(Scope("mix", made.id)), live_server.url)
    assert {one.status for one in expected.values()} == {"CONFIRMED", "CANCELLED"}
    day = clock.local_date(start)
    agree(address, tmp_path, expected, [(str(day - timedelta(days=1)), str(day + timedelta(days=3)))])


@pytest.mark.databases("sqlite")
def test_a_thousand_entries(city: City, live_server: LiveServer, tmp_path: Path) -> None:
    city.add_many(1001)
    expected = truth(queries.calendar_of(Scope("all")), live_server.url)
    assert len(expected) == 1000
    assert sum("没有列出" in one.title for one in expected.values()) == 1
    today = clock.today()
    agree(
        f"{live_server.url}/calendar/all.ics",
        tmp_path,
        expected,
        [(str(today), str(today + timedelta(days=60)))],
    )


@pytest.mark.databases("sqlite")
def test_an_address_that_was_cut_off(city: City, live_server: LiveServer, tmp_path: Path) -> None:
    """What it showed goes, and one entry says why."""
    account = make_person("张桂兰")
    start = clock.start_of_day(clock.today() + timedelta(days=2)) + timedelta(hours=9)
    sign_up(city.add(start, title="甲"), account.person_id)
    owner = Scope("person", account.person_id)
    with transaction():
        made = service.create_subscription(owner, "手机", by=account.person_id)
        url, made_id = f"{live_server.url}/calendar/s/{queries.token_of(made)}.ics", made.id
    reader = Subscriber(tmp_path / "reader", url)
    assert len(reader.sync()) == 1
    with transaction():
        service.revoke_subscription(made_id, owner, by=account.person_id)
    (left,) = reader.sync().values()
    assert "已经停用" in left.decode()
    expected = truth(queries.calendar_of(Scope("over", made_id)), live_server.url)
    today = str(clock.today())
    assert seen_by_libical(fetch(url)) == expected
    assert reader.entries(today, today) == set(expected.values())
