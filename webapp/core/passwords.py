"""Passwords: Argon2id at the installation's cost, a few at once, the same time whether an account exists or not.

Hashing takes a tenth of a second and 64 MiB: call it outside `transaction()`, or every writer waits (SQLite).
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from webapp.core import spelling
from webapp.core.config import current_settings
from webapp.core.errors import N_, Refusal

AT_ONCE = 2  # hashes a process works on at the same time: 128 MiB at most
PATIENCE = 10.0  # seconds a request waits for its turn


class TooBusy(Refusal):
    """Too many people are signing in at this moment."""

    sentence = N_("现在登录的人太多，请过一会儿再试。")
    code = "busy"
    http_status = 503


@dataclass(frozen=True)
class Hashed:
    """A password that was checked and hashed; so it cannot be mistaken for a plain one."""

    text: str


_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise TooBusy
    try:
        yield
    finally:
        _turns.release()


@cache
def _hasher(time_cost: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1, type=Type.ID)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_bytes(16))


def _current() -> PasswordHasher:
    settings = current_settings()
    return _hasher(settings.argon2_time_cost, settings.argon2_memory_kib)


def _bytes(password: str) -> bytes:
    """The same bytes for the same characters, however the keyboard composed them (NIST SP 800-63B 3.1.1.2)."""
    return spelling.same_bytes(password)


def hash_password(password: str) -> Hashed:
    """Hash it with today's cost; raises TooBusy."""
    hasher = _current()
    with _turn():
        return Hashed(hasher.hash(_bytes(password)))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; `None` (no such account) takes as long and is never right."""
    hasher = _current()
    with _turn():
        against = _nobodys(hasher) if stored is None else stored
        try:
            return hasher.verify(against, _bytes(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with another cost than today's."""
    return _current().check_needs_rehash(stored)
