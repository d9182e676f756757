"""Reads: an organisation's things, where they are when, what a session may have."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, or_, select

from webapp.core import clock, tokens
from webapp.core.db import get_row, session
from webapp.core.errors import NotAllowed
from webapp.events.domain import EventStatus
from webapp.events.models import Cancellation, Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may, organisations_with
from webapp.resources.domain import TOKEN_LENGTH, TOKEN_PURPOSE
from webapp.resources.models import Booking, Resource


def list_resources(organisation_id: str) -> Sequence[Resource]:
    """All of an organisation's, those in use first."""
    wanted = select(Resource).where(Resource.organisation_id == organisation_id)
    return session().scalars(wanted.order_by(Resource.closed_at.is_not(None), Resource.name)).all()


def get_resource_for(person_id: str, resource_id: str) -> Resource:
    """The thing, for whoever manages its organisation's events; raises NotFound, NotAllowed."""
    found = get_row(Resource, resource_id)
    if not may(person_id, Permission.MANAGE_EVENTS, found.organisation_id):
        raise NotAllowed
    return found


def holds() -> ColumnElement[bool]:
    """Bookings that keep a thing from others: of sessions that are to take place, when ever that is.

    A cancelled one that can still be brought back keeps what it has, so that it comes back whole.
    """
    takes_place = and_(EventSession.cancelled_at.is_(None), Event.status != EventStatus.CANCELLED)
    may_come_back = exists().where(
        Cancellation.event_id == Event.id,
        or_(Cancellation.session_id.is_(None), Cancellation.session_id == EventSession.id),
        Cancellation.undone_at.is_(None),
        Cancellation.undo_until > clock.now(),
    )
    return and_(Booking.released_at.is_(None), or_(takes_place, may_come_back))


def coming_bookings(resource_id: str) -> Sequence[Booking]:
    """Where it goes from now on, soonest first."""
    wanted = (
        select(Booking)
        .join(EventSession, EventSession.id == Booking.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Booking.resource_id == resource_id, holds(), EventSession.ends_at > clock.now())
    )
    return session().scalars(wanted.order_by(EventSession.starts_at, Booking.id)).all()


def find_clash(resource_id: str, wanted: EventSession) -> EventSession | None:
    """Another session that has it while this one lasts; one that begins as the other ends does not clash."""
    found = (
        select(EventSession)
        .join(Booking, Booking.session_id == EventSession.id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Booking.resource_id == resource_id,
            holds(),
            EventSession.id != wanted.id,
            EventSession.starts_at < wanted.ends_at,
            EventSession.ends_at > wanted.starts_at,
        )
    )
    return session().scalars(found.order_by(EventSession.starts_at).limit(1)).first()


def bookings_of(session_id: str) -> Sequence[Booking]:
    """What a session has, by name."""
    wanted = (
        select(Booking).join(Resource).where(Booking.session_id == session_id, Booking.released_at.is_(None))
    )
    return session().scalars(wanted.order_by(Resource.name, Booking.id)).all()


def things_for(session_ids: Collection[str]) -> dict[str, list[str]]:
    """Names of what goes to each of several sessions. One statement, however many."""
    wanted = (
        select(Booking.session_id, Resource.name)
        .join(Resource, Resource.id == Booking.resource_id)
        .where(Booking.session_id.in_(session_ids), Booking.released_at.is_(None))
        .order_by(Resource.name, Booking.id)
    )
    found: dict[str, list[str]] = {one: [] for one in session_ids}
    for session_id, name in session().execute(wanted):
        found[session_id].append(name)
    return found


def bookable_by(person_id: str) -> Sequence[Resource]:
    """Things in use of the organisations whose events someone manages."""
    ids = [one.id for one in organisations_with(person_id, Permission.MANAGE_EVENTS)]
    wanted = select(Resource).where(Resource.organisation_id.in_(ids), Resource.closed_at.is_(None))
    return session().scalars(wanted.order_by(Resource.name, Resource.id)).all()


def feed_token(resource: Resource) -> str:
    """What a thing's calendar address has to carry."""
    return tokens.mac(TOKEN_PURPOSE, f"{resource.id}:{resource.feed_serial}", length=TOKEN_LENGTH)


def bookings_at(event_id: str) -> Sequence[Booking]:
    """What the sessions of an event have, by start and name."""
    wanted = (
        select(Booking)
        .join(Resource, Resource.id == Booking.resource_id)
        .join(EventSession, EventSession.id == Booking.session_id)
        .where(EventSession.event_id == event_id, Booking.released_at.is_(None))
    )
    return session().scalars(wanted.order_by(EventSession.starts_at, Resource.name, Booking.id)).all()
