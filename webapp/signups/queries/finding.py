"""Finding somebody on a list by what is said at a door.

A part of the name, its first letters in pinyin, the last digits of the phone, the short code, the number on the sheet.
"""

import re

from webapp.core.pinyin import initials
from webapp.core.spelling import compact
from webapp.people.domain import PHONE_TAIL
from webapp.signups.domain.passes import SHORT_CODE_LENGTH

SOUGHT_LIMIT = 60
_CODE_LEAST = 3  # signs of a short code by which it is looked for
_BETWEEN = re.compile(r"[\s\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65.\-_,]+")


def folded(text: str) -> str:
    """A name, or what was typed, without regard to width, case, blanks and middle dots."""
    return _BETWEEN.sub("", compact(text)).casefold()


class Sought:
    """What somebody typed into the search field of a list."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.replace("\x00", "").split())[:SOUGHT_LIMIT]
        self._wanted = folded(self.text)
        self._digits = self._wanted if self._wanted.isascii() and self._wanted.isdigit() else ""
        self._letters = self._wanted.isascii() and self._wanted.isalpha()

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def finds(self, *, name: str, phone: str | None, short_code: str, number: int | None = None) -> bool:
        """Whether a line of the list is meant. Of a phone its last digits alone are looked at, however many were typed:
        a list is no place to try out whose number it is.
        """
        if not self._wanted or self._wanted in folded(name):
            return True
        if self._digits:
            return number == int(self._digits[:9]) or self._is_tail(phone) or self._is_code(short_code)
        return (self._letters and self._is_initials(name)) or self._is_code(short_code)

    def _is_initials(self, name: str) -> bool:
        """One letter is the beginning; more may stand inside (小明 is xm), as on the scanner (names.js)."""
        inside = len(self._wanted) > 1
        return any(self._wanted in one if inside else one.startswith(self._wanted) for one in initials(name))

    def _is_tail(self, phone: str | None) -> bool:
        tail = (phone or "")[-PHONE_TAIL:]
        return len(self._digits) > 1 and bool(tail) and tail.endswith(self._digits[-PHONE_TAIL:])

    def _is_code(self, short_code: str) -> bool:
        return _CODE_LEAST <= len(self._wanted) <= SHORT_CODE_LENGTH and self._wanted in short_code.casefold()
