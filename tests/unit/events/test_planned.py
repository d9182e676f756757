"""Planned sessions out of tables and calendar files."""

from datetime import UTC, datetime

import pytest

from webapp.events.domain import planned
from webapp.events.service.importing import read_calendar

HEADS = ["标题", "日期", "开始", "结束", "地点", "类型", "简介", "请带"]


def moment(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def calendar(*entries: str) -> bytes:
    parts = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{one}\r\nEND:VEVENT\r\n" for n, one in enumerate(entries))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{parts}END:VCALENDAR\r\n".encode()


@pytest.mark.parametrize(
    ("row", "starts_at", "ends_at"),
    [
        (["2026-11-28", "9:00", "11:00"], moment(2026, 11, 28, 1), moment(2026, 11, 28, 3)),
        (["2026年11月28日", "９：00", "11：00"], moment(2026, 11, 28, 1), moment(2026, 11, 28, 3)),
        (["2026/11/28", "09:00:00", "11:00:00"], moment(2026, 11, 28, 1), moment(2026, 11, 28, 3)),
        (["2026.11.28", "9:00–11:30", ""], moment(2026, 11, 28, 1), moment(2026, 11, 28, 3, 30)),
        (["", "2026-11-28 22:00", "2026-11-29 02:00"], moment(2026, 11, 28, 14), moment(2026, 11, 28, 18)),
        (["2026-02-30", "9:00", "11:00"], None, None),
        (["2026-11-28", "25:00", "26:00"], None, None),
        (["2026-11-28", "9:00", ""], None, None),
        (["2026-11-28", "11:00", "9:00"], None, None),
        (["明天", "上午", "中午"], None, None),
    ],
)
def test_a_row_of_a_table(row: list[str], starts_at: datetime | None, ends_at: datetime | None) -> None:
    found, faults = planned.read_rows([HEADS, ["讲座", *row, "桥南社区"], ["", ""], ["", *row]])
    if starts_at is None:
        assert found == []
        assert [one.number for one in faults] == [2, 4]
    else:
        (one,) = found
        assert (one.number, one.title, one.starts_at, one.ends_at, one.place) == (
            2,
            "讲座",
            starts_at,
            ends_at,
            "桥南社区",
        )
        assert [(one.number, one.sentence) for one in faults] == [(4, planned.NO_TITLE)]


@pytest.mark.parametrize("rows", [[], [["甲", "乙"]], [[""]]])
def test_a_table_without_heads_is_none(rows: list[list[str]]) -> None:
    with pytest.raises(planned.NotACalendar):
        planned.read_rows(rows)


def test_entries_of_a_calendar_file() -> None:
    found, faults = read_calendar(
        calendar(
            "SUMMARY:甲\r\nDTSTART:20261128T010000Z\r\nDTEND:20261128T030000Z\r\nLOCATION:桥南社区\r\nCATEGORIES:科普讲座",
            "SUMMARY:乙\r\nDTSTART;TZID=Asia/Shanghai:20261128T090000\r\nDURATION:PT90M",
            "SUMMARY:丙\r\nDTSTART;VALUE=DATE:20261128\r\nDTEND;VALUE=DATE:20261129",
            "SUMMARY:丁\r\nDTSTART:20261128T090000\r\nDTEND:20261128T100000",
            "SUMMARY:戊\r\nDTSTART:20261128T010000Z\r\nDTEND:20261128T030000Z\r\nRRULE:FREQ=WEEKLY",
            "SUMMARY:己",
            "SUMMARY:庚\r\nDTSTART:20261128T010000Z",
            "DTSTART:20261128T010000Z\r\nDTEND:20261128T030000Z",
        )
    )
    assert [(one.title, one.starts_at, one.ends_at) for one in found] == [
        ("甲", moment(2026, 11, 28, 1), moment(2026, 11, 28, 3)),
        ("乙", moment(2026, 11, 28, 1), moment(2026, 11, 28, 2, 30)),
        ("丙", moment(2026, 11, 27, 16), moment(2026, 11, 28, 16)),
        ("丁", moment(2026, 11, 28, 1), moment(2026, 11, 28, 2)),
    ]
    assert (found[0].place, found[0].kind) == ("桥南社区", "科普讲座")
    assert [one.sentence for one in faults] == [
        planned.REPEATS, planned.NO_START, planned.NO_END, planned.NO_TITLE,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"x", b"BEGIN:VCALENDAR", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"]
)
def test_what_is_no_calendar(content: bytes) -> None:
    with pytest.raises(planned.NotACalendar):
        read_calendar(content)


def test_no_more_than_can_be_looked_over() -> None:
    rows = [HEADS] + [["讲座", "2026-11-28", "9:00", "11:00"]] * (planned.ENTRIES_MAX + 5)
    found, faults = planned.read_rows(rows)
    assert len(found) == planned.ENTRIES_MAX
    assert [one.sentence for one in faults] == [planned.TOO_MANY]
