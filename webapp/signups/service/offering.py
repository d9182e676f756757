"""Say yes or no to a place that is held for someone from the waitlist; end offers nobody answered.

Offers are made where places become free (places.fill).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from webapp.core import audit, clock
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.signups.domain import NoOffer, OfferExpired, SignupStatus
from webapp.signups.domain.telling import ClashChanged
from webapp.signups.models import Signup
from webapp.signups.queries.presence import places_here
from webapp.signups.service import offer_notices
from webapp.signups.service.giving_up import give_up
from webapp.signups.service.inside import lock_sessions
from webapp.signups.service.minors import still_cleared
from webapp.signups.service.places import change, end_offers, fill, lock_positions, mark_cancelled, release
from webapp.signups.service.waiting import waited_elsewhere

_Found = Row[*tuple[Any, ...]]


def accept_offer(signup_id: str, *, by: str | None) -> None:
    """Take the place that is held; accepting again changes nothing. What they have in that session is given up for it.

    `by`: the person, whoever signed them up, or staff managing the event; None for the holder of the guest's link.
    Raises NotFound, OfferExpired, NoOffer, ClashChanged, StillInside, AlreadyCame, GuardianNeeded. After OfferExpired
    call promote() in a transaction of its own, so that the place need not wait for the job.
    """
    _check(signup_id, by)
    found = _look(signup_id)
    others = places_here(found.session_id, found.person_id, apart_from=found.position_id)
    lock_sessions([one.id for one in others])
    shifts = any(one.position.kind == PositionKind.VOLUNTEER for one in others)
    elsewhere = waited_elsewhere([found.person_id]) if shifts else []
    positions = {found.position_id, *(one.position_id for one in others), *elsewhere}
    lock_positions(positions)
    found = _look(signup_id)  # as it is now that nobody else can change it
    if found.status == SignupStatus.CONFIRMED:
        return
    _require_offer(found)
    session().expire_all()
    others = places_here(found.session_id, found.person_id, apart_from=found.position_id)
    if not {one.position_id for one in others} <= positions:
        raise ClashChanged
    still_cleared(signup_id, found.person_id)
    give_up(others, by=by)
    now = clock.now()
    change([signup_id], now, status=SignupStatus.CONFIRMED, confirmed_at=now, offer_expires_at=None)
    audit.record("signup.accept_offer", "signup", signup_id, by=by)
    offer_notices.accepted(signup_id)
    if others:
        fill(sorted(positions - {found.position_id}))


def decline_offer(signup_id: str, *, by: str | None) -> None:
    """Give the place that is held to the next; declining again, or after it expired, changes nothing.

    Raises NotFound, NoOffer.
    """
    _check(signup_id, by)
    found = _look(signup_id)
    is_volunteer = found.kind == PositionKind.VOLUNTEER
    positions = [found.position_id, *(waited_elsewhere([found.person_id]) if is_volunteer else [])]
    lock_positions(positions)
    found = _look(signup_id)
    if found.status in {SignupStatus.CANCELLED, SignupStatus.EXPIRED}:
        return
    if found.status != SignupStatus.OFFERED:
        raise NoOffer
    mark_cancelled([signup_id], "")
    release(found.position_id, 1)
    audit.record("signup.decline_offer", "signup", signup_id, by=by)
    fill(positions)


def expire_offers(position_ids: Iterable[str] | None = None) -> list[str]:
    """End the offers whose time is over (everywhere unless told where) and pass the places on.

    Returns the ids of the sign-ups whose offers ended.
    """
    here = list(positions_with_stale_offers() if position_ids is None else position_ids)
    stale = select(Signup.person_id).where(Signup.position_id.in_(here), *_stale())
    elsewhere = waited_elsewhere(session().scalars(stale).all())
    lock_positions([*here, *elsewhere])
    ended = end_offers(here)
    fill(sorted({*here, *elsewhere}))
    return ended


def positions_with_stale_offers() -> list[str]:
    """Positions with an offer whose time is over."""
    return list(
        session().scalars(select(Signup.position_id).where(*_stale()).distinct().order_by(Signup.position_id))
    )


def _stale() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Signup.status == SignupStatus.OFFERED, Signup.offer_expires_at <= clock.now()


def _require_offer(found: _Found) -> None:
    if found.status == SignupStatus.EXPIRED:
        raise OfferExpired
    if found.status != SignupStatus.OFFERED:
        raise NoOffer
    if found.offer_expires_at <= clock.now():
        raise OfferExpired


def _look(signup_id: str) -> _Found:
    wanted = (
        select(
            Signup.position_id,
            Signup.session_id,
            Signup.person_id,
            Signup.created_by,
            Signup.status,
            Signup.offer_expires_at,
            Position.kind,
            Event.organisation_id,
        )
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.id == signup_id)
    )
    found = session().execute(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


def _check(signup_id: str, by: str | None) -> None:
    """Own, made by oneself for someone, or of an event one manages; to others it does not exist."""
    found = _look(signup_id)
    if by is None or by in {found.person_id, found.created_by}:
        return
    if not organisations.may(by, Permission.MANAGE_EVENTS, found.organisation_id):
        raise NotFound
