"""The short code typed at the door, and the code of a pass. Plain Python."""

import re
import unicodedata

SHORT_CODE_LENGTH = 6
# No 0/o, 1/i/l, u/v mix-ups when read aloud or written by hand.
SHORT_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"

# --- the short code ---------------------------------------------------------------------------------------------
_NOT_CODE = re.compile(r"[\s·.,_-]+")


def read_short_code(text: str) -> str | None:
    """A short code as typed at the door, in its one spelling; None when it cannot be one."""
    code = _NOT_CODE.sub("", unicodedata.normalize("NFKC", text)).upper()
    is_code = len(code) == SHORT_CODE_LENGTH and all(sign in SHORT_CODE_ALPHABET for sign in code)
    return code if is_code else None


def show_short_code(code: str) -> str:
    """In two groups, so that it can be read aloud: 7K2 M9Q."""
    half = SHORT_CODE_LENGTH // 2
    return f"{code[:half]} {code[half:]}"


# --- the pass ---------------------------------------------------------------------------------------------------
# code = signup id (18) + serial (2, base 29) + MAC (16): whoever has it was given it, and it names its sign-up
# without a look-up table. `core.tokens.mac` makes the MAC; the purpose keeps it from fitting anything else.
PASS_PURPOSE = "pass"  # noqa: S105  (a name, not a secret)
_ID, _SERIAL, _MAC = 18, 2, 16
PASS_CODE_LENGTH = _ID + _SERIAL + _MAC


def pass_body(signup_id: str, serial: int) -> str:
    """The part of a pass code that is signed."""
    base = len(SHORT_CODE_ALPHABET)
    high, low = divmod(serial, base)
    if not 0 < serial < base * base:
        raise ValueError("serial out of range")
    return signup_id + (SHORT_CODE_ALPHABET[high] + SHORT_CODE_ALPHABET[low]).lower()


def split_pass_code(code: str) -> tuple[str, int, str, str] | None:
    """(signup id, serial, body, MAC) of something shaped like a pass code, else None."""
    text = code.strip().lower()
    if len(text) != PASS_CODE_LENGTH or not text.isascii() or not text.isalnum():
        return None
    body, mac = text[: _ID + _SERIAL], text[_ID + _SERIAL :]
    try:
        high, low = (SHORT_CODE_ALPHABET.lower().index(character) for character in body[_ID:])
    except ValueError:
        return None
    return body[:_ID], high * len(SHORT_CODE_ALPHABET) + low, body, mac
