"""Sends what waits in the outbox: at least once, and once unless the worker is killed.

A message is claimed, handed over, settled at once. A worker killed between the last two leaves one claim behind: the
next worker of the machine frees it (another machine's runs out), and the message goes again with the same
Message-ID. See docs/decisions/0011.
"""

import os
import secrets
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Row, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock
from webapp.core.config import current_settings
from webapp.core.db import session, transaction
from webapp.core.letters import DeliveryFailed, Letter, Sender
from webapp.core.outbox import OutboxMessage, attachments
from webapp.core.phones import takes_sms
from webapp.core.senders import open_sender

CLAIM = timedelta(minutes=2)
RUN = 500  # messages sent before the worker says again that it lives
MAX_ATTEMPTS = 8  # of a letter the gateway keeps refusing
GIVE_UP_AFTER = timedelta(days=2)  # where no gateway answered: by then the news is old
LONGEST_PAUSE = timedelta(hours=1)

# --- claims --------------------------------------------------------------------------------------------------------

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

    id: str
    state: str
    error: str | None = None
    due_at: datetime | None = None


def _settle(outcome: Outcome) -> None:
    """Write down what became of it; the caller's transaction also claims the next: one commit for each message."""
    values: dict[str, Any] = {"state": outcome.state, "error": outcome.error}
    values |= {"claimed_until": None, "claimed_by": None}
    if outcome.state == "sent":
        values["sent_at"] = clock.now()
    if outcome.due_at is not None:
        values["due_at"] = outcome.due_at
    session().execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == outcome.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _claim(closed: set[str]) -> Row[*tuple[Any, ...]] | None:
    """The message due longest, now ours; None when nothing is due in a channel that is not `closed`."""
    now = clock.now()
    is_free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)
    ready = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state == "waiting",
            OutboxMessage.due_at <= now,
            is_free,
            OutboxMessage.channel.not_in(closed),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        session()
        .execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == ready.scalar_subquery(), is_free)
            .values(claimed_until=now + CLAIM, claimed_by=_me(), attempts=OutboxMessage.attempts + 1)
            .returning(
                OutboxMessage.id,
                OutboxMessage.channel,
                OutboxMessage.recipient,
                OutboxMessage.subject,
                OutboxMessage.body,
                OutboxMessage.created_at,
                OutboxMessage.calendar_of,
                OutboxMessage.attempts,
            )
            .execution_options(synchronize_session=False)
        )
        .one_or_none()
    )


def _step(outcome: Outcome | None, closed: set[str]) -> Row[*tuple[Any, ...]] | None:
    with transaction():
        if outcome is not None:
            _settle(outcome)
        return _claim(closed)


# --- sending -------------------------------------------------------------------------------------------------------

_sending = (
    threading.Lock()
)  # one run at a time in a process, so one connection and at most one message in the air


def send_due(*, limit: int = RUN) -> int:
    """Send what is due, one commit for each; returns how many were dealt with. A run already going on goes on alone."""
    if not _sending.acquire(blocking=False):
        return 0
    try:
        free_claims_of_the_dead()
        return _Run(limit).go()
    finally:
        _sending.release()


class _Run:
    """One run: its open senders, and the channels whose gateway does not answer."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.senders: dict[str, Sender | None] = {}
        self.closed: set[str] = set()

    def go(self) -> int:
        done, outcome = 0, None
        try:
            while done < self.limit and (row := _step(outcome, self.closed)) is not None:
                outcome = self._deal_with(row)
                done += 1
            if done == self.limit and outcome is not None:
                with transaction():
                    _settle(outcome)
        finally:
            for sender in self.senders.values():
                if sender is not None:
                    sender.close()
        return done

    def _deal_with(self, row: Row[*tuple[Any, ...]]) -> Outcome:
        if row.channel not in self.senders:
            self.senders[row.channel] = open_sender(row.channel, current_settings())
        sender = self.senders[row.channel]
        if sender is None or (row.channel == "sms" and not takes_sms(row.recipient)):
            return Outcome(row.id, "kept")
        try:
            sender.send(_letter(row))
        except DeliveryFailed as failure:
            if failure.unreachable:
                self.closed.add(row.channel)
            return _after(row, failure)
        except SQLAlchemyError:
            raise
        except Exception as fault:  # one letter that breaks our own code must not stop the others
            current_app.logger.exception("message %s could not be sent", row.id)
            return _after(row, DeliveryFailed(f"{type(fault).__name__}: {fault}"))
        return Outcome(row.id, "sent")


def _after(row: Row[*tuple[Any, ...]], failure: DeliveryFailed) -> Outcome:
    """Once more, later each time; or failed: refused for good or too often, or no answer for two days."""
    if failure.unreachable:
        is_over = clock.now() - row.created_at > GIVE_UP_AFTER
    else:
        is_over = failure.for_good or row.attempts >= MAX_ATTEMPTS
    error = str(failure)[:300]
    if is_over:
        return Outcome(row.id, "failed", error)
    pause = min(timedelta(minutes=2 ** min(row.attempts, 10)), LONGEST_PAUSE)
    return Outcome(row.id, "waiting", error, clock.now() + pause)


def _letter(row: Row[*tuple[Any, ...]]) -> Letter:
    calendar = None
    if row.calendar_of and row.channel == "mail" and attachments.calendar is not None:
        calendar = attachments.calendar(row.calendar_of, row.recipient)
        session().rollback()  # nothing of the database is held while the mail server takes its time
    return Letter(
        row.id,
        row.channel,
        row.recipient,
        row.subject,
        row.body,
        created_at=row.created_at,
        calendar=calendar,
    )
