"""Give a place back; the next on the waitlist moves up in the same transaction."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, select

from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.people.domain import show_phone
from webapp.signups.domain import (
    HOLDS_PLACE,
    AlreadyOver,
    CancelTooLate,
    CancelTooLateCall,
    Held,
    Leave,
    ReasonMissing,
    SignupSource,
    SignupStatus,
    cancel_until,
    leaving,
)
from webapp.signups.models import Signup
from webapp.signups.queries.centres import is_of_centre
from webapp.signups.queries.standing import PUT_OFF
from webapp.signups.service import notices
from webapp.signups.service.inside import lock_sessions
from webapp.signups.service.places import fill, lock_positions, mark_cancelled, release, waited_elsewhere


def cancel_signup(signup_id: str, *, by: str | None, reason: str = "") -> None:
    """Take a sign-up back, release its place, let the next move up.

    `by`: the person, whoever signed them up, or staff managing the event (they are told, with the reason);
    None for the holder of the guest's link. When it is too late to do so oneself only staff do, with a reason.
    Raises NotFound, AlreadyOver, CancelTooLate, ReasonMissing, StillInside, AlreadyCame.
    """
    found = _look(signup_id)
    check_by(found, by)
    # A shift given back may have been what kept this volunteer from a place they wait for elsewhere.
    is_volunteer = found.kind == PositionKind.VOLUNTEER
    positions = [found.position_id, *(waited_elsewhere([found.person_id]) if is_volunteer else [])]
    lock_sessions([signup_id])
    lock_positions(positions)
    found = _look(signup_id)  # as it is now that nobody else can change it
    _require_in_time(found, by, reason)
    mark_cancelled([signup_id], reason)
    if found.status in HOLDS_PLACE:
        release(found.position_id, 1)
        fill(positions)
    audit.record("signup.cancel", "signup", signup_id, by=by, reason=reason)
    if by not in {None, found.person_id}:
        notices.cancelled_by_staff(signup_id, reason)


def take_back_arrivals(signup_ids: Collection[str], *, by: str, reason: str) -> None:
    """Of these sign-ups, cancel those made at the door for someone who, it turned out, did not stand there.

    Their places are free again, and stay so for now: whoever took a wrong name back enters the right one next.
    """
    made = select(Signup.id, Signup.position_id).where(
        Signup.id.in_(signup_ids),
        Signup.source == SignupSource.WALK_IN,
        Signup.status == SignupStatus.CONFIRMED,
    )
    lock_positions([row.position_id for row in session().execute(made)])
    found = session().execute(made.order_by(Signup.id)).all()
    if not found:
        return
    mark_cancelled([row.id for row in found], reason)
    for position_id, count in Counter(row.position_id for row in found).items():
        release(position_id, count)
    for row in found:
        audit.record("signup.cancel", "signup", row.id, by=by, reason=reason)


def _require_in_time(found: Row[*tuple[Any, ...]], by: str | None, reason: str) -> None:
    """Raise AlreadyOver, CancelTooLate, or ReasonMissing where staff may still do it."""
    held = Held(
        status=found.status,
        period=Period(found.starts_at, found.ends_at),
        cancel_hours=found.cancel_hours,
        since=found.confirmed_at or found.created_at,
        is_put_off=bool(found.is_put_off),
    )
    answer = leaving(held, now=clock.now())
    if answer == Leave.OVER:
        raise AlreadyOver
    if answer == Leave.MAY:
        return
    if by is None or not organisations.may(by, Permission.MANAGE_EVENTS, found.organisation_id):
        raise too_late(held, found.organisation_id)
    if not reason.strip():
        raise ReasonMissing


def too_late(held: Held, organisation_id: str) -> CancelTooLate:
    """Until when it could be taken back, and whom to ask now."""
    host = session().get_one(Organisation, organisation_id)
    until = cancel_until(held.period, held.cancel_hours)
    if host.phone:
        return CancelTooLateCall(until=until, organisation=host.name, phone=show_phone(host.phone))
    return CancelTooLate(until=until, organisation=host.name)


def _look(signup_id: str) -> Row[*tuple[Any, ...]]:
    found = (
        session()
        .execute(
            select(
                Signup.position_id,
                Signup.person_id,
                Signup.status,
                Signup.created_by,
                Signup.centre_id,
                Signup.created_at,
                Signup.confirmed_at,
                Position.kind,
                Position.cancel_hours,
                EventSession.starts_at,
                EventSession.ends_at,
                Event.organisation_id,
                PUT_OFF.label("is_put_off"),
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(Signup.id == signup_id)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def check_by(found: Row[*tuple[Any, ...]], by: str | None) -> None:
    """Own, made by oneself for someone, or of an event one manages; to others it does not exist."""
    if by is None or by in {found.person_id, found.created_by} or is_of_centre(found.centre_id, by):
        return
    if not organisations.may(by, Permission.MANAGE_EVENTS, found.organisation_id):
        raise NotFound
