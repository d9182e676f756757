"""The short code typed at the door, and the code of a pass. Plain Python."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from webapp.core import spelling
from webapp.core.clock import Period

SHORT_CODE_LENGTH = 6
# No 0/o, 1/i/l, u/v mix-ups when read aloud or written by hand.
SHORT_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"

# --- the short code ---------------------------------------------------------------------------------------------
_NOT_CODE = re.compile(r"[\s·.,_-]+")


def read_short_code(text: str) -> str | None:
    """A short code as typed at the door, in its one spelling; None when it cannot be one."""
    code = _NOT_CODE.sub("", spelling.compact(text)).upper()
    is_code = len(code) == SHORT_CODE_LENGTH and all(sign in SHORT_CODE_ALPHABET for sign in code)
    return code if is_code else None


def show_short_code(code: str) -> str:
    """In two groups, so that it can be read aloud: 7K2 M9Q."""
    half = SHORT_CODE_LENGTH // 2
    return f"{code[:half]} {code[half:]}"


# --- the pass ---------------------------------------------------------------------------------------------------
# es256.<key 8><sign-up 18><serial 2><from 6><until 6><session 18>….<signature 103> (docs/scanning.md 1).
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, as in our ids; five bits each
HIGHEST_SERIAL = 1023
PASS_MARGIN = timedelta(days=1)  # a pass says it is good from a day before the session to a day after
_KEY, _ID, _SERIAL, _MINUTES, _SIGNATURE = 8, 18, 2, 6, 103
_HEAD = _KEY + _ID + _SERIAL + 2 * _MINUTES
_FORM = re.compile(
    rf"es256\.([{LETTERS}]{{{_HEAD}}}(?:[{LETTERS}]{{{_ID}}})+)\.([{LETTERS}]{{{_SIGNATURE}}})",
    re.ASCII | re.IGNORECASE,
)
_BEGINNING = re.compile(r"es256\.", re.ASCII | re.IGNORECASE)
_PRINTED = re.compile(r"[!-~]{1,1000}")  # all that a pass or its address consists of
# In any case of letters: readers with Caps Lock on turn those of the address over, too.
_ADDRESS = re.compile(r"/p/([^/?#]+)/?(?:[?#].*)?$", re.ASCII | re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PassState(StrEnum):
    """What a text that was read turned out to be."""

    GOOD = "good"
    FOREIGN = "foreign"  # a pass, signed with a key that is not ours: another city's
    DAMAGED = "damaged"  # begins like a pass and is cut off, or the signature is wrong
    VOID = "void"  # signed by us with a key that was retired
    NONE = "none"  # something else


@dataclass(frozen=True)
class PassText:
    """A pass taken apart, not yet believed."""

    body: str  # what is signed, in lower case
    signature: str
    key: str
    signup_id: str
    serial: int
    valid_from: datetime
    valid_until: datetime
    sessions: tuple[str, ...]


def pass_body(key: str, signup_id: str, *, serial: int, valid: Period, sessions: Sequence[str]) -> str:
    """The part of a pass that is signed; raises ValueError for a serial that has no letters."""
    if not 0 <= serial <= HIGHEST_SERIAL:
        raise ValueError("serial out of range")
    moments = "".join(_letters(_minutes(at), _MINUTES) for at in (valid.start, valid.end))
    return f"es256.{key}{signup_id}{_letters(serial, _SERIAL)}{moments}{''.join(sessions)}"


def code_in(text: str) -> str:
    """The code of a pass given as itself or as its address …/p/<code>; empty for what is neither."""
    text = text.strip(" \t\r\n")
    if not _PRINTED.fullmatch(text):
        return ""
    if "/" not in text:
        return text
    found = _ADDRESS.search(text)
    return found[1] if found else ""


def looks_like_pass(code: str) -> bool:
    """Whether a code begins as passes do, however it goes on."""
    return _BEGINNING.match(code) is not None


def split_pass(code: str) -> PassText | None:
    """A code of the right form taken apart, else None. Nothing of it is proven yet."""
    found = _FORM.fullmatch(code)
    if found is None:
        return None
    body, signature = found[1].lower(), found[2].lower()
    key, signup_id, rest = body[:_KEY], body[_KEY : _KEY + _ID], body[_KEY + _ID :]
    serial, start, end = rest[:_SERIAL], rest[_SERIAL:][:_MINUTES], rest[_SERIAL + _MINUTES :][:_MINUTES]
    sessions = body[_HEAD:]
    return PassText(
        body=f"es256.{body}",
        signature=signature,
        key=key,
        signup_id=signup_id,
        serial=_number(serial),
        valid_from=_EPOCH + timedelta(minutes=_number(start)),
        valid_until=_EPOCH + timedelta(minutes=_number(end)),
        sessions=tuple(sessions[at : at + _ID] for at in range(0, len(sessions), _ID)),
    )


def _minutes(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(minutes=1)


def _letters(number: int, length: int) -> str:
    return "".join(LETTERS[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number << 5 | LETTERS.index(letter)
    return number
