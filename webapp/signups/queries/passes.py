"""The pass of a sign-up: its text, and what a text that was read turned out to be (docs/scanning.md 1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, inspect, select

from webapp.core import signing
from webapp.core.clock import Period
from webapp.core.db import up_to_date
from webapp.events.models import EventSession
from webapp.signups import domain
from webapp.signups.domain import PASS_MARGIN, PassState
from webapp.signups.models import Signup

_TIMES = select(EventSession.starts_at, EventSession.ends_at).where(
    EventSession.id == bindparam("session_id")
)


@dataclass(frozen=True)
class PassReading:
    """What was read. All but the state is only there for what we signed ourselves: good, or void."""

    state: PassState
    signup_id: str | None = None
    serial: int | None = None
    sessions: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def pass_code(signup: Signup) -> str:
    """The text of a sign-up's pass, signed with the key of today; the same as long as nothing moved."""
    key = signing.current_key()
    body = domain.pass_body(
        key.kid,
        signup.id,
        serial=signup.pass_serial,
        valid=_valid(signup),
        sessions=[signup.session_id],
    )
    return f"{body}.{signing.sign(key, body)}"


def _valid(signup: Signup) -> Period:
    """The session with a day on either side; who has not loaded it does not load all of it for two moments."""
    if "position" in inspect(signup).unloaded:
        given = {"session_id": signup.session_id}
        starts_at, ends_at = up_to_date().execute(_TIMES, given).one()
    else:
        held = signup.position.session
        starts_at, ends_at = held.starts_at, held.ends_at
    return Period(starts_at - PASS_MARGIN, ends_at + PASS_MARGIN)


def pass_address(base_url: str, code: str) -> str:
    """What the QR of a pass says. Capitals make it a smaller picture (ISO/IEC 18004, alphanumeric mode)."""
    return f"{base_url}/p/{code.upper()}"


def read_code(text: str) -> PassReading:
    """What a text is: a pass as its code or as the address …/p/<code>, in either case of letters, or something else.

    Void is only what a retired key signed. Whether the serial is still the valid one, the sign-up stands, or the hour
    is right, is for the reader to compare.
    """
    code = domain.code_in(text)
    if not domain.looks_like_pass(code):
        return PassReading(PassState.NONE)
    parts = domain.split_pass(code)
    if parts is None:
        return PassReading(PassState.DAMAGED)
    key = signing.find_key(parts.key)
    if key is None:
        return PassReading(PassState.FOREIGN)
    if not signing.verify(key, parts.body, parts.signature):
        return PassReading(PassState.DAMAGED)
    return PassReading(
        PassState.GOOD if key.retired_at is None else PassState.VOID,
        parts.signup_id,
        parts.serial,
        parts.sessions,
        parts.valid_from,
        parts.valid_until,
    )


def read_pass(text: str) -> tuple[str, int] | None:
    """(sign-up id, serial) of a good pass, else None."""
    read = read_code(text)
    if read.state != PassState.GOOD or read.signup_id is None or read.serial is None:
        return None
    return read.signup_id, read.serial
