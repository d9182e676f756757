"""Staff put someone at another place of a waitlist, and say why."""

from sqlalchemy import select, update

from webapp.core import audit, clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.signups.domain import (
    REASON_LIMIT,
    BadPlace,
    InLine,
    NotWaiting,
    ReasonMissing,
    SignupStatus,
    moved_to,
)
from webapp.signups.models import Signup
from webapp.signups.queries import get_with_session, waiting_order
from webapp.signups.service.places import lock_positions


def move_in_queue(signup_id: str, *, place: int, reason: str, by: str) -> None:
    """Put someone who waits at a place of their waitlist (1 is next); the reason is kept in the audit.

    Nobody is told. Raises NotFound, ReasonMissing, NotWaiting, BadPlace.
    """
    found = get_with_session(signup_id)
    if not organisations.may(by, Permission.MANAGE_EVENTS, found.position.session.event.organisation_id):
        raise NotFound
    reason = reason.strip()[:REASON_LIMIT]
    if not reason:
        raise ReasonMissing
    lock_positions([found.position_id])
    queue = _queue(found.position_id)
    before = next((number for number, one in enumerate(queue, 1) if one.signup_id == signup_id), None)
    if before is None:
        raise NotWaiting
    if not 1 <= place <= len(queue):
        raise BadPlace(last=len(queue))
    if place == before:
        return
    now = clock.now()
    for one, priority in moved_to(queue, signup_id, place).items():
        session().execute(update(Signup).where(Signup.id == one).values(priority=priority, updated_at=now))
    audit.record("signup.reorder", "signup", signup_id, by=by, reason=reason, before=before, after=place)


def _queue(position_id: str) -> list[InLine]:
    wanted = select(Signup.id, Signup.priority).where(
        Signup.position_id == position_id, Signup.status == SignupStatus.WAITLISTED
    )
    return [InLine(*row) for row in session().execute(wanted.order_by(*waiting_order()))]
