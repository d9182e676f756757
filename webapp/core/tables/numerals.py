"""One way of writing for a cell that says a day or an hour: one width, one dash, digits. Plain Python."""

import re

from webapp.core import spelling

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERALS = re.compile(
    r"(?<![周期拜])[〇零一二两三四五六七八九十]+(?=[年月日号点时分个小,;\-( ]|$)"
    r"|(?<=[点时年月])[〇零一二三四五六七八九十]+"
)


def normal(text: str) -> str:
    """One width, one dash, digits for numerals."""
    text = spelling.compact(text).strip().lower()
    text = re.sub(r"\s*(?:[–—―─~〜∼−]+|--+|至|到|(?<=\d) to (?=\S)|开始[,;]\s*(?=\S+结束))\s*", "-", text)
    text = text.replace("【", "(").replace("】", ")").replace("、", ",").replace("“", "").replace("”", "")
    return _NUMERALS.sub(lambda found: _number(found[0]), text)


def _number(text: str) -> str:
    """三十一 → 31, 二〇二六 → 2026."""
    if "十" not in text:
        return "".join(str(_DIGITS[sign]) for sign in text)
    tens, _, ones = text.partition("十")
    if "十" in ones or len(tens) > 1 or len(ones) > 1:
        return text
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0))
