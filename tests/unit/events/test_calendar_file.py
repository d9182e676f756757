"""Calendar files as other programs, old ones too, write them."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.tables.draft import Draft
from webapp.core.tables.span import Hints, Span, read_span
from webapp.events.domain import calendar_file
from webapp.events.domain.calendar_lines import NotACalendar, words_of
from webapp.events.service.calendar_reading import draft_of

CN = "SUMMARY:血压怎么量\r\nLOCATION:桥南社区\r\n"


def calendar(*entries: str, head: str = "VERSION:2.0\r\nPRODID:x\r\n", more: str = "") -> str:
    parts = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{one}\r\nEND:VEVENT\r\n" for n, one in enumerate(entries))
    return f"BEGIN:VCALENDAR\r\n{head}{more}{parts}END:VCALENDAR\r\n"


def spans(draft: Draft) -> list[str]:
    """When each row is, or that it cannot be read."""
    found = []
    for row in draft.read()[0]:
        span = read_span(row.cells, Hints(date(2026, 11, 29)), lambda key, unclear: None)
        found.append(f"{span.start:%m-%d %H:%M}/{span.end:%m-%d %H:%M}" if isinstance(span, Span) else "?")
    return found


def told(draft: Draft) -> list[str]:
    return [sentence for sentence, _ in draft.told]


def when(lines: str, **more: str) -> list[str]:
    return spans(draft_of(calendar(CN + lines, **more).encode()))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("DTSTART:20261128T010000Z\r\nDTEND:20261128T030000Z", "11-28 09:00/11-28 11:00"),
        ("DTSTART;TZID=Asia/Shanghai:20261128T090000\r\nDURATION:PT90M", "11-28 09:00/11-28 10:30"),
        (
            'DTSTART;TZID="China Standard Time":20261128T090000\r\nDTEND;TZID="China Standard Time":20261128T110000',
            "11-28 09:00/11-28 11:00",
        ),
        (
            "DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20261128T100000\r\nDURATION:PT1H",
            "11-28 09:00/11-28 10:00",
        ),
        (
            "DTSTART;TZID=(UTC+08:00) Beijing\\, Chongqing:20261128T090000\r\nDURATION:PT1H",
            "11-28 09:00/11-28 10:00",
        ),
        ("DTSTART;TZID=火星:20261128T090000\r\nDURATION:PT1H", "?"),
        ("DTSTART;VALUE=DATE:20261128\r\nDTEND;VALUE=DATE:20261129", "11-28 00:00/11-29 00:00"),
        ("DTSTART;VALUE=DATE:20261128\r\nDTEND;VALUE=DATE:20261201", "11-28 00:00/12-01 00:00"),
        ("DTSTART;VALUE=DATE:20261128", "11-28 00:00/11-29 00:00"),
        ("DTSTART:20261128T090000\r\nDTEND:20261128T105959", "11-28 09:00/11-28 11:00"),
        ("DTSTART:20261128T020000\r\nDTEND:20261128T040000", "11-28 02:00/11-28 04:00"),
        ("DTSTART:20261128T220000\r\nDTEND:20261129T020000", "11-28 22:00/11-29 02:00"),
        ("DTSTART:20261128T090000", "?"),
        ("DTSTART:2026-11-28 09:00\r\nDTEND:20261128T110000", "?"),
        ("DTSTART:20261128T090000\r\nDTEND:tomorrow", "?"),
        ("", "?"),
    ],
)
def test_when_it_is(lines: str, expected: str) -> None:
    assert when(lines) == [expected]


def test_a_zone_the_file_itself_explains() -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:Mine\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    zone += "TZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    assert when("DTSTART;TZID=Mine:20261128T100000\r\nDURATION:PT1H", more=zone) == [
        "11-28 09:00/11-28 10:00"
    ]
    floating = "DTSTART:20261128T100000\r\nDURATION:PT1H"
    assert when(floating, more="X-WR-TIMEZONE:Asia/Tokyo\r\n") == ["11-28 09:00/11-28 10:00"]


GOOD = (
    CN
    + "DESCRIPTION:带上老花镜，"
    + "学会看血压计。" * 12
    + "\r\nDTSTART:20261128T010000Z\r\nDTEND:20261128T030000Z"
)


def folded_inside_characters(text: str) -> bytes:
    lines = []
    for line in text.encode().split(b"\r\n"):
        pieces = [line[at : at + 74] for at in range(0, len(line), 74)] or [b""]
        lines.append(b"\r\n ".join(pieces))
    return b"\r\n".join(lines)


@pytest.mark.parametrize(
    "content",
    [
        calendar(GOOD).encode(),
        calendar(GOOD).encode("gb18030"),
        calendar(GOOD).encode("utf-16"),
        calendar(GOOD).encode("utf-8-sig"),
        calendar(GOOD).replace("\r\n", "\n").encode(),
        calendar(GOOD).replace("\r\n", "\r").encode(),
        calendar(GOOD).replace("\r\n", "\r\r\n").encode(),
        folded_inside_characters(calendar(GOOD)),
        calendar(GOOD).replace("END:VEVENT\r\n", "").encode(),
        calendar(GOOD).replace("SUMMARY:", "summary;LANGUAGE=zh-cn:").encode(),
        (calendar() + calendar(GOOD)).encode(),
        b"\r\n\r\n" + calendar(GOOD).encode(),
    ],
    ids=["plain", "gb", "utf-16", "bom", "lf", "cr", "crcrlf", "folded", "unended", "lower", "two", "blank"],
)
def test_however_it_is_written(content: bytes) -> None:
    draft = draft_of(content)
    (row,) = draft.read()[0]
    assert (row.cells["title"], row.cells["place"]) == ("血压怎么量", "桥南社区")
    assert row.cells["summary"].startswith("带上老花镜，学会看血压计。")
    assert row.cells["summary"].count("学会") == 12
    assert spans(draft) == ["11-28 09:00/11-28 11:00"]


@pytest.mark.parametrize("charset", ["UTF-8", "GB2312"])
def test_vcalendar_of_the_nineties(charset: str) -> None:
    def coded(text: str) -> str:
        return "".join(f"={byte:02X}" for byte in text.encode(charset))

    title, place = coded("血压怎么量"), coded("桥南社区")
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nTZ:+08\r\nBEGIN:VEVENT\r\n"
        f"SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET={charset}:{title[:30]}=\r\n{title[30:]}\r\n"
        f"LOCATION;QUOTED-PRINTABLE;CHARSET={charset}:{place}\r\n"
        "DTSTART:20261128T090000\r\nDTEND:20261128T110000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    draft = draft_of(text.encode())
    (row,) = draft.read()[0]
    assert (row.cells["title"], row.cells["place"]) == ("血压怎么量", "桥南社区")
    assert spans(draft) == ["11-28 09:00/11-28 11:00"]


def test_latin_bytes_are_words_too() -> None:
    draft = draft_of(calendar("SUMMARY:Café \r\nDTSTART:20261128T010000Z\r\nDURATION:PT1H").encode("cp1252"))
    assert draft.read()[0][0].cells["title"] == "Café"


def test_what_is_no_session_is_left_out_with_a_word() -> None:
    time = "DTSTART:20261128T010000Z\r\nDTEND:20261128T030000Z"
    draft = draft_of(
        calendar(
            f"SUMMARY:撤了\r\n{time}\r\nSTATUS:CANCELLED",
            f"SUMMARY:Canceled: Talk\r\n{time}",
            f"SUMMARY:（取消）讲座\r\n{time}",
            f"SUMMARY:讲座【已取消】\r\n{time}",
            f"SUMMARY:【已取消】血压\r\n{time}\r\nSTATUS:CONFIRMED",
            f"SUMMARY:【延期】血压\r\n{time}",
            f"SUMMARY:好的\r\n{time}",
            more="BEGIN:VTODO\r\nSUMMARY:待办\r\nEND:VTODO\r\nBEGIN:VJOURNAL\r\nEND:VJOURNAL\r\nBEGIN:VFREEBUSY\r\nEND:VFREEBUSY\r\n",
        ).encode()
    )
    assert [row.cells["title"] for row in draft.read()[0]] == ["好的"]
    assert told(draft) == [
        *[calendar_file.CANCELLED] * 5,
        calendar_file.POSTPONED,
        calendar_file.NOT_SESSIONS,
    ]
    assert draft.told[-1][1] == {"n": 3}
    gone = draft_of(calendar(f"SUMMARY:x\r\n{time}", head="VERSION:2.0\r\nMETHOD:CANCEL\r\n").encode())
    assert told(gone) == [calendar_file.CANCELLED]


def test_a_rule_becomes_its_days_or_is_said() -> None:
    start = "SUMMARY:课\r\nDTSTART;TZID=Asia/Shanghai:20261201T090000\r\nDURATION:PT1H\r\n"
    draft = draft_of(
        calendar(
            start + "RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Asia/Shanghai:20261208T090000",
            start.replace("课", "换到下午") + "RECURRENCE-ID;TZID=Asia/Shanghai:20261215T090000",
            start + "RRULE:FREQ=WEEKLY;UNTIL=20261215T010000Z",
            start + "RRULE:FREQ=DAILY",
            start + "RRULE:FREQ=DAILY;COUNT=500",
            start + "RRULE:W1 MO #5",
            start + "RRULE:FREQ=SECONDLY;COUNT=5",
        ).encode()
    )
    days = [one[:5] for one in spans(draft)]
    assert days == ["12-01", "12-15", "12-22", "12-01", "12-01", "12-08", "12-15"]
    assert told(draft).count(calendar_file.REPEATS) == 4
    moved = calendar(
        start.replace("SUMMARY", "UID:same\r\nSUMMARY") + "RRULE:FREQ=WEEKLY;COUNT=2",
        start.replace("SUMMARY", "UID:same\r\nSUMMARY").replace("T090000", "T140000", 1)
        + "RECURRENCE-ID;TZID=Asia/Shanghai:20261208T090000",
    )
    assert len(draft_of(moved.replace("UID:0\r\n", "").replace("UID:1\r\n", "").encode()).read()[0]) == 2


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=3",
        "FREQ=MONTHLY;BYDAY=6MO;COUNT=3",
        "FREQ=DAILY;BYHOUR=1,2,3;COUNT=3",
        "FREQ=YEARLY;COUNT=5",
    ],
)
def test_a_rule_no_day_may_fulfil_is_not_tried(rule: str) -> None:
    draft = draft_of(calendar(f"SUMMARY:课\r\nDTSTART:20261201T010000Z\r\nRRULE:{rule}").encode())
    assert told(draft) == [calendar_file.REPEATS]


def test_rules_of_a_file_are_bounded() -> None:
    entry = "SUMMARY:课\r\nDTSTART:20261201T010000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=60"
    draft = draft_of(calendar(*[entry] * 100).encode())
    assert calendar_file.ROWS_MAX <= len(draft.rows) - 1 < calendar_file.ROWS_MAX + 60


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<p>先讲一小时</p><br><a href="https://example.cn">报名须知</a>', "先讲一小时\n\n报名须知"),
        ("<html><head><style>p{}</style></head><body><div>甲&nbsp;&amp; 乙</div></body></html>", "甲 & 乙"),
        ("a < b\\, c\\; d\\\\n", "a < b, c; d\\n"),
        ("一\\n二\\N三", "一\n二\n三"),
    ],
)
def test_markup_is_not_words(text: str, words: str) -> None:
    assert words_of(text) == words


def test_markup_written_twice_is_words() -> None:
    assert words_of("&lt;p&gt;好&lt;/p&gt; A&amp;B&nbsp;C") == "好\nA&B C"
    assert words_of("血压<140 且 >90 & 脉搏") == "血压<140 且 >90 & 脉搏"


@pytest.mark.parametrize("content", [b"", b"x", b"BEGIN:VCALENDAR", b"\xff\xfe", b"BEGIN:VCARD\r\nEND:VCARD"])
def test_what_is_no_calendar(content: bytes) -> None:
    with pytest.raises(NotACalendar):
        draft_of(content)


_LINES = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTODO",
        "SUMMARY:a",
        "DTSTART:20261128T010000Z",
        "DTSTART;TZID=:x",
        "RRULE:FREQ=DAILY;COUNT=3",
        "RRULE:;;",
        "EXDATE:,,",
        "DURATION:P",
        ":",
        ";=:",
        "END:VCALENDAR",
        "DTEND;VALUE=DATE:20269999",
        "RDATE:20261130T010000Z/PT1H",
        "DURATION:P999D",
        " x",
        "TZ:+99",
    ]
)


@given(st.lists(st.one_of(_LINES, st.text(max_size=20)), max_size=12))
def test_nothing_in_a_calendar_is_an_exception(lines: list[str]) -> None:
    with contextlib.suppress(NotACalendar):
        spans(draft_of("\r\n".join(["BEGIN:VCALENDAR", *lines]).encode("utf-8", errors="replace")))
