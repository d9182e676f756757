"""Planned sessions out of a table or a calendar file: what can be used, what is wrong with the rest. Plain Python."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from webapp.core import clock
from webapp.core.errors import N_, RuleBroken

ENTRIES_MAX = 200
TYPED_LIMIT = 120  # characters of what was there, shown beside a fault

NO_TITLE = N_("没有标题。")
NO_START = N_("没有看懂开始时间，请写成 2026-11-28 和 9:00。")
NO_END = N_("没有看懂结束时间。")
NOT_AFTER = N_("结束时间要晚于开始时间。")
NO_VENUE = N_("没有叫“%(place)s”的地点，请先登记地点，或改成登记的名字。")
REPEATS = N_("这是重复的日程，请在原来的日历里拆成一场一场再导出。")
THERE_ALREADY = N_("同一地点同一时间已经有这个标题的活动。")
TOO_MANY = N_("一次最多导入 %(limit)s 条，从这里起没有读。")


class NotACalendar(RuleBroken):
    """Neither a table nor a calendar file."""

    sentence = N_("这不是能读的表格或 .ics 日历文件。")
    code = "not_a_calendar"
    field = "file"


@dataclass(frozen=True)
class Planned:
    """One session as it was written down."""

    number: int  # of the row, as the one who typed it counts; of the entry
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    summary: str = ""
    bring: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Fault:
    """One that cannot be used: what was there, and a marked sentence with its parameters."""

    number: int
    typed: str
    sentence: str
    params: dict[str, Any] = field(default_factory=dict)


_HEADS = {
    "title": {"标题", "活动", "活动名称", "名称", "主题", "title", "summary"},
    "day": {"日期", "date"},
    "start": {"开始", "开始时间", "时间", "start"},
    "end": {"结束", "结束时间", "end"},
    "place": {"地点", "场地", "地址", "location"},
    "kind": {"类型", "type"},
    "summary": {"简介", "内容", "说明", "description"},
    "bring": {"请带", "要带什么", "bring"},
}
_COLUMNS = {word: column for column, words in _HEADS.items() for word in words}
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_HOUR = re.compile(r"(\d{1,2})\s*[:：]\s*(\d{2})")


class _Bad(Exception):
    def __init__(self, sentence: str, **params: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.params = sentence, params


def read_rows(rows: Sequence[Sequence[str]]) -> tuple[list[Planned], list[Fault]]:
    """Sessions of a table whose first row names its columns; empty rows are skipped."""
    heads = [_COLUMNS.get(cell.strip().lower(), "") for cell in rows[0]] if rows else []
    if "title" not in heads:
        raise NotACalendar
    numbered = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    return _each(
        ((number, " ".join(row).strip(), dict(zip(heads, row, strict=False))) for number, row in numbered),
        _of_row,
    )


def read_parts(parts: Iterable[Any]) -> tuple[list[Planned], list[Fault]]:
    """Sessions of a calendar's VEVENTs."""
    numbered = enumerate(parts, start=1)
    return _each(((number, str(part.get("SUMMARY", "")), part) for number, part in numbered), _of_part)


def _each(found: Iterable[tuple[int, str, Any]], read: Any) -> tuple[list[Planned], list[Fault]]:
    planned: list[Planned] = []
    faults: list[Fault] = []
    for number, typed, one in found:
        if len(planned) + len(faults) >= ENTRIES_MAX:
            faults.append(Fault(number, typed[:TYPED_LIMIT], TOO_MANY, {"limit": ENTRIES_MAX}))
            break
        try:
            planned.append(_checked(read(number, one)))
        except _Bad as bad:
            faults.append(Fault(number, typed[:TYPED_LIMIT], bad.sentence, bad.params))
    return planned, faults


def _checked(one: Planned) -> Planned:
    if not one.title:
        raise _Bad(NO_TITLE)
    if one.ends_at <= one.starts_at:
        raise _Bad(NOT_AFTER)
    return one


def _of_row(number: int, row: dict[str, str]) -> Planned:
    texts = {name: row.get(name, "").strip() for name in _HEADS}
    day = _day_in(texts["day"]) or _day_in(texts["start"])
    starts = _hour_in(texts["start"]) or _hour_in(texts["day"])
    if day is None or starts is None:
        raise _Bad(NO_START)
    ends = _hour_in(texts["end"]) or _second_hour_in(texts["start"])
    if ends is None:
        raise _Bad(NO_END)
    last = _day_in(texts["end"]) or day
    return Planned(
        number,
        texts["title"],
        clock.from_local(datetime.combine(day, starts)),
        clock.from_local(datetime.combine(last, ends)),
        place=texts["place"],
        summary=texts["summary"],
        bring=texts["bring"],
        kind=texts["kind"],
    )


def _day_in(text: str) -> date | None:
    found = _DAY.search(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _hours_in(text: str) -> list[time]:
    try:
        return [time(int(hour), int(minute)) for hour, minute in _HOUR.findall(text)]
    except ValueError:
        return []


def _hour_in(text: str) -> time | None:
    return next(iter(_hours_in(text)), None)


def _second_hour_in(text: str) -> time | None:
    """9:00–11:00 in one cell."""
    found = _hours_in(text)
    return found[1] if len(found) > 1 else None


def _of_part(number: int, part: Any) -> Planned:
    if "RRULE" in part or "RDATE" in part:
        raise _Bad(REPEATS)
    starts_at = _moment(part.get("DTSTART"))
    if starts_at is None:
        raise _Bad(NO_START)
    ends_at = _moment(part.get("DTEND"))
    length = getattr(part.get("DURATION"), "dt", None)
    if ends_at is None and isinstance(length, timedelta):
        ends_at = starts_at + length
    if ends_at is None:
        raise _Bad(NO_END)
    categories = part.get("CATEGORIES")
    return Planned(
        number,
        str(part.get("SUMMARY", "")).strip(),
        starts_at,
        ends_at,
        place=str(part.get("LOCATION", "")).strip(),
        summary=str(part.get("DESCRIPTION", "")).strip(),
        kind=str(categories.cats[0]) if getattr(categories, "cats", None) else "",
    )


def _moment(value: Any) -> datetime | None:
    found = getattr(value, "dt", None)
    try:
        if isinstance(found, datetime):
            return clock.from_local(found) if found.tzinfo is None else found.astimezone(UTC)
        return clock.start_of_day(found) if isinstance(found, date) else None
    except (OverflowError, ValueError):
        return None
