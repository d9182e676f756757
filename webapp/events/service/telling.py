"""Before something changes: who will be told of it, and by what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import messages_leave_at
from webapp.events.models import Event, EventSession
from webapp.events.service.hooks import Clash, clashes, persons_told
from webapp.people.domain import Way
from webapp.people.queries import Reached, reached


@dataclass(frozen=True)
class Told:
    """Who would be told, in the order of how easily they are reached."""

    people: list[Reached]
    clashes: list[Clash]
    leaves_at: datetime  # when messages of a cancellation would leave

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.people)

    @property
    def by_way(self) -> list[tuple[Way, list[Reached]]]:
        """Who hears of it by what; ways nobody needs are left out."""
        groups = [(way, [one for one in self.people if one.way == way]) for way in Way]
        return [(way, some) for way, some in groups if some]

    @property
    def has_messages(self) -> bool:
        """Whether anybody gets a mail or an SMS."""
        return any(one.way in {Way.MAIL, Way.SMS} for one in self.people)

    @property
    def at_once(self) -> bool:
        """Whether messages of a cancellation would not wait: a session is near."""
        return self.leaves_at - clock.now() < timedelta(minutes=1)


def told_of_people(person_ids: Iterable[str]) -> Told:
    """By what these would be told of something that leaves at once."""
    return Told(reached(person_ids), [], clock.now())


def told_of_event(event: Event) -> Told:
    """Who would be told if the event were cancelled, put off or resumed."""
    # Read anew: after a refusal the event has forgotten its sessions.
    wanted = select(EventSession).where(EventSession.to_come(event))
    coming = session().scalars(wanted).all()
    leaves_at = messages_leave_at(clock.now(), [one.starts_at for one in coming if one.cancelled_at is None])
    return Told(reached(persons_told([one.id for one in coming])), [], leaves_at)


def told_of_session(event_session: EventSession, period: Period | None = None) -> Told:
    """The same for one session; `period` is the time it would be moved to."""
    found = clashes(event_session.id, period) if period is not None else []
    leaves_at = messages_leave_at(clock.now(), [event_session.starts_at])
    return Told(reached(persons_told([event_session.id])), found, leaves_at)
