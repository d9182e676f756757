"""Who is meant by what was typed: the one rule by which people (and whatever has a name) are found.

A part of the name, its pinyin or the first letters of its pinyin (from any character on), the last digits of the phone,
the short code, the number on the sheet; words may stand in any order. What a name is found by is one line of words
(`words_of`), kept for every person and made on the spot for a row that was read; what was typed is one condition on
such lines (`Sought`), asked in Python of rows and in SQL of the table (core/indexed.py).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from webapp.core.pinyin import initials, syllables
from webapp.core.spelling import compact, name_key
from webapp.core.words import TOKEN_LIMIT, Node, all_of, any_of

SOUGHT_LIMIT = 80
TAIL = 4  # digits of a phone that are ever compared: a list is no place to try out whose number it is
CODE_LENGTH = 6
_CODE_LEAST = 3  # signs of a short code by which it is looked for
_TAIL_LEAST = 2
_NOT_LETTERS = re.compile(r"[\W_]+")
_FIRST = "†"  # before the letter a name begins with
_TAIL = "‡"  # before the last digits of the phone, from the end


# --- what a name is found by --------------------------------------------------------------------------------------


def words_of(name: str, phone: str | None = None) -> str:
    """All that finds this person, a blank between: no more of the phone than its tail."""
    tail = _tail(phone)
    return f"{_of_name(name)} {tail}".strip() if tail else _of_name(name)


def _tail(phone: str | None) -> str:
    digits = "".join(one for one in (phone or "") if one.isascii() and one.isdigit())[-TAIL:]
    return _TAIL + digits[::-1] if len(digits) >= _TAIL_LEAST else ""


@lru_cache(maxsize=8192)
def _of_name(name: str) -> str:
    key = _key(name)[:TOKEN_LIMIT]
    found = [key[place:] for place in range(len(key)) if not _is_letter(key[place:])]
    if not key.isascii():
        for reading in syllables(name):
            read = [_NOT_LETTERS.sub("", one) for one in reading[:TOKEN_LIMIT]]
            found += ["".join(read[place:])[:TOKEN_LIMIT] for place in range(len(read))]
    for letters in filter(None, (_NOT_LETTERS.sub("", one) for one in initials(name))):
        found += [_FIRST + letters[0]]
        found += [letters[place:][:TOKEN_LIMIT] for place in range(min(len(letters) - 1, TOKEN_LIMIT))]
    return " ".join(filter(None, dict.fromkeys(found)))


def _key(text: str) -> str:
    """The form in which names and what was typed are compared; empty where there is no letter in it."""
    key = name_key(text)
    return key if any(one.isalnum() for one in key) else ""


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalpha()


# --- what was typed -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Word:
    """One word typed, or all of it without what stands between."""

    key: str
    raw: str  # as it stands in other texts
    node: Node | None  # what must stand among a name's words; None when nothing can

    @classmethod
    def of(cls, text: str, raw: str) -> "_Word":
        key = _key(text)
        return cls(key, raw, _node(key))

    @property
    def digits(self) -> str:
        return _digits(self.key)

    def is_code(self, code: str) -> bool:
        return _CODE_LEAST <= len(self.key) <= CODE_LENGTH and self.key in code.casefold()


def _digits(key: str) -> str:
    return key if key.isascii() and key.isdigit() else ""


def _node(key: str) -> Node | None:
    if not key:
        return None
    if _is_letter(key):  # one letter is the beginning; more may stand inside (小明 is xm)
        return _FIRST + key
    ways: list[Node] = [key[:TOKEN_LIMIT] + "*"]
    if "ü" in key:
        ways.append(key.replace("ü", "v")[:TOKEN_LIMIT] + "*")
    digits = _digits(key)
    if len(digits) >= _TAIL_LEAST:
        tail = _TAIL + digits[-TAIL:][::-1]
        ways.append(tail if len(digits) >= TAIL else tail + "*")
    return any_of(ways)


class Sought:
    """What somebody typed to find people by; nothing typed finds everybody."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.replace("\x00", "").split())[:SOUGHT_LIMIT].strip()
        parts = [_Word.of(part, compact(part).casefold()) for part in self.text.split()]
        self._ways = [parts] if parts else []
        if len(parts) > 1:
            self._ways.append([_Word.of(self.text, "")])

    def __bool__(self) -> bool:
        return bool(self._ways)

    @property
    def node(self) -> Node | None:
        """The condition on a person's kept words; None when nobody can fulfil it. For where something was typed."""
        ways = [[word.node for word in way] for way in self._ways]
        able = [all_of(one for one in way if one) for way in ways if all(way)]
        return any_of(able) if able else None

    def finds(
        self,
        *,
        name: str,
        phone: str | None = None,
        short_code: str = "",
        number: int | None = None,
        others: Iterable[str | None] = (),
    ) -> bool:
        """Whether a row is meant. `others`: what else it shows, found by any part."""
        if not self._ways:
            return True
        words = f" {words_of(name, phone)} "
        texts = [compact(one).casefold() for one in others if one]
        return any(
            all(
                _holds(word.node, words)
                or word.is_code(short_code)
                or (number is not None and bool(word.digits) and int(word.digits[:9]) == number)
                or (bool(word.raw) and any(word.raw in text for text in texts))
                for word in way
            )
            for way in self._ways
        )


def _holds(node: Node | None, words: str) -> bool:
    """Whether a line of words, a blank before and behind, fulfils the condition."""
    if node is None:
        return False
    if isinstance(node, str):
        return f" {node[:-1]}" in words if node.endswith("*") else f" {node} " in words
    mark, nodes = node
    return (all if mark == "AND" else any)(_holds(one, words) for one in nodes)
