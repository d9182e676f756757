"""Sends what waits in the outbox: at least once, and once unless the worker is killed.

A message is claimed, looked at, handed over, settled at once (claims.py). A worker killed between the last two leaves
one claim behind: the next worker of the machine frees it (another machine's runs out), and the message goes again with
the same Message-ID. See docs/decisions/0011. Whether it goes at all is decided in timing.py; see 0033.
"""

import threading
from datetime import datetime

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from webapp.core import clock, departing
from webapp.core.claims import (
    Claimed,
    Outcome,
    claim,
    free_claims_of_the_dead,
    is_replaced,
    lapse_late,
    settle,
)
from webapp.core.config import current_settings
from webapp.core.db import session, transaction
from webapp.core.departing import Leaving, Text
from webapp.core.letters import DeliveryFailed, Letter, Sender
from webapp.core.outbox import MACHINES, waking_hours
from webapp.core.phones import takes_sms
from webapp.core.senders import open_sender
from webapp.core.timing import FORTNIGHT, Do, Failure, NotSent, Standing, WakingHours, kind_of, next_step

RUN = 500  # messages sent before the worker says again that it lives

_sending = (
    threading.Lock()
)  # one run at a time in a process, so one connection and at most one message in the air


def send_due(*, limit: int = RUN) -> int:
    """Send what is due, one commit for each; returns how many were dealt with. A run already going on goes on alone."""
    if not _sending.acquire(blocking=False):
        return 0
    try:
        free_claims_of_the_dead()
        lapse_late()
        return _Run(limit, waking_hours()).go()
    finally:
        _sending.release()


def _step(outcomes: list[Outcome], closed: set[str]) -> list[Claimed]:
    with transaction():
        for one in outcomes:
            settle(one)
        return claim(closed)


class _Run:
    """One run: its open senders, and the channels whose gateway does not answer."""

    def __init__(self, limit: int, hours: WakingHours) -> None:
        self.limit, self.hours = limit, hours
        self.senders: dict[str, Sender | None] = {}
        self.closed: set[str] = set()

    def go(self) -> int:
        done, outcomes = 0, list[Outcome]()
        try:
            while done < self.limit and (rows := _step(outcomes, self.closed)):
                outcomes = self._deal_with(rows)
                done += len(rows)
            if done >= self.limit and outcomes:
                with transaction():
                    for one in outcomes:
                        settle(one)
        finally:
            for sender in self.senders.values():
                if sender is not None:
                    sender.close()
        return done

    def _deal_with(self, rows: list[Claimed]) -> list[Outcome]:
        """What is true and in time leaves, several that belong together as one."""
        now, outcomes = clock.now(), list[Outcome]()
        ready: list[tuple[Claimed, Text | None]] = []
        for row in rows:
            found = self._look_at(row, now)
            if isinstance(found, Outcome):
                outcomes.append(found)
            else:
                ready.append((row, found))
        if ready:
            session().rollback()  # nothing of the database is held while the gateway takes its time
            outcomes += self._hand_over(ready, now)
        return outcomes

    def _look_at(self, row: Claimed, now: datetime) -> Outcome | Text | None:
        """What becomes of it before it is sent; else what it says, or None: what it was written with."""
        try:
            step = next_step(_standing(row), now=now, hours=self.hours)
            if step.do == Do.WAIT:
                return Outcome(row, "waiting", now, due_at=step.at)
            if step.do == Do.LAPSE:
                return Outcome(row, "lapsed", now, reason=step.reason)
            if is_replaced(row):
                return Outcome(row, "lapsed", now, reason=NotSent.REPLACED)
            found = None
            if row.about_id is not None:
                found = departing.look_at(Leaving(kind_of(row.kind), row.about_id, row.dedupe_key, now))
        except SQLAlchemyError:
            raise
        except Exception as fault:  # one letter that breaks our own code must not stop the others
            current_app.logger.exception("message %s could not be looked at", row.id)
            return self._fault(row, fault)
        return Outcome(row, "lapsed", now, reason=found) if isinstance(found, NotSent) else found

    def _fault(self, row: Claimed, fault: Exception) -> Outcome:
        return self._after(row, DeliveryFailed(f"{type(fault).__name__}: {fault}"))

    def _hand_over(self, ready: list[tuple[Claimed, Text | None]], now: datetime) -> list[Outcome]:
        first = ready[0][0]
        if first.channel not in self.senders:
            self.senders[first.channel] = open_sender(first.channel, current_settings())
        sender = self.senders[first.channel]
        if sender is None:
            return [Outcome(row, "kept", now, reason=NotSent.NO_GATEWAY) for row, _text in ready]
        if first.channel == "sms" and not takes_sms(first.recipient):
            return [Outcome(row, "kept", now, reason=NotSent.NO_SMS) for row, _text in ready]
        try:
            sender.send(_letter(ready))
        except DeliveryFailed as failure:
            if failure.unreachable:
                self.closed.add(first.channel)
            return [self._after(row, failure) for row, _text in ready]
        except SQLAlchemyError:
            raise
        except Exception as fault:  # as above
            current_app.logger.exception("message %s could not be sent", first.id)
            return [self._fault(row, fault) for row, _text in ready]
        return [Outcome(row, "sent", now, text=text) for row, text in ready]

    def _after(self, row: Claimed, failure: DeliveryFailed) -> Outcome:
        """Once more, later each time, as long as it is of use; or failed: the address does not exist."""
        now, error = clock.now(), str(failure)[:300]
        how = Failure.FOR_GOOD if failure.for_good else Failure.TRY_AGAIN
        step = next_step(_standing(row, how), now=now, hours=self.hours)
        state = {Do.FAIL: "failed", Do.LAPSE: "lapsed"}.get(step.do, "waiting")
        return Outcome(row, state, now, error, due_at=step.at, reason=step.reason)


def _standing(row: Claimed, failure: Failure | None = None) -> Standing:
    return Standing(
        kind=kind_of(row.kind),
        use_by=row.use_by or row.created_at + FORTNIGHT,
        begins_at=row.begins_at,
        rings=row.channel not in MACHINES,
        attempts=row.attempts,
        failure=failure,
    )


def _letter(ready: list[tuple[Claimed, Text | None]]) -> Letter:
    row = ready[0][0]
    texts = [text or Text(one.subject, one.body) for one, text in ready]
    said = texts[0] if len(texts) == 1 or departing.asked.join is None else departing.asked.join(texts)
    calendar = None
    if row.calendar_of and row.channel == "mail" and departing.asked.calendar is not None:
        calendar = departing.asked.calendar(row.calendar_of, row.recipient)
        session().rollback()  # nothing of the database is held while the mail server takes its time
    return Letter(
        row.id,
        row.channel,
        row.recipient,
        said.subject,
        said.body,
        created_at=row.created_at,
        calendar=calendar,
        stop_url=_stop_url(row),
    )


def _stop_url(row: Claimed) -> str:
    if row.channel != "mail" or row.about_id is None or departing.asked.stop is None:
        return ""
    return departing.asked.stop(kind_of(row.kind), row.about_id)
