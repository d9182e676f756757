"""Dates and times as people write them: understood, or a fault that names the cell; never another hour."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.tables import hours, span, written
from webapp.core.tables.hours import Unclear
from webapp.core.tables.span import Hints, Span, read_span
from webapp.events.domain.calendar_file import spell

TODAY = date(2026, 11, 29)


def look(
    day: str = "", start: str = "", end: str = "", length: str = "", **hints: object
) -> Span | list[str]:
    found: list[str] = []
    cells = {"day": day, "start": start, "end": end, "length": length}
    found_span = read_span(
        cells, Hints(TODAY, **hints), lambda key, unclear: found.append(key + ":" + unclear.sentence)
    )
    assert (found_span is None) == bool(found)
    return found_span or found


@pytest.mark.parametrize(
    ("day", "start", "end", "begins", "ends"),
    [
        ("2026-11-28", "9:00", "11:00", "2026-11-28 09:00", "2026-11-28 11:00"),
        ("2026年11月28日", "９：00", "11：00", "2026-11-28 09:00", "2026-11-28 11:00"),
        ("2026.11.28", "9:00–11:30", "", "2026-11-28 09:00", "2026-11-28 11:30"),
        ("", "2026-11-28 22:00", "2026-11-29 02:00", "2026-11-28 22:00", "2026-11-29 02:00"),
        ("2027-03-01", "下午2:00", "下午4:00", "2027-03-01 14:00", "2027-03-01 16:00"),
        ("11月30日", "下午2点半", "4点", "2026-11-30 14:30", "2026-11-30 16:00"),
        ("11.30", "14时30分", "16时", "2026-11-30 14:30", "2026-11-30 16:00"),
        ("11/30", "14：30", "16：30", "2026-11-30 14:30", "2026-11-30 16:30"),
        ("2026年11月30日（周一）", "上午9:00-11:00", "", "2026-11-30 09:00", "2026-11-30 11:00"),
        ("12月5日（周六）", "9—11点", "", "2026-12-05 09:00", "2026-12-05 11:00"),
        ("12月5日 星期六 下午2:00-4:00", "", "", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("五月三日", "下午2点至4点", "", "2027-05-03 14:00", "2027-05-03 16:00"),
        ("二〇二六年十二月五日", "上午九点", "十一点半", "2026-12-05 09:00", "2026-12-05 11:30"),
        ("12月5日", "下午两点三刻", "4点一刻", "2026-12-05 14:45", "2026-12-05 16:15"),
        ("12月5日-7日", "14:00~16:00", "", "2026-12-05 14:00", "2026-12-07 16:00"),
        ("12月31日至1月2日", "9:00", "16:00", "2026-12-31 09:00", "2027-01-02 16:00"),
        ("12月5-7日", "全天", "", "2026-12-05 00:00", "2026-12-08 00:00"),
        ("46356", "0.375", "0.5", "2026-11-30 09:00", "2026-11-30 12:00"),
        ("2026-12-05 00:00:00", "9:00", "11:00", "2026-12-05 09:00", "2026-12-05 11:00"),
        ("30/11/2026", "9:00 AM", "2:00 PM", "2026-11-30 09:00", "2026-11-30 14:00"),
        ("12月5日", "下午2-4点", "", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("12月5日", "晚上7点", "晚上12点", "2026-12-05 19:00", "2026-12-06 00:00"),
        ("12月5日", "凌晨2点", "4点", "2026-12-05 02:00", "2026-12-05 04:00"),
        ("12月5日", "12点半", "下午2点", "2026-12-05 12:30", "2026-12-05 14:00"),
        ("12月5日", "中午12点", "中午1点", "2026-12-05 12:00", "2026-12-05 13:00"),
        ("12月5日", "22:00", "次日2:00", "2026-12-05 22:00", "2026-12-06 02:00"),
        ("12月5日", "上午8点到下午4点", "", "2026-12-05 08:00", "2026-12-05 16:00"),
        ("12月5日（周六）下午", "2:00", "4:00", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("12月5日晚上", "7:00-9:00", "", "2026-12-05 19:00", "2026-12-05 21:00"),
        ("12月5日下午", "14:00", "16:00", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("12月5日", "下午", "2:00-4:00", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("2026/12/5(六)", "上午9:00—11:30时", "", "2026-12-05 09:00", "2026-12-05 11:30"),
        ("5-Dec", "2pm", "4pm", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("Sat, Dec 5, 2026", "9:00 to 11:00", "", "2026-12-05 09:00", "2026-12-05 11:00"),
        ("5 December 2026", "9:00", "11:00", "2026-12-05 09:00", "2026-12-05 11:00"),
        ("12月5日", "23:00-次日1:00", "", "2026-12-05 23:00", "2026-12-06 01:00"),
        ("12月5日", "上午9:00开始，11:00结束", "", "2026-12-05 09:00", "2026-12-05 11:00"),
        ("2026-12-05", "1899-12-30 14:00", "1900-01-00 16:00", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("2026-12-05", "14:00-16:00", "14:00-16:00", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("2026-12-05", "下午2:00-4:00", "下午4:00", "2026-12-05 14:00", "2026-12-05 16:00"),
        ("12月5日", "2027-12-05 14:00", "16:00", "2027-12-05 14:00", "2027-12-05 16:00"),
    ],
)
def test_what_people_write_is_what_they_mean(day: str, start: str, end: str, begins: str, ends: str) -> None:
    span = look(day, start, end)
    assert isinstance(span, Span), span
    assert (f"{span.start:%Y-%m-%d %H:%M}", f"{span.end:%Y-%m-%d %H:%M}") == (begins, ends)


@pytest.mark.parametrize(
    ("day", "start", "end", "faults"),
    [
        ("2026-02-30", "9:00", "11:00", ["day:" + written.NO_SUCH_DAY]),
        ("2026-11-28", "25:00", "26:00", ["start:" + written.NO_SUCH_TIME, "end:" + written.NO_SUCH_TIME]),
        ("明天", "上午", "11:00", ["day:" + written.NOT_READ, "start:" + written.NOT_READ]),
        ("", "上午", "", ["day:" + span.NO_DAY, "start:" + written.NOT_READ, "end:" + span.NO_END]),
        ("明天", "", "11:00", ["day:" + written.NOT_READ, "start:" + span.NO_START]),
        ("明天", "9:00-11:00", "", ["day:" + written.NOT_READ]),
        ("12月5日", "2点", "4点", ["start:" + hours.WHICH_HALF, "end:" + hours.WHICH_HALF]),
        ("12月5日", "2:00", "16:00", ["start:" + hours.WHICH_HALF]),
        ("12月5日", "02:00:00", "16:00", ["start:" + hours.WHICH_HALF]),
        ("12月5日", "9:00", "2:00", ["end:" + hours.WHICH_HALF]),
        ("12月5日", "晚上1点", "11点", ["start:" + hours.WHICH_HALF]),
        ("12月5日", "上午14:00", "15:00", ["start:" + hours.AGAINST_HALF]),
        ("12月5日", "9点左右", "11点", ["start:" + written.NOT_READ]),
        ("12月5日", "9.30", "11:00", ["start:" + written.NOT_READ]),
        ("11.3", "9:00", "11:00", ["day:" + written.TWO_WAYS]),
        ("11/12/2026", "9:00", "11:00", ["day:" + written.TWO_WAYS]),
        ("12月5日（周日）", "9:00", "11:00", ["day:" + written.WRONG_WEEKDAY]),
        ("12月5日、6日", "9:00", "11:00", ["day:" + written.NOT_READ]),
        ("12月5日、12月6日", "9:00", "11:00", ["day:" + written.TOO_MANY_DAYS]),
        ("12月5日", "上午9:00-11:00，下午2:00-4:00", "", ["start:" + written.TOO_MANY_TIMES]),
        ("12月5日", "9:00 11:00", "", ["start:" + written.TOO_MANY_TIMES]),
        ("12月5日上午", "14:00", "16:00", ["day:" + hours.AGAINST_HALF]),
        ("12月5日下午", "上午9:00", "11:00", ["day:" + hours.AGAINST_HALF]),
        ("12月5日下午", "", "", ["start:" + span.NO_START, "end:" + span.NO_END]),
        ("2026-12-05", "2027-12-05 14:00", "16:00", ["start:" + span.TWO_DAYS]),
        ("12月5日", "上午9:00-11:00", "23:00", ["end:" + span.TWO_STARTS]),
        ("12月5日（日）", "9:00", "11:00", ["day:" + written.WRONG_WEEKDAY]),
        ("Sun 12/5", "9:00", "11:00", ["day:" + written.WRONG_WEEKDAY]),
    ],
)
def test_what_may_be_two_things_is_asked_about(day: str, start: str, end: str, faults: list[str]) -> None:
    assert look(day, start, end) == faults


def test_the_year_is_the_files_else_the_next_and_said() -> None:
    span = look("3月2日", "9:00", "11:00", years=(2028,))
    assert isinstance(span, Span)
    assert span.start.year == 2028 and span.guessed_year
    assert [written.pick_year(month, 15, today=TODAY) for month in (11, 12, 1, 10)] == [
        2026,
        2026,
        2027,
        2027,
    ]
    leap = look("2月29日", "9:00", "11:00")
    assert leap == ["day:" + written.NO_SUCH_DAY]
    mac = look("44894", "9:00", "11:00", since_1904=True)
    assert isinstance(mac, Span)
    assert mac.start.date() == date(2026, 11, 30)


def test_a_length_stands_for_an_end() -> None:
    for length, minutes in (
        ("2小时", 120),
        ("90分钟", 90),
        ("1.5小时", 90),
        ("两个半小时", 150),
        ("1小时30分钟", 90),
        ("半小时", 30),
    ):
        span = look("12月5日", "9:00", "", length)
        assert isinstance(span, Span), length
        assert span.end - span.start == timedelta(minutes=minutes)
    assert isinstance(look("12月5日", "9:00", "", "一会儿"), list)


def test_a_length_beside_an_end_says_the_same_or_is_asked_about() -> None:
    assert look("12月5日", "9:00", "11:00", "3小时") == ["length:" + span.TWO_LENGTHS]
    assert isinstance(look("12月5日", "9:00", "11:00", "2小时"), Span)
    assert isinstance(look("12月5-7日", "9:00", "16:00", "7小时"), Span), "on each of the days"


def test_the_day_of_the_end_may_have_a_column_of_its_own() -> None:
    found = []
    cells = {"day": "2026/12/5", "start": "9:00", "last": "2026/12/7", "end": "11:00"}
    got = read_span(cells, Hints(TODAY), lambda key, unclear: found.append(key))
    assert got and (got.end - got.start) == timedelta(days=2, hours=2)
    assert (
        read_span(cells | {"end": "2026-12-06 11:00"}, Hints(TODAY), lambda key, _: found.append(key)) is None
    )
    assert found == ["last"]


_DAYS = st.dates(date(2026, 11, 1), date(2027, 9, 30))
_MINUTES = st.integers(0, 1439)


def _spoken(minutes: int) -> str:
    """As someone says it, with the word that leaves no doubt."""
    hour, minute = divmod(minutes, 60)
    word = "凌晨" if hour < 6 else "上午" if hour < 12 else "下午" if hour < 18 else "晚上"
    shown = hour if hour <= 12 else hour - 12
    return f"{word}{shown}点" + (f"{minute}分" if minute else "")


@given(
    _DAYS,
    _MINUTES,
    st.sampled_from([_spoken, lambda m: f"{m // 60:02}:{m % 60:02}", lambda m: f"{m // 60}时{m % 60:02}分"]),
)
def test_a_time_is_itself_or_asked_about_but_never_another(day: date, minutes: int, write: object) -> None:
    text = write(minutes)  # type: ignore[operator]
    found = look(f"{day.month}月{day.day}日", text, "", "1小时", years=(day.year,))
    if isinstance(found, list):
        assert found == ["start:" + hours.WHICH_HALF]
        assert write is not _spoken or 0 <= minutes < 1440
    else:
        assert found.start == datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)


@given(st.text(alphabet="0123456789年月日号点时分半周一二三上下午晚凌晨:：-~至到（）()./ ,、", max_size=14))
def test_no_text_is_an_exception(text: str) -> None:
    for is_day in (True, False):
        try:
            written.read(text, is_day=is_day)
        except Unclear as unclear:
            said = unclear.sentence % unclear.params
            assert said


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
        lambda it: it.replace(second=0, microsecond=0)
    ),
    st.integers(1, 3000),
)
def test_what_a_calendar_says_is_read_back_as_it_was(start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    span = look(**spell(start, end))
    assert isinstance(span, Span), (spell(start, end), span)
    assert (span.start, span.end) == (start, end)


@given(_DAYS, st.integers(1, 20))
def test_whole_days_too(day: date, days: int) -> None:
    span = look(**spell(day, day + timedelta(days=days)))
    assert isinstance(span, Span)
    assert (span.start.date(), span.end - span.start) == (day, timedelta(days=days))
