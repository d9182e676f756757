"""A row of a table of planned sessions: what it says, or all that is wrong with it, cell by cell. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.core import clock
from webapp.core.errors import N_
from webapp.core.tables.columns import Column
from webapp.core.tables.draft import CellFault, Row
from webapp.core.tables.hours import Unclear
from webapp.core.tables.span import Hints, read_span
from webapp.events.domain.kinds import Kinds
from webapp.events.domain.places import Places
from webapp.events.domain.rules import BRING_LIMIT, LONGEST_SESSION, SUMMARY_LIMIT, TITLE_LIMIT

ENTRIES_MAX = 200

NO_TITLE = N_("没有标题。")
NO_PLACE = N_("没有地点。")
NO_VENUE = N_("没有叫“%(place)s”的地点，请改成登记的名字，或先登记这个地点。")
WHICH_VENUE = N_("没有叫“%(place)s”的地点。是不是下面这个？")
TOO_LONG = N_("最多 %(limit)s 个字，现在有 %(n)s 个。")
LASTS_TOO_LONG = N_("一场最长 %(days)s 天，请看看年份对不对。")
OTHER_KIND = N_("没有“%(kind)s”这个类型，先算作“%(as)s”，可以在草稿里改。")
THERE_ALREADY = N_("同一地点同一时间已经有这个标题的活动。")
TOO_MANY = N_("一次最多导入 %(limit)s 条，从第 %(row)s 行起没有读，导入后再传一次就接着读。")

COLUMNS = (
    Column(
        "title",
        N_("标题"),
        "标题 活动 活动名称 活动标题 活动主题 名称 主题 讲座名称 讲座题目 讲座主题 课程 课程名称 课题 题目 项目"
        " 项目名称 活动项目 宣讲主题 title summary subject event name 活动内容 内容 主要内容",
        example="血压怎么量",
        width=28,
        is_needed=True,
    ),
    Column(
        "day",
        N_("日期"),
        "日期 活动日期 举办日期 开展日期 授课日期 讲座日期 开始日期 活动开始日期 上课日期 哪天 日子 日期时间"
        " date day startdate when"
        " 时间 活动时间 举办时间 开展时间 授课时间 讲座时间 时间安排",
        hint=N_("也可以写 12月5日（周六）；不写年份时，按标题里的年份或最近的日子算。"),
        width=18,
    ),
    Column(
        "start",
        N_("开始"),
        "时间 活动时间 举办时间 开展时间 授课时间 讲座时间 时间安排 开始 开始时间 活动开始时间 起始时间 开始时刻 时间段"
        " 起止时间 时段 具体时间 上课时间 上课时段 when start starttime starts time dtstart",
        example="9:00",
        hint=N_("也可以写 下午2点半；起止时间可以写在一格里，如 9:00-11:00。"),
        width=14,
    ),
    Column(
        "last",
        N_("结束日期"),
        "结束日期 活动结束日期 截止日期 终止日期 enddate",
        hint=N_("当天结束的不用写。"),
        width=18,
    ),
    Column(
        "end",
        N_("结束"),
        "结束 结束时间 活动结束时间 截止时间 终止时间 end endtime ends until dtend",
        example="11:00",
        hint=N_("24 小时制，或带上“上午”“下午”。"),
        width=14,
    ),
    Column(
        "length",
        N_("时长"),
        "时长 活动时长 用时 课时长 duration",
        hint=N_("写了结束时间就不用写，如 2小时、90分钟。"),
        width=10,
    ),
    Column(
        "place",
        N_("地点"),
        "地点 活动地点 举办地点 授课地点 讲座地点 开展地点 场地 场所 会场 地址 活动地址 活动场地 在哪 位置"
        " 地点名称 场地名称 场馆 教室"
        " location place venue where",
        hint=N_("写登记的地点名；同名的写上区县。"),
        width=28,
    ),
    Column(
        "kind",
        N_("类型"),
        "类型 类别 活动类型 活动类别 活动形式 形式 种类 type kind category",
        width=18,
    ),
    Column(
        "summary",
        N_("简介"),
        "简介 内容 说明 活动内容 活动简介 内容简介 主要内容 活动说明 介绍 description details content",
        example="学会在家量血压，看懂血压计。",
        width=40,
    ),
    Column(
        "bring",
        N_("请带"),
        "请带 要带什么 携带物品 请携带 自备 自备物品 需要带 bring",
        example="老花镜",
        width=20,
    ),
)
LABELS = {one.key: one.label for one in COLUMNS}
_LIMITS = {"title": TITLE_LIMIT, "summary": SUMMARY_LIMIT, "bring": BRING_LIMIT}


@dataclass(frozen=True)
class Planned:
    """One session as it was understood."""

    number: int  # of the row, as the one who typed it counts
    title: str
    starts_at: datetime
    ends_at: datetime
    venue_id: str
    type_slug: str
    summary: str = ""
    bring: str = ""
    guessed_year: bool = False
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def year(self) -> int:
        """Of its first day, in the city."""
        return clock.local(self.starts_at).year


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used yet, and everything that is wrong with it."""

    row: Row
    faults: tuple[CellFault, ...]


@dataclass(frozen=True)
class Known:
    """What rows are held against."""

    places: Places
    kinds: Kinds
    type_slug: str  # of those that name no kind
    hints: Hints


@dataclass
class _Found:
    faults: list[CellFault] = field(default_factory=list)
    notes: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


def read_row(row: Row, known: Known) -> Planned | BadRow:
    """What the row says; every fault of it at once."""
    found = _Found()
    cells = {key: row.cells.get(key, "").strip() for key in LABELS}
    title = " ".join(cells["title"].split())
    if not title:
        found.faults.append(CellFault("title", NO_TITLE))
    for key, limit in _LIMITS.items():
        if len(cells[key]) > limit:
            found.faults.append(CellFault(key, TOO_LONG, {"limit": limit, "n": len(cells[key])}))

    def tell(key: str, unclear: Unclear) -> None:
        found.faults.append(CellFault(key, unclear.sentence, unclear.params))

    span = read_span(
        {key: cells[key] for key in ("day", "start", "last", "end", "length")}, known.hints, tell
    )
    if span and span.end - span.start > LONGEST_SESSION:
        found.faults.append(CellFault("day", LASTS_TOO_LONG, {"days": LONGEST_SESSION.days}))
    venue_id = _place(cells["place"], known.places, found)
    kind = _kind(cells["kind"], known, found)
    if span is None or venue_id is None or found.faults:
        order = list(LABELS)
        return BadRow(row, tuple(sorted(found.faults, key=lambda fault: order.index(fault.key))))
    return Planned(
        row.number,
        title,
        clock.from_local(span.start),
        clock.from_local(span.end),
        venue_id,
        kind,
        summary=cells["summary"],
        bring=" ".join(cells["bring"].split()),
        guessed_year=span.guessed_year,
        notes=tuple(found.notes),
    )


def _place(text: str, places: Places, found: _Found) -> str | None:
    if not text:
        found.faults.append(CellFault("place", NO_PLACE))
        return None
    place = places.find(text)
    if place.id is None:
        sentence = WHICH_VENUE if place.near else NO_VENUE
        found.faults.append(CellFault("place", sentence, {"place": text[:80]}, place.near))
    return place.id


def _kind(text: str, known: Known, found: _Found) -> str:
    """The kind it names; for one nobody knows here the one chosen for such, and a word about it."""
    slug = known.kinds.find(text) if text else known.type_slug
    if slug is None:
        label = known.kinds.labels.get(known.type_slug, "")
        found.notes.append((OTHER_KIND, {"kind": text[:40], "as": label}))
    return slug or known.type_slug
