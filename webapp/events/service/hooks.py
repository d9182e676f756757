"""What later areas ask to be told of, in the transaction in which it happens (connected in webapp/areas.py).

A follower may refuse: its refusal undoes the whole act.
"""

from dataclasses import dataclass, field

from webapp.core.errors import Refusal
from webapp.core.hooks import Hook


@dataclass(frozen=True)
class Copied:
    """Old id → new id; what a follower cannot copy it adds to `left_out`, with its sentence."""

    sessions: dict[str, str]
    positions: dict[str, str]
    by: str | None = None
    left_out: list[Refusal] = field(default_factory=list)


cancelled = Hook()  # (event, reason, by)
postponed = Hook()  # (event, by)
session_cancelled = Hook()  # (session, reason, by)
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


def people_told(session_ids: list[str]) -> int:
    """How many people would be told if these sessions were cancelled or moved; each is counted once."""
    people: set[str] = set()
    who_is_told(session_ids, people)
    return len(people)
