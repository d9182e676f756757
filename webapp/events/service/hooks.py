"""What later areas ask to be told of, in the transaction in which it happens (connected in webapp/areas.py).

A follower may refuse: its refusal undoes the whole act.
"""

from dataclasses import dataclass, field

from webapp.core.clock import Period
from webapp.core.errors import Refusal
from webapp.core.hooks import Hook


@dataclass(frozen=True)
class Copied:
    """Old id → new id; what a follower cannot copy it adds to `left_out`, with its sentence."""

    sessions: dict[str, str]
    positions: dict[str, str]
    by: str | None = None
    left_out: list[Refusal] = field(default_factory=list)


cancelled = Hook()  # (event, cancellation); followers keep in `cancellation.kept` what they need to put back
uncancelled = Hook()  # (cancellation, by): an event or a session takes place after all
postponed = Hook()  # (event, by)
resumed = Hook()  # (event, by)
session_cancelled = Hook()  # (session, cancellation): the same of one session
session_added = Hook()  # (session, by), when the event has been published
moved = Hook()  # (session): the same, of what was never published too
rescheduled = Hook()  # (session, old_starts_at, old_ends_at, old_venue_id, by)
capacity_raised = Hook()  # (position)
counting_changed = (
    Hook()
)  # (event_id): tasks, organisation, audiences, status, times or venues are others now
copied = Hook()  # (Copied): an event was copied; followers copy what they keep of it
# (session_ids, people): followers add the ids of the persons who would be told of a change to these sessions.
who_is_told = Hook()
# (session_id, period, clashes): followers add a Clash for everyone who has another shift then.
who_clashes = Hook()


@dataclass(frozen=True)
class Clash:
    """Someone who has another shift at the time a session is to be moved to."""

    person_id: str
    name: str
    title: str  # of the other shift's event
    period: Period


def persons_told(session_ids: list[str]) -> list[str]:
    """Who would be told if these sessions were cancelled or moved; each person once."""
    people: set[str] = set()
    who_is_told(session_ids, people)
    return sorted(people)


def people_told(session_ids: list[str]) -> int:
    """How many people that are."""
    return len(persons_told(session_ids))


def clashes(session_id: str, period: Period) -> list[Clash]:
    """Who would have two shifts at once if the session were at this time, by name."""
    found: list[Clash] = []
    who_clashes(session_id, period, found)
    return sorted(found, key=lambda one: (one.name, one.person_id, one.period.start))
