"""How a name is typed in pinyin: its first letters (张伟 → zw), where every second counts, and its syllables.

The readings stand in data/pinyin.txt, made from pypinyin by docs/pinyin.py; read once, when first asked.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path

from webapp.core.spelling import compact

TABLE = Path(__file__).parent.parent / "data" / "pinyin.txt"
READINGS_LIMIT = 16  # of one name
_LONG = 4  # a longer name is a transcription (阿依古丽·买买提), whose characters have their usual reading

# Characters that are read otherwise as a family name than in the dictionary's first place. Who does not know types
# the usual reading, so that one finds as well.
_READ_AS = (
    "单:shan 單:shan 曾:zeng 仇:qiu 解:xie 查:zha 区:ou 區:ou 种:chong 種:chong 乐:yue,le 樂:yue,le 覃:qin,tan "
    "翟:zhai,di 召:shao 折:she 祭:zhai 隗:wei,kui 繁:po 秘:bi 祕:bi 谌:chen,shen 諶:chen,shen 重:chong 费:fei,bi "
    "佴:nai 粘:nian 乜:nie 么:yao 郇:xun,huan 莘:xin,shen 省:xing 颉:xie 炅:gui 适:kuo 藏:zang 阚:kan 呙:guo,wo "
    "句:gou,ju 黑:he 能:nai 盖:ge,gai 蓋:ge,gai 朴:piao 缪:miao 繆:miao 牟:mu,mou 员:yun 員:yun 燕:yan 任:ren 冼:xian "
    "洗:xian 宓:mi,fu 柏:bai,bo 薄:bo 贲:ben 尉:wei,yu 都:du 那:na 哈:ha 车:che 車:che 过:guo 過:guo 华:hua 華:hua"
)
_SURNAMES = {pair[0]: tuple(pair[2:].split(",")) for pair in _READ_AS.split()}
# Family names of two characters of which one is read otherwise than alone.
_DOUBLE_SURNAMES = {
    "万俟": ("mo", "qi"), "尉迟": ("yu", "chi"), "尉遲": ("yu", "chi"), "长孙": ("zhang", "sun"),
    "長孫": ("zhang", "sun"), "单于": ("chan", "yu"), "單于": ("chan", "yu"), "澹台": ("tan", "tai"),
    "澹臺": ("tan", "tai"), "子车": ("zi", "ju"), "乐正": ("yue", "zheng"), "拓跋": ("tuo", "ba"), "尉犁": ("yu", "li"),
}  # fmt: skip
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Reading = tuple[str, ...]  # a syllable for each character, a word for a word of another script


def initials(name: str) -> tuple[str, ...]:
    """Every plausible string of first letters, the most plausible first: 单雄信 → ("sxx", "dxx"), Anna Li → ("al",)."""
    return tuple("".join(one) for one in _readings(name, _letters))


def syllables(name: str) -> tuple[Reading, ...]:
    """Every plausible reading, the most plausible first: 单丽 → (("shan", "li"), ("dan", "li"), …)."""
    return _readings(name, _typed)


def _readings(name: str, ways: Callable[[Sequence[str]], Reading]) -> tuple[Reading, ...]:
    parts = _split(name)
    if not parts:
        return ()
    many = len(parts) > _LONG
    rest = [ways(_syllables(part)[:1] if many else _syllables(part)) for part in parts]
    rest[0] = tuple(dict.fromkeys(ways(_SURNAMES.get(parts[0], ())) + rest[0]))
    found = list(islice(product(*rest), READINGS_LIMIT))
    if double := _DOUBLE_SURNAMES.get("".join(parts[:2])):
        begun = [ways([one])[:1] for one in double]
        found = list(islice(product(*begun, *rest[2:]), READINGS_LIMIT)) + found
    return tuple(dict.fromkeys(found))[:READINGS_LIMIT]


@lru_cache(maxsize=64)  # whoever asks for one asks for the other next
def _split(name: str) -> Sequence[str]:
    if _CHINESE.fullmatch(name):
        return name
    return [part for word in _WORD.findall(compact(name)) for part in _parts(word)]


def _letters(read: Sequence[str]) -> Reading:
    return tuple(dict.fromkeys(one[0] for one in read))


def _typed(read: Sequence[str]) -> Reading:
    """Of ü most keyboards have v, and many people write u."""
    return tuple(dict.fromkeys(way for one in read for way in (one, _with_u(one))))


def _with_u(syllable: str) -> str:
    return syllable.replace("v", "u") if syllable[:2] in {"lv", "nv"} and syllable.isascii() else syllable


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
def _syllables(part: str) -> Reading:
    """How one character may be read; a word, and a character without a reading, stands for itself."""
    if _han(part):
        table = _table()
        at = table.find(part)
        if at >= 0:
            line = table.rfind("\n", 0, at) + 1
            return tuple(table[line : table.index(" ", line)].split(","))
    plain = unicodedata.normalize("NFD", part.casefold())
    return ("".join(one for one in plain if not unicodedata.combining(one)) or part.casefold(),)


@lru_cache(maxsize=8192)
def _han(part: str) -> bool:
    return len(part) == 1 and (part == "〇" or unicodedata.name(part, "").startswith("CJK"))


@cache
def _table() -> str:
    return TABLE.read_text(encoding="utf-8")
