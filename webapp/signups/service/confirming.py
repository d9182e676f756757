"""Confirmation of a sign-up: queued within a minute by a job, not in the rush itself (docs/decisions/0011).

One message for a course, one for someone who comes with companions. Who was told already in another way (by staff,
of an offer, of an approval) is not told again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, or_, select

from webapp.core import clock, outbox
from webapp.core.db import session
from webapp.core.outbox import Draft, OutboxMessage
from webapp.core.timing import Fact
from webapp.events.domain import EventStatus
from webapp.events.models import Event, EventSession
from webapp.people.models import Account, Person
from webapp.signups.domain import SignupStatus, messages, show_short_code
from webapp.signups.models import Signup
from webapp.signups.service.facts import UNCLEARED
from webapp.signups.service.notices import contact, facts_where, later, link, placed, when_of

BACK = timedelta(days=14)  # a worker that was away for so long confirms nothing of before
MOST = 500  # rows in one transaction
_TOLD = (SignupStatus.CONFIRMED, SignupStatus.WAITLISTED)


@dataclass(frozen=True)
class _Sentences:
    subject: str
    first: str


def confirm_new() -> int:
    """Queue confirmations of sign-ups that have none; returns how many there were, at most 500."""
    rows = session().execute(facts_where(*_lacking()).limit(MOST)).all()
    companions = _count_companions([row.id for row in rows])
    seen: set[str] = set()
    letters: list[tuple[Fact, Draft]] = []
    for row in rows:
        key = f"course:{row.course_id}:made" if row.course_id else f"signup:{row.id}:made"
        found = contact(row)
        if found is None or key in seen:
            continue
        seen.add(key)
        dates = sum(other.course_id == row.course_id for other in rows) if row.course_id else 1
        kind = messages.COURSE if row.course_id else messages.made(row.status)
        draft = _draft(row, found, companions=companions.get(row.id, 0), dates=dates)
        letters.append((placed(kind.of(key), row), draft))
    outbox.queue_many(letters)
    return len(rows)


def _lacking() -> Sequence[ColumnElement[bool]]:
    """Made by or for someone we can reach, of a session still to come, and nothing said of it yet.

    It begins with the sessions to come, which an index finds: sign-ups have none by age, and shall not pay for one.
    """
    now = clock.now()
    told = select(OutboxMessage.id).where(
        OutboxMessage.dedupe_key.in_(
            [
                literal("signup:") + Signup.id + literal(":made"),
                literal("course:") + Signup.course_id + literal(":made"),
            ]
        )
    )
    return (
        EventSession.starts_at > now,
        EventSession.cancelled_at.is_(None),
        Event.status == EventStatus.PUBLISHED,
        Signup.status.in_(_TOLD),
        Signup.created_at > now - BACK,
        Signup.offered_at.is_(None),
        Signup.decided_at.is_(None),
        Signup.with_signup_id.is_(None),
        Person.closed_at.is_(None),
        or_(Account.email.is_not(None), Account.phone.is_not(None), Person.phone.is_not(None)),
        ~told.exists(),
    )


def _count_companions(signup_ids: list[str]) -> dict[str, int]:
    rows = session().execute(
        select(Signup.with_signup_id, func.count())
        .where(Signup.with_signup_id.in_(signup_ids), Signup.status.in_(_TOLD))
        .group_by(Signup.with_signup_id)
    )
    return {signup_id: int(number) for signup_id, number in rows if signup_id}


def _draft(row: Row[*tuple[Any, ...]], found: tuple[str, str], *, companions: int, dates: int) -> Draft:
    channel, recipient = found
    entry = row.id if row.status == SignupStatus.CONFIRMED else None  # who waits has nothing to be put in
    said = _sentences(row)
    with_whom = f"同行 {companions} 人。" if companions else ""
    course = f"这是一个系列，共报了 {dates} 场，下面是最近的一场。" if dates > 1 else ""
    shown = f"报到时出示二维码，或报短码 {show_short_code(row.short_code)}。" if row.is_cleared else UNCLEARED
    code = shown if row.status == SignupStatus.CONFIRMED else ""
    if channel == "sms":
        body = f"{said.first}{with_whom}{when_of(row)}，{row.venue}，{row.position}。{code}来不了请取消。{link(row)}"
    else:
        lines = [
            said.first + with_whom,
            course,
            f"时间：{when_of(row)}",
            f"地点：{row.venue}",
            f"岗位：{row.position}",
        ]
        lines += [code, f"来不了请早点取消，让给别人。{link(row)}"]
        body = "\n".join(line for line in lines if line)
    return Draft(channel, recipient, said.subject, body, person_id=row.person_id, calendar_of=entry)


def _sentences(row: Row[*tuple[Any, ...]]) -> _Sentences:
    who = "工作人员替您报了" if row.created_by not in {None, row.person_id} else "您已报名"
    if row.status == SignupStatus.WAITLISTED:
        return _Sentences(f"候补：{row.title}", f"{who}“{row.title}”，目前在候补，{later(row)}")
    return _Sentences(f"报名成功：{row.title}", f"{who}“{row.title}”。")
