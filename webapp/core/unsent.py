"""What did not leave: sent once more, alive again, or so late that somebody has to ring up."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, update

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.errors import N_, Conflict
from webapp.core.outbox import OutboxMessage, wake_worker
from webapp.core.timing import NotSent


class TooLateToSend(Conflict):
    """What is of no use any more is not sent once more."""

    sentence = N_("这条消息已经过了时候，不能再发。还有必要的话，请打电话告诉。")
    code = "too_late_to_send"


def send_again(message_id: str) -> OutboxMessage:
    """Queue a message that failed, or had no gateway, once more. One that waits or was sent stays as it is.

    Raises NotFound, TooLateToSend.
    """
    message = get_row(OutboxMessage, message_id)
    if message.state in {"failed", "kept"}:
        if message.use_by is not None and message.use_by <= clock.now():
            raise TooLateToSend
        message.state, message.attempts, message.due_at = "waiting", 0, clock.now()
        message.reason = message.error = None
        wake_worker()
    return message


def revive(about_ids: Collection[str]) -> None:
    """What these messages tell is so again (a cancellation was undone): those given up for that wait again."""
    ids, now = sorted(about_ids), clock.now()
    for first in range(0, len(ids), 500):
        session().execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.about_id.in_(ids[first : first + 500]),
                OutboxMessage.state == "lapsed",
                OutboxMessage.reason == NotSent.SETTLED,
                OutboxMessage.use_by > now,
            )
            .values(state="waiting", reason=None, due_at=now)
            .execution_options(synchronize_session=False)
        )


STUCK_AFTER = timedelta(minutes=30)
STUCK_REACH = timedelta(hours=24)


def is_stuck() -> ColumnElement[bool]:
    """Messages that should have left and did not, of what begins within a day: somebody has to ring up."""
    now = clock.now()
    return and_(
        OutboxMessage.state == "waiting",
        OutboxMessage.begins_at <= now + STUCK_REACH,
        OutboxMessage.created_at <= now - STUCK_AFTER,
        or_(OutboxMessage.attempts > 0, OutboxMessage.due_at <= now - STUCK_AFTER),
    )
