"""First letters of a name's pinyin (张伟 → zw): how a name is typed at a door where every second counts.

The readings stand in data/initials.txt, made from pypinyin by docs/initials.py; read once, when first asked.
"""

import re
import unicodedata
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from webapp.core.spelling import compact

TABLE = Path(__file__).parent.parent / "data" / "initials.txt"
READINGS_LIMIT = 16  # of one name
_LONG = 4  # a longer name is a transcription (阿依古丽·买买提), whose characters have their usual reading

# Characters that are read otherwise as a family name than in the dictionary's first place. Who does not know types
# the usual reading, so that one finds as well.
_READ_AS = (
    "单:s 單:s 曾:z 仇:q 解:x 查:z 区:o 區:o 种:c 種:c 乐:yl 樂:yl 覃:qt 翟:zd 召:s 折:s 祭:z 隗:wk 繁:p 秘:b 祕:b "
    "谌:cs 諶:cs 重:c 费:fb 佴:n 粘:n 乜:n 么:y 郇:xh 莘:xs 省:x 颉:x 炅:g 适:k 藏:z 阚:k 呙:gw 句:gj"
)
_SURNAMES = {pair[0]: pair[2:] for pair in _READ_AS.split()}
# Family names of two characters of which one is read otherwise than alone.
_DOUBLE_SURNAMES = {
    "万俟": "mq", "尉迟": "yc", "尉遲": "yc", "长孙": "zs", "長孫": "zs", "单于": "cy", "單于": "cy", "澹台": "tt",
    "澹臺": "tt", "子车": "zj", "乐正": "yz", "拓跋": "tb", "尉犁": "yl",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def initials(name: str) -> tuple[str, ...]:
    """Every plausible string of first letters, the most plausible first: 单雄信 → ("sxx", "dxx"), Anna Li → ("al",)."""
    words = _WORD.findall(compact(name))
    parts = [part for word in words for part in _parts(word)]
    if not parts:
        return ()
    many = len(parts) > _LONG
    rest = [_letters(part)[:1] if many else _letters(part) for part in parts]
    rest[0] = _merged(_SURNAMES.get(parts[0], ""), rest[0])
    found = ["".join(one) for one in islice(product(*rest), READINGS_LIMIT)]
    double = _DOUBLE_SURNAMES.get("".join(parts[:2]))
    if double:
        found = [double + "".join(one) for one in islice(product(*rest[2:]), READINGS_LIMIT)] + found
    return tuple(dict.fromkeys(found))[:READINGS_LIMIT]


def _parts(word: str) -> list[str]:
    """A Chinese character stands for itself, a run of other letters for one word."""
    parts: list[str] = []
    for character in word:
        if _han(character) or not parts or _han(parts[-1]):
            parts.append(character)
        else:
            parts[-1] += character
    return parts


@lru_cache(maxsize=8192)
def _letters(part: str) -> str:
    """The first letters one character or word may have; a character without a reading stands for itself."""
    if len(part) == 1:
        for letters, characters in _table():
            if part in characters:
                return letters
    plain = unicodedata.normalize("NFD", part)[0]
    return plain.lower()


def _han(part: str) -> bool:
    return len(part) == 1 and (part == "〇" or unicodedata.name(part, "").startswith("CJK"))


def _merged(first: str, second: str) -> str:
    return "".join(dict.fromkeys(first + second))


@cache
def _table() -> tuple[tuple[str, str], ...]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return tuple((key, characters) for key, _, characters in (line.partition(" ") for line in lines))
