"""From when until when, out of up to three cells: the day, the start, the end. Plain Python."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from webapp.core.errors import N_
from webapp.core.tables import hours, written
from webapp.core.tables.hours import Clock, Unclear
from webapp.core.tables.numerals import normal
from webapp.core.tables.written import Written

NO_DAY = N_("没有日期。")
NO_START = N_("没有开始时间，请写成 9:00 或 下午2:00。")
NO_END = N_("没有结束时间，请写成 11:00 或 下午4:00。")
NOT_AFTER = N_("结束时间要晚于开始时间。")
TWO_DAYS = N_("日期和时间两格里写的日子不一样。")
TWO_STARTS = N_("几格里写的时间不一样。")
TWO_LENGTHS = N_("时长和结束时间对不上，请改一个，或只留一个。")
NO_LENGTH = N_("没有看懂时长“%(text)s”，请写成 2小时 或 90分钟。")

_MAYBE_A_DAY = re.compile(r"\d\s*[月/.-]\s*\d|日|号")
_MAYBE_TWO = re.compile(r"[-–—~～至到]|天|\d[:：点时].*\d[:：点时]")
_LENGTH = re.compile(
    r"(?:(\d{1,2}(?:\.\d{1,2})?)(个半|个)?(?:小时|h|hours?)(半)?)?(?:(\d{1,3})(?:分钟|分|min(?:ute)?s?))?"
)


@dataclass(frozen=True)
class Span:
    """Wall-clock times, and whether the year was put there by us."""

    start: datetime
    end: datetime
    guessed_year: bool = False


@dataclass(frozen=True)
class Hints:
    """What is known beside the cells."""

    today: date
    years: tuple[int, ...] = ()  # which the title of the table speaks of
    since_1904: bool = False


# An hour without a day, as programs show or keep it that know no such thing.
_NO_DAY_AT_ALL = re.compile(r"^\s*(?:1899[-/.]12[-/.]3[01]|1900[-/.]0?1[-/.]0?[01])[ T]+(?=\d)")

Tell = Callable[[str, Unclear], None]  # which cell, and what is wrong with it


def read_span(cells: dict[str, str], hints: Hints, tell: Tell) -> Span | None:
    """The span of these cells (`last`: the day of the end); each fault is told with its cell, and there is none."""
    found = {key: _read(key, cells.get(key, ""), hints, tell) for key in ("day", "start", "last", "end")}
    length = _length(cells.get("length", ""), tell)
    day, start, end, closing = found["day"], found["start"], found["end"], found["last"]
    if day is None or start is None or end is None or closing is None or length is None:
        _tell_what_is_missing(cells, day, start, tell)
        return None
    end = _closed(end, closing, tell)
    if end is None:
        return None
    if (start.half or day.half) and not (start.times or day.times or len(end.times) > 1):
        _tell_what_is_missing(cells, day, start, tell)
        return None
    halved = _with_half(day, start, end, tell)
    if halved is None:
        return None
    day, start, end = halved
    days = _days(day, start, end, hints, tell)
    times = _times(day, start, end, bool(length), tell)
    if days is None or times is None:
        return None
    first, last, guessed = days
    begins = written.moment(first, times[0])
    if times[1] is None:
        ends = begins + length
    else:
        ends = written.moment(last + timedelta(days=end.next_day or start.next_day), times[1])
        each_day = timedelta(minutes=times[1] - times[0])
        if length and length not in {ends - begins, each_day}:
            tell("length", Unclear(TWO_LENGTHS))
            return None
    if ends <= begins:
        tell("end" if cells.get("end") else "start", Unclear(NOT_AFTER))
        return None
    return Span(begins, ends, guessed)


def _tell_what_is_missing(
    cells: dict[str, str], day: Written | None, start: Written | None, tell: Tell
) -> None:
    """Beside a cell that cannot be read, those that say nothing; it might have said a day or an end itself."""
    text = cells.get("start", "")
    if day and not day.days and not (start and start.days) and not _MAYBE_A_DAY.search(text):
        tell("day", Unclear(NO_DAY))
    if (
        start
        and not start.times
        and not (day and day.times)
        and not start.all_day
        and not (day and day.all_day)
    ):
        tell("start", Unclear(written.NOT_READ, text=start.text) if start.half else Unclear(NO_START))
    if start and start.times and not start.times[0].is_sure:
        tell("start", Unclear(hours.WHICH_HALF, text=start.times[0].text))
    times = (start or day or Written("")).times
    if (
        not any(cells.get(key) for key in ("end", "length"))
        and len(times) < 2
        and not _MAYBE_TWO.search(text)
    ):
        tell("end", Unclear(NO_END))


def _read(key: str, text: str, hints: Hints, tell: Tell) -> Written | None:
    if key in {"start", "end"}:
        text = _NO_DAY_AT_ALL.sub("", text)
    try:
        return written.read(text, is_day=key in {"day", "last"}, since_1904=hints.since_1904)
    except Unclear as unclear:
        tell(key, unclear)
        return None


def _closed(end: Written, closing: Written, tell: Tell) -> Written | None:
    """The end with the day of a column of its own."""
    if end.days and closing.days and end.days[0][1:] != closing.days[0][1:]:
        tell("last", Unclear(TWO_DAYS))
        return None
    if len(closing.days) > 1 or (closing.times and closing.times[0].minutes and end.times):
        tell("last", Unclear(written.NOT_READ, text=closing.text))
        return None
    return replace(
        end,
        days=end.days or closing.days,
        times=end.times or [one for one in closing.times if one.minutes],
        weekdays=end.weekdays or closing.weekdays,
    )


def _with_half(
    day: Written, start: Written, end: Written, tell: Tell
) -> tuple[Written, Written, Written] | None:
    """12月5日下午 beside 2:00, and 上午 in a column of its own: the word holds for the hours in the other cells."""
    key, half = ("start", start.half) if start.half else ("day", day.half)
    if end.half:
        tell("end", Unclear(written.NOT_READ, text=end.text))
        return None
    if start.half and not start.times and len(end.times) == 2:
        start, end = replace(start, times=end.times), replace(end, times=[])
    if not half:
        return day, start, end
    cells = [day, start]
    at, hour = next((at, one.times[0]) for at, one in enumerate(cells) if one.times)
    try:
        told = hours.clock_of(hour.minutes, half, text=half + hour.text)
        if (hour.half and told.minutes != hour.minutes) or (start.half and day.half not in {"", half}):
            raise Unclear(hours.AGAINST_HALF, text=half + hour.text)
    except Unclear as unclear:
        tell(key, unclear)
        return None
    told = replace(told, half=hour.half or half)
    cells[at] = replace(cells[at], times=[told, *cells[at].times[1:]])
    return cells[0], cells[1], end


def _length(text: str, tell: Tell) -> timedelta | None:
    plain = normal(text).replace(" ", "")
    plain = "30分钟" if plain in {"半小时", "半个小时"} else plain
    if not plain:
        return timedelta()
    found = _LENGTH.fullmatch(plain)
    if found is None or not (found[1] or found[4]):
        tell("length", Unclear(NO_LENGTH, text=text))
        return None
    hours = float(found[1] or 0) + (0.5 if found[2] == "个半" or found[3] else 0)
    return timedelta(minutes=round(hours * 60) + int(found[4] or 0))


def _days(
    day: Written, start: Written, end: Written, hints: Hints, tell: Tell
) -> tuple[date, date, bool] | None:
    """First and last day, and whether a year was put there."""
    given = day.days or start.days
    if not given:
        tell("day", Unclear(NO_DAY))
        return None
    if day.days and start.days:
        years = {days[0][0] for days in (day.days, start.days)} - {None}
        if day.days[0][1:] != start.days[0][1:] or len(years) > 1:
            tell("start", Unclear(TWO_DAYS))
            return None
        given = [(next(iter(years), None), *given[0][1:]), *given[1:]]
    try:
        first = _date(given[0], hints)
        last = _date(given[1], hints, after=first) if len(given) > 1 else first
        if end.days:
            last = _date(end.days[0], hints, after=first)
        for one in (day, start):
            written.check_weekday(one, first, last)
        written.check_weekday(end, last, last)
    except Unclear as unclear:
        tell("day" if day.days else "start", unclear)
        return None
    return first, last, given[0][0] is None


def _date(given: tuple[int | None, int, int], hints: Hints, after: date | None = None) -> date:
    year, month, day = given
    if year is None and after is not None:
        year = after.year + ((month, day) < (after.month, after.day))
    elif year is None:
        year = written.pick_year(month, day, today=hints.today, years=hints.years)
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear(written.NO_SUCH_DAY, text=f"{year}-{month}-{day}") from None


def _times(
    day: Written, start: Written, end: Written, has_length: bool, tell: Tell
) -> tuple[int, int | None] | None:
    """Minutes of the first day at which it begins, of the last day at which it ends; None for what its length says."""
    if (day.all_day or start.all_day or end.all_day) and not (day.times or start.times or end.times):
        return 0, 1440
    if start.times and all(one.minutes == 0 for one in day.times):
        day = replace(day, times=[])  # 2026-12-05 00:00:00 is how many programs write a day
    here = [one for one in (start, day) if one.times]
    if not here:
        tell("start", Unclear(NO_START))
        return None
    begins = here[0].times[0]
    end = _once(here[0].times, end)
    ends = end.times[:1] or here[0].times[1:2]
    if len(here) > 1 and start.times != day.times:
        tell("start", Unclear(TWO_STARTS))
        return None
    if len(end.times) > 1 or (
        end.times and here[0].times[1:] and end.times[0].minutes != here[0].times[1].minutes
    ):
        tell("end", Unclear(TWO_STARTS))
        return None
    if not begins.is_sure:
        tell("start" if start.times else "day", Unclear(hours.WHICH_HALF, text=begins.text))
    if not ends and has_length:
        return (begins.minutes, None) if begins.is_sure else None
    if not ends:
        tell("end", Unclear(NO_END))
        return None
    last = _same_half(begins, ends[0], bool(end.days) or end.next_day or here[0].next_day)
    if not last.is_sure:
        tell("end" if end.times else "start", Unclear(hours.WHICH_HALF, text=last.text))
    return (begins.minutes, last.minutes) if begins.is_sure and last.is_sure else None


def _once(here: list[Clock], end: Written) -> Written:
    """9:00-11:00 under the start, and 11:00, or the same again, under the end: said twice, and taken once."""
    if len(here) < 2 or not end.times:
        return end
    is_end = end.times[-1].minutes in {here[1].minutes, _same_half(here[0], here[1], False).minutes}
    is_again = is_end and (len(end.times) == 1 or end.times[0] == here[0])
    return replace(end, times=[]) if is_again else end


def _same_half(begins: Clock, ends: Clock, is_later: bool) -> Clock:
    """下午2:00-4:00: the word holds for both, where it makes the end come after the start."""
    if ends.half or not begins.half or ends.minutes > begins.minutes:
        later = is_later and begins.is_sure and begins.minutes >= 12 * 60  # overnight, and said so
        sure = ends.is_sure or later or bool(begins.half and ends.minutes > begins.minutes)
        return replace(ends, is_sure=sure)
    if is_later:
        return replace(ends, is_sure=True)
    try:
        same = hours.clock_of(ends.minutes, begins.half, text=ends.text)
    except Unclear:
        return replace(ends, is_sure=False)
    return same if same.minutes > begins.minutes else replace(ends, is_sure=False)
