"""What leaves the building is first a row here, in the transaction that caused it; the worker sends it.

At least once: a message is claimed, sent, then marked. A worker killed between the last two sends it again after
the claim runs out; the dedupe key keeps the same fact from being queued twice.
"""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import Index, String, Text, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.config import Settings
from webapp.core.db import Base, CreatedAt, Id, after_commit, db, session, transaction

CLAIM = timedelta(minutes=5)
MAX_ATTEMPTS = 8


class OutboxMessage(Base):
    """One message to one recipient."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_due", "state", "due_at"),
        Index("ix_outbox_message_person_id", "person_id", "id"),
    )

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]
    channel: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    person_id: Mapped[str | None] = mapped_column(String(18))
    # What goes along as an .ics file, made when the message is sent: the id of a sign-up.
    calendar_of: Mapped[str | None] = mapped_column(String(18))
    read_at: Mapped[datetime | None]  # when the person opened it among their messages
    # waiting → sent | failed; "kept" where no gateway is configured: readable on the staff page, sent by hand.
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


class DeliveryFailed(Exception):
    """The gateway refused or could not be reached; it is tried again later."""


@dataclass(frozen=True)
class Draft:
    """A message before it is queued."""

    channel: str
    recipient: str
    subject: str
    body: str
    person_id: str | None = None
    calendar_of: str | None = None


def queue(draft: Draft, *, dedupe_key: str) -> None:
    """Queue a message in the current transaction; a second one with the same key is left out."""
    current = session()
    current.flush()  # a key queued earlier in this transaction must be seen
    if current.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)):
        return
    current.add(
        OutboxMessage(
            channel=draft.channel,
            recipient=draft.recipient,
            subject=draft.subject[:200],
            body=draft.body,
            dedupe_key=dedupe_key,
            person_id=draft.person_id,
            calendar_of=draft.calendar_of,
            due_at=clock.now(),
        )
    )
    wake_worker()


def wake_worker() -> None:
    """Let the worker look at the outbox once the current transaction is committed."""
    wake = current_app.extensions.get("kepu_wake")
    if wake is not None:
        after_commit("wake the worker", wake)


def _send_mail(message: OutboxMessage, settings: Settings) -> None:
    parts = urlsplit(settings.mail_url)
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, message.recipient
    mail["Subject"] = message.subject
    mail["Message-ID"] = f"<{message.id}@{settings.uid_domain}>"
    mail.set_content(message.body)
    secure = parts.scheme == "smtps"
    try:
        server: smtplib.SMTP
        if secure:
            server = smtplib.SMTP_SSL(parts.hostname or "", parts.port or 465, timeout=20)
        else:
            server = smtplib.SMTP(parts.hostname or "", parts.port or 25, timeout=20)
        with server:
            if not secure and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryFailed(str(error)[:300]) from error


def sender_for(channel: str, settings: Settings) -> Callable[[OutboxMessage, Settings], None] | None:
    """The function that delivers a channel, or None where no gateway is configured."""
    if channel == "mail" and settings.mail_url:
        return _send_mail
    return None


def _claim_next() -> OutboxMessage | None:
    now = clock.now()
    with transaction() as current:
        ready = (
            select(OutboxMessage.id)
            .where(
                OutboxMessage.state == "waiting",
                OutboxMessage.due_at <= now,
                or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
            )
            .order_by(OutboxMessage.due_at, OutboxMessage.id)
            .limit(1)
        )
        claimed = current.scalar(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == ready.scalar_subquery(),
                or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
            )
            .values(claimed_until=now + CLAIM, attempts=OutboxMessage.attempts + 1)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
    return db.session.get(OutboxMessage, claimed) if claimed else None


def _settle(
    message_id: str, *, state: str, error: str | None = None, retry_in: timedelta | None = None
) -> None:
    now = clock.now()
    with transaction() as current:
        message = current.get(OutboxMessage, message_id)
        if message is None:
            return
        message.state, message.error, message.claimed_until = state, error, None
        if state == "sent":
            message.sent_at = now
        if retry_in is not None:
            message.due_at = now + retry_in


def send_due(*, limit: int = 500) -> int:
    """Send what is due, each in transactions of its own; returns how many were dealt with."""
    settings: Settings = current_app.extensions["kepu_settings"]
    done = 0
    while done < limit and (message := _claim_next()):
        done += 1
        sender = sender_for(message.channel, settings)
        if sender is None:
            _settle(message.id, state="kept")
            continue
        message_id, attempts = message.id, message.attempts
        try:
            sender(message, settings)
        except DeliveryFailed as failure:
            if attempts >= MAX_ATTEMPTS:
                _settle(message_id, state="failed", error=str(failure))
            else:
                _settle(
                    message_id, state="waiting", error=str(failure), retry_in=timedelta(minutes=2**attempts)
                )
        except SQLAlchemyError:
            raise
        else:
            _settle(message_id, state="sent")
    return done


def list_messages(state: str | None, *, before: str | None = None, limit: int = 50) -> list[OutboxMessage]:
    """Messages, the latest first, of one state or of all; `before` is the id of the last one seen."""
    wanted = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(OutboxMessage.state == state)
    if before:
        wanted = wanted.where(OutboxMessage.id < before)
    return list(session().scalars(wanted).all())


def count_messages() -> dict[str, int]:
    """How many messages there are in each state."""
    rows = session().execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    return {state: int(number) for state, number in rows}
