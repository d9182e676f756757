"""What did not leave: sent once more, alive again, or so late that somebody has to ring up."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, update

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.errors import Conflict, N_
from webapp.core.outbox import OutboxMessage, wake_worker
from webapp.core.timing import NotSent

NOT_SENT_LABELS = {
    NotSent.BEGUN: N_("还没发出，活动就开始了，不用再发"),
    NotSent.OVER: N_("还没发出，活动就结束了，不用再发"),
    NotSent.CLOSED: N_("还没发出，答复的时间就过了，不用再发"),
    NotSent.OLD: N_("两个星期都没有发出去，已经过时了"),
    NotSent.PAST: N_("当天没有发出去，已经过时了"),
    NotSent.REPLACED: N_("后面的消息说得更新，这一条不用再发"),
    NotSent.SETTLED: N_("说的事情已经变了，不用再发"),
    NotSent.REFUSED: N_("对方的邮箱或号码收不到，请打电话告诉"),
    NotSent.NO_GATEWAY: N_("没有接通短信或邮件，请打电话告诉"),
    NotSent.NO_SMS: N_("这个号码收不了短信，请打电话告诉"),
}


UNSENT = frozenset({"failed", "kept"})  # states in which sending once more makes sense


class TooLateToSend(Conflict):
    """What is of no use any more is not sent once more."""

    sentence = N_("这条消息已经过了时候，不能再发。还有必要的话，请打电话告诉。")
    code = "too_late_to_send"


def send_again(message_id: str) -> OutboxMessage:
    """Queue a message that failed, or had no gateway, once more. One that waits or was sent stays as it is.

    Raises NotFound, TooLateToSend.
    """
    message = get_row(OutboxMessage, message_id)
    if message.state in UNSENT:
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
