"""Of a whole event: how many signed up, by session; what was sent to them, and how it went."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from webapp.core.db import session
from webapp.core.outbox import OutboxMessage
from webapp.events.models import EventSession, Position
from webapp.signups.domain import HOLDS_PLACE, SignupStatus
from webapp.signups.models import CallOut, CourseSignup, HandOver, Notice, Signup, Telling


@dataclass(frozen=True)
class Promised:
    """Sign-ups of a session, or of several: each is in one of these."""

    placed: int = 0  # have a place, or hold one that is offered
    waiting: int = 0
    pending: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Promised":
        """From numbers by state."""
        return cls(
            placed=sum(counts.get(one, 0) for one in HOLDS_PLACE),
            waiting=counts.get(SignupStatus.WAITLISTED, 0),
            pending=counts.get(SignupStatus.PENDING, 0),
        )

    def __add__(self, other: "Promised") -> "Promised":
        return Promised(
            self.placed + other.placed, self.waiting + other.waiting, self.pending + other.pending
        )


def promised(session_ids: Collection[str]) -> dict[str, Promised]:
    """Sign-ups of these sessions; one statement. Whoever has two places in a session counts once."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    rows = session().execute(
        select(Signup.session_id, Signup.status, func.count())
        .where(Signup.session_id.in_(session_ids), Signup.counts_with_id.is_(None))
        .group_by(Signup.session_id, Signup.status)
    )
    for one, status, number in rows:
        counts[one][status] = number
    return {one: Promised.of(counts.get(one, {})) for one in session_ids}


@dataclass(frozen=True)
class SentKind:
    """Messages of one kind to people of an event."""

    kind: str
    subject: str  # of the newest of them
    last_at: datetime
    counts: Mapping[str, int]  # by state of the outbox

    @property
    def total(self) -> int:
        """How many."""
        return sum(self.counts.values())


def _is_to_people_of(event_id: str) -> ColumnElement[bool]:
    """Messages about its sign-ups, courses, hand-overs and calls, and those of its notices."""
    signups = (
        select(Signup.id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .where(EventSession.event_id == event_id)
    )
    handed = select(HandOver.id).where(HandOver.signup_id.in_(signups))
    courses = select(CourseSignup.id).where(CourseSignup.event_id == event_id)
    called = (
        select(CallOut.id)
        .join(Position, Position.id == CallOut.position_id)
        .join(EventSession, EventSession.id == Position.session_id)
        .where(EventSession.event_id == event_id)
    )
    about = signups.union_all(handed, courses, called).subquery()
    told = (
        select(Telling.message_key)
        .join(Notice, Notice.id == Telling.notice_id)
        .where(Notice.event_id == event_id, Telling.message_key.is_not(None))
    )
    return OutboxMessage.about_id.in_(select(about.c.id)) | OutboxMessage.dedupe_key.in_(told)


def sent_to_people_of(event_id: str) -> list[SentKind]:
    """What was queued for people of the event, by kind, the newest kind first; what is taken back is not there."""
    rows = (
        session()
        .execute(
            select(
                OutboxMessage.kind,
                OutboxMessage.state,
                func.count().label("number"),
                func.max(OutboxMessage.id).label("last"),
            )
            .where(_is_to_people_of(event_id))
            .group_by(OutboxMessage.kind, OutboxMessage.state)
        )
        .all()
    )
    newest = {
        row.id: row
        for row in session().execute(
            select(OutboxMessage.id, OutboxMessage.subject, OutboxMessage.created_at).where(
                OutboxMessage.id.in_([row.last for row in rows])
            )
        )
    }
    kinds: dict[str, dict[str, int]] = defaultdict(dict)
    last: dict[str, str] = {}
    for row in rows:
        kinds[row.kind][row.state] = row.number
        last[row.kind] = max(last.get(row.kind, ""), row.last)
    found = [
        SentKind(kind, newest[last[kind]].subject, newest[last[kind]].created_at, counts)
        for kind, counts in kinds.items()
    ]
    return sorted(found, key=lambda one: one.last_at, reverse=True)
