"""What an entry says, and for how long."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.calendars import domain
from webapp.calendars.domain import State, words
from webapp.core.clock import Period
from webapp.events.domain import Dates

START = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("event", "session_cancelled", "state"),
    [
        ("published", False, State.PLANNED),
        ("closed", False, State.PLANNED),
        ("published", True, State.CANCELLED),
        ("cancelled", False, State.CANCELLED),
        ("postponed", False, State.POSTPONED),
        ("postponed", True, State.CANCELLED),
    ],
)
def test_state_of_a_session(event: str, session_cancelled: bool, state: State) -> None:
    dates = Dates(event, session_cancelled, Period(START, START + timedelta(hours=2)))
    assert domain.state_of_session(dates) is state
    was_held = replace(dates, off_at=START + timedelta(days=1))  # before its event was put off or cancelled
    assert domain.state_of_session(was_held) is (State.CANCELLED if session_cancelled else State.PLANNED)


@pytest.mark.parametrize(
    ("session", "signup", "state"),
    [
        (State.PLANNED, "confirmed", State.PLANNED),
        (State.PLANNED, "waitlisted", State.WAITING),
        (State.PLANNED, "offered", State.WAITING),
        (State.PLANNED, "pending", State.WAITING),
        (State.PLANNED, "cancelled", State.CANCELLED),
        (State.PLANNED, "declined", State.CANCELLED),
        (State.PLANNED, "expired", State.CANCELLED),
        (State.POSTPONED, "confirmed", State.POSTPONED),
        (State.POSTPONED, "cancelled", State.CANCELLED),
        (State.CANCELLED, "confirmed", State.CANCELLED),
        (State.CANCELLED, "waitlisted", State.CANCELLED),
    ],
)
def test_state_of_a_shift(session: State, signup: str, state: State) -> None:
    assert domain.state_of_shift(session, signup) is state


def test_a_cancelled_entry_is_seen_by_everyone_and_frees_ones_own_diary() -> None:
    shared, own = domain.LOOKS[State.CANCELLED], domain.PERSONAL_LOOKS[State.CANCELLED]
    assert (shared.status, shared.opaque) == ("CONFIRMED", False)
    assert (own.status, own.opaque) == ("CANCELLED", False)
    assert domain.LOOKS[State.POSTPONED].status == "TENTATIVE"
    assert domain.PERSONAL_LOOKS[State.WAITING].status == "TENTATIVE"


@pytest.mark.parametrize(
    "path",
    [
        ["waitlisted", "offered", "confirmed", "cancelled"],
        ["waitlisted", "offered", "expired"],
        ["pending", "confirmed", "cancelled"],
        ["pending", "declined"],
    ],
)
def test_the_sequence_of_a_shift_rises_with_each_step(path: list[str]) -> None:
    numbers = [domain.shift_sequence(4, status) for status in path]
    assert numbers == sorted(set(numbers))
    assert domain.shift_sequence(5, path[0]) > domain.shift_sequence(4, path[0])


def test_the_sequence_does_not_fall_when_approval_is_asked_anew() -> None:
    path = [
        ("pending", 0),
        ("confirmed", 0),
        ("pending", 1),
        ("confirmed", 1),
        ("pending", 2),
        ("declined", 2),
    ]
    numbers = [domain.shift_sequence(4, status, rounds=rounds) for status, rounds in path]
    assert numbers == sorted(set(numbers))


def test_a_shift_has_a_uid_of_its_own() -> None:
    assert domain.shift_uid("abc", "ev-1@kepu.example.cn") == "su-abc@kepu.example.cn"


def test_titles_say_what_is_the_matter_first() -> None:
    assert words.title_of("健康讲座", "", state=State.PLANNED) == "健康讲座"
    assert words.title_of("科普课", "第二课", state=State.CANCELLED) == "【已取消】科普课：第二课"
    assert words.title_of("科普课", "", state=State.POSTPONED) == "【延期】科普课"
    assert words.title_of("科普课", "", state=State.WAITING, signup_status="waitlisted") == "【候补】科普课"
    assert words.title_of("科普课", "", state=State.WAITING, signup_status="offered") == "【待确认】科普课"
    assert words.title_of("科普课", "", state=State.WAITING, signup_status="pending") == "【待审核】科普课"


def test_a_place_names_its_district_once() -> None:
    assert domain.place_of("桥南社区", "长安路 12 号", "向阳区") == "桥南社区（向阳区长安路 12 号）"
    assert domain.place_of("桥南社区", "向阳区长安路 12 号", "向阳区") == "桥南社区（向阳区长安路 12 号）"
    assert domain.place_of("腾讯会议", "会议号见短信", "向阳区", online=True) == "腾讯会议"
    assert domain.place_of("桥南社区", "", "向阳区") == "桥南社区"


def test_a_description_says_the_change_first_and_is_short() -> None:
    text = words.describe(
        words.sentences_of(State.CANCELLED), summary="长" * 1000, bring=" 老花镜 ", organiser="市卫生健康委"
    )
    lines = text.split("\n")
    assert lines[0] == "本场已取消，请不要前往。"
    assert len(lines[1]) == domain.SUMMARY_MAX
    assert lines[1].endswith("…")
    assert lines[2:] == ["请带：老花镜", "主办：市卫生健康委"]
    assert words.describe([], summary="", bring="", organiser="科协") == "主办：科协"


def test_who_cancelled_reads_that_they_did() -> None:
    assert words.sentences_of(State.CANCELLED, "cancelled") == ["本场已取消，请不要前往。"]
    assert words.sentences_of(State.WAITING, "waitlisted") == ["您在候补名单上，轮到时看您的报名页。"]
    assert words.sentences_of(State.PLANNED, "confirmed") == []


def test_the_window_moves_at_the_citys_midnight() -> None:
    window = domain.window_on(date(2026, 11, 28))
    assert window.living_from == datetime(2026, 10, 27, 16, tzinfo=UTC)
    assert window.cancelled_from == datetime(2026, 9, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("iOS/19.1 (23B85) dataaccessd/1.0", "苹果日历"),
        ("Google-Calendar-Importer", "Google 日历"),
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Thunderbird/140.1", "Thunderbird"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)", "Outlook"),
        ("vdirsyncer/0.21.0", "vdirsyncer"),
        ("Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0", "浏览器"),
        ("curl/8.1", "curl"),
        ("", ""),
    ],
)
def test_programs_are_called_as_people_call_them(agent: str, name: str) -> None:
    assert domain.client_name(agent) == name


def test_a_stored_client_is_short_and_printable() -> None:
    assert domain.clean_client("a\x00b\nc" + "d" * 500) == "abc" + "d" * (domain.CLIENT_LIMIT - 3)
