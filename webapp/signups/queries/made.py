"""Reads: what became of a list of people signed up at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.core.db import session
from webapp.people.domain import show_phone
from webapp.people.models import Person
from webapp.signups.models import Signup
from webapp.signups.queries.guardians import MinorFacts, minor_columns, minor_from

_AT_ONCE = 400


@dataclass(frozen=True)
class MadeLine:
    """One sign-up of the list, as those see it who have just entered it."""

    signup_id: str
    name: str
    phone: str  # as they have just entered it, to find what was mistyped
    status: str
    short_code: str
    minor: MinorFacts


def made_lines(signup_ids: Sequence[str]) -> list[MadeLine]:
    """Those sign-ups in the order given; one statement for every few hundred."""
    found: dict[str, MadeLine] = {}
    for first in range(0, len(signup_ids), _AT_ONCE):
        rows = session().execute(
            select(Signup.id, Person.name, Person.phone, Signup.status, Signup.short_code, *minor_columns())
            .join(Person, Person.id == Signup.person_id)
            .where(Signup.id.in_(signup_ids[first : first + _AT_ONCE]))
        )
        for row in rows:
            found[row.id] = MadeLine(
                row.id, row.name, show_phone(row.phone), row.status, row.short_code, minor_from(row)
            )
    return [found[one] for one in signup_ids if one in found]
