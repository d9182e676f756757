"""Reads: the order of waitlists, and who stands where."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from webapp.core.db import session, up_to_date
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup


def waiting_order() -> tuple[ColumnElement[int], ColumnElement[datetime | None], ColumnElement[str]]:
    """The order in which people move up."""
    return Signup.priority.desc(), Signup.waitlisted_at.asc(), Signup.id.asc()


def _places() -> Select[str, int]:
    own, ahead = aliased(Signup), aliased(Signup)
    is_ahead = or_(
        ahead.priority > own.priority,
        and_(ahead.priority == own.priority, ahead.waitlisted_at < own.waitlisted_at),
        and_(ahead.priority == own.priority, ahead.waitlisted_at == own.waitlisted_at, ahead.id < own.id),
    )
    return (
        select(own.id, func.count(ahead.id) + 1)
        .outerjoin(
            ahead,
            and_(ahead.position_id == own.position_id, ahead.status == SignupStatus.WAITLISTED, is_ahead),
        )
        .where(own.id.in_(bindparam("ids", expanding=True)), own.status == SignupStatus.WAITLISTED)
        .group_by(own.id)
        .order_by(own.id)
    )


_AT_ONCE = 500
_PLACES = _places()  # built once: in a rush it stands behind most sign-ups


def waitlist_places(signups: Iterable[Signup]) -> dict[str, int]:
    """Sign-up id → place on its waitlist, 1 is next; only those who wait are in it. One statement."""
    return places_of([signup.id for signup in signups if signup.status == SignupStatus.WAITLISTED])


def places_of(signup_ids: Sequence[str]) -> dict[str, int]:
    """The same by id; one statement for 500."""
    found: dict[str, int] = {}
    for first in range(0, len(signup_ids), _AT_ONCE):
        ids = list(signup_ids[first : first + _AT_ONCE])
        found |= {one: int(place) for one, place in up_to_date().execute(_PLACES, {"ids": ids})}
    return found


def waitlist_place(signup: Signup) -> int | None:
    """The place on the waitlist, 1 is next; None for someone who does not wait."""
    return waitlist_places([signup]).get(signup.id)


def count_waiting(position_id: str) -> int:
    """How many wait for a position."""
    counted = select(func.count()).where(
        Signup.position_id == position_id, Signup.status == SignupStatus.WAITLISTED
    )
    return int(session().scalar(counted) or 0)
