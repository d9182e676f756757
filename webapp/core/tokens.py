"""Codes: random tokens hashed at rest, codes derived from a row and provable by MAC, links signed for a purpose."""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from webapp.core import clock
from webapp.core.errors import Expired, NotFound


def new_token() -> str:
    """A fresh secret of 160 bits for a link or a program."""
    return secrets.token_urlsafe(20)


def fingerprint(token: str) -> str:
    """What is stored of a token: enough to recognise it, useless to whoever reads the database."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _key(purpose: str) -> bytes:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(secret, b"kepuxing:" + purpose.encode(), "sha256")


def mac(purpose: str, text: str, *, length: int = 16) -> str:
    """`length` lower-case base-32 characters (5 bits each) proving that this installation wrote `text`."""
    digest = hmac.digest(_key(purpose), text.encode(), "sha256")
    return base64.b32encode(digest).decode().lower()[:length]


def same(first: str, second: str) -> bool:
    """Compare secrets in constant time; any text is allowed (compare_digest itself refuses non-ASCII str)."""
    return hmac.compare_digest(
        first.encode("utf-8", "surrogatepass"), second.encode("utf-8", "surrogatepass")
    )


class _ByOurClock(TimestampSigner):
    """Signs with the time of core.clock, as everything here."""

    def get_timestamp(self) -> int:
        """Whole seconds."""
        return int(clock.now().timestamp())


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(purpose), signer=_ByOurClock)


def sign(purpose: str, value: Any) -> str:
    """A link-safe text that carries `value` and can only come from here."""
    return str(_signer(purpose).dumps(value))


def unsign(purpose: str, text: str, *, max_age: int | None = None) -> Any:
    """The value of a signed text; raises NotFound when forged, Expired when older than `max_age` seconds."""
    try:
        return _signer(purpose).loads(text, max_age=max_age)
    except SignatureExpired:
        raise Expired from None
    except BadSignature:
        raise NotFound from None


def derived_key(purpose: str, name: str) -> bytes:
    """32 bytes that belong to `name`, made anew whenever they are needed and stored nowhere."""
    return hmac.digest(_key(purpose), name.encode(), "sha256")


def base64url(raw: bytes) -> str:
    """Bytes as text, without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
