"""Personal data goes when its time is over; the figures that counted it stay (PIPL 2021 art. 19 and 47)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select

from webapp.core import audit, clock, options
from webapp.core.db import lock_row, session
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
from webapp.volunteers.models import Training

KEEP_GUESTS = options.whole_number(
    "keep_guest_days",
    365,
    label=N_("没有账号的报名人，最后一次活动后姓名和电话保存几天"),
    hint=N_("到期自动删除姓名、电话和回答，人次和报表不变。志愿者的服务记录另按十年保存。"),
    low=30,
    high=3650,
)
KEEP_MESSAGES = options.whole_number(
    "keep_message_days", 365, label=N_("发出的消息保存几天"), low=30, high=3650
)


def persons_to_forget(*, limit: int = 500) -> list[str]:
    """Guests whose last session ended long enough ago, oldest first."""
    before = clock.now() - timedelta(days=KEEP_GUESTS.get())
    wanted = select(Person.id).where(_is_over(before)).order_by(Person.created_at, Person.id)
    return list(session().scalars(wanted.limit(limit)))


def forget(person_id: str) -> bool:
    """Anonymise one of them, unless something happened since they were listed; tells whether it was done."""
    lock_row(Person, person_id)
    before = clock.now() - timedelta(days=KEEP_GUESTS.get())
    if session().scalar(select(Person.id).where(Person.id == person_id, _is_over(before))) is None:
        return False
    forget_words(person_id)
    people.anonymise(person_id)
    audit.record("person.forget", "person", person_id, by=None)
    return True


def forget_messages() -> None:
    """Delete messages that were settled long ago."""
    before = clock.now() - timedelta(days=KEEP_MESSAGES.get())
    session().execute(
        delete(OutboxMessage)
        .where(OutboxMessage.created_at < before, OutboxMessage.state != "waiting")
        .execution_options(synchronize_session=False)
    )


def forget_notices() -> None:
    """The same of who was told what: as long as the messages themselves."""
    before = clock.now() - timedelta(days=KEEP_MESSAGES.get())
    old = select(Notice.id).where(Notice.made_at < before, Notice.kind.not_in(OF_ONE))
    over = (
        select(Notice.id)
        .join(EventSession, EventSession.id == Notice.session_id)
        .where(Notice.made_at < before, Notice.kind.in_(OF_ONE), EventSession.ends_at < before)
    )
    gone = list(session().scalars(old.union(over)))
    remove(Notice, gone)


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
