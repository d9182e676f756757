"""A confirmation sheet read and compared: every way two sides may agree or not."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from webapp.core.errors import Refusal
from webapp.pages.domain import confirmation_sheet as confirmation
from webapp.pages.domain.confirmation import Service, compare
from webapp.pages.domain.confirmation_sheet import digits_of, read_rows
from webapp.pages.domain.exchange import (
    COLUMNS,
    HeadingsMissing,
    Kind,
    columns_of,
    doubled,
    recognise,
    to_keep,
)

DAY = date(2026, 11, 21)


def ours(**values: Any) -> Service:
    usual: dict[str, Any] = {
        "number": "230800001", "name": "李秀英", "phone": "13812345678", "title": "手机课", "session_id": "s1",
        "on": DAY, "hours": Decimal("2.0"), "added": Decimal(0), "person_id": "p1", "masked": "138****5678",
    }  # fmt: skip
    return Service(**(usual | values))


def theirs(**values: Any) -> Service:
    return ours(**({"person_id": "", "masked": ""} | values))


@pytest.mark.parametrize(
    ("here", "there", "expected"),  # expected: same, differ, only here, only there
    [
        ({}, {}, (1, 0, 0, 0)),
        ({}, {"hours": Decimal("2.5")}, (0, 1, 0, 0)),
        ({}, {"added": Decimal(1)}, (0, 1, 0, 0)),
        ({}, {"added": None}, (1, 0, 0, 0)),
        ({"added": Decimal(1)}, {"hours": Decimal(3), "added": None}, (1, 0, 0, 0)),
        ({"added": Decimal(1)}, {"hours": Decimal(3)}, (0, 1, 0, 0)),
        ({}, {"number": ""}, (1, 0, 0, 0)),
        ({}, {"number": "", "phone": "138****5678"}, (1, 0, 0, 0)),
        ({}, {"number": "", "phone": "13912345678"}, (0, 0, 1, 1)),
        ({}, {"number": "", "name": "王秀英"}, (0, 0, 1, 1)),
        ({}, {"name": "", "phone": ""}, (1, 0, 0, 0)),
        ({}, {"number": "999", "phone": ""}, (0, 0, 1, 1)),
        ({"number": ""}, {}, (1, 0, 0, 0)),
        ({}, {"session_id": ""}, (1, 0, 0, 0)),
        ({}, {"session_id": "", "title": "手机 课"}, (1, 0, 0, 0)),
        ({}, {"session_id": "", "title": "别的课"}, (0, 0, 1, 1)),
        ({}, {"session_id": "s2"}, (0, 0, 1, 1)),
        ({}, {"title": "改过的名称"}, (1, 0, 0, 0)),
        ({}, {"on": date(2026, 11, 22)}, (0, 0, 1, 1)),
    ],
)
def test_one_against_one(
    here: dict[str, Any], there: dict[str, Any], expected: tuple[int, int, int, int]
) -> None:
    found = compare([ours(**here)], [theirs(**there)])
    assert (found.same, len(found.differ), len(found.only_here), len(found.only_there)) == expected


def test_rows_of_one_person_at_one_session_are_added_up() -> None:
    here = [ours(), ours(hours=Decimal(0), added=Decimal("0.5"))]
    assert compare(here, [theirs(added=Decimal("0.5"))]).same == 1
    assert len(compare([ours()], [theirs(), theirs()]).differ) == 1
    morning_and_evening = [ours(), ours(session_id="s2")]
    assert compare(morning_and_evening, [theirs(session_id="", hours=Decimal(4))]).same == 1


def test_a_masked_telephone_that_may_mean_two_is_one_row_of_two() -> None:
    two = [ours(number=""), ours(number="", phone="13899995678", person_id="p2")]
    found = compare(two, [theirs(number="", phone="138****5678")])
    assert (found.same, len(found.only_here), len(found.only_there)) == (1, 1, 0)
    assert compare(two, [theirs(number="", phone="138****5678")] * 2).same == 2
    found = compare(two, [theirs(number="", phone="138****5678", session_id="s9")])
    assert (found.same, len(found.only_here), len(found.only_there)) == (0, 2, 1)


def test_of_two_of_one_name_each_row_takes_the_one_it_agrees_with() -> None:
    two = [
        ours(number="", phone="", masked=""),
        ours(number="", phone="", masked="", person_id="p2", hours=Decimal(5)),
    ]
    rows = [theirs(number="", phone="", hours=Decimal(5)), theirs(number="", phone="")]
    assert compare(two, rows).same == 2
    found = compare(
        two, [theirs(number="", phone="", hours=Decimal(5)), theirs(number="", phone="", hours=Decimal(9))]
    )
    assert (found.same, [(mine.hours, their.hours) for mine, their in found.differ]) == (
        1,
        [(Decimal(2), Decimal(9))],
    )


def test_nothing_against_nothing() -> None:
    assert compare([], []).same == 0
    assert len(compare([ours()], []).only_here) == 1
    assert len(compare([], [theirs()]).only_there) == 1


HEADS = ["全国志愿者编号", "姓名", "联系方式", "活动名称", "服务日期", "服务时长（小时）"]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (["1", "", "", "课", "2026-11-21", "2"], None),
        (["", "李秀英", "+86 138 1234 5678", "课", "2026/11/21", "2.0小时"], None),
        (["1", "", "", "课", "2026年11月21日", "2.5"], None),
        (["1", "", "", "课", "20261121", "０.5"], None),
        (["1", "", "", "课", "2026-11-21 09:00", "0"], None),
        (["", "李秀英", "", "课", "2026-11-21", "2"], confirmation.NO_WHO),
        (["1", "", "", "", "2026-11-21", "2"], confirmation.NO_WHAT),
        (["1", "", "", "课", "2026-02-30", "2"], confirmation.NO_DAY),
        (["1", "", "", "课", "昨天", "2"], confirmation.NO_DAY),
        (["1", "", "", "课", "2026-11-21", "两"], confirmation.NO_HOURS),
        (["1", "", "", "课", "2026-11-21", "-2"], confirmation.NO_HOURS),
        (["1", "", "", "课", "2026-11-21"], confirmation.NO_HOURS),
    ],
)
def test_reading_a_row(cells: list[str], fault: str | None) -> None:
    read = read_rows([["2026 年回执"], HEADS, [], cells], columns_of(Kind.HOURS, {}))
    assert [(one.row, one.sentence) for one in read.faults] == ([(4, fault)] if fault else [])
    assert [one.on for one in read.rows] == ([] if fault else [DAY])


def test_headings_are_known_by_both_names() -> None:
    kept = {"hours": {"hours": {"head": "时数"}, "phone": {"off": True}}}
    columns = columns_of(Kind.HOURS, kept)
    assert to_keep(columns) == kept["hours"]
    for head in ("时数", "服务时长（小时）", "服务时长(小时) "):
        assert "hours" in recognise([*HEADS[:5], head], columns)
    swapped = columns_of(
        Kind.HOURS, {"hours": {"title": {"head": "场次"}, "session_title": {"head": "活动名称"}}}
    )
    assert recognise(["场次", "活动名称"], swapped) == {"title": 0, "session_title": 1}
    assert not doubled(swapped)
    assert doubled(columns_of(Kind.HOURS, {"hours": {"title": {"head": "场 次"}}})) == {"session_title"}


@pytest.mark.parametrize(
    ("heads", "missing"),
    [
        ([], "服务日期"),
        (HEADS[:5], "服务时长"),
        (HEADS[1:2] + HEADS[3:], "全国志愿者编号"),
        (HEADS[:3] + HEADS[4:], "活动名称"),
    ],
)
def test_a_sheet_without_a_needed_column_is_refused(heads: list[str], missing: str) -> None:
    with pytest.raises(HeadingsMissing) as refused:
        read_rows([heads], columns_of(Kind.HOURS, {}))
    refusal: Refusal = refused.value
    assert missing in str(refusal)


def test_telephones_are_compared_by_their_digits() -> None:
    assert digits_of("+86 138-1234-5678") == digits_of("１３８１２３４５６７８") == "13812345678"
    assert digits_of("138****5678") == "138****5678"


def test_no_two_columns_of_a_kind_share_a_heading() -> None:
    for kind in Kind:
        assert not doubled(columns_of(kind, {})), COLUMNS[kind]
