"""Rows of planned sessions: all that is wrong at once; places and kinds as people write them."""

from datetime import UTC, date, datetime

import pytest

from webapp.core.tables import hours, span, written
from webapp.core.tables.draft import Row
from webapp.core.tables.span import Hints
from webapp.events.domain import planned
from webapp.events.domain.kinds import Kinds
from webapp.events.domain.places import Place, Places
from webapp.events.domain.planned import BadRow, Known, Planned, read_row

PLACES = Places(
    [
        Place("hall", "长青社区服务中心（演示）", "长安路 12 号", "向阳区"),
        Place("south", "人民医院（南院）", "保卫路 1 号", "前进区"),
        Place("north", "人民医院（北院）", "德祥街 2 号", "前进区"),
        Place("one", "文化馆", "", "向阳区"),
        Place("two", "文化馆", "", "东风区"),
        Place("net", "线上直播间", "", "向阳区", is_online=True),
    ]
)
KINDS = Kinds(
    {
        "lecture": "科普讲座/科普报告会",
        "screening": "健康筛查/义诊/健康评估",
        "science_van": "科普大篷车巡展",
        "x": "健康讲座（含老年人健康大讲堂）",
    }
)
KNOWN = Known(PLACES, KINDS, "lecture", Hints(date(2026, 11, 29)))
GOOD = {
    "title": "血压怎么量",
    "day": "12月5日",
    "start": "下午2:00",
    "end": "4:00",
    "place": "人民医院(南院)",
}


def test_a_row_is_understood() -> None:
    one = read_row(Row(2, GOOD | {"kind": "义诊", "bring": "老花镜"}), KNOWN)
    assert isinstance(one, Planned)
    assert (one.starts_at, one.ends_at) == (
        datetime(2026, 12, 5, 6, tzinfo=UTC),
        datetime(2026, 12, 5, 8, tzinfo=UTC),
    )
    assert (one.venue_id, one.type_slug, one.guessed_year, one.year, one.notes) == (
        "south",
        "screening",
        True,
        2026,
        (),
    )


def test_all_faults_of_a_row_are_told_with_their_cells() -> None:
    bad = read_row(
        Row(
            2,
            {
                "title": "长" * 90,
                "day": "明天",
                "start": "2点",
                "end": "",
                "place": "人民医院",
                "bring": "带" * 400,
            },
        ),
        KNOWN,
    )
    assert isinstance(bad, BadRow)
    assert [(one.key, one.sentence) for one in bad.faults] == [
        ("title", planned.TOO_LONG),
        ("day", written.NOT_READ),
        ("start", hours.WHICH_HALF),
        ("end", span.NO_END),
        ("place", planned.WHICH_VENUE),
        ("bring", planned.TOO_LONG),
    ]
    assert bad.faults[4].near == ("人民医院（北院）", "人民医院（南院）")
    empty = read_row(Row(3, {"summary": "x"}), KNOWN)
    assert isinstance(empty, BadRow)
    assert {one.key for one in empty.faults} == {"title", "day", "start", "place"}
    slip = read_row(Row(4, GOOD | {"day": "2026-12-05", "end": "2027-12-05 16:00"}), KNOWN)
    assert isinstance(slip, BadRow)
    assert slip.faults[0].sentence == planned.LASTS_TOO_LONG


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("长青社区服务中心（演示）", "hall"),
        ("长青社区服务中心(演示)", "hall"),
        ("长青社区 服务中心 （演示） ", "hall"),
        ("长青社区服务中心（演示）（向阳区长安路 12 号）", "hall"),
        ("向阳区长青社区服务中心（演示）", "hall"),
        ("佳木斯市向阳区长青社区服务中心(演示)", "hall"),
        ("向阳区长安路12号 长青社区服务中心（演示）", "hall"),
        ("人民医院·南院", "south"),
        ("文化馆（东风区）", "two"),
        ("东风区 文化馆", "two"),
        ("文化馆", None),
        ("人民医院", None),
        ("长青社区", None),
        ("", None),
    ],
)
def test_a_place_is_found_by_its_name_and_never_by_likeness(written: str, found: str | None) -> None:
    assert PLACES.find(written).id == found


def test_near_ones_are_offered_in_words_that_are_found() -> None:
    assert PLACES.find("文化馆").near == ("文化馆（东风区）", "文化馆（向阳区）")
    assert PLACES.find("长青社区").near == ("长青社区服务中心（演示）",)
    assert PLACES.find("腾讯会议 123").near == ("线上直播间",)
    assert PLACES.find("火星").near == ()
    for text in ("文化馆", "长青社区", "人民医院", "腾讯会议"):
        assert all(PLACES.find(one).id for one in PLACES.find(text).near)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("科普讲座/科普报告会", "lecture"),
        ("科普报告会", "lecture"),
        ("讲座", "lecture"),
        ("健康讲座", "x"),
        ("义诊活动", "screening"),
        ("大篷车", "science_van"),
        ("手机课", None),  # a kind this city does not have
        ("聚餐", None),
    ],
)
def test_a_kind_is_found_by_what_people_call_it(written: str, found: str | None) -> None:
    assert KINDS.find(written) == found


def test_a_kind_nobody_knows_is_said() -> None:
    one = read_row(Row(2, GOOD | {"kind": "聚餐"}), KNOWN)
    assert isinstance(one, Planned)
    assert (one.type_slug, one.notes[0][0]) == ("lecture", planned.OTHER_KIND)
