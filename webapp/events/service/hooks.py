"""What later areas ask to be told of, in the transaction in which it happens (connected in webapp/areas.py).

A follower may refuse: its refusal undoes the whole act.
"""

from webapp.core.hooks import Hook

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
# (session_ids, position_ids): they are about to be deleted; followers delete what says something of them alone.
thrown_away = Hook()
# (old position ids, new position ids, in the same order): an event was copied; followers copy what they keep of it.
copied = Hook()
# (session_ids, people): followers add the ids of the persons who would be told of a change to these sessions.
who_is_told = Hook()


def people_told(session_ids: list[str]) -> int:
    """How many people would be told if these sessions were cancelled or moved; each is counted once."""
    people: set[str] = set()
    who_is_told(session_ids, people)
    return len(people)
