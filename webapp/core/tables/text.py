"""Tables as text: CSV in whatever encoding, and what is copied out of a spreadsheet program."""

import csv
import io
import re

from webapp.core.tables.pages import Limits, Marks, Page, UnreadableSheet, page_of

_MARKS = "\t,;|，；"
_LOOK_AT = 20  # lines
_BEFORE_DIGITS = re.compile(
    r"(?:(?<=[,;\"])|^)\t(?=\+?\d)"
)  # as core.sheets writes them, so that they stay text
_SEP = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)


def decoded(content: bytes) -> str:
    """Its text: by its mark, else UTF-8, UTF-16 with its many zeros, GB 18030. Raises UnreadableSheet."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decode(content, encoding)
    some = content[:4000]
    if some.count(0) > len(some) // 20:  # without its mark; digits and line ends have the zero
        return _decode(content, "utf-16-le" if some[1::2].count(0) >= some[0::2].count(0) else "utf-16-be")
    try:
        return _decode(content, "utf-8")
    except UnreadableSheet:
        return _decode(content, "gb18030")


def _decode(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableSheet from error
    some = text[:4000]
    if (
        "\0" in text
        or sum(not sign.isprintable() and sign not in "\r\n\t\ufeff\xa0\u3000" for sign in some)
        > len(some) // 50
    ):
        raise UnreadableSheet
    return text


def read(text: str, limits: Limits) -> list[Page]:
    """The one page there is. Raises UnreadableSheet."""
    named = _SEP.match(text)
    if named:
        text = text[named.end() :]
    mark = named[1] if named else mark_of(text)
    if mark in "，；":  # as a telephone keyboard writes them; the reader of CSV knows one width
        text, mark = text.replace(mark, ","), ","
    try:
        return [
            page_of(
                "", csv.reader(io.StringIO(text, newline=""), delimiter=mark), marks=Marks(), limits=limits
            )
        ]
    except csv.Error as error:
        raise UnreadableSheet from error


def mark_of(text: str) -> str:
    """What stands between the cells: the first of the marks that most lines have, as often as the others do."""
    lines = [_BEFORE_DIGITS.sub("", line) for line in text[:40_000].splitlines() if line.strip()][:_LOOK_AT]
    if not lines:
        return ","
    counts = {mark: sum(mark in line for line in lines) for mark in _MARKS}
    best = max(counts.values())
    return next(mark for mark in _MARKS if counts[mark] == best) if best else ","
