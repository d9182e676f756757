"""Personal data goes when its time is over; the figures that counted it stay (PIPL 2021 art. 19 and 47).

Each kind is announced to the office a week before and goes in small steps (core/erasing.py). What nothing keeps longer
than it is needed by the machine itself is cleaned by the jobs of the core and of people.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update

from webapp.attendance.models import Scan
from webapp.core import erasing, options
from webapp.core.audit import AuditEntry
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.outbox import OutboxMessage
from webapp.core.removal import remove
from webapp.events.models import EventSession
from webapp.people import service as people
from webapp.people.models import Account, Person
from webapp.recognition.models import ServiceRecord
from webapp.signups.domain.telling import OF_ONE
from webapp.signups.models import Notice, Signup
from webapp.signups.service.closing import forget_words
from webapp.signups.service.places import lock_persons
from webapp.volunteers.models import Training

KEEP_GUESTS = options.whole_number(
    "keep_guest_days",
    365,
    label=N_("没有账号的报名人，最后一次活动后姓名和电话保存几天"),
    hint=N_(
        "到期自动删除姓名、电话和回答，删除前一周列在待办里；人次和报表不变。志愿者的服务记录另按十年保存。"
    ),
    low=30,
    high=3650,
)
KEEP_MESSAGES = options.whole_number(
    "keep_message_days", 365, label=N_("发出的消息保存几天"), low=30, high=3650
)
KEEP_AUDIT = options.whole_number(
    "keep_audit_days",
    1826,
    label=N_("操作记录（谁在什么时候改了什么）保存几天"),
    hint=N_("个人信息保护法要求处理记录至少保存三年。"),
    low=1096,
    high=3653,
)


def forget_guests(ids: Sequence[str], before: datetime) -> int:
    """Anonymise those of them to whom nothing happened since they were found; returns how many."""
    lock_persons(ids)
    still = list(session().scalars(select(Person.id).where(Person.id.in_(ids), _is_over(before))))
    if still:
        forget_words(still)
        people.anonymise_guests(still)
    return len(still)


def forget_messages(ids: Sequence[str], before: datetime) -> int:
    """Delete messages that were settled long ago."""
    return _run(delete(OutboxMessage).where(OutboxMessage.id.in_(ids), _are_settled(before)))


def forget_notices(ids: Sequence[str], before: datetime) -> int:
    """The same of who was told what: as long as the messages themselves."""
    still = list(session().scalars(_old_notices(before).where(Notice.id.in_(ids))))
    remove(Notice, still)
    return len(still)


def forget_audit(ids: Sequence[str], before: datetime) -> int:
    """Delete entries nobody asks about any more."""
    return _run(delete(AuditEntry).where(AuditEntry.id.in_(ids), AuditEntry.at < before))


def forget_refused(ids: Sequence[str], before: datetime) -> int:
    """Forget what was read from codes that were refused: it may be anything that people carry. The attempts stay,
    since a phone's chain has no gaps and a repeated one gets its first answer.
    """
    return _run(update(Scan).where(Scan.id.in_(ids), *_was_refused(before)).values(code=""))


def _is_over(before: datetime) -> ColumnElement[bool]:
    last = (
        select(func.max(EventSession.ends_at))
        .join(Signup, Signup.session_id == EventSession.id)
        .where(Signup.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    return (
        Person.closed_at.is_(None)
        & (Person.created_at < before)
        & or_(last.is_(None), last < before)
        & ~exists().where(Account.person_id == Person.id)
        & ~exists().where(ServiceRecord.person_id == Person.id)
        & ~exists().where(Training.person_id == Person.id)
    )


def _are_settled(before: datetime) -> ColumnElement[bool]:
    return (OutboxMessage.created_at < before) & (OutboxMessage.state != "waiting")


def _old_notices(before: datetime) -> Select[str]:
    """What was told to one person goes when their session is as old too."""
    return (
        select(Notice.id)
        .outerjoin(EventSession, EventSession.id == Notice.session_id)
        .where(
            Notice.made_at < before,
            or_(Notice.kind.not_in(OF_ONE), EventSession.ends_at < before),
        )
    )


def _was_refused(before: datetime) -> tuple[ColumnElement[bool], ...]:
    is_settled = or_(Scan.flag.is_(None), Scan.settled_at.is_not(None))
    return Scan.received_at < before, Scan.valid.is_(False), Scan.code != "", is_settled


def _run(statement: Any) -> int:
    found = session().execute(statement.execution_options(synchronize_session=False))
    return int(getattr(found, "rowcount", 0))


def _register(key: str, label: str, days: options.Declared, wanted: Any, erase: Any) -> None:
    """`wanted`: the ids that are over before a moment, as a statement."""

    def count(before: datetime) -> int:
        return session().scalar(select(func.count()).select_from(wanted(before).subquery())) or 0

    def find(before: datetime, after: str, limit: int) -> Sequence[str]:
        statement = wanted(before)
        (key_column,) = statement.selected_columns
        rows = statement.where(key_column > after).order_by(key_column).limit(limit)
        return session().scalars(rows).all()

    def kept() -> timedelta:
        return timedelta(days=days.get())

    erasing.register(erasing.Kind(key, label, kept, count, find, erase))


_register(
    "guests",
    N_("没有账号的报名人的姓名、电话和回答"),
    KEEP_GUESTS,
    lambda before: select(Person.id).where(_is_over(before)),
    forget_guests,
)
_register(
    "messages",
    N_("发出的消息"),
    KEEP_MESSAGES,
    lambda before: select(OutboxMessage.id).where(_are_settled(before)),
    forget_messages,
)
_register("notices", N_("改期、取消时谁通知了谁的记录"), KEEP_MESSAGES, _old_notices, forget_notices)
_register(
    "audit",
    N_("操作记录"),
    KEEP_AUDIT,
    lambda before: select(AuditEntry.id).where(AuditEntry.at < before),
    forget_audit,
)
_register(
    "refused",
    N_("没有通过的扫码上读到的内容"),
    KEEP_GUESTS,
    lambda before: select(Scan.id).where(*_was_refused(before)),
    forget_refused,
)
