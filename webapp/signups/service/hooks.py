"""What later areas ask to be told of, in the transaction in which it happens (connected in webapp/areas.py).

A follower may refuse: its refusal undoes the whole act.
"""

from dataclasses import dataclass
from datetime import datetime

from webapp.core.hooks import Hook


@dataclass(frozen=True)
class Shift:
    """A volunteer's position as far as a sign-up has read it: a rush has no time for more."""

    id: str  # of the position
    session_id: str
    organisation_id: str
    starts_at: datetime
    ends_at: datetime


may_serve = Hook()  # (person_id, Shift): before a volunteer takes a shift, or stands in line for it
# (signup_ids, found): followers add those whose person checked in, and whether they are still inside.
who_came = Hook()
