"""Reads: an organisation's things, where they are when, what a session may have."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager

from webapp.core import clock, tokens
from webapp.core.db import get_row, session
from webapp.core.errors import NotAllowed, NotFound
from webapp.events.domain import EventStatus
from webapp.events.models import Cancellation, Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import may, organisations_with
from webapp.resources.domain import TOKEN_LENGTH, TOKEN_PURPOSE
from webapp.resources.models import Booking, Resource


@dataclass(frozen=True)
class ResourceRow:
    """A thing on the list, and where it goes next."""

    resource: Resource
    next_at: datetime | None = None
    next_title: str = ""
    next_session: str = ""
    coming: int = 0  # sessions that count on it

    @property
    def id(self) -> str:
        """Of the thing."""
        return self.resource.id

    @property
    def next(self) -> str | None:
        """Of what it is for, with the day it goes."""
        return f"{clock.local(self.next_at):%Y-%m-%d %H:%M} {self.next_title}" if self.next_at else None


def listed_resources(organisation_ids: Collection[str] | None) -> Select[Any]:
    """Things of these organisations (None: of all), with them; see `resource_rows`."""
    wanted = (
        select(Resource)
        .join(Organisation, Organisation.id == Resource.organisation_id)
        .options(contains_eager(Resource.organisation))
    )
    return (
        wanted if organisation_ids is None else wanted.where(Resource.organisation_id.in_(organisation_ids))
    )


def owners(organisation_ids: Collection[str] | None) -> list[tuple[str, str]]:
    """Which of these organisations have any thing: id and name, by name."""
    wanted = select(Organisation.id, Organisation.name).where(
        exists().where(Resource.organisation_id == Organisation.id)
    )
    if organisation_ids is not None:
        wanted = wanted.where(Organisation.id.in_(organisation_ids))
    return [(row.id, row.name) for row in session().execute(wanted.order_by(Organisation.name))]


def resource_rows(found: Sequence[Resource]) -> list[ResourceRow]:
    """Where each goes next; one statement, however many."""
    one = Booking.resource_id
    place = func.row_number().over(partition_by=one, order_by=(EventSession.starts_at, Booking.id))
    coming = (
        select(
            one,
            *(EventSession.id.label("held"), EventSession.starts_at, Event.title),
            *(place.label("place"), func.count().over(partition_by=one).label("coming")),
        )
        .join(EventSession, EventSession.id == Booking.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(one.in_([row.id for row in found]), holds(), EventSession.ends_at > clock.now())
        .subquery()
    )
    rows = session().execute(select(coming).where(coming.c.place == 1))
    after = {row.resource_id: (row.starts_at, row.title, row.held, row.coming) for row in rows}
    return [ResourceRow(row, *after.get(row.id, ())) for row in found]


def is_free_on(day: date) -> ColumnElement[bool]:
    """Things in use that go nowhere on that day."""
    begins, ends = clock.start_of_day(day), clock.start_of_day(day + timedelta(days=1))
    taken = (
        select(Booking.resource_id)
        .join(EventSession, EventSession.id == Booking.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(holds(), EventSession.starts_at < ends, EventSession.ends_at > begins)
    )
    return and_(Resource.closed_at.is_(None), Resource.id.not_in(taken))


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
    ordered = booked_at(event_id).order_by(EventSession.starts_at, Resource.name, Booking.id)
    found: Sequence[Booking] = session().scalars(ordered).all()
    return found


def booked_at(event_id: str) -> Select[Any]:
    """What the sessions of an event have, each with its session, its place and whose it is."""
    return _of_event(event_id).where(Booking.released_at.is_(None))


def bookings_named(event_id: str, ids: Collection[str]) -> Sequence[Booking]:
    """These of an event, in the order named, also those let go; raises NotFound where one is not of it."""
    found = {one.id: one for one in session().scalars(_of_event(event_id).where(Booking.id.in_(ids)))}
    if not found.keys() >= set(ids):
        raise NotFound
    return [found[one] for one in ids]


def _of_event(event_id: str) -> Select[Any]:
    return (
        select(Booking)
        .join(Booking.resource)
        .join(Resource.organisation)
        .join(Booking.session)
        .join(EventSession.venue)
        .options(
            contains_eager(Booking.resource).contains_eager(Resource.organisation),
            contains_eager(Booking.session).contains_eager(EventSession.venue),
        )
        .where(EventSession.event_id == event_id)
    )
