"""Truth tables of the events' rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from webapp.core.errors import Refusal
from webapp.events.domain import (
    AUDIENCES,
    CAPACITY_MAX,
    POSITIONS_MAX,
    BadCapacity,
    EventStatus,
    PositionDraft,
    PositionNameTaken,
    Readiness,
    SessionEndsBeforeStart,
    SessionTooLong,
    TooLong,
    TooMany,
    UnknownChoice,
    WordsMissing,
    WrongState,
    check_audiences,
    check_capacity,
    check_move,
    check_positions,
    check_session,
    check_text,
    missing_to_publish,
)

START = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
ALLOWED = {
    ("draft", "submitted"),
    ("draft", "published"),
    ("submitted", "draft"),
    ("submitted", "published"),
    ("published", "postponed"),
    ("published", "cancelled"),
    ("published", "closed"),
    ("postponed", "published"),
    ("postponed", "cancelled"),
}


@pytest.mark.parametrize(("before", "after"), list(product(EventStatus, EventStatus)))
def test_moves_between_states(before: EventStatus, after: EventStatus) -> None:
    if (before.value, after.value) in ALLOWED:
        check_move(before, after)
    else:
        with pytest.raises(WrongState):
            check_move(before, after)


@pytest.mark.parametrize(
    ("length", "refusal"),
    [
        (timedelta(0), SessionEndsBeforeStart),
        (timedelta(microseconds=-1), SessionEndsBeforeStart),
        (timedelta(microseconds=1), None),
        (timedelta(days=31), None),
        (timedelta(days=31, microseconds=1), SessionTooLong),
        (timedelta(days=365), SessionTooLong),
    ],
)
def test_how_long_a_session_may_be(length: timedelta, refusal: type[Refusal] | None) -> None:
    if refusal is None:
        assert check_session(START, START + length).length == length
    else:
        with pytest.raises(refusal):
            check_session(START, START + length)


READY = Readiness(
    has_summary=True,
    has_tasks=True,
    recruits=True,
    has_risk_statement=True,
    sessions=2,
    sessions_without_position=0,
    all_sessions_past=False,
)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"has_summary": False}, ["请写活动简介"]),
        ({"has_tasks": False}, ["请选择至少一项计划任务"]),
        ({"has_risk_statement": False}, ["招募志愿者须写明风险说明（《志愿服务条例》第十二条）"]),
        ({"has_risk_statement": False, "recruits": False}, []),
        ({"sessions": 0, "all_sessions_past": True}, ["请添加至少一个场次"]),
        ({"sessions_without_position": 1}, ["每个场次至少要有一个岗位或观众席"]),
        ({"all_sessions_past": True}, ["所有场次都已过去，请检查日期"]),
        ({"has_summary": False, "has_tasks": False}, ["请写活动简介", "请选择至少一项计划任务"]),
    ],
)
def test_what_publishing_needs(changes: dict[str, Any], missing: list[str]) -> None:
    assert missing_to_publish(replace(READY, **changes)) == missing


@pytest.mark.parametrize(
    ("field", "text", "required", "result"),
    [
        ("title", " 名称 ", True, "名称"),
        ("title", "", True, WordsMissing),
        ("title", " \n", True, WordsMissing),
        ("title", "题" * 80, True, "题" * 80),
        ("title", "题" * 81, True, TooLong),
        ("summary", "", False, ""),
        ("summary", "长" * 2001, False, TooLong),
        ("reason", "", True, WordsMissing),
        ("reason", "雪" * 301, True, TooLong),
        ("name", "岗" * 41, True, TooLong),
    ],
)
def test_texts(field: str, text: str, *, required: bool, result: Any) -> None:
    if isinstance(result, str):
        assert check_text(field, text, required=required) == result
        return
    with pytest.raises(result) as caught:
        check_text(field, text, required=required)
    assert caught.value.at_field == field


@pytest.mark.parametrize(
    ("capacity", "low", "good"),
    [
        (1, 1, True),
        (0, 1, False),
        (0, 0, True),
        (-1, 0, False),
        (CAPACITY_MAX, 1, True),
        (CAPACITY_MAX + 1, 1, False),
        (True, 0, False),
    ],
)
def test_numbers_of_places(capacity: int, low: int, *, good: bool) -> None:
    if good:
        assert check_capacity(capacity, low=low) == capacity
    else:
        with pytest.raises(BadCapacity):
            check_capacity(capacity, low=low)


@pytest.mark.parametrize(
    ("positions", "refusal"),
    [
        ([], None),
        ([PositionDraft("观众", "audience", 1), PositionDraft("司机", "volunteer", 1)], None),
        ([PositionDraft("观众", "audience", 1), PositionDraft(" 观众 ", "volunteer", 1)], PositionNameTaken),
        ([PositionDraft("", "audience", 1)], WordsMissing),
        ([PositionDraft("观众", "", 1)], UnknownChoice),
        ([PositionDraft("观众", "audience", 0)], BadCapacity),
        ([PositionDraft(f"岗{n}", "volunteer", 1) for n in range(POSITIONS_MAX)], None),
        ([PositionDraft(f"岗{n}", "volunteer", 1) for n in range(POSITIONS_MAX + 1)], TooMany),
    ],
)
def test_positions(positions: list[PositionDraft], refusal: type[Refusal] | None) -> None:
    if refusal is None:
        check_positions(positions)
    else:
        with pytest.raises(refusal):
            check_positions(positions)


def test_groups_stand_in_the_plans_order_and_once() -> None:
    assert check_audiences(["老年人", "公众", "老年人"]) == ["公众", "老年人"]
    assert check_audiences(AUDIENCES) == list(AUDIENCES)
    assert check_audiences([]) == []
    with pytest.raises(UnknownChoice):
        check_audiences(["公众", "外星人"])
