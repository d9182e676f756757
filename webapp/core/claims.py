"""Claims: which worker has which message in hand, and what became of it.

A message is claimed, handed over, settled at once (delivery.py). A claim whose process has ended is freed.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, or_, select, update

from webapp.core import clock, departing
from webapp.core.db import session, transaction
from webapp.core.departing import Text
from webapp.core.outbox import OutboxMessage
from webapp.core.timing import NotSent, Until, kind_of, kinds

CLAIM = timedelta(minutes=2)
_CLAIMING = (
    6_841_033  # PostgreSQL: one worker claims at a time, so that two never share out what should leave as one
)

Claimed = Row[*tuple[Any, ...]]  # the columns of _TAKEN

_START = secrets.token_hex(4)  # this start of this process: a number may be given again to another one


def _host() -> str:
    """This machine, and within it the space process numbers belong to: containers may share a name."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return f"{socket.gethostname()[:60]} {space}".strip()


def _me() -> str:
    return f"{_host()}/{os.getpid()}/{_START}"


def _is_gone(claimed_by: str) -> bool:
    """Whether the process that made a claim has certainly ended: one of this machine that is there no more."""
    host, pid, start = claimed_by.rsplit("/", 2)
    if host != _host():
        return False
    if int(pid) == os.getpid():
        return start != _START
    try:
        os.kill(int(pid), 0)  # signal 0 only asks
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def free_claims_of_the_dead() -> None:
    """Let messages go that were claimed by a process that ended before it could settle them."""
    wanted = select(OutboxMessage.claimed_by).where(
        OutboxMessage.state == "waiting", OutboxMessage.claimed_by.is_not(None)
    )
    gone = [claim for claim in session().scalars(wanted.distinct()) if claim and _is_gone(claim)]
    if not gone:
        return
    with transaction() as current:
        current.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == "waiting", OutboxMessage.claimed_by.in_(gone))
            .values(claimed_until=None, claimed_by=None)
            .execution_options(synchronize_session=False)
        )


@dataclass(frozen=True)
class Outcome:
    """What became of a claimed message."""

    row: Claimed
    state: str
    at: datetime
    error: str | None = None
    due_at: datetime | None = None
    reason: NotSent | None = None
    text: Text | None = None  # what it said, where that was written as it left


def settle(outcome: Outcome) -> None:
    """Write down what became of it; the caller's transaction also claims the next: one commit for each message.

    Whoever is told of it writes first: a sign-up is locked before its messages, as everywhere.
    """
    row = outcome.row
    if outcome.state != "waiting" and row.about_id:
        departing.settled(kind_of(row.kind), row.about_id, state=outcome.state, at=outcome.at)
    values: dict[str, Any] = {"state": outcome.state, "reason": outcome.reason}
    values |= {"claimed_until": None, "claimed_by": None}
    if outcome.state == "sent" or outcome.error is not None:
        values["error"] = outcome.error
    else:
        values["attempts"] = OutboxMessage.attempts - 1  # looked at, and not tried
    if outcome.state == "sent":
        values["sent_at"] = outcome.at
    if outcome.due_at is not None:
        values["due_at"] = outcome.due_at
    if outcome.text is not None:
        values |= {"subject": outcome.text.subject[:200], "body": outcome.text.body}
    session().execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


_TAKEN = (
    OutboxMessage.id,
    OutboxMessage.channel,
    OutboxMessage.recipient,
    OutboxMessage.subject,
    OutboxMessage.body,
    OutboxMessage.created_at,
    OutboxMessage.calendar_of,
    OutboxMessage.attempts,
    OutboxMessage.dedupe_key,
    OutboxMessage.kind,
    OutboxMessage.about_id,
    OutboxMessage.begins_at,
    OutboxMessage.use_by,
)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)


def _take(which: ColumnElement[bool], now: datetime) -> list[Claimed]:
    taken = session().execute(
        update(OutboxMessage)
        .where(which, _is_free(now))
        .values(claimed_until=now + CLAIM, claimed_by=_me(), attempts=OutboxMessage.attempts + 1)
        .returning(*_TAKEN)
        .execution_options(synchronize_session=False)
    )
    return sorted(taken.all(), key=lambda row: str(row.id))


def claim(closed: set[str]) -> list[Claimed]:
    """The message due longest, now ours, with those it leaves together with; none when nothing is due.

    Channels in `closed` are left alone.
    """
    now = clock.now()
    if session().get_bind().dialect.name == "postgresql":
        session().execute(select(func.pg_advisory_xact_lock(_CLAIMING)))
    due = select(OutboxMessage.id).where(
        OutboxMessage.state == "waiting", OutboxMessage.due_at <= now, _is_free(now)
    )
    first = due.where(OutboxMessage.channel.not_in(closed))
    first = first.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(1)
    found = _take(OutboxMessage.id == first.with_for_update(skip_locked=True).scalar_subquery(), now)
    if not found or not kind_of(found[0].kind).joins:
        return found
    (row,) = found
    beside = due.where(
        OutboxMessage.channel == row.channel,
        OutboxMessage.recipient == row.recipient,
        OutboxMessage.kind.in_([kind.name for kind in kinds.values() if kind.joins]),
    )
    return found + _take(OutboxMessage.id.in_(beside.with_for_update(skip_locked=True)), now)


def lapse_late() -> None:
    """What waits and is of no use any more is given up, also behind a gateway that does not answer."""
    now = clock.now()
    late = (OutboxMessage.state == "waiting", OutboxMessage.use_by <= now, _is_free(now))
    if session().scalar(select(OutboxMessage.id).where(*late).limit(1)) is None:
        return
    why = {kind.name: kind.too_late.value for kind in kinds.values() if kind.until != Until.FORTNIGHT}
    reason = case(why, value=OutboxMessage.kind, else_=NotSent.OLD.value)
    with transaction() as current:
        current.execute(
            update(OutboxMessage)
            .where(*late)
            .values(state="lapsed", reason=reason)
            .execution_options(synchronize_session=False)
        )


def is_replaced(row: Claimed) -> bool:
    """Whether a newer message about the same has left, or leaves now, that says more."""
    by = kind_of(row.kind).replaced_by
    if not by or row.about_id is None:
        return False
    newer = select(OutboxMessage.id).where(
        OutboxMessage.about_id == row.about_id,
        OutboxMessage.id > row.id,
        OutboxMessage.kind.in_(by),
        or_(
            OutboxMessage.state == "sent",
            (OutboxMessage.state == "waiting")
            & (OutboxMessage.held_for.is_(None) | (OutboxMessage.due_at <= clock.now())),
        ),
    )
    return session().scalar(newer.limit(1)) is not None
