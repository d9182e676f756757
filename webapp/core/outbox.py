"""What leaves the building is first a row here, in the transaction that caused it; the worker sends it (delivery.py).

The dedupe key keeps the same fact from being queued twice. Of what use a message is, and when: timing.py.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from flask import current_app
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    String,
    Table,
    Text,
    and_,
    delete,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import clock, timing
from webapp.core.config import current_settings
from webapp.core.db import Base, CreatedAt, Id, after_commit, session
from webapp.core.errors import N_
from webapp.core.looks import Looks
from webapp.core.options import values, whole_number
from webapp.core.senders import is_configured
from webapp.core.timing import Do, Fact, Standing, WakingHours

_HOURS = "kepu_waking_hours"
ORGANISERS = ("wecom", "webhook")  # channels that reach the organisers' group, not a person
MACHINES = frozenset({"webhook"})  # channels at whose other end nobody sleeps

DAY_BEGINS = whole_number(
    "messages.day_begins",
    7,
    label=N_("早上几点开始发消息"),
    hint=N_("夜里只发马上要开始的活动的急事，别的等到早上再发；候补名额的保留时间夜里也不走。"),
    high=11,
)
DAY_ENDS = whole_number("messages.day_ends", 22, label=N_("晚上几点以后不发消息"), low=13, high=24)


def waking_hours() -> WakingHours:
    """The hours in which people may be rung up by their phone; looked up once in a transaction."""
    current = session()
    known = current.info.get(_HOURS)
    if known is None or known[0] is not current.get_transaction():
        hours = WakingHours(*values(DAY_BEGINS, DAY_ENDS))
        known = current.info[_HOURS] = (current.get_transaction(), hours)
    found: WakingHours = known[1]
    return found


_STATES = {
    "kept": N_("请电话告知"),
    "waiting": N_("等待发送"),
    "sent": N_("已发出"),
    "failed": N_("没有发到"),
    "lapsed": N_("不用发了"),
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
        Index("ix_outbox_message_about_id", "about_id"),
        CheckConstraint("state <> 'lapsed' OR reason IS NOT NULL", name="lapsed_says_why"),
    )

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]
    channel: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40), default="", server_default="")  # timing.MessageKind
    about_id: Mapped[str | None] = mapped_column(String(18))  # of what it tells: mostly a sign-up
    begins_at: Mapped[datetime | None]  # what it tells of; how urgent it is follows from that
    use_by: Mapped[datetime | None]  # from then on it is not sent any more
    person_id: Mapped[str | None] = mapped_column(String(18))
    # What goes along as an .ics file, made when the message is sent: the id of a sign-up.
    calendar_of: Mapped[str | None] = mapped_column(String(18))
    # Where the person answers what the message asks, below our own address: a signed link.
    answer_path: Mapped[str | None] = mapped_column(String(300))
    # The act that can still be undone (a cancellation); until it is due nobody sees the message.
    held_for: Mapped[str | None] = mapped_column(String(18))
    read_at: Mapped[datetime | None]  # when the person opened it among their messages
    # waiting → sent | failed | lapsed; "kept" where no gateway is configured: readable on the staff page.
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    reason: Mapped[str | None] = mapped_column(String(12))  # NotSent: why it did not leave
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
def held_for(act_id: str, *, until: datetime | None) -> Iterator[None]:
    """What is queued inside leaves at `until` (None: at once) and not before; drop_held() takes it back."""
    token = _hold.set(_Hold(act_id, until) if until else None)
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
    """Messages nobody can take back any more; neither the others nor what was given up is shown to the person."""
    can_be_taken_back = and_(
        OutboxMessage.held_for.is_not(None),
        OutboxMessage.state == "waiting",
        OutboxMessage.attempts == 0,
        OutboxMessage.due_at > clock.now(),
    )
    return and_(not_(can_be_taken_back), OutboxMessage.state != "lapsed")


def _row(draft: Draft, fact: Fact, hours: WakingHours) -> dict[str, object]:
    hold, now, occasion = _hold.get(), clock.now(), fact.occasion
    use_by = (fact.kind.use_by(occasion) if occasion else None) or now + timing.FORTNIGHT
    begins_at = occasion.begins_at if occasion else None
    due_at = hold.until if hold else now
    standing = Standing(fact.kind, use_by, begins_at, rings=draft.channel not in MACHINES)
    step = timing.next_step(standing, now=due_at, hours=hours)
    return {
        "channel": draft.channel,
        "recipient": draft.recipient,
        "subject": _one_line(draft.subject),
        "body": draft.body,
        "dedupe_key": fact.key,
        "kind": fact.kind.name,
        "about_id": fact.about_id,
        "begins_at": begins_at,
        "use_by": use_by,
        "person_id": draft.person_id,
        "calendar_of": draft.calendar_of,
        "answer_path": draft.answer_path,
        "held_for": hold.act_id if hold else None,
        "due_at": step.at if step.do == Do.WAIT else due_at,
    }


def queue(draft: Draft, fact: Fact) -> bool:
    """Queue a message in the current transaction; a second one of the same fact is left out (False)."""
    current = session()
    current.flush()  # a key queued earlier in this transaction must be seen
    if current.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == fact.key)):
        return False
    current.add(OutboxMessage(**_row(draft, fact, waking_hours())))
    wake_worker()
    return True


def queue_many(letters: Iterable[tuple[Fact, Draft]]) -> None:
    """Queue messages in one statement; those whose fact is told already are left out."""
    hours = waking_hours()
    rows = [_row(draft, fact, hours) for fact, draft in letters]
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


def stretch(fact: Fact) -> None:
    """A message told before is about this as well: it stays of use as long as either."""
    use_by = fact.kind.use_by(fact.occasion) if fact.occasion else None
    if use_by is not None:
        session().execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.dedupe_key == fact.key,
                OutboxMessage.state == "waiting",
                OutboxMessage.use_by < use_by,
            )
            .values(use_by=use_by)
            .execution_options(synchronize_session=False)
        )


def _one_line(subject: str) -> str:
    """A header is one line."""
    return " ".join(subject.split())[:200]


def tell_organisers(text: str, fact: Fact) -> None:
    """Queue a line for the organisers' group; nothing where no such channel is configured."""
    for channel in organisers_channels():
        draft = Draft(channel, "organisers", text.partition("\n")[0], text)
        queue(draft, replace(fact, key=f"{channel}:{fact.key}"))


def organisers_channels() -> list[str]:
    """Which of the channels to the organisers' group lead anywhere."""
    return [channel for channel in ORGANISERS if is_configured(channel, current_settings())]


def wake_worker() -> None:
    """Let the worker look at the outbox once the current transaction is committed."""
    wake = current_app.extensions.get("kepu_wake")
    if wake is not None:
        after_commit("wake the worker", wake)
