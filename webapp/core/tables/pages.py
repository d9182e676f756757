"""A page of a table file: rows of texts, as a spreadsheet program counts them. Plain Python."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from webapp.core.errors import N_, RuleBroken

BYTES_LIMIT, ROWS_LIMIT, COLUMNS_LIMIT, CELL_LIMIT = 2_000_000, 5_001, 60, 2_000  # one row is the headings
PAGES_LIMIT = 20
UNPACKED_LIMIT = 32 * 1024 * 1024  # a file of 2 MB must not become a heap of gigabytes
CELLS_LIMIT = 200_000  # of a workbook; more take longer than somebody waits
_FILL_LIMIT = 100_000  # cells that merged ones above them fill
_NOT_KEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
# What plain() of core.sheets puts an apostrophe before.
RISKY = re.compile(r"^[=+\-@\t\r]")


class UnreadableSheet(RuleBroken):
    """None of the kinds of table that can be read."""

    sentence = N_("这个文件打不开。请用 Excel 或 WPS 另存为 .xlsx 或 .csv 再试，不要加密码。")
    code = "unreadable_sheet"
    field = "file"


class EmptyFile(UnreadableSheet):
    """A name and no bytes: it was not saved, or not fetched from the cloud."""

    sentence = N_("这个文件是空的。请打开看看有没有内容，存好再上传。")
    code = "empty_file"


class OtherKindOfFile(UnreadableSheet):
    """It is known what this is, and that it is no table."""

    sentence = N_("%(what)s，不是能读的表格。%(how)s再上传。")
    code = "other_kind_of_file"


class LockedFile(UnreadableSheet):
    """A table behind a password: its owner takes the password off, we ask for none."""

    sentence = N_("这个表格要密码才能打开，这里读不了。请在 Excel 或 WPS 里去掉密码，另存一份再上传。")
    code = "locked_file"


class SheetTooLarge(RuleBroken):
    """More than a page can answer for."""

    sentence = N_("表太大：最多 %(rows)d 行、%(mb)d MB。请只留要用的列，或分几次上传。")
    code = "sheet_too_large"
    field = "file"


@dataclass(frozen=True)
class Limits:
    """How much of a file is looked at."""

    bytes: int = BYTES_LIMIT
    rows: int = ROWS_LIMIT

    def too_large(self) -> SheetTooLarge:
        """The refusal that says these limits."""
        return SheetTooLarge(rows=self.rows - 1, mb=max(1, self.bytes // 1_000_000))


Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; from 0


@dataclass
class Page:
    """One sheet. Hidden rows and columns are there, but empty, so that rows keep their numbers."""

    name: str
    rows: list[list[str]]
    is_hidden: bool = False
    rows_hidden: int = 0
    columns_hidden: int = 0
    since_1904: bool = False  # serial numbers of days count from there
    is_cut: bool = False  # there was more than may be read

    def __post_init__(self) -> None:
        while self.rows and not any(self.rows[-1]):
            self.rows.pop()


@dataclass
class Marks:
    """What a sheet says beside its cells; rows and columns from 0."""

    merges: list[Merge] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)  # hidden
    columns: set[int] = field(default_factory=set)  # hidden


def page_of(name: str, cells: Iterable[Iterable[Any]], *, marks: Marks, limits: Limits) -> Page:
    """A page of these cells: bounded, as texts, merged cells filled downwards, hidden ones emptied."""
    rows, is_cut = bounded(cells, limits)
    page = Page(name, rows, is_cut=is_cut)
    filled_by = 0
    for first, column, last, _ in marks.merges:
        filled_by += max(0, min(last, len(page.rows) - 1) - first)
        if filled_by > _FILL_LIMIT:
            break
        _fill_down(page.rows, column, first, last)
    for number in marks.rows:
        if number < len(page.rows) and any(page.rows[number]):
            page.rows[number] = []
            page.rows_hidden += 1
    for column in marks.columns:
        filled = [row for row in page.rows if column < len(row) and row[column]]
        for row in filled:
            row[column] = ""
        page.columns_hidden += bool(filled)
    page.__post_init__()
    return page


def _fill_down(rows: list[list[str]], column: int, first: int, last: int) -> None:
    """A cell merged over several rows holds for each of them; over several columns it is one heading."""
    if first >= len(rows) or column >= len(rows[first]):
        return
    for row in rows[first + 1 : last + 1]:
        row.extend([""] * (column + 1 - len(row)))
        row[column] = row[column] or rows[first][column]


def bounded(cells: Iterable[Iterable[Any]], limits: Limits) -> tuple[list[list[str]], bool]:
    """Rows as texts, and whether there were more; an empty one far below counts as little as one at the end."""
    found: list[list[str]] = []
    for number, row in enumerate(cells):
        texts = [cell_text(value) for _, value in zip(range(COLUMNS_LIMIT), row, strict=False)]
        if number < limits.rows:
            found.append(texts)
        elif any(texts) or number > 20 * limits.rows:
            return found, True
    return found, False


def cell_text(value: Any) -> str:
    """What stands in a cell, as someone would type it."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        value = _whole_minutes(datetime(2000, 1, 1) + value).time()  # noqa: DTZ001  (a time of day)
    if isinstance(value, datetime):
        value = _whole_minutes(value)
        value = value.date() if value.time() == time() else value.isoformat(" ", "minutes")
    elif isinstance(value, time):
        on_a_day = datetime.combine(date(2000, 1, 1), value.replace(tzinfo=None))
        value = _whole_minutes(on_a_day).strftime("%H:%M")
    if isinstance(value, float):
        value = int(value) if value.is_integer() else repr(round(value, 9))
    text = _NOT_KEPT.sub("", str(value)[: 2 * CELL_LIMIT]).strip()[:CELL_LIMIT]
    return text[1:] if text.startswith("'") and RISKY.match(text[1:]) else text


def _whole_minutes(moment: datetime) -> datetime:
    """8:59:59.999 is how a spreadsheet program keeps 9:00."""
    return (moment.replace(tzinfo=None) + timedelta(seconds=1)).replace(second=0, microsecond=0)
