"""Places of positions: locked, given back, offered to the next on the waitlist.

Every change of a sign-up's status holds the lock of its position. A transaction takes all its positions first, by
id, then all its persons, by id: so two of them never wait for each other. Row locks are PostgreSQL's; on SQLite
transaction() already holds the one write lock of the file.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock, timekeeping
from webapp.core.db import broken_constraint, savepoint, session
from webapp.core.undoing import aside
from webapp.events.models import Position
from webapp.people.models import Person
from webapp.signups.domain import REASON_LIMIT, SignupStatus, last_moment, next_from_waitlist
from webapp.signups.domain.presence import HasPlaceForAnother
from webapp.signups.models import Signup
from webapp.signups.service import notices, offer_notices
from webapp.signups.service.ending import end_hand_overs
from webapp.signups.service.inside import require_absent
from webapp.signups.service.presence import stand_alone
from webapp.signups.service.taking_out import take_out
from webapp.signups.service.waiting import (
    Place,
    busy_persons,
    held_shifts,
    places_to_give,
    positions_to_fill,
    queue_of,
    waited_elsewhere,
    waiting_persons,
    who_can_answer,
    who_has_another,
)

__all__ = [
    "busy_persons",
    "fill",
    "held_shifts",
    "lock_persons",
    "lock_positions",
    "mark_cancelled",
    "positions_to_fill",
    "promote",
    "release",
    "waited_elsewhere",
    "waiting_persons",
]


def lock_positions(position_ids: Iterable[str]) -> None:
    """Lock these positions. Only statements begun afterwards see what those who held them before have done."""
    ids = sorted(set(position_ids))
    session().flush()  # what the caller changed of events and positions must be in what is read from here on
    session().execute(
        select(Position.id).where(Position.id.in_(ids)).order_by(Position.id).with_for_update(key_share=True)
    ).all()


def lock_persons(person_ids: Iterable[str]) -> None:
    """Lock these persons, so that nobody else gives them a shift meanwhile."""
    ids = sorted(set(person_ids))
    if ids:
        session().execute(
            select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True)
        ).all()


def promote(position_id: str) -> list[str]:
    """Give free places of a position to those who wait; returns the ids of the sign-ups that moved up."""
    lock_positions([position_id])
    return fill([position_id])


def fill(position_ids: Iterable[str], *, lock_too: Iterable[str] = ()) -> list[str]:
    """Offer the free places of locked positions to those who wait, tell them, return their sign-ups' ids.

    Offers whose time is over end first. Volunteers with another shift at that time are passed over and go on
    waiting. Who cannot be asked gets the place at once. `lock_too` are persons the caller needs locked from here on.
    Whoever gets a place keeps it, also when what made it free is taken back.
    """
    with aside():
        return _fill(position_ids, lock_too)


def _fill(position_ids: Iterable[str], lock_too: Iterable[str]) -> list[str]:
    ids = list(position_ids)
    end_offers(ids)
    places = places_to_give(ids)
    queues = {place.id: queue_of(place) for place in places}
    volunteers = [one.person_id for place in places if place.is_volunteer for one in queues[place.id]]
    lock_persons([*lock_too, *volunteers])
    moved: list[str] = []
    for place in places:
        queue = queues[place.id]
        busy = busy_persons(place.period, [one.person_id for one in queue]) if place.is_volunteer else set()
        chosen = [one.signup_id for one in next_from_waitlist(queue, free=place.free, clashing=busy)]
        if chosen:
            _give(place, chosen)
            moved += chosen
    return moved


def end_offers(position_ids: Iterable[str]) -> list[str]:
    """End the offers of locked positions whose time is over, unless by a clock nobody believes; returns their ids."""
    ids, now = list(position_ids), clock.now()
    over = (
        Signup.position_id.in_(ids),
        Signup.status == SignupStatus.OFFERED,
        Signup.offer_expires_at <= now,
    )
    if session().scalar(select(Signup.id).where(*over).limit(1)) is None or not timekeeping.is_believed():
        return []
    ended = (
        session()
        .execute(
            update(Signup)
            .where(*over)
            .values(status=SignupStatus.EXPIRED, offer_expires_at=None, updated_at=now)
            .returning(Signup.id, Signup.position_id)
        )
        .all()
    )
    if not ended:
        return []
    for position_id in sorted({row.position_id for row in ended}):
        release(position_id, sum(row.position_id == position_id for row in ended))
    gone = sorted(row.id for row in ended)
    for signup_id in gone:
        audit.record("signup.offer_expired", "signup", signup_id, by=None)
    take_out(gone)
    offer_notices.expired(gone)
    return gone


def _give(place: Place, signup_ids: list[str]) -> None:
    """Hold the places for these, or give them at once to those who cannot be asked."""
    # Who has another place of the session is asked in any case: they are to choose one of the two.
    now, can_answer = clock.now(), who_can_answer(signup_ids) | who_has_another(signup_ids)
    asked = [one for one in signup_ids if one in can_answer]
    given = [one for one in signup_ids if one not in can_answer]
    # Until the person is told, nothing ends the offer but the door (offer_times.py).
    door = last_moment(place.period, is_volunteer=place.is_volunteer)
    held = {
        "status": SignupStatus.OFFERED,
        "offered_at": now,
        "offer_told_at": None,
        "offer_expires_at": door,
    }
    change(asked, now, **held)
    try:
        with savepoint():
            change(given, now, status=SignupStatus.CONFIRMED, confirmed_at=now)
    except HasPlaceForAnother:  # one of them took another place of the session at this moment
        change(given, now, **held)
        asked, given = [*asked, *given], []
    take(place.id, len(signup_ids))
    offer_notices.offered(asked)
    notices.moved_up(given)


def mark_cancelled(signup_ids: list[str], reason: str, *, keep_hand_overs: bool = False) -> None:
    """Cancel sign-ups of locked positions; their places are given back with release(). Open hand-overs end.

    Raises StillInside or AlreadyCame for who was checked in: that is not undone by cancelling.
    """
    if not keep_hand_overs:
        end_hand_overs(signup_ids)
    now = clock.now()
    kept = reason[:REASON_LIMIT] or None
    change(
        signup_ids,
        now,
        status=SignupStatus.CANCELLED,
        cancelled_at=now,
        cancel_reason=kept,
        offer_expires_at=None,
    )
    require_absent(signup_ids)  # after the change, which waits for a check-in that is being written


def change(signup_ids: list[str], now: datetime, **values: Any) -> None:
    """Change sign-ups of locked positions; what ends leaves the calendar of whoever it was mailed to."""
    if signup_ids:
        try:
            session().execute(
                update(Signup).where(Signup.id.in_(signup_ids)).values(updated_at=now, **values)
            )
        except IntegrityError as error:
            if broken_constraint(error) != "uq_signup_session_id_person_id":
                raise
            raise HasPlaceForAnother from error  # they took another place of the session at this moment
    if values.get("status") in {SignupStatus.CANCELLED, SignupStatus.DECLINED}:
        take_out(signup_ids)
        stand_alone(signup_ids)


def take(position_id: str, count: int) -> None:
    """Count places of a locked position as taken; the table itself refuses more than there are."""
    release(position_id, -count)


def release(position_id: str, count: int) -> None:
    """Give back places of a locked position."""
    if count:
        session().execute(
            update(Position).where(Position.id == position_id).values(taken=Position.taken - count)
        )
