"""Calling someone who has not come: the number is shown when asked for, and it is kept who asked."""

from dataclasses import dataclass

from sqlalchemy import select

from webapp.core import audit
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.people.models import Person
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup


@dataclass(frozen=True)
class Reached:
    """Whom to call, in full."""

    signup_id: str
    name: str
    phone: str


def reveal_phone(session_id: str, signup_id: str, *, by: str) -> Reached:
    """Name and number of someone with a place in this session; raises NotFound where there is no number."""
    found = (
        session()
        .execute(
            select(Person.name, Person.phone)
            .join(Signup, Signup.person_id == Person.id)
            .where(
                Signup.id == signup_id,
                Signup.session_id == session_id,
                Signup.status == SignupStatus.CONFIRMED,
                Person.phone.is_not(None),
            )
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    audit.record("phone.reveal", "signup", signup_id, by=by, session=session_id)
    return Reached(signup_id, found.name, found.phone)
