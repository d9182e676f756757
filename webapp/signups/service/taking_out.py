"""What a mail has put into someone's calendar is taken out again, whichever way the sign-up ends.

Queued at the one place where sign-ups end (places.change), so that no way out can forget it. Where people are told of
the end in words as well, the entry goes along with that message, and this one is withdrawn (notices.tell).
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Select, delete, or_, select, update

from webapp.core import outbox
from webapp.core.db import session
from webapp.core.outbox import Draft, OutboxMessage
from webapp.core.timing import Occasion
from webapp.signups.domain.messages import TAKEN_OUT
from webapp.signups.models import Signup
from webapp.signups.service.facts import contact, facts, when_of

AT_ONCE = 500


def take_out(signup_ids: Collection[str]) -> None:
    """These sign-ups have ended: queue the CANCEL for whoever was sent an entry."""
    told = [one for one in sorted(signup_ids) if one in _put_in(signup_ids)]
    letters = []
    for row in facts(told):
        found = contact(row)
        if found is None or found[0] != "mail":
            continue
        body = (
            f"“{row.title}”的报名已经结束（{when_of(row)}，{row.venue}，{row.position}），"
            "您不用来了，日历里的这一项会随这封邮件去掉。"
        )
        draft = Draft(*found, f"报名已取消：{row.title}", body, person_id=row.person_id, calendar_of=row.id)
        fact = TAKEN_OUT.of(_key(row.id), row.id)
        letters.append((replace(fact, occasion=Occasion(row.starts_at, row.ends_at)), draft))
    outbox.queue_many(letters)


def goes_along(signup_id: str) -> None:
    """Another message takes the entry out."""
    session().execute(delete(OutboxMessage).where(OutboxMessage.dedupe_key == _key(signup_id)))


def was_put_in(signup_id: str) -> bool:
    """Whether a mail with this entry was queued before."""
    return bool(_put_in([signup_id]))


def came_back(signup_ids: Collection[str]) -> None:
    """These live again: what took their entries out is of the past, and the next end is another one."""
    outbox.retire_keys([_key(one) for one in signup_ids])


def has_left(signup_id: str) -> bool:
    """Whether a mail with this entry has left, or may have."""
    wanted = select(OutboxMessage.id).where(
        OutboxMessage.calendar_of == signup_id,
        OutboxMessage.channel == "mail",
        OutboxMessage.dedupe_key.not_like(_key("%")),
        or_(OutboxMessage.state == "sent", OutboxMessage.error.is_not(None)),
    )
    return session().scalar(wanted.limit(1)) is not None


def let_go(signup_ids: Collection[str]) -> None:
    """Their owner closes the account: what takes the entries out is sent all the same, as nobody's."""
    keys = [_key(one) for one in signup_ids]
    session().execute(update(OutboxMessage).where(OutboxMessage.dedupe_key.in_(keys)).values(person_id=None))


def forget_letters() -> int:
    """Remove those of closed accounts once they have left, some at once: nothing else knows the address any more."""
    ours = OutboxMessage.dedupe_key.like(_key("%"))
    left = (
        select(OutboxMessage.id)
        .where(ours, OutboxMessage.person_id.is_(None), OutboxMessage.state != "waiting")
        .limit(AT_ONCE)
    )
    gone = delete(OutboxMessage).where(OutboxMessage.id.in_(left.scalar_subquery()))
    return int(getattr(session().execute(gone), "rowcount", 0))


def _put_in(signup_ids: Collection[str]) -> set[str]:
    ids, found = sorted(signup_ids), set[str]()
    for first in range(0, len(ids), AT_ONCE):
        found |= set(session().scalars(_mails_of(ids[first : first + AT_ONCE])))
    return found


def _mails_of(ids: list[str]) -> Select[str]:
    return select(Signup.id).where(
        select(OutboxMessage.id)
        .where(OutboxMessage.calendar_of == Signup.id, OutboxMessage.channel == "mail")
        .exists(),
        Signup.id.in_(ids),
    )


def _key(signup_id: str) -> str:
    return f"signup:{signup_id}:taken_out"
