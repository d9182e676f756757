"""The last place is one person's: taken under any concurrency, or a place in line."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from webapp.core.db import savepoint, session
from webapp.events.domain import PositionKind
from webapp.signups.domain import SignupStatus, place_for
from webapp.signups.service.places import fill, lock_persons
from webapp.signups.service.statements import LOCK, LOCK_SHARED, LOCK_WHILE_FULL, TAKE

DEADLOCK_DETECTED = "40P01"  # PostgreSQL's SQLSTATE


def place_of(facts: Row[*tuple[Any, ...]], person_id: str) -> SignupStatus:
    """Take a place, or stand in line where there is none; raises PositionFull where no line is kept."""
    if facts.needs_approval:
        session().connection().execute(LOCK_SHARED, {"position_id": facts.id})
        return SignupStatus.PENDING
    return place_for(took_place=_take_place(facts, person_id), waitlist=facts.waitlist)


def _take_place(facts: Row[*tuple[Any, ...]], person_id: str) -> bool:
    """Take a place; False when there is none.

    False is said holding a lock of the position: whoever gives a place back from now on finds us on the waitlist.
    Volunteers are locked after the position, so that nothing else gives them a shift before we look.
    """
    persons = [person_id] if facts.kind == PositionKind.VOLUNTEER else []
    seems_free = facts.taken < facts.capacity and not facts.somebody_waits
    if seems_free and take_one(facts.id):
        lock_persons(persons)
        return True
    if not facts.waitlist and not facts.somebody_waits:
        return False  # no waitlist to stand on, so no need to hold anything
    stays_full = (
        session().connection().execute(LOCK_WHILE_FULL, {"position_id": facts.id}).one_or_none() is not None
    )
    if stays_full or not _lock_alone(facts.id):
        lock_persons(persons)
        return False
    # Whoever waits and can take the free place goes first. A newcomer passes only those who could not take it
    # anyway, because they have another shift at that time.
    fill([facts.id], lock_too=persons)
    return take_one(facts.id)


def _lock_alone(position_id: str) -> bool:
    """Lock the position for changing it; False when others in line with us want the same.

    LOCK_WHILE_FULL may have left us with a share of the lock although a place has become free meanwhile, and two
    who share cannot both have it alone: PostgreSQL lets all but one of them go. Those stand on the waitlist, and
    the one that waited for their commit serves them first.
    """
    try:
        with savepoint():
            session().execute(LOCK, {"position_id": position_id})
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != DEADLOCK_DETECTED:
            raise
        return False
    return True


def take_one(position_id: str) -> bool:
    """One conditional update: it waits for whoever holds the position, then takes a place if one is left."""
    return session().connection().execute(TAKE, {"position_id": position_id}).one_or_none() is not None
