"""Reads for the mail of a day's 待办: how it stands with somebody, and who may be due one."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from webapp.core import clock, tokens
from webapp.core.config import current_settings
from webapp.core.db import session
from webapp.core.outbox import waking_hours
from webapp.core.senders import is_configured
from webapp.organisations.queries import permissions_of
from webapp.pages.domain import todo_mail as rules
from webapp.pages.domain.todo_mail import Standing, Wish
from webapp.pages.models import TodoMail
from webapp.people.models import Account, Person
from webapp.recognition.queries.rules import work_calendar


@dataclass(frozen=True)
class Wanted:
    """How it stands with one person: where it would go, in which language, when it was last seen to."""

    standing: Standing
    email: str = ""
    language: str = "zh"
    last_on: date | None = None
    is_wanted: bool = False  # also where it cannot be sent just now

    @property
    def hour(self) -> int:
        """At what hour of the morning it leaves."""
        return send_hour()


def mark(email: str) -> str:
    """What is kept of an address that was confirmed: enough to know it again."""
    return tokens.fingerprint("todo mail:" + email)


def wanted_by(person_id: str) -> Wanted:
    """How it stands with this person; one statement."""
    row = session().execute(
        select(Account.email, TodoMail)
        .select_from(Account)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(TodoMail, TodoMail.person_id == Account.person_id)
        .where(Account.person_id == person_id, Account.disabled_at.is_(None), Person.closed_at.is_(None))
    ).one_or_none()  # fmt: skip
    email, kept = (row.email, row.TodoMail) if row else (None, None)
    settings = current_settings()
    found = rules.standing(
        Wish(kept.wanted, kept.confirmed_for) if kept else None,
        mark(email) if email else None,
        has_gateway=is_configured("mail", settings),
        has_site=bool(settings.base_url),
    )
    if kept is None:
        return Wanted(found, email or "")
    return Wanted(found, email or "", kept.language, kept.last_on, kept.wanted)


def can_be_sent() -> bool:
    """Whether this installation can send it to anybody."""
    settings = current_settings()
    return is_configured("mail", settings) and bool(settings.base_url)


def send_hour() -> int:
    """At what hour of the morning it leaves here."""
    return rules.hour_of(waking_hours().opens)


def is_time_now() -> bool:
    """Whether mails of this day leave now."""
    now = clock.now()
    if not can_be_sent() or not rules.is_time(now, hour=send_hour(), is_workday=True):
        return False
    is_workday = work_calendar().is_workday(clock.local_date(now))
    return rules.is_time(now, hour=send_hour(), is_workday=is_workday)


def who_may_be_due(today: date) -> list[str]:
    """Persons whose day was not seen to yet; each is looked at again."""
    wanted = select(TodoMail.person_id).where(
        TodoMail.wanted.is_(True),
        TodoMail.confirmed_for.is_not(None),
        or_(TodoMail.last_on.is_(None), TodoMail.last_on < today),
    )
    return list(session().scalars(wanted.order_by(TodoMail.person_id)))


def works_here(person_id: str) -> bool:
    """Whether they may still do something for anybody."""
    return bool(permissions_of(person_id))


def is_due(person_id: str, today: date) -> Wanted | None:
    """How this person gets the mail of this day; None for who gets none."""
    found = wanted_by(person_id)
    due = rules.gets_one(found.standing, works_here=works_here(person_id), last_on=found.last_on, today=today)
    return found if due else None
