"""One person once: in a session a person has one place, and is asked once who has another elsewhere at that hour."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, select, update

from webapp.core.db import session
from webapp.signups.domain import SignupStatus
from webapp.signups.domain.presence import (
    HasPlaceForAnother,
    HasPlaceHere,
    SameHour,
    SameHourForAnother,
)
from webapp.signups.models import Signup
from webapp.signups.queries.presence import at_that_hour, places_here

_Facts = Row[*tuple[Any, ...]]


def ask_about_hour(facts: _Facts, person_id: str, *, by: str | None) -> None:
    """Raise SameHour where the person has something else at that hour; what, is told to nobody but themselves."""
    others = at_that_hour(facts.id, person_id)
    if not others:
        return
    if by != person_id:
        raise SameHourForAnother
    titles = dict.fromkeys(one.title for one in others)
    raise SameHour(others="、".join(f"“{title}”" for title in titles))


def refuse_second(facts: _Facts, person_id: str, *, by: str | None) -> None:
    """Raise HasPlaceHere: what they have there is named to themselves."""
    if by == person_id:
        for one in places_here(facts.session_id, person_id, apart_from=facts.id):
            raise HasPlaceHere(position=one.position.name)
    raise HasPlaceForAnother


def stand_alone(ended: Collection[str]) -> None:
    """Places that counted with these, which have ended, count by themselves: one of each person for the others."""
    rows = session().execute(
        select(Signup.id, Signup.counts_with_id)
        .where(Signup.counts_with_id.in_(ended), Signup.status == SignupStatus.CONFIRMED)
        .order_by(Signup.created_at, Signup.id)
    )
    heirs: dict[str, str] = {}
    for one, main in rows.all():
        heir = heirs.setdefault(str(main), one)
        session().execute(
            update(Signup).where(Signup.id == one).values(counts_with_id=None if heir == one else heir)
        )
