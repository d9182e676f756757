"""A list of people between pasting and signing up: lines as they were typed, or columns under headings. Plain Python.

The list stays the text that is seen on the page. What is assigned or mended below it is written back into that text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.core import spelling
from webapp.core.errors import N_
from webapp.core.tables.columns import Column, Heads, find_heads, is_of_another, match
from webapp.core.tables.draft import Draft
from webapp.core.tables.text import mark_of

TEXT_LIMIT = 60_000  # characters of a pasted list
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}(?:\.0)?")
_LINE_ENDS = re.compile(r"\r\n|\r|\n|\u2028|\x0b|\x0c")
_UNUSED = "（不用）"

COLUMNS = (
    Column(
        "name", N_("姓名"),
        "姓名 名字 姓名全称 参加人 参加人姓名 参加者 参加者姓名 报名人 报名人姓名 学员 学员姓名 学生姓名"
        " 老人姓名 人员姓名 人员 报名者 老人 居民 居民姓名 群众 学生 会员 队员 成员 志愿者 党员 name fullname",
        example="赵桂兰", is_needed=True,
    ),
    Column(
        "phone", N_("手机号"),
        "手机号 手机 电话 手机号码 联系电话 联系方式 电话号码 联系手机 本人电话 移动电话 座机 固定电话 电话号 联系号码"
        " phone mobile tel telephone",
        example="13800138000", hint=N_("11 位手机号，或带区号的座机；没有可以不写。"), width=18,
    ),
    Column(
        "band", N_("年龄段"), "年龄段 年龄 岁数 周岁 age",
        hint=N_("写岁数，或“成人”“16至17岁”“14至15岁”“10至13岁”“不满10岁”；不写算成人。"),
    ),
    Column(
        "guardian", N_("监护人"), "监护人 监护人姓名 家长 家长姓名 guardian",
        hint=N_("不满 18 岁的要写。"),
    ),
    Column(
        "guardian_phone", N_("监护人电话"),
        "监护人电话 监护人手机 监护人手机号 监护人联系方式 监护人联系电话 家长电话 家长手机 家长手机号"
        " 家长联系电话 guardianphone",
        width=18,
    ),
    Column(
        "company", N_("陪同人"), "陪同人 陪同 陪同人姓名 陪护人 接送人 带队人 带队老师 带队教师 老师 company",
        hint=N_("不满 10 岁的要写谁陪着来；不满 14 岁的写谁陪同或接送，没有就写“自己来”。"),
    ),
)  # fmt: skip
FREE = (Column("line", N_("姓名和手机号"), "", is_needed=True),)


@dataclass
class Listing:
    """The list, and its columns where it has headings."""

    lines: list[str]
    mark: str = "\t"
    draft: Draft | None = None  # None: each line is read by itself

    @property
    def text(self) -> str:
        """As it stands on the page."""
        return "\n".join(self.lines)

    def shown(self) -> Draft:
        """The table to be mended: its columns, or one that holds the whole line."""
        if self.draft:
            return self.draft
        draft = Draft(FREE, [("", [[line] for line in self.lines])])
        draft.assign({"line": 0})
        return draft

    def split(self) -> Draft | None:
        """The table whose columns may be assigned, where the lines have several."""
        if self.draft or not any(self.mark in line for line in self.lines):
            return self.draft
        draft = Draft(COLUMNS, [("", [_cells(line, self.mark) for line in self.lines])])
        draft.assign({})
        return draft

    def apply(self, given: Mapping[str, Sequence[str]]) -> "Listing":
        """The list with what was changed below it."""
        chosen = {
            int(key[3:]): values[0] for key, values in given.items() if re.fullmatch(r"col\d{1,2}", key)
        }
        now = {place: key for key, place in self.draft.places.items()} if self.draft else {}
        assigned = {place: key for place, key in chosen.items() if key}
        shown = self.shown()
        shown.apply({key: values for key, values in given.items() if key[:3] not in {"col", "she", "hea"}})
        if self.draft:
            lines = ["\t".join(" ".join(cell.split()) for cell in row).rstrip() for row in shown.rows]
        else:
            lines = [" ".join(row[0].splitlines()) if row else "" for row in shown.rows]
        lines = ["" if number in shown.left else line for number, line in enumerate(lines, 1)]
        if chosen and assigned != {place: now[place] for place in chosen if place in now}:
            lines = self._renamed(lines, chosen)
        return listing_of("\n".join(lines))

    def _renamed(self, lines: list[str], chosen: Mapping[int, str]) -> list[str]:
        """The same with headings that say what was chosen."""
        labels = {one.key: one.label for one in COLUMNS}
        split = self.split()
        heads = list(split.rows[split.head]) if split and split.head >= 0 else []
        heads += [""] * (max(chosen) + 1 - len(heads))
        known = {one.key for one in COLUMNS}
        for place, key in chosen.items():
            named = match([heads[place]], COLUMNS)[1] if heads[place] else {}
            if key in known:
                heads[place] = labels[key]
            elif named or not heads[place]:
                heads[place] = _UNUSED
        if split and split.head >= 0 and self.draft:
            return [*lines[: split.head], "\t".join(heads), *lines[split.head + 1 :]]
        return ["\t".join(heads), *("\t".join(_cells(line, self.mark)) for line in lines)]


def _cells(line: str, mark: str) -> list[str]:
    return [" ".join(cell.split()) for cell in line.split(mark)]


def _unnamed_phone(draft: Draft, found: Heads) -> dict[str, int]:
    """The column of mobile numbers whose heading nobody foresaw, where no heading says telephone."""
    if "phone" in found.places:
        return {}
    for place, head, _, key in draft.heads():
        below = [
            re.sub(r"[\s-]", "", row[place])
            for row in draft.rows[found.at + 1 :]
            if place < len(row) and row[place]
        ]
        is_like = sum(bool(_MOBILE.fullmatch(one)) for one in below) * 2 > len(below)
        if below and is_like and not key and not is_of_another(head) and place not in found.places.values():
            return {"phone": place}
    return {}


def listing_of(text: str) -> Listing:
    """The list of pasted text, or of the rows of a file with tabs between their cells."""
    lines = [spelling.plain(line) for line in _LINE_ENDS.split(text)]
    best: Listing | None = None
    for mark in dict.fromkeys((mark_of(text), "\t", ",", "、", ";", "|", " ")):
        rows = [_cells(line, mark) if mark != " " else line.split() for line in lines]
        found = find_heads(rows, COLUMNS)
        if found and "name" in found.places and (best is None or len(found.places) > len(best.draft.places)):  # type: ignore[union-attr]
            draft = Draft(COLUMNS, [("", rows)], head=found.at)
            draft.assign(found.places | _unnamed_phone(draft, found))
            best = Listing(lines, mark, draft)
            if len(found.places) > 1:
                break
    return best or Listing(lines, spelling.plain(mark_of(text)))
