"""What the outbox holds, as it is read: by the office, and by each person as their own messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from webapp.core import clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.core.outbox import OutboxMessage, is_out
from webapp.core.timing import kinds


def messages_of(ids: Sequence[str]) -> list[OutboxMessage]:
    """These messages, in that order; what is gone is left out."""
    found = {row.id: row for row in session().scalars(select(OutboxMessage).where(OutboxMessage.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def count_messages() -> dict[str, int]:
    """How many messages there are in each state."""
    rows = session().execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    return {state: int(number) for state, number in rows}


def messages_failed() -> tuple[int, datetime | None]:
    """How many messages were given up and not yet sent once more by someone, and since when."""
    wanted = select(func.count(), func.min(OutboxMessage.created_at)).where(OutboxMessage.state == "failed")
    number, since = session().execute(wanted).one()
    return number, since


# --- a person's own ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Own:
    """One line of a person's messages."""

    id: str
    subject: str
    created_at: datetime
    is_unread: bool


def _is_shown() -> tuple[ColumnElement[bool], ...]:
    """What stands among somebody's messages; other kinds repeat what a page of the site says better."""
    left_out = [one.name for one in kinds.values() if not one.in_inbox]
    return is_out(), OutboxMessage.kind.not_in(left_out)


def list_own(person_id: str, *, before: str | None = None, limit: int = 20) -> list[Own]:
    """The person's messages, the latest first, whatever became of them on their way."""
    wanted = (
        select(OutboxMessage.id, OutboxMessage.subject, OutboxMessage.created_at, OutboxMessage.read_at)
        .where(OutboxMessage.person_id == person_id, *_is_shown())
        .order_by(OutboxMessage.id.desc())
        .limit(limit)
    )
    if before:
        wanted = wanted.where(OutboxMessage.id < before)
    return [
        Own(row.id, row.subject, row.created_at, row.read_at is None) for row in session().execute(wanted)
    ]


def get_own(person_id: str, message_id: str) -> OutboxMessage:
    """One of the person's messages; raises NotFound."""
    wanted = select(OutboxMessage).where(
        OutboxMessage.id == message_id, OutboxMessage.person_id == person_id, *_is_shown()
    )
    found = session().scalar(wanted)
    if found is None:
        raise NotFound
    return found


def count_unread(person_id: str) -> int:
    """How many of their messages the person has not marked as read."""
    wanted = select(func.count()).where(
        OutboxMessage.person_id == person_id, OutboxMessage.read_at.is_(None), *_is_shown()
    )
    return int(session().scalar(wanted) or 0)


def mark_read(person_id: str, message_id: str | None = None) -> None:
    """The person has seen it; without an id: all of theirs."""
    wanted = update(OutboxMessage).where(
        OutboxMessage.person_id == person_id, OutboxMessage.read_at.is_(None)
    )
    if message_id is not None:
        wanted = wanted.where(OutboxMessage.id == get_own(person_id, message_id).id)
    session().execute(wanted.values(read_at=clock.now()).execution_options(synchronize_session=False))
