"""What leaves the building is first a row here, in the transaction that caused it; the worker sends it (delivery.py).

The dedupe key keeps the same fact from being queued twice.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app
from sqlalchemy import ColumnElement, Index, String, Table, Text, and_, delete, not_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock
from webapp.core.config import current_settings
from webapp.core.db import Base, CreatedAt, Id, after_commit, get_row, session
from webapp.core.errors import N_
from webapp.core.letters import Attached
from webapp.core.looks import Looks
from webapp.core.senders import is_configured

ORGANISERS = ("wecom", "webhook")  # channels that reach the organisers' group, not a person


_STATES = {
    "kept": N_("请电话告知"),
    "waiting": N_("等待发送"),
    "sent": N_("已发出"),
    "failed": N_("没有发出"),
}


class OutboxMessage(Base):
    """One message to one recipient."""

    __tablename__ = "outbox_message"
    __looks__ = Looks(("state",), says=lambda row: _STATES.get(row.state), audited="outbox_message")
    __table_args__ = (
        Index("ix_outbox_message_due", "state", "due_at"),
        Index("ix_outbox_message_person_id", "person_id", "id"),
        Index("ix_outbox_message_held_for", "held_for"),
        Index("ix_outbox_message_calendar_of", "calendar_of"),
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
    # Where the person answers what the message asks, below our own address: a signed link.
    answer_path: Mapped[str | None] = mapped_column(String(300))
    # The act that can still be undone (a cancellation); until it is due nobody sees the message.
    held_for: Mapped[str | None] = mapped_column(String(18))
    read_at: Mapped[datetime | None]  # when the person opened it among their messages
    # waiting → sent | failed; "kept" where no gateway is configured: readable on the staff page, sent by hand.
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(
        String(120)
    )  # host, process and its start: see delivery.py
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(300))


@dataclass(frozen=True)
class Draft:
    """A message before it is queued."""

    channel: str
    recipient: str
    subject: str
    body: str
    person_id: str | None = None
    calendar_of: str | None = None
    answer_path: str | None = None


@dataclass(frozen=True)
class _Hold:
    act_id: str
    until: datetime


_hold: ContextVar[_Hold | None] = ContextVar("kepu_hold", default=None)


@contextmanager
def held_for(act_id: str, *, until: datetime) -> Iterator[None]:
    """What is queued inside leaves at `until` and not before; drop_held() takes it back."""
    token = _hold.set(_Hold(act_id, until))
    try:
        yield
    finally:
        _hold.reset(token)


def drop_held(act_id: str) -> set[str]:
    """Take back what an act queued and no worker is sending now; what remains has left, or is leaving.

    Returns the persons of those that were tried in vain: a gateway may have passed on what it did not confirm.
    """
    current = session()
    current.flush()
    is_free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= clock.now())
    gone = current.execute(
        delete(OutboxMessage)
        .where(OutboxMessage.held_for == act_id, OutboxMessage.state == "waiting", is_free)
        .returning(OutboxMessage.person_id, OutboxMessage.attempts)
        .execution_options(synchronize_session=False)
    ).all()
    return {person_id for person_id, attempts in gone if person_id and attempts}


def take_back(keys: Collection[str]) -> None:
    """What these say is not so any more: whatever of them has not left does not leave."""
    session().flush()
    is_free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= clock.now())
    session().execute(
        delete(OutboxMessage)
        .where(
            OutboxMessage.dedupe_key.in_(sorted(keys)), OutboxMessage.state.in_(("waiting", "kept")), is_free
        )
        .execution_options(synchronize_session=False)
    )


def retire_keys(keys: Collection[str]) -> None:
    """What these told is of the past: should the same happen again, it is told again."""
    ids = sorted(keys)
    for first in range(0, len(ids), 500):
        session().execute(
            update(OutboxMessage)
            .where(OutboxMessage.dedupe_key.in_(ids[first : first + 500]))
            .values(dedupe_key=OutboxMessage.dedupe_key + ":" + OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )


def left_of(act_id: str) -> set[str]:
    """Persons to whom a message of this act has left, or is leaving."""
    wanted = select(OutboxMessage.person_id).where(OutboxMessage.held_for == act_id)
    return {one for one in session().scalars(wanted) if one}


def is_out() -> ColumnElement[bool]:
    """Messages nobody can take back any more; the others are not shown to the person either."""
    return not_(
        and_(
            OutboxMessage.held_for.is_not(None),
            OutboxMessage.state == "waiting",
            OutboxMessage.attempts == 0,
            OutboxMessage.due_at > clock.now(),
        )
    )


def _row(draft: Draft, dedupe_key: str) -> dict[str, object]:
    hold = _hold.get()
    return {
        "channel": draft.channel,
        "recipient": draft.recipient,
        "subject": _one_line(draft.subject),
        "body": draft.body,
        "dedupe_key": dedupe_key,
        "person_id": draft.person_id,
        "calendar_of": draft.calendar_of,
        "answer_path": draft.answer_path,
        "held_for": hold.act_id if hold else None,
        "due_at": hold.until if hold else clock.now(),
    }


def queue(draft: Draft, *, dedupe_key: str) -> bool:
    """Queue a message in the current transaction; a second one with the same key is left out (False)."""
    current = session()
    current.flush()  # a key queued earlier in this transaction must be seen
    if current.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == dedupe_key)):
        return False
    current.add(OutboxMessage(**_row(draft, dedupe_key)))
    wake_worker()
    return True


def queue_many(letters: Iterable[tuple[str, Draft]]) -> None:
    """Queue (dedupe key, message) in one statement; those whose key there is already are left out."""
    rows = [_row(draft, key) for key, draft in letters]
    if not rows:
        return
    current = session()
    current.flush()
    kind = postgresql.insert if current.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = kind(cast("Table", OutboxMessage.__table__)).on_conflict_do_nothing(
        index_elements=["dedupe_key"]
    )
    current.connection().execute(statement, rows)
    wake_worker()


def _one_line(subject: str) -> str:
    """A header is one line."""
    return " ".join(subject.split())[:200]


def tell_organisers(text: str, *, dedupe_key: str) -> None:
    """Queue a line for the organisers' group; nothing where no such channel is configured."""
    for channel in organisers_channels():
        queue(
            Draft(channel, "organisers", text.partition("\n")[0], text), dedupe_key=f"{channel}:{dedupe_key}"
        )


def organisers_channels() -> list[str]:
    """Which of the channels to the organisers' group lead anywhere."""
    return [channel for channel in ORGANISERS if is_configured(channel, current_settings())]


def wake_worker() -> None:
    """Let the worker look at the outbox once the current transaction is committed."""
    wake = current_app.extensions.get("kepu_wake")
    if wake is not None:
        after_commit("wake the worker", wake)


# --- attachments: the core knows no area; webapp/areas.py says who makes them --------------------------------------


@dataclass
class Attachments:
    """Who makes what goes along with a message when it is sent."""

    # The calendar entry of a sign-up, by its id, for whoever has this mail address.
    calendar: Callable[[str, str], Attached | None] | None = None


attachments = Attachments()


def send_again(message_id: str) -> OutboxMessage:
    """Queue a message that failed, or had no gateway, once more; raises NotFound. One that waits or was sent stays."""
    message = get_row(OutboxMessage, message_id)
    if message.state in {"failed", "kept"}:
        message.state, message.attempts, message.due_at = "waiting", 0, clock.now()
        wake_worker()
    return message
