"""Rows of a confirmation sheet as other systems write it: who, what, when, how long. Plain Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from webapp.core import spelling
from webapp.core.errors import N_
from webapp.core.tables import columns as headings
from webapp.core.tables import written
from webapp.core.tables.columns import LOOK_FOR_HEADS, Heads
from webapp.core.tables.draft import CellFault, Draft
from webapp.core.tables.hours import Unclear
from webapp.pages.domain.confirmation import Fault, Service
from webapp.pages.domain.exchange import Column, HeadingsMissing, recognise
from webapp.recognition.domain import RECORD_STATUS_LABELS, RecordStatus
from webapp.recognition.domain.standing import ENTERED, RECORD_STATE_LABELS

_HOURS = re.compile(
    r"(?:(\d{1,5}(?:\.\d{1,10})?)(?:个?(?:小时|学时)|h|hours?)?)?(?:(?<=[时h])(\d{1,2})分钟?)?", re.IGNORECASE
)
_MINUTES = re.compile(r"(\d{1,6})(?:分钟|分|min)", re.IGNORECASE)
_AMOUNT = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_TENTH = Decimal("0.1")

NO_WHO = N_("没有全国志愿者编号，也没有姓名加手机号或场次编号，认不出是谁。")
NO_WHAT = N_("没有活动名称，也没有场次编号，认不出是哪一场。")
NO_DAY = N_("日期看不懂，请写成 2026-11-28。")
NO_HOURS = N_("时长看不懂，请写小时数，如 2.5。")
CUT_NUMBER = N_("表格把“%(text)s”当成了数，后几位已经丢了，请重新填写。")

# What other systems call these columns, beside our own headings and the office's.
_WORDS = {
    "number": "全国志愿者编号 志愿者编号 志愿者编码 编号 志愿者号 注册编号",
    "name": "姓名 志愿者姓名 名字 志愿者 服务人员 人员姓名",
    "phone": "联系方式 手机号 手机 电话 联系电话 手机号码 电话号码",
    "title": "活动名称 项目名称 志愿项目 服务项目 项目 活动 活动标题",
    "session_id": "场次编号 活动编号",
    "date": "服务日期 日期 活动日期 服务时间 开展日期 时间",
    "hours": "服务时长 时长 志愿时长 服务时数 小时数 服务小时数 认定时长 时数 工时",
    "added_hours": "补录时长 补录 补录小时数",
    "status": "状态 记录状态",
}
NEEDED = ("date", "hours")
# What our own export says of time that is not final: it is not held against what is.
OPEN = frozenset(
    [label for status, label in RECORD_STATUS_LABELS.items() if status != RecordStatus.FINAL]
    + [label for state, label in RECORD_STATE_LABELS.items() if state not in ENTERED]
)


@dataclass(frozen=True)
class Confirmation:
    """A sheet as it was read."""

    rows: Sequence[Service]
    faults: Sequence[Fault]
    left: int = 0  # rows of time that is not final yet


def sheet_columns(columns: Sequence[Column]) -> list[headings.Column]:
    """The columns a confirmation may have, called as the office calls them."""
    return [
        headings.Column(one.key, one.head, _words(one), is_needed=one.key in NEEDED, width=20)
        for one in columns
        if one.key in _WORDS
    ]


def _words(one: Column) -> str:
    own = ("".join(text.split()) for text in (one.head, one.default))
    return f"{' '.join(own)} {_WORDS[one.key]}"


class Finder:
    """Headings by the office's words first, then ours, then what others say."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns

    def __call__(self, rows: Sequence[Sequence[str]], wanted: Sequence[headings.Column]) -> Heads | None:
        """The row of the first ones that names most."""
        best: Heads | None = None
        filled = [(at, cells) for at, cells in enumerate(rows) if any(cells)][:LOOK_FOR_HEADS]
        for at, cells in filled:
            named = recognise(
                cells, self.columns
            )  # all our columns, for a heading of another one is no synonym
            known = {key: place for key, place in named.items() if key in _WORDS}
            left = ["" if place in named.values() else cell for place, cell in enumerate(cells)]
            others = headings.match(left, [one for one in wanted if one.key not in known])[1]
            places = others | known
            if places and (best is None or len(places) > len(best.places)):
                best = Heads(at, places)
        return best if best and len(best.places) > 1 else None


def check_headings(draft: Draft) -> None:
    """Raise HeadingsMissing where a row could not say who, what, when or how long."""
    found = {key for key, place in draft.places.items() if place < draft.width}
    label = {one.key: one.label for one in draft.columns}
    missing = [label[key] for key in NEEDED if key not in found]
    if "number" not in found and not ("name" in found and {"phone", "session_id"} & found):
        missing.append(label["number"])
    if "title" not in found and "session_id" not in found:
        missing.append(label["title"])
    if missing:
        raise HeadingsMissing(heads="”、“".join(missing))


def read_draft(draft: Draft) -> Confirmation:
    """Its rows. Raises HeadingsMissing."""
    check_headings(draft)
    has_added = draft.places["added_hours"] < draft.width
    rows, faults, left = [], [], 0
    for row in draft.read()[0]:
        if row.cells.get("status", "").strip() in OPEN:
            left += 1
            continue
        read = _service(row.cells, draft, has_added)
        if isinstance(read, Service):
            rows.append(read)
        else:
            faults.append(Fault(row.number, tuple(read)))
    return Confirmation(rows, faults, left)


def read_rows(table: Sequence[Sequence[str]], columns: Sequence[Column]) -> Confirmation:
    """The same of rows under the headings of our export of hours. Raises HeadingsMissing."""
    draft = Draft(sheet_columns(columns), [("", [list(row) for row in table])], find=Finder(columns))
    draft.look_for_heads()
    return read_draft(draft)


def _service(given: Mapping[str, str], draft: Draft, has_added: bool) -> Service | list[CellFault]:
    """The row, or all that is wrong with it."""
    cells = {key: given.get(key, "").strip() for key in _WORDS}
    number = cells["number"].upper().removesuffix(".0")
    name, phone = spelling.name_form(cells["name"]), digits_of(cells["phone"])
    cut = [key for key in ("number", "phone") if _AMOUNT.fullmatch(cells[key])]
    faults = [CellFault(key, CUT_NUMBER, {"text": cells[key]}) for key in cut]
    if not number and not (name and (phone or cells["session_id"])):
        faults.append(CellFault("number" if draft.places["number"] < draft.width else "name", NO_WHO))
    if not cells["title"] and not cells["session_id"]:
        faults.append(CellFault("title", NO_WHAT))
    on = _day(cells["date"], draft)
    if on is None:
        faults.append(CellFault("date", NO_DAY))
    hours, added = _hours(cells["hours"]), _hours(cells["added_hours"])
    if hours is None or not (cells["hours"] or cells["added_hours"]):
        faults.append(CellFault("hours", NO_HOURS))
    if added is None:
        faults.append(CellFault("added_hours", NO_HOURS))
    if faults or on is None or hours is None:
        return faults
    told_apart = added if has_added else None
    return Service(number, name, phone, cells["title"], cells["session_id"], on, hours, told_apart)


def digits_of(phone: str) -> str:
    """A telephone number as it is compared: digits and stars, without the country's code."""
    plain = spelling.compact(phone).strip().removesuffix(".0")
    found = re.sub(r"[^\d*]", "", plain)
    return found[2:] if len(found) == 13 and found.startswith("86") else found


def _day(text: str, draft: Draft) -> date | None:
    """A day whose year is written beside it, or in the title of the sheet; none is guessed for what is past."""
    try:
        found = written.read(text, is_day=True, since_1904=draft.since_1904)
        if len(found.days) != 1:
            return None
        year, month, day = found.days[0]
        years = draft.years()
        year = year or (years[0] if len(years) == 1 else None)
        on = date(year, month, day) if year else None
        if on:
            written.check_weekday(found, on, on)
        return on
    except (Unclear, ValueError):
        return None


def _hours(text: str) -> Decimal | None:
    """Nothing is none; None for what is no number."""
    text = "".join(spelling.compact(text).split())
    if not text:
        return Decimal(0)
    minutes = _MINUTES.fullmatch(text)
    if minutes:
        return (Decimal(minutes[1]) / 60).quantize(_TENTH)
    found = _HOURS.fullmatch(text)
    if found is None or not found[1]:
        return None
    return (Decimal(found[1]) + Decimal(found[2] or 0) / 60).quantize(_TENTH)
