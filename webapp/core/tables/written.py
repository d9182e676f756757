"""Dates and times as people write them: 11月30日（周一）, 下午2点半, 9—11点, 46356. Plain Python.

Everything in a cell has to be understood. What stands beside the digits and is not is a fault and never thrown away,
for it may change what they mean (下午2:00 read as 02:00); and an hour that may be one of two is asked about.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from webapp.core.errors import N_
from webapp.core.tables.hours import HALVES, Clock, Unclear, clock_of
from webapp.core.tables.numerals import normal

NOT_READ = N_("没有看懂“%(text)s”。日期请写成 2026-11-28，时间请写成 9:00 或 下午2:00。")
NO_SUCH_DAY = N_("没有“%(text)s”这一天。")
NO_SUCH_TIME = N_("没有“%(text)s”这个时间。")
TWO_WAYS = N_("“%(text)s”可以读成两个日子，请写成 2026-11-28 这样。")
WRONG_WEEKDAY = N_("%(day)s是%(is)s，表里写的是%(says)s。")
TOO_MANY_TIMES = N_("“%(text)s”里不止一段时间，请一行只写一场。")
TOO_MANY_DAYS = N_("“%(text)s”里不止一段日期，请一行只写一场。")

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_ENGLISH_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_HALF = "|".join(sorted(HALVES, key=len, reverse=True)).replace(".", r"\.")

_TOKEN = re.compile(
    rf"""
    (?P<iso>\d{{4}}\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}(?!\d)\s*[日号]?)
  | (?P<short>\d{{2}}年\s*\d{{1,2}}\s*月\s*\d{{1,2}}\s*[日号]?)
  | (?P<us>\d{{1,2}}/\d{{1,2}}/\d{{4}})
  | (?P<month>\d{{1,2}}\s*月\s*\d{{1,2}}(?!\d)\s*[日号]?)
  | (?P<named>(?:{_MONTHS})[a-z]*\.?\s*-?\s*\d{{1,2}}(?:st|nd|rd|th)?(?!\d|:)(?:,?\s*\d{{4}}(?!\d|:))?
      |\d{{1,2}}(?:st|nd|rd|th)?\s*-?\s*(?:{_MONTHS})[a-z]*\.?(?:,?\s*-?\s*(?:\d{{4}}|\d{{2}})(?!\d|:))?)
  | (?P<weekday>(?:周|星期|礼拜)[一二三四五六日天末]|(?<=\()[一二三四五六日天](?=\))
      |(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)(?:(?:nes|ur)?day)?(?![a-z])\.?)
  | (?P<half>{_HALF})
  | (?P<clock>\d{{1,2}}\s*:\s*\d{{2}}(?::\d{{2}}(?:\.\d+)?)?(?!\d)(?:\s*[时分](?!\d))?)
  | (?P<hour>\d{{1,2}}\s*[点时](?:钟|整|半|[一三13]刻|\s*\d{{1,2}}(?!\d|\s*[点时:])\s*分?)?)
  | (?P<allday>全天|整天|一整天)
  | (?P<next>次日|第二天|翌日)
  | (?P<serial>\d{{5}}(?:\.\d+)?(?!\d))
  | (?P<packed>20\d{{6}}(?!\d))
  | (?P<fraction>0\.\d+)
  | (?P<pair>\d{{1,2}}[./-]\d{{1,2}}(?!\d|\s*[点时:.]))
  | (?P<spoken>\d{{1,2}}\s*(?=(?:am|pm)(?![a-z])))
  | (?P<number>\d{{1,2}}\s*[日号]?(?!\d))
  | (?P<to>-)
  | (?P<noise>[\s,;()\[\]T·。]|\+08:?00|开始|结束|举行|北京时间)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass
class Written:
    """What one cell says."""

    text: str
    days: list[tuple[int | None, int, int]] = field(default_factory=list)  # year, month, day
    times: list[Clock] = field(default_factory=list)
    weekdays: list[int] = field(default_factory=list)  # 7: a weekend
    half: str = ""  # 下午 alone, of hours in another cell
    all_day: bool = False
    next_day: bool = False


def read(text: str, *, is_day: bool = False, since_1904: bool = False) -> Written:
    """What a cell says; `is_day`: it stands under a heading of days, where 11.30 is a date. Raises Unclear."""
    found = Written(text)
    tokens = _tokens(normal(text), text)
    reader = _Reader(found, is_day, since_1904)
    for place, (kind, word) in enumerate(tokens):
        after = [one for one, _ in tokens[place + 1 : place + 4]]
        reader.take(kind, word, after)
    reader.finish()
    if len(found.times) > 2:
        raise Unclear(TOO_MANY_TIMES, text=text)
    if len(found.days) > 2:
        raise Unclear(TOO_MANY_DAYS, text=text)
    return found


def _tokens(plain: str, text: str) -> list[tuple[str, str]]:
    tokens = []
    at = 0
    while at < len(plain):
        found = _TOKEN.match(plain, at)
        if found is None or found.lastgroup is None:
            raise Unclear(NOT_READ, text=text)
        if found.lastgroup != "noise":
            tokens.append((found.lastgroup, found[0]))
        at = found.end()
    return tokens


def _weekday(word: str) -> int:
    if word[:2] in _ENGLISH_DAYS:
        return _ENGLISH_DAYS.index(word[:2])
    return "一二三四五六日末".index(word[-1].replace("天", "日"))


class _Reader:
    """Tokens one after the other; a word before or after an hour belongs to it."""

    def __init__(self, found: Written, is_day: bool, since_1904: bool) -> None:
        self.found, self.is_day, self.since_1904 = found, is_day, since_1904
        self.half = ""
        self.last = ""  # kind of the token before
        self.is_linked = False  # by "to", with what comes
        self.waiting: int | None = None  # the 9 of 9-11点

    def take(self, kind: str, word: str, after: list[str]) -> None:  # noqa: C901  (one line for each kind)
        """One token."""
        numbers = [int(part) for part in re.findall(r"\d+", word)]
        if kind == "half":
            self._take_half(word)
        elif kind in {"clock", "hour", "spoken"}:
            self._take_time(kind, word, numbers)
        elif kind == "named":
            self._take_named(word, numbers)
        elif kind in {"iso", "short", "month", "packed", "us"}:
            self._take_day(kind, word, numbers)
        elif kind in {"serial", "fraction"}:
            self._take_serial(word)
        elif kind == "pair":
            self._take_pair(word, numbers)
        elif kind == "number":
            self._take_number(word, numbers[0], after)
        elif kind == "weekday":
            self.found.weekdays.append(_weekday(word))
        elif kind == "allday":
            self.found.all_day = True
        elif kind == "next":
            self.found.next_day = True
        elif self.last in {"", "to", "half"}:
            raise Unclear(NOT_READ, text=self.found.text)
        else:
            self.is_linked = True
        self.last = kind

    def _take_half(self, word: str) -> None:
        word = word.replace(".", "")
        times = self.found.times
        if word in {"am", "pm"} and times and not times[-1].half and self.last in {"clock", "hour", "spoken"}:
            times[-1] = clock_of(times[-1].minutes, word, text=times[-1].text + word)
            return
        if self.half and self.last == "half":
            raise Unclear(NOT_READ, text=self.found.text)
        self.half = word

    def _take_time(self, kind: str, word: str, numbers: list[int]) -> None:
        hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
        if "半" in word:
            minute = 30
        elif "刻" in word:
            minute = 15 if "一刻" in word or "1刻" in word else 45
        if hour > 24 or minute > 59 or (hour == 24 and minute):
            raise Unclear(NO_SUCH_TIME, text=word)
        if self.waiting is not None:
            first, self.waiting = self.waiting, None
            self.found.times.append(
                clock_of(first * 60, self.half, text=f"{self.half}{first}点", spoken=kind == "hour")
            )
        elif self.found.times and not self.is_linked:
            raise Unclear(TOO_MANY_TIMES, text=self.found.text)
        self.is_linked = False
        spoken = kind == "hour" and "点" in word
        self.found.times.append(clock_of(hour * 60 + minute, self.half, text=self.half + word, spoken=spoken))
        self.half = ""

    def _take_day(self, kind: str, word: str, numbers: list[int]) -> None:
        if kind == "packed":
            numbers = [int(word[:4]), int(word[4:6]), int(word[6:])]
        elif kind == "us":
            first, second, last = numbers
            if first <= 12 and second <= 12 and first != second:
                raise Unclear(TWO_WAYS, text=word)
            numbers = [last, second, first] if first > 12 else [last, first, second]
        elif kind == "short":
            numbers[0] += 2000
        year = numbers[0] if len(numbers) == 3 else None
        self._add_day(year, numbers[-2], numbers[-1], word)

    def _take_named(self, word: str, numbers: list[int]) -> None:
        """5-Dec, as a spreadsheet program in English shows 12-5; Dec 5, 2026."""
        found = re.search(_MONTHS, word)
        month = _MONTHS.split("|").index(found[0]) + 1 if found else 0
        year = None if len(numbers) == 1 else numbers[1] + 2000 * (numbers[1] < 100)
        self._add_day(year, month, numbers[0], word)

    def _add_day(self, year: int | None, month: int, day: int, word: str) -> None:
        before = self.found.days[-1] if self.found.days else None
        if before and not self.is_linked:
            raise Unclear(TOO_MANY_DAYS, text=self.found.text)
        self.is_linked = False
        if year is None and before and before[0] and self.last in {"to", "weekday"}:
            year = before[0] + (month < before[1])  # 2026年12月30日至1月2日
        try:
            date(year or 2024, month, day)  # 2024 has a 29th of February
        except ValueError:
            raise Unclear(NO_SUCH_DAY, text=word.strip()) from None
        self.found.days.append((year, month, day))

    def _take_serial(self, word: str) -> None:
        """A day as spreadsheet programs count them, shown where the cell has lost its format."""
        value = float(word)
        if value >= 1:
            since = date(1904, 1, 1) if self.since_1904 else date(1899, 12, 30)
            day = since + timedelta(days=int(value))
            if not 2000 <= day.year <= 2100 or not (self.is_day or value % 1):
                raise Unclear(NOT_READ, text=self.found.text)
            self.found.days.append((day.year, day.month, day.day))
        elif self.is_day:
            raise Unclear(NOT_READ, text=self.found.text)
        if value % 1:
            minutes = round(value % 1 * 1440)
            self.found.times.append(clock_of(minutes, "", text=f"{minutes // 60}:{minutes % 60:02}"))

    def _take_pair(self, word: str, numbers: list[int]) -> None:
        first, second = numbers
        if not self.is_day or (self.found.days and self.last != "to"):  # 12月5日 9-11: of what?
            raise Unclear(NOT_READ, text=self.found.text)
        if "." in word and word.endswith((".1", ".2", ".3")) and first <= 12:
            raise Unclear(TWO_WAYS, text=word)  # 11.30 in a cell of numbers is shown, and saved, as 11.3
        self._add_day(None, first, second, word)

    def _take_number(self, word: str, number: int, after: list[str]) -> None:
        """9-11点, 12月5-7日, 12月5日-7日."""
        days = self.found.days
        if after[:2] in (["to", "hour"], ["to", "clock"]) and not word.endswith(("日", "号")):
            self.waiting = number
        elif days and self.last == "to" and not self.found.times:
            year, month, day = days[-1]
            if number <= day:
                raise Unclear(NOT_READ, text=self.found.text)
            self._add_day(year, month, number, word)
        else:
            raise Unclear(NOT_READ, text=self.found.text)

    def finish(self) -> None:
        """A word beside no hour may be of those in another cell."""
        if self.waiting is not None or self.last == "to" or (self.half and self.found.times):
            raise Unclear(NOT_READ, text=self.found.text)
        self.found.half = self.half
        if self.found.all_day and self.found.times:
            raise Unclear(NOT_READ, text=self.found.text)


def pick_year(month: int, day: int, *, today: date, years: tuple[int, ...] = ()) -> int:
    """The year of a day written without one: of those the file speaks of, else the next such day from last month on."""
    candidates = years or (today.year - 1, today.year, today.year + 1)
    since = date.min if years else today - timedelta(days=31)
    for year in candidates:
        try:
            if date(year, month, day) >= since:
                return year
        except ValueError:
            continue
    return candidates[-1]


def weekday_word(day: date) -> str:
    """周一 … 周日."""
    return WEEKDAYS[day.weekday()]


def check_weekday(written: Written, day: date, last: date) -> None:
    """A weekday beside a date has to be the date's. Raises Unclear."""
    spelled = "一二三四五六日末"
    days = [day] if len(written.weekdays) < 2 else [day, last]
    for number, on in zip(written.weekdays, days, strict=False):
        if on.weekday() != number and not (number == 7 and on.weekday() > 4):
            says = "周" + spelled[number]
            raise Unclear(
                WRONG_WEEKDAY,
                day=f"{on.year}年{on.month}月{on.day}日",
                **{"is": weekday_word(on), "says": says},
            )


def moment(day: date, minutes: int) -> datetime:
    """A wall-clock time; 24:00 is the next day's beginning."""
    return datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001
