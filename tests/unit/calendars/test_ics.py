"""The text of a feed, octet by octet."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from webapp.calendars import ics
from webapp.calendars.domain import ALARMS, Calendar, Entry
from webapp.core import clock

ENTRY = Entry(
    uid="ev-1@kepu.example.cn",
    sequence=3,
    starts_at=datetime(2026, 11, 28, 1, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 28, 3, 30, tzinfo=UTC),
    created_at=datetime(2026, 11, 1, 2, 3, 4, 567, tzinfo=UTC),
    changed_at=datetime(2026, 11, 20, 8, 9, 10, 999, tzinfo=UTC),
    title="健康讲座",
    place="桥南社区（向阳区长安路 12 号）",
    description="讲三减三健。\n主办：市卫生健康委",
    path="/events/1",
    status="CONFIRMED",
    opaque=True,
    category="科普讲座",
    position=(46.8, 130.3),
)


def build(*entries: Entry, name: str = "科普活动") -> bytes:
    return ics.build(Calendar(name, "自动更新", entries), base_url="https://kepu.example.cn")


def lines(feed: bytes) -> list[str]:
    """Unfolded content lines."""
    return re.sub(r"\r\n[ \t]", "", feed.decode()).split("\r\n")[:-1]


def value(feed: bytes, name: str, *, component: str = "VEVENT") -> str:
    inside = False
    for line in lines(feed):
        if line == f"BEGIN:{component}":
            inside = True
        elif inside and re.match(rf"{name}[;:]", line):
            return line.partition(":")[2]
    raise AssertionError(f"no {name}")


def unescape(text: str) -> str:
    """TEXT of RFC 5545 3.3.11, read without the library that wrote it."""
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], text)


def test_one_entry_word_for_word() -> None:
    own = lines(build(ENTRY))
    assert sorted(own[own.index("BEGIN:VEVENT") : own.index("END:VEVENT")]) == sorted(
        [
            "BEGIN:VEVENT",
            "UID:ev-1@kepu.example.cn",
            "SEQUENCE:3",
            "DTSTAMP:20261120T080910Z",
            "LAST-MODIFIED:20261120T080910Z",
            "CREATED:20261101T020304Z",
            "DTSTART;TZID=Asia/Shanghai:20261128T090000",
            "DTEND;TZID=Asia/Shanghai:20261128T113000",
            "SUMMARY:健康讲座",
            "DESCRIPTION:讲三减三健。\\n主办：市卫生健康委\\nhttps://kepu.example.cn/events/1",
            "LOCATION:桥南社区（向阳区长安路 12 号）",
            "GEO:46.8;130.3",
            "URL:https://kepu.example.cn/events/1",
            "CATEGORIES:科普讲座",
            "STATUS:CONFIRMED",
            "TRANSP:OPAQUE",
        ]
    )


def test_the_head_of_a_feed() -> None:
    own = lines(build())
    assert own[0] == "BEGIN:VCALENDAR"
    for line in (
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "NAME:科普活动",
        "X-WR-CALNAME:科普活动",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ):
        assert line in own
    assert any(line.startswith("PRODID:") for line in own)
    assert not any(line.startswith(("METHOD", "ORGANIZER", "ATTENDEE")) for line in own)


def test_an_empty_feed_is_a_valid_calendar() -> None:
    feed = build()
    assert b"BEGIN:VEVENT" not in feed
    assert b"BEGIN:VTIMEZONE" in feed  # RFC 5545 3.6: at least one component
    assert feed.endswith(b"END:VTIMEZONE\r\nEND:VCALENDAR\r\n")
    assert icalendar.Calendar.from_ical(feed).walk("VEVENT") == []


def test_the_same_entries_give_the_same_bytes_and_others_do_not() -> None:
    assert build(ENTRY) == build(replace(ENTRY))
    assert build(ENTRY) != build(replace(ENTRY, title="健康讲座二"))
    assert build(ENTRY) != ics.build(
        Calendar("科普活动", "自动更新", (ENTRY,)), base_url="https://other.example.cn"
    )


def test_an_entry_overnight_ends_on_the_next_day() -> None:
    entry = replace(
        ENTRY,
        starts_at=datetime(2026, 12, 31, 14, 30, tzinfo=UTC),
        ends_at=datetime(2026, 12, 31, 17, 0, tzinfo=UTC),
    )
    feed = build(entry)
    assert value(feed, "DTSTART") == "20261231T223000"
    assert value(feed, "DTEND") == "20270101T010000"


@pytest.mark.parametrize(
    "text",
    [
        '逗号, 分号; 反斜杠\\ 冒号: 引号"',
        "两行\n第二行",
        "C:\\New\\n 不是换行 \\N 也不是",
        "👩‍🔬🇨🇳😀" * 20,
        "𠮷野家 𬭎 䶮" * 15,
        "e\u0301" * 60,
        " 前后有空格 ",
    ],
)
def test_text_comes_back_as_it_went_in(text: str) -> None:
    feed = build(replace(ENTRY, title=text, place=text, description=text), name=text)
    assert unescape(value(feed, "SUMMARY")) == text
    assert unescape(value(feed, "LOCATION")) == text
    assert unescape(value(feed, "DESCRIPTION")) == f"{text}\nhttps://kepu.example.cn/events/1"
    assert unescape(value(feed, "X-WR-CALNAME", component="VCALENDAR")) == text


@pytest.mark.parametrize("text", ["一\r\n二", "一\r二", "一\u2028二", "一\x0b二", "一\x85二"])
def test_every_line_end_becomes_the_one_that_readers_know(text: str) -> None:
    assert unescape(value(build(replace(ENTRY, title=text)), "SUMMARY")) == "一\n二"


def test_control_characters_are_left_out() -> None:
    assert value(build(replace(ENTRY, title="一\x00\x07\x1b\x7f二\ud800")), "SUMMARY") == "一二"


@given(st.text(max_size=400))
def test_lines_are_short_and_never_break_a_character(text: str) -> None:
    feed = build(replace(ENTRY, title=text, description=text))
    assert feed.endswith(b"\r\n")
    for line in feed[:-2].split(b"\r\n"):
        assert len(line) <= 75
        assert line.strip()
        line.decode()  # a fold inside a character would not be UTF-8
    assert b"\n" not in feed.replace(b"\r\n", b"")
    assert b"\r" not in feed.replace(b"\r\n", b"")
    assert len(feed.decode().splitlines()) == feed.count(
        b"\r\n"
    )  # readers that split at more than CRLF agree
    assert unescape(value(feed, "SUMMARY")) == ics.clean(text)


def test_no_empty_location() -> None:
    assert b"LOCATION" not in build(replace(ENTRY, place=""))
    assert b"GEO" not in build(replace(ENTRY, position=None))


def read_by_outlook(feed: bytes) -> list[tuple[datetime, datetime]]:
    """Starts and ends as MS-OXCICAL 2.1.3.1.1.19.2 has a VTIMEZONE read.

    Of the sub-components the last STANDARD and the last DAYLIGHT count, by DTSTART; RDATE is not read; a DTSTART
    without RRULE is repeated each year at that day. With STANDARD alone there is no summer time.
    """
    calendar = icalendar.Calendar.from_ical(feed)
    (zone,) = calendar.walk("VTIMEZONE")
    rules = {}
    for part in sorted(zone.subcomponents, key=lambda one: one["DTSTART"].dt):
        rules[part.name] = (part["DTSTART"].dt, part["TZOFFSETTO"].td)
    winter_from, winter = rules["STANDARD"]
    summer_from, summer = rules.get("DAYLIGHT", (None, winter))

    def offset(moment: datetime) -> timedelta:
        if summer_from is None:
            return winter
        day = (moment.month, moment.day)
        in_summer = (summer_from.month, summer_from.day) <= day < (winter_from.month, winter_from.day)
        return summer if in_summer else winter

    def read(one: Any) -> datetime:
        moment: datetime = one.dt
        if moment.tzinfo is UTC or one.params.get("TZID") is None:
            return moment.astimezone(UTC)
        wall = moment.replace(tzinfo=None)
        return (wall - offset(wall)).replace(tzinfo=UTC)

    return [(read(one["DTSTART"]), read(one["DTEND"])) for one in calendar.walk("VEVENT")]


def test_outlook_reads_every_hour_of_the_year_right() -> None:
    """Also of May to September, and of the summers of 1986 to 1991."""
    for year in (1985, 1986, 1988, 1991, 1992, 2026, 2030):
        for month in range(1, 13):
            start = datetime(year, month, 15, 1, 0, tzinfo=UTC)
            one = replace(ENTRY, starts_at=start, ends_at=start + timedelta(hours=2))
            mail = ics.invite(one, base_url="", organiser="a@example.cn", guest="b@example.cn")
            for text in (build(one), mail.text):
                assert read_by_outlook(text) == [(one.starts_at, one.ends_at)], (year, month)


def test_the_zone_is_one_standard_and_nothing_else() -> None:
    (zone,) = icalendar.Calendar.from_ical(build(ENTRY)).walk("VTIMEZONE")
    (standard,) = zone.subcomponents
    assert standard.name == "STANDARD"
    assert standard["TZOFFSETTO"].td == standard["TZOFFSETFROM"].td == timedelta(hours=8)
    assert "RDATE" not in standard


def test_who_waits_has_not_accepted() -> None:
    for waits, said in ((True, b"PARTSTAT=TENTATIVE"), (False, b"PARTSTAT=ACCEPTED")):
        one = replace(ENTRY, is_waiting=waits)
        assert said in ics.invite(one, base_url="", organiser="a@example.cn", guest="b@example.cn").text


# --- whatever a valid event may be -------------------------------------------------------------------------------

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEXTS = st.text(max_size=300)


def is_told_apart(moment: datetime) -> bool:
    """Not in one of the six hours that the end of summer time had twice: a clock's face cannot say which is meant."""
    local = moment.astimezone(SHANGHAI)
    return local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()


MOMENTS = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001  (hypothesis adds the zone)
    datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
MIDNIGHTS = st.dates(date(1970, 1, 2), date(2099, 12, 31)).map(
    lambda day: datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any entry the tables can hold."""
    if draw(st.booleans()):
        starts = draw(MIDNIGHTS)
        last = clock.local_date(starts) + timedelta(days=draw(st.integers(1, 30)))
        ends = clock.start_of_day(last)
    else:
        starts = draw(MOMENTS)
        ends = starts + timedelta(seconds=draw(st.integers(1, 30 * 86_400)))
    assume(is_told_apart(starts) and is_told_apart(ends))
    made = draw(MOMENTS)
    return Entry(
        uid=f"ev-{draw(st.integers(0, 10**9))}@kepu.example.cn",
        sequence=draw(st.integers(0, 2**31 - 1)),
        starts_at=starts,
        ends_at=ends,
        created_at=made,
        changed_at=made + timedelta(seconds=draw(st.integers(0, 10**6))),
        title=draw(TEXTS),
        place=draw(TEXTS),
        description=draw(TEXTS),
        path=f"/events/{draw(st.integers(0, 10**9))}",
        status=draw(st.sampled_from(["CONFIRMED", "TENTATIVE", "CANCELLED"])),
        opaque=draw(st.booleans()),
        category=draw(TEXTS),
        position=draw(st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))),
        alarm=draw(st.none() | st.sampled_from(ALARMS)),
    )


@given(st.lists(entries(), max_size=4, unique_by=lambda entry: entry.uid))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_valid_event_survives_the_round_trip(given: list[Entry]) -> None:
    whole = icalendar.Calendar.from_ical(build(*given))
    read = whole.walk("VEVENT")
    assert [part.errors for part in whole.walk() if getattr(part, "errors", None)] == []
    assert [str(part["UID"]) for part in read] == [entry.uid for entry in given]
    for part, entry in zip(read, given, strict=True):
        for name, moment in (("DTSTART", entry.starts_at), ("DTEND", entry.ends_at)):
            day = moment.astimezone(SHANGHAI).date()
            assert part[name].dt == (day if entry.is_all_day else moment), name
        assert (part["CREATED"].dt, part["LAST-MODIFIED"].dt) == (entry.created_at, entry.changed_at)
        assert (int(part["SEQUENCE"]), str(part["STATUS"])) == (entry.sequence, entry.status)
        assert str(part["TRANSP"]) == ("OPAQUE" if entry.opaque else "TRANSPARENT")
        assert ("GEO" in part) is (entry.position is not None)
        alarms = part.walk("VALARM")
        assert [one["TRIGGER"].dt for one in alarms] == (
            [] if entry.alarm is None else [timedelta(minutes=-entry.alarm)]
        )
    own = re.split(r"BEGIN:VEVENT", "\n".join(lines(build(*given))))[1:]
    for text, entry in zip(own, given, strict=True):
        said = {line.partition(":")[0]: line.partition(":")[2] for line in reversed(text.split("\n"))}
        assert unescape(said["SUMMARY"]) == ics.clean(entry.title)
        assert unescape(said.get("LOCATION", "")) == ics.clean(entry.place)
        link = f"https://kepu.example.cn{entry.path}"
        assert unescape(said["DESCRIPTION"]) == ics.clean(f"{entry.description}\n{link}")
