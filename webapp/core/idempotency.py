"""Idempotency-Key: the same key and body from the same caller get the first answer again."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.db import Base, on_conflict_do_nothing, session
from webapp.core.errors import N_, RuleBroken

_AT_WORK = 0  # no answer yet; never seen by others, since it is committed together with the answer


class KeyReused(RuleBroken):
    """The key was used before with another request."""

    sentence = N_("这个 Idempotency-Key 已用于另一个请求，请换一个。")
    code = "idempotency_key_reused"


class BadKey(RuleBroken):
    """The key is empty or too long."""

    sentence = N_("Idempotency-Key 须为 1 至 200 个可见 ASCII 字符。")
    code = "idempotency_key_invalid"


class StoredAnswer(Base):
    """The first answer given to a key; written in the transaction that did the work."""

    __tablename__ = "stored_answer"

    caller: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Attempt:
    """One keyed request: who, which key, and what exactly was asked."""

    caller: str
    key: str
    request_hash: str


def attempt_of(caller: str, key: str, *, method: str, path: str, body: bytes) -> Attempt:
    """Describe a keyed request; raises BadKey. JSON bodies that differ only in spacing or order are the same."""
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise BadKey
    try:
        canonical = json.dumps(json.loads(body), sort_keys=True).encode() if body else b""
    except ValueError:
        canonical = body
    digest = hashlib.sha256(f"{method} {path}\n".encode() + canonical).hexdigest()
    return Attempt(caller, key, digest)


def stored_answer(attempt: Attempt) -> tuple[int, Any] | None:
    """Status and body given before, or None; raises KeyReused."""
    found = session().scalar(
        select(StoredAnswer).where(StoredAnswer.caller == attempt.caller, StoredAnswer.key == attempt.key)
    )
    if found is None:
        return None
    if found.request_hash != attempt.request_hash:
        raise KeyReused
    return found.status, found.body


def answer_to(caller: str, key: str) -> Any:
    """The body that was kept for a key, whatever was asked with it; None where there is none."""
    wanted = select(StoredAnswer.body).where(StoredAnswer.caller == caller, StoredAnswer.key == key)
    return session().scalar(wanted)


def claim(attempt: Attempt) -> tuple[int, Any] | None:
    """None: the key is ours, do the work and `store_answer` before the transaction ends. Else the first answer.

    First of all in the transaction that does the work. Where another one holds the key, the database makes us wait for
    its end: it committed, and its answer is there; or it was refused and took its claim with it, and it is our turn.
    Raises KeyReused.
    """
    row = {
        "caller": attempt.caller,
        "key": attempt.key,
        "request_hash": attempt.request_hash,
        "status": _AT_WORK,
        "body": None,
        "created_at": clock.now(),
    }
    statement = on_conflict_do_nothing(StoredAnswer).values(row).returning(StoredAnswer.key)
    return None if session().scalar(statement) is not None else stored_answer(attempt)


def store_answer(attempt: Attempt, status: int, body: Any) -> None:
    """Keep the answer to a claimed key, in the transaction of the claim."""
    mine = (StoredAnswer.caller == attempt.caller, StoredAnswer.key == attempt.key)
    session().execute(
        update(StoredAnswer)
        .where(*mine)
        .values(status=status, body=body)
        .execution_options(synchronize_session=False)
    )
