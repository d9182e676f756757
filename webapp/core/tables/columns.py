"""What the columns of a table mean: headings are found by their words, however decorated. Plain Python."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.core import spelling

LOOK_FOR_HEADS = 10  # rows that have anything in them
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>|《[^《》]*》")
_NUMBERING = re.compile(r"^(?:[\d]{1,2}|[一二三四五六七八九十]{1,2}|[a-z])[.、)）:](?=\D)|^[①-⑳]")
_DECORATION = re.compile(r"[\s*:!?.,;、。·_\-—~/\\\"'“”‘’#★☆※▲△●○◆]+|必填|选填|必须填写|请填写|请填|如实填写")
_SERIAL = {"序号", "序", "编号", "no", "number", "行号", "id", "号"}
_OTHER_PERSON = (
    "紧急",
    "备用",
    "推荐人",
    "介绍人",
    "填表",
    "填报",
    "负责",
    "first",
    "last",
    "given",
    "family",
    "user",
    "nick",
    "wechat",
)  # 紧急联系人电话 is not the person's own
_LONGEST = 16  # characters of a heading that is recognised by its end
_TOTAL = re.compile(r"^(?:合|总|小|共|累)\s*计|^总数|^total", re.IGNORECASE)
_NOTE = re.compile(
    r"^(?:注|备注|说明|填表说明|填写说明|填表人|填报人|填报单位|填报日期|填表日期|(?:制表|审核|复核|经办|打印)(?:人|单位|日期|时间)?|签字|签名|联系人|单位负责人|单位|负责人"
    r"|联系电话|日期|以上|盖章|\*|※)\d?\s*[:：.、\s(（*※]"
)
_UNIT = re.compile(r"\(.{1,8}\)|年/月/日|时:分")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


@dataclass(frozen=True)
class Column:
    """One column an upload may have: words as headings say it, and what the file to fill in shows."""

    key: str
    label: str  # a marked sentence
    words: str  # with a space between them; without spaces inside
    example: str = ""
    hint: str = ""  # a marked sentence
    width: int = 16
    is_needed: bool = False


@dataclass(frozen=True)
class Heads:
    """The row of headings (from 0) and the place of each column that it names."""

    at: int
    places: dict[str, int]


def plain(text: str) -> str:
    """A heading as headings are compared: one width, no blanks, brackets, stars, numbering."""
    text = spelling.compact(text).casefold().strip()
    text = _NUMBERING.sub("", text)
    bare = _DECORATION.sub("", _BRACKETS.sub("", text))
    return bare or re.sub(r"[()\[\]【】]", "", _DECORATION.sub("", text))


def find_heads(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> Heads | None:
    """The best of the first rows; none where no row names what is needed, or two columns without a doubt."""
    best: tuple[int, Heads] | None = None
    looked = 0
    for at, cells in enumerate(rows):
        if looked >= LOOK_FOR_HEADS:
            break
        if not any(cells):
            continue
        looked += 1
        score, places = match(cells, columns)
        is_second_line = best is not None and at == best[1].at + 1 and score == best[0]
        if score and (best is None or score > best[0] or is_second_line):
            best = score, Heads(at, places)
    if best is None:
        return None
    needed = {one.key for one in columns if one.is_needed}
    found = best[1].places.keys()
    return best[1] if needed <= found or (best[0] >= 20 and len(found) > 1) else None


def match(cells: Sequence[str], columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    """How surely this is a row of headings, and the place of each column: by whole words first, else by their end."""
    texts = [plain(cell) for cell in cells]
    words: dict[str, list[str]] = {}  # 时间 may be the day or the hour: what has no other name has it
    for one in columns:
        for word in dict.fromkeys(plain(word) for word in one.words.split()):  # each once, in this order
            words.setdefault(word, []).append(one.key)
    score = 0
    places: dict[str, int] = {}
    for most in (1, len(columns)):  # first what has one meaning
        for place, text in sorted(enumerate(texts), key=lambda it: len(words.get(it[1], ()))):
            keys: Sequence[str] = words.get(text, ())
            key = next((one for one in keys if one not in places), None) if len(keys) <= most else None
            if key:
                places[key] = place
                score += 10
        for place, text in enumerate(texts):
            keys = _by_end(text, words) if place not in places.values() and text not in words else ()
            key = next((one for one in keys if one not in places), None) if len(keys) <= most else None
            if key:
                places[key] = place
                score += 4
    return score, places


def _by_end(text: str, words: Mapping[str, list[str]]) -> Sequence[str]:
    """What a longer heading may mean, by the longest word it ends with."""
    if not 2 < len(text) <= _LONGEST or text.startswith(_OTHER_PERSON):
        return ()
    ends = sorted((word for word in words if len(word) > 1 and text.endswith(word)), key=len)
    return words[ends[-1]] if ends else ()


def named_again(cells: Sequence[str], columns: Sequence[Column], places: Mapping[str, int]) -> list[int]:
    """Places of further columns called like one that is needed: a second list beside the first."""
    needed = {plain(word) for one in columns if one.is_needed for word in one.words.split()}
    first = {plain(cells[place]) for place in places.values() if place < len(cells)} & needed
    return [
        at for at, cell in enumerate(cells) if cell and at not in places.values() and plain(cell) in first
    ]


def is_of_another(text: str) -> bool:
    """Whether a heading speaks of somebody beside the one whose row it is."""
    return plain(text).startswith(_OTHER_PERSON)


def is_serial(text: str) -> bool:
    """Whether a heading stands over numbers that only count the rows."""
    return plain(text) in _SERIAL


def is_total(cells: Sequence[str]) -> bool:
    """Whether a row sums up those above."""
    first = next((cell for cell in cells if cell), "")
    return bool(_TOTAL.match(re.sub(r"\s", "", first)))


def is_note(cells: Sequence[str]) -> bool:
    """Whether a row below the table says something about it: a word such as 备注 and then little else."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and bool(_NOTE.match(filled[0])) and len(filled) <= 4


def is_units(cells: Sequence[str]) -> bool:
    """Whether a row below the headings only says in which unit they are: （元）, （时:分）."""
    filled = [spelling.compact(cell) for cell in cells if cell]
    return bool(filled) and all(_UNIT.fullmatch(cell) for cell in filled)


def years_in(texts: Sequence[str]) -> tuple[int, ...]:
    """The years that titles speak of, where it is one or two that follow each other."""
    found = sorted({int(year) for text in texts for year in _YEAR.findall(text)})
    return tuple(found) if found and found[-1] - found[0] == len(found) - 1 <= 1 else ()
