"""One spelling for what people type: the only place that normalises text (docs/decisions/0026).

Plain Python. Keyboards, phones and other programs write one thing in many ways: full-width letters, marks nobody
sees, six kinds of middle dot. Every door (form, list, API, sign-in, scanner) brings it here, so that two spellings
of one name are one person.
"""

import re
import unicodedata
from functools import cache

# Joiners stand only between letters of scripts that need them: Arabic (Uyghur), those of India, Mongolian.
_JOINERS = {"\u200c", "\u200d"}
# Drawn as nothing, or turning what stands around them: formats, fillers, picks of a shape, tags.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_MIDDLE_DOTS = "·•‧∙⋅・ꞏ⸱⸳᛫᛬●"
_APOSTROPHES = "'’‘ʼʹ`´′‛"
_HYPHENS = "-‐‑‒–—−﹣᠆"
_ONE_OF_MANY = {ord(one): "·" for one in _MIDDLE_DOTS}
_ONE_OF_MANY |= {ord(one): "'" for one in _APOSTROPHES} | {ord(one): "-" for one in _HYPHENS}
# What GBK's successors kept in the private area until 2005, as old programs still write it.
_ONCE_PRIVATE = {
    0xE815: "⺁", 0xE816: "𠂇", 0xE817: "𠂉", 0xE818: "𠃌", 0xE819: "⺄", 0xE81A: "㑳", 0xE81B: "㑇", 0xE81C: "⺈",
    0xE81D: "⺋", 0xE81E: "龴", 0xE81F: "㖞", 0xE820: "㘚", 0xE821: "㘎", 0xE822: "⺌", 0xE823: "⺗", 0xE824: "㥮",
    0xE825: "㤘", 0xE826: "龵", 0xE827: "㧏", 0xE828: "㧟", 0xE829: "㩳", 0xE82A: "㧐", 0xE82B: "龶", 0xE82C: "龷",
    0xE82D: "㭎", 0xE82E: "㱮", 0xE82F: "㳠", 0xE830: "⺧", 0xE831: "𡗗", 0xE832: "龸", 0xE833: "⺪", 0xE834: "䁖",
    0xE835: "䅟", 0xE836: "⺮", 0xE837: "䌷", 0xE838: "⺳", 0xE839: "⺶", 0xE83A: "⺷", 0xE83B: "𢦏", 0xE83C: "䎱",
    0xE83D: "䎬", 0xE83E: "⺻", 0xE83F: "䏝", 0xE840: "䓖", 0xE841: "䙡", 0xE842: "䙌", 0xE843: "龹", 0xE844: "䜣",
    0xE845: "䜩", 0xE846: "䝼", 0xE847: "䞍", 0xE848: "⻊", 0xE849: "䥇", 0xE84A: "䥺", 0xE84B: "䥽", 0xE84C: "䦂",
    0xE84D: "䦃", 0xE84E: "䦅", 0xE84F: "䦆", 0xE850: "䦟", 0xE851: "䦛", 0xE852: "䦷", 0xE853: "䦶", 0xE854: "龺",
    0xE855: "𤇾", 0xE856: "䲣", 0xE857: "䲟", 0xE858: "䲠", 0xE859: "䲡", 0xE85A: "䱷", 0xE85B: "䲢", 0xE85C: "䴓",
    0xE85D: "䴔", 0xE85E: "䴕", 0xE85F: "䴖", 0xE860: "䴗", 0xE861: "䴘", 0xE862: "䴙", 0xE863: "䶮", 0xE864: "龻",
}  # fmt: skip
# Radicals as PDF files give them instead of the letter, where Unicode knows no equal.
_RADICALS = str.maketrans(
    "⺎⺒⺝⺠⺬⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻤⻥⻦⻨⻩⻬⻮⻰",
    "兀巳月民示虎西见角贝车长门青韦页风飞食马鬼鱼鸟麦黄齐齿龙",
)
# Ways of writing a sign that say nothing: width, form within a word, font, an unbreakable blank. Not circles,
# superscripts or fractions: ① is a number in a list, and nobody's name.
_SAFE_FORMS = {"<wide>", "<narrow>", "<font>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>"}
# Blocks whose <compat> signs are other ways of writing letters: radicals (as PDF files give 一 and 龙), ligatures,
# Roman numbers, and the spaces of typesetters.
_SAFE_COMPAT = (
    (0x2000, 0x200A),
    (0x205F, 0x205F),
    (0x2160, 0x217F),
    (0x2E80, 0x2FDF),
    (0x3000, 0x3000),
    (0xFB00, 0xFB17),
)
HAN = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ ]+(?=[{HAN}])")
_DOT_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[ ]*[·.][ ]*(?=[{HAN}])")
_AROUND_DOT = re.compile(r"[ ]*·[ ·]*")
_HAN_ONE = re.compile(f"[{HAN}]")
_IN_A_NAME = " ·'-.\u0f0b"  # between letters; the last parts syllables of Tibetan


def visible(text: str) -> str:
    """Text as typed, in NFC, without the marks nobody sees; those a script or an emoji is written with stay."""
    return text if text.isascii() else unicodedata.normalize("NFC", _UNSEEN.sub(_kept, text))


def _kept(found: re.Match[str]) -> str:
    one, text = found.group(), found.string
    before, after = text[max(0, found.start() - 1) : found.start()], text[found.end() : found.end() + 1]
    if one in _JOINERS:
        return one if _joins(before) and _joins(after) else ""
    if "\u180b" <= one <= "\u180f":
        return one if "\u1800" <= before <= "\u18af" else ""
    if "\ufe00" <= one <= "\ufe0f":  # of a Chinese character it picks a shape; of a sign, its colour
        return one if before and not _HAN_ONE.match(before) else ""
    return ""


def _joins(one: str) -> bool:
    """Whether a joiner beside it means something: letters of such scripts, and emoji."""
    if not one or unicodedata.category(one) == "Cc":
        return False
    code = ord(one)
    return (
        0x0600 <= code <= 0x08FF
        or 0x0900 <= code <= 0x0DFF
        or 0x1000 <= code <= 0x18AF
        or (
            0x2190 <= code <= 0x2BFF
            or code == 0xFE0F
            or 0x1F000 <= code <= 0x1FAFF
            or 0xFB50 <= code <= 0xFEFC
        )
    )


@cache
def _plain_one(one: str) -> str:
    code = ord(one)
    if code in _ONCE_PRIVATE:
        return _ONCE_PRIVATE[code]
    if code in _RADICALS:
        return chr(_RADICALS[code])
    form, _, _rest = unicodedata.decomposition(one).partition(" ")
    is_safe = form in _SAFE_FORMS or (
        form == "<compat>" and any(first <= code <= last for first, last in _SAFE_COMPAT)
    )
    return unicodedata.normalize("NFKC", one) if is_safe else one


def plain(text: str) -> str:
    """Visible text with widths, fonts and old forms made one; what a name or number may not hold stays to be seen."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(map(_plain_one, visible(text))))


def compact(text: str) -> str:
    """A code or number as it was meant: NFKC, nothing unseen. For what is compared and never shown."""
    return text if text.isascii() else unicodedata.normalize("NFKC", visible(text))


def folded(text: str) -> str:
    """The form in which words are looked for: compact, one case, blanks single."""
    return " ".join(compact(text).casefold().split())


def same_bytes(password: str) -> bytes:
    """A password as every keyboard gives it (NIST SP 800-63B 3.1.1.2: NFKC before hashing); nothing is taken out."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def name_form(text: str) -> str:
    """A person's name in its one spelling: what is stored and shown. It may still not be a name (wrong_in_name)."""
    name = " ".join(plain(text).translate(_ONE_OF_MANY).split())
    name = _DOT_BETWEEN_HAN.sub("·", _BETWEEN_HAN.sub("", name))
    name = _AROUND_DOT.sub("·", name).rstrip("·-' ")
    return name[:-1].rstrip() if name.endswith(".") and _HAN_ONE.match(name[-2:-1]) else name


def wrong_in_name(name: str) -> str | None:
    """The first character that cannot stand in a name in its one spelling; None when all may.

    Letters of every script and their marks, figures after the first letter, and what parts the words of a name.
    """
    for place, one in enumerate(name):
        kind = unicodedata.category(one)
        # Planes 2 and 3 hold rare characters only, also those that this Python's tables do not know yet.
        is_letter = kind[0] == "L" or one == "〇" or 0x20000 <= ord(one) <= 0x3FFFD
        if is_letter or (place and (kind in {"Mn", "Mc", "Nd"} or one in _IN_A_NAME or one in _JOINERS)):
            continue
        if place and one == "\u180e":
            continue
        return one
    return None


def name_key(name: str) -> str:
    """By what two spellings of a name are one: letters and figures in one case, nothing that stands between them."""
    kept = [
        one
        for one in unicodedata.normalize("NFKC", name_form(name)).casefold()
        if one.isalnum() or _counts(one)
    ]
    return "".join(kept) or name


def _counts(one: str) -> bool:
    if "\u180b" <= one <= "\u180f":
        return False
    return unicodedata.category(one) in {"Mn", "Mc"} or 0x20000 <= ord(one) <= 0x3FFFD


def shown(one: str) -> str:
    """A character for a sentence about it: itself, or its number when it cannot be seen."""
    kind = unicodedata.category(one)
    return one if kind[0] not in "CZM" else f"U+{ord(one):04X}"
