"""Somebody swaps: gives back the shifts, and the place in the same session, that are in the way and takes this one."""

from webapp.core import audit
from webapp.core.db import session
from webapp.signups.domain import (
    CHOSE_ANOTHER,
    AlreadyOver,
    Leave,
    NoPlaceToSwap,
    SignupSource,
    SignupStatus,
)
from webapp.signups.domain.giving import Given
from webapp.signups.domain.telling import ClashChanged
from webapp.signups.models import Signup
from webapp.signups.queries import get_position
from webapp.signups.queries.asking import seen_of
from webapp.signups.queries.offers import held_of, leave_of
from webapp.signups.queries.presence import in_the_way
from webapp.signups.service import notices
from webapp.signups.service.applying import apply
from webapp.signups.service.giving_up import give_up
from webapp.signups.service.inside import lock_sessions
from webapp.signups.service.leaving import too_late
from webapp.signups.service.places import fill, lock_persons, lock_positions, mark_cancelled, release
from webapp.signups.service.waiting import waited_elsewhere


def swap(position_id: str, person_id: str, *, seen: str, given: Given) -> Signup:
    """Take this place for those in its way (in_the_way); `seen` are these as they stood on the page (seen_of).

    Nobody gives up one for a place on a waitlist. Raises NoPlaceToSwap, ClashChanged, CancelTooLate, AlreadyOver,
    StillInside and what apply() raises; after any of them the transaction must end, and nothing was given back.
    """
    position = get_position(position_id)
    others = in_the_way(position, person_id)
    lock_sessions([one.id for one in others])
    positions = {position_id, *(one.position_id for one in others), *waited_elsewhere([person_id])}
    lock_positions(positions)
    lock_persons([person_id])
    session().expire_all()
    position = get_position(position_id)
    others = in_the_way(position, person_id)
    if seen_of(others) != seen or not {one.position_id for one in others} <= positions:
        raise ClashChanged
    _give_back(others, person_id, held=position.session_id)
    made = apply(position_id, person_id, by=person_id, source=SignupSource.SELF, given=given)
    if made.status != SignupStatus.CONFIRMED:
        raise NoPlaceToSwap
    fill(sorted(positions))
    return made


def _give_back(others: list[Signup], person_id: str, *, held: str) -> None:
    for one in others:
        leave = leave_of(one)
        if leave == Leave.TOO_LATE:
            raise too_late(held_of(one), one.position.session.event.organisation_id)
        if leave != Leave.MAY:
            raise AlreadyOver
    give_up([one for one in others if one.session_id == held], by=person_id)
    others = [one for one in others if one.session_id != held]
    ids = [one.id for one in others]
    mark_cancelled(ids, CHOSE_ANOTHER)
    for one in sorted(others, key=lambda other: other.position_id):
        release(one.position_id, 1)
        audit.record("signup.cancel", "signup", one.id, by=person_id, reason=CHOSE_ANOTHER)
    notices.chose_another(ids)
