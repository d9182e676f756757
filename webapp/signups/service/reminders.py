"""Reminders before a session, computed from the times as they are now: nothing is planned ahead.

So a session that moved reminds anew (its sequence is part of the key) and a cancelled one never does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, case, literal, or_, select
from sqlalchemy.orm import aliased

from webapp.core import clock, options, outbox
from webapp.core.db import session
from webapp.core.errors import N_
from webapp.core.outbox import Draft, OutboxMessage
from webapp.core.timing import Fact
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.people.models import Account, Person
from webapp.signups.domain import SignupStatus, messages
from webapp.signups.models import Signup
from webapp.signups.service.facts import UNCLEARED
from webapp.signups.service.notices import contact, facts_where, link, placed, when_of

REMIND_HOURS = options.whole_numbers(
    "remind_hours",
    [24, 2],
    label=N_("开始前多少小时提醒"),
    hint=N_("可以填几个，用顿号隔开，如 24、2。留空就不提醒。"),
    low=1,
    high=336,
)


@dataclass(frozen=True)
class Due:
    """A session whose moment of a reminder has passed."""

    session_id: str
    sequence: int
    hours: int
    moment: datetime

    def key(self, reach: str) -> str:
        """Of the reminder of one person or telephone."""
        return f"{self.prefix}{reach}"

    @property
    def prefix(self) -> str:
        """What the keys of its reminders begin with."""
        return f"session:{self.session_id}:{self.sequence}:remind:{self.hours}:"


def reminders_due() -> list[Due]:
    """Sessions to remind of now.

    Between two of the hours only the one that passed last counts: after a pause of the worker nobody is reminded
    twice at once.
    """
    hours, now, found = sorted(set(REMIND_HOURS.get())), clock.now(), []
    for nearer, before in zip([0, *hours], hours, strict=False):
        rows = session().execute(
            select(EventSession.id, EventSession.sequence, EventSession.starts_at)
            .join(Event, Event.id == EventSession.event_id)
            .where(
                EventSession.starts_at > now + timedelta(hours=nearer),
                EventSession.starts_at <= now + timedelta(hours=before),
                EventSession.cancelled_at.is_(None),
                Event.status == EventStatus.PUBLISHED,
            )
            .order_by(EventSession.starts_at, EventSession.id)
        )
        found += [Due(row.id, row.sequence, before, row.starts_at - timedelta(hours=before)) for row in rows]
    return found


def remind(due: Due) -> int:
    """Queue the session's reminders that are not queued yet; returns how many sign-ups they are for."""
    rows = session().execute(facts_where(*_untold(due))).all()
    outbox.queue_many(_letters(rows, due))
    return len(rows)


def _reach() -> ColumnElement[str]:
    """Who is reminded: a person with an account, else a telephone, which several people of a family may share."""
    return case((Account.id.is_not(None), Signup.person_id), else_=Person.phone)


def _untold(due: Due) -> tuple[ColumnElement[bool], ...]:
    """Places confirmed before the moment, of people whom neither this reminder nor a later move has told."""
    other = aliased(Signup)
    reminded = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == literal(due.prefix) + _reach())
    moved = select(OutboxMessage.id).where(
        OutboxMessage.dedupe_key == literal("signup:") + Signup.id + literal(f":moved:{due.sequence}"),
        OutboxMessage.created_at > due.moment,
    )
    main_one = select(other.id).where(
        other.id == Signup.with_signup_id, other.status == SignupStatus.CONFIRMED
    )
    return (
        Signup.session_id == due.session_id,
        Signup.status == SignupStatus.CONFIRMED,
        Signup.confirmed_at <= due.moment,
        Person.closed_at.is_(None),
        or_(Account.id.is_not(None), Person.phone.is_not(None)),
        ~main_one.exists(),  # who comes along is told by the one they come with
        ~reminded.exists(),
        ~moved.exists(),
    )


def _letters(rows: Sequence[Row[*tuple[Any, ...]]], due: Due) -> Iterator[tuple[Fact, Draft]]:
    """One message for all places someone has in the session."""

    def reach(row: Row[*tuple[Any, ...]]) -> str:
        return str(row.person_id if row.account_id else row.phone)

    for who, found in groupby(sorted(rows, key=reach), key=reach):
        mine = list(found)
        way = contact(mine[0])
        if way is not None:
            yield placed(messages.REMINDER.of(due.key(who)), mine[0]), _draft(mine, way)


def _draft(mine: list[Row[*tuple[Any, ...]]], way: tuple[str, str]) -> Draft:
    row, persons = mine[0], {one.person_id: one.person for one in mine}
    who = f"参加人：{'、'.join(persons.values())}" if len(persons) > 1 else ""
    positions = "、".join(dict.fromkeys(one.position for one in mine))
    lines = [
        f"别忘了：“{row.title}”快开始了。",
        f"时间：{when_of(row)}",
        f"地点：{row.venue}",
        f"岗位：{positions}",
    ]
    lines += [
        who,
        UNCLEARED if not all(one.is_cleared for one in mine) else "",
        f"来不了请现在取消，让给别人。{link(row)}",
    ]
    body = "\n".join(line for line in lines if line)
    channel, recipient = way
    return Draft(channel, recipient, f"提醒：{row.title}", body, person_id=row.person_id, calendar_of=row.id)
