"""Signatures anyone can check with a public key alone: the keys' file, signing, verifying (docs/scanning.md 1).

The keys are in DATA_DIR/signing-keys.json. A process reads the file again when it was changed, so a key added or
retired on the command line holds for a running server.
"""

import base64
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from webapp.core import clock, known
from webapp.core.config import current_settings

FILE = "signing-keys.json"
ALGORITHM = "ES256"
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, as in our ids
_LETTERS = frozenset(LETTERS)
KEY_LENGTH, SIGNATURE_LENGTH = 8, 103
_AS_PYTHON_COUNTS = str.maketrans(LETTERS, "0123456789abcdefghijklmnopqrstuv")
_HALF, _SPARE_BITS = 32, 3  # bytes of r and of s; 103 letters hold three bits more than 64 bytes


class BadKeys(Exception):
    """The keys' file cannot be used; the message says for the operator what is wrong and what to do."""


@dataclass(frozen=True)
class Key:
    """A pair of keys. A retired one still recognises what it signed, so that it can be called void."""

    kid: str
    created_at: datetime
    retired_at: datetime | None
    private: ec.EllipticCurvePrivateKey

    @cached_property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The half that checks."""
        return self.private.public_key()

    @property
    def public_point(self) -> bytes:
        """The public key, uncompressed: 65 bytes."""
        return _point(self.private)


def to_letters(data: bytes) -> str:
    """Bytes as letters of five bits, most significant first; the last letter is filled up with zeros."""
    spare = -len(data) * 8 % 5
    number, length = int.from_bytes(data, "big") << spare, (len(data) * 8 + spare) // 5
    return "".join(LETTERS[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def sign(key: Key, text: str) -> str:
    """The signature of a text, as letters. The same text gives the same signature (RFC 6979)."""
    der = key.private.sign(text.encode("ascii"), ec.ECDSA(SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    return to_letters(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big"))


def verify(key: Key, text: str, signature: str) -> bool:
    """Whether `key` signed this text; False for letters that are no signature at all."""
    if len(signature) != SIGNATURE_LENGTH or not _LETTERS.issuperset(signature):
        return False
    number = int(signature.translate(_AS_PYTHON_COUNTS), 32)
    if number & ((1 << _SPARE_BITS) - 1):
        return False
    raw = (number >> _SPARE_BITS).to_bytes(2 * _HALF, "big")
    der = encode_dss_signature(int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big"))
    try:
        key.public.verify(der, text.encode("ascii"), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


# --- the keys ----------------------------------------------------------------------------------------------------

_read: dict[str, tuple[tuple[int, int, int], list[Key]]] = {}


def all_keys() -> list[Key]:
    """Every key, oldest first, made on first use; raises BadKeys, also where this database has used keys before."""
    path = os.path.join(current_settings().data_dir, FILE)  # noqa: PTH118  (a Path takes as long as half a signature)
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        _refuse_where_lost(path)
        _make_first(Path(path))
        found = os.stat(path)  # noqa: PTH116
    seen = (found.st_mtime_ns, found.st_size, found.st_ino)
    kept = _read.get(path)
    if kept is None or kept[0] != seen:
        kept = _read[path] = (seen, _parse(Path(path)))
    return kept[1]


def living_keys() -> list[Key]:
    """Those whose signatures count."""
    return [key for key in all_keys() if key.retired_at is None]


def current_key() -> Key:
    """The newest that is not retired: it signs."""
    return living_keys()[-1]


def find_key(kid: str) -> Key | None:
    """One of ours, retired or not."""
    return next((key for key in all_keys() if key.kid == kid), None)


def public_keys() -> list[dict[str, str]]:
    """What a phone needs to check signatures by itself."""
    return [
        {
            "kid": key.kid,
            "alg": ALGORITHM,
            "public": base64.urlsafe_b64encode(key.public_point).decode().rstrip("="),
        }
        for key in living_keys()
    ]


def rotate() -> Key:
    """Add a key, which signs from now on; what the others signed stays good."""
    with _alone() as (path, keys):
        made = new_key()
        _replace(path, [*keys, made])
    return made


def retire(kid: str) -> Key:
    """Make everything void that this key signed; raises BadKeys for an unknown key and for the only living one."""
    with _alone() as (path, keys):
        old = next((key for key in keys if key.kid == kid and key.retired_at is None), None)
        if old is None:
            raise BadKeys(f"There is no key {kid} that is not retired: see `flask keys list`.")
        if sum(key.retired_at is None for key in keys) == 1:
            raise BadKeys("This is the only key left. Run `flask keys rotate` first.")
        gone = Key(old.kid, old.created_at, clock.now(), old.private)
        _replace(path, [gone if key is old else key for key in keys])
    return gone


def make_missing() -> None:
    """Go on with a new key where the file is lost for good."""
    path = current_settings().data_dir / FILE
    if not path.exists():
        _make_first(path)


def new_key(private: ec.EllipticCurvePrivateKey | None = None) -> Key:
    """A key pair that is kept nowhere yet."""
    private = private or ec.generate_private_key(ec.SECP256R1())
    kid = to_letters(hashlib.sha256(_point(private)).digest()[:5])
    return Key(kid, clock.now(), None, private)


def problems() -> list[str]:
    """What is wrong with the keys' file, for `flask doctor`; nothing where it was not needed yet."""
    path = current_settings().data_dir / FILE
    if not path.exists():
        return []
    found = [f"{path} can be read by others: chmod 600 it."] if path.stat().st_mode & 0o077 else []
    try:
        _parse(path)
    except BadKeys as problem:
        found.append(str(problem))
    return found


# --- the file ----------------------------------------------------------------------------------------------------


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _refuse_where_lost(path: str) -> None:
    """A first key is made for a new database alone: with another one every pass shown so far would be void."""
    if known.known(known.SIGNING):
        raise BadKeys(f"{path} is missing: put it back from the backup (see `flask keys renew --help`).")


def _make_first(path: Path) -> None:
    """Two processes may be first at the same moment: the file comes whole, and the loser reads the winner's."""
    draft = _draft(path, [new_key()])
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _replace(path: Path, keys: list[Key]) -> None:
    _draft(path, keys).replace(path)


def _draft(path: Path, keys: list[Key]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"keys": [_row(key) for key in keys]}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return draft


@contextmanager
def _alone() -> Iterator[tuple[Path, list[Key]]]:
    """One command changes the file at a time."""
    path = current_settings().data_dir / FILE
    all_keys()
    with path.with_name(f"{FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path, _parse(path)


def _row(key: Key) -> dict[str, Any]:
    der = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "kid": key.kid,
        "alg": ALGORITHM,
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
        "private": base64.b64encode(der).decode(),
    }


def _parse(path: Path) -> list[Key]:
    try:
        keys = [_key(row) for row in json.loads(path.read_text("utf-8"))["keys"]]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadKeys(
            f"{path} cannot be read: put it back from the backup ({type(problem).__name__})."
        ) from None
    if not any(key.retired_at is None for key in keys):
        raise BadKeys(f"{path} holds no key that is not retired: put it back from the backup.")
    return keys


def _key(row: dict[str, Any]) -> Key:
    private = load_der_private_key(base64.b64decode(row["private"]), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or row["alg"] != ALGORITHM:
        raise ValueError("not a key for ES256")
    retired = row["retired_at"]
    return Key(
        kid=str(row["kid"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        retired_at=datetime.fromisoformat(retired) if retired else None,
        private=private,
    )
