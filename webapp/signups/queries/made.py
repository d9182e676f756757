"""Reads: what became of a list of people signed up at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.models import Event, EventSession
from webapp.people.domain import show_phone
from webapp.people.models import Person
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import MinorFacts, minor_columns, minor_from
from webapp.signups.queries.standing import STANDING_COLUMNS, state_of_row

_AT_ONCE = 400


@dataclass(frozen=True)
class MadeLine:
    """One sign-up of the list, as those see it who have just entered it."""

    signup_id: str
    name: str
    phone: str  # as they have just entered it, to find what was mistyped
    state: str  # domain.standing.State, now
    status: str
    short_code: str
    minor: MinorFacts


def made_lines(signup_ids: Sequence[str]) -> list[MadeLine]:
    """Those sign-ups in the order given; one statement for every few hundred."""
    found: dict[str, MadeLine] = {}
    for first in range(0, len(signup_ids), _AT_ONCE):
        rows = session().execute(
            select(
                Signup.id, Person.name, Person.phone, Signup.short_code, *STANDING_COLUMNS, *minor_columns()
            )
            .join(Person, Person.id == Signup.person_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(Signup.id.in_(signup_ids[first : first + _AT_ONCE]))
        )
        for row in rows:
            found[row.id] = MadeLine(
                row.id,
                row.name,
                show_phone(row.phone),
                state_of_row(row),
                row.status,
                row.short_code,
                minor_from(row),
            )
    return [found[one] for one in signup_ids if one in found]
