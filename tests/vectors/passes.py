"""Cases of passes that server and phone must read alike. Writes passes.json: `python -m tests.vectors.passes`.

The keys are made of fixed numbers and the signatures are deterministic (RFC 6979), so the file is the same each time.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from webapp.core import signing
from webapp.core.clock import Period
from webapp.core.signing import Key
from webapp.signups.domain import pass_body

FILE = Path(__file__).with_suffix(".json")
SIGNUP, SESSION, OTHER = "01m85t48cj86k6djp9", "01m85t48cj86k6djpa", "01m85t48cj86k6djpb"
START = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
VALID = Period(START - timedelta(days=1), START + timedelta(days=1, hours=2))
ADDRESS = "https://kepu.example.cn/p/"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def _key(number: int, *, retired: bool = False) -> Key:
    key = signing.new_key(ec.derive_private_key(number, ec.SECP256R1()))
    return Key(key.kid, START, START if retired else None, key.private)


OURS, NEWER, RETIRED, FOREIGN = _key(20261128), _key(20261129), _key(3, retired=True), _key(4)


def _pass(key: Key, *, serial: int = 1, sessions: tuple[str, ...] = (SESSION,)) -> str:
    body = pass_body(key.kid, SIGNUP, serial=serial, valid=VALID, sessions=sessions)
    return f"{body}.{signing.sign(key, body)}"


def _other_letter(code: str, place: int) -> str:
    letters = signing.LETTERS
    changed = letters[letters.index(code[place]) ^ 1]
    return code[:place] + changed + code[place + 1 :]


def _other_signature(code: str) -> str:
    """The same pass with -s for s, as anyone can make it of a pass they hold: as genuine, and of the same sign-up."""
    body, _, letters = code.rpartition(".")
    number = 0
    for letter in letters:
        number = number << 5 | signing.LETTERS.index(letter)
    raw = (number >> 3).to_bytes(64, "big")
    return f"{body}.{signing.to_letters(raw[:32] + (ORDER - int.from_bytes(raw[32:], 'big')).to_bytes(32, 'big'))}"


def _case(name: str, text: str, state: str, *, phone: str | None = None, **said: Any) -> dict[str, Any]:
    """`state` is the server's word, `phone` the phone's where it is another one; `said` what the pass says."""
    reading = None
    if state in {"good", "void"}:
        minutes = [int(at.timestamp()) // 60 for at in (VALID.start, VALID.end)]
        reading = {
            "signup": SIGNUP,
            "serial": 1,
            "from": minutes[0],
            "until": minutes[1],
            "sessions": [SESSION],
        }
    return {
        "name": name,
        "text": text,
        "state": state,
        "phone": phone or state,
        "reading": reading and reading | said,
    }


def _cases() -> list[dict[str, Any]]:
    code, last = _pass(OURS), len(_pass(OURS)) - 1
    again = _pass(OURS, serial=1023)
    two = _pass(OURS, sessions=(SESSION, OTHER))
    return [
        _case("as written", code, "good"),
        _case("upper case", code.upper(), "good"),
        _case("mixed case", code[:60].upper() + code[60:], "good"),
        _case("the other signature of the same pass", _other_signature(code), "good"),
        _case("spaces around", f" {code}\r\n", "good"),
        _case("address", ADDRESS + code, "good"),
        _case("address, capitals as in the QR", ADDRESS + code.upper(), "good"),
        _case("address, turned over by Caps Lock", (ADDRESS + code.upper()).swapcase(), "good"),
        _case("whole address in capitals", (ADDRESS + code).upper(), "good"),
        _case("address with query and mark", f"{ADDRESS}{code}/?from=wechat#top", "good"),
        _case("address on a village's own server", f"http://127.0.0.1:8000/p/{code}/", "good"),
        _case("highest serial", again, "good", serial=1023),
        _case("two sessions", two, "good", sessions=[SESSION, OTHER]),
        _case("newer key", _pass(NEWER), "good"),
        _case("retired key", _pass(RETIRED), "void", phone="foreign"),
        _case("another city", _pass(FOREIGN), "foreign"),
        _case("another city, wrong signature", _other_letter(_pass(FOREIGN), last - 3), "foreign"),
        _case("retired key, wrong signature", _other_letter(_pass(RETIRED), 20), "damaged", phone="foreign"),
        _case("flipped bit of the sign-up", _other_letter(code, 20), "damaged"),
        _case("flipped bit of the serial", _other_letter(code, 33), "damaged"),
        _case("flipped bit of the session", _other_letter(code, 60), "damaged"),
        _case("flipped bit of the signature", _other_letter(code, last - 40), "damaged"),
        _case("a spare bit of the signature", _other_letter(code, last), "damaged"),
        _case("signature of all zeros", code[: last - 102] + "0" * 103, "damaged"),
        _case("signature of all ones", code[: last - 102] + "z" * 102 + "r", "damaged"),
        _case("one session's signature under two", two[:-104] + code[-104:], "damaged"),
        _case("one letter short", code[:-1], "damaged"),
        _case("cut in the middle", code[:80], "damaged"),
        _case("cut before the signature", code[: last - 103], "damaged"),
        _case("one letter too many", code + "0", "damaged"),
        _case("a letter that is none", code[:30] + "u" + code[31:], "damaged"),
        _case("no more than its beginning", "es256.", "damaged"),
        _case("address, cut", ADDRESS + code[:100], "damaged"),
        _case("another algorithm", "es384." + code[6:], "none"),
        _case("another address", "https://kepu.example.cn/w/" + code, "none"),
        _case("an address of something else", "https://weixin.qq.com/r/abc", "none"),
        _case("address without a code", ADDRESS, "none"),
        _case("broken address", "http://[/p/x", "none"),
        _case("short code", "7K2M9Q", "none"),
        _case("words", "凭此码领取纪念品", "none"),
        _case("a sign that only looks like k", code.replace("k", "\u212a"), "none"),
        _case("a line within", code[:90] + "\n" + code[90:], "none"),
        _case("endless", "es256." + "0" * 2000, "none"),
        _case("nothing", "", "none"),
    ]


def made() -> dict[str, Any]:
    """The whole file."""
    public = [
        {
            "kid": key.kid,
            "alg": signing.ALGORITHM,
            "public": base64.urlsafe_b64encode(key.public_point).decode().rstrip("="),
        }
        for key in (OURS, NEWER)
    ]
    return {"keys": public, "cases": _cases()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), ensure_ascii=False, indent=1) + "\n", "utf-8")
