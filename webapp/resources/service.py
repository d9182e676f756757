"""Use cases: register and retire things, send them to sessions; nothing is in two places at once."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import get_row, lock_row, savepoint, session
from webapp.core.errors import Refusal
from webapp.events.domain import EventStatus
from webapp.events.models import EventSession
from webapp.events.service.hooks import Copied
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may
from webapp.resources import queries
from webapp.resources.domain import (
    AlreadyBooked,
    NotCopied,
    NotForUse,
    NotYours,
    ResourceDetails,
    ResourceExists,
    StillBooked,
)
from webapp.resources.models import Booking, Resource


def make_resource(organisation_id: str, details: ResourceDetails, *, by: str) -> Resource:
    """Register a thing. Raises ResourceExists."""
    made = Resource(organisation_id=organisation_id)
    _write(made, details)
    audit.record("resource.make", "resource", made.id, by=by, name=made.name)
    return made


def change_resource(resource_id: str, details: ResourceDetails, *, by: str) -> Resource:
    """Correct what is said of it. Raises NotFound, ResourceExists."""
    found = lock_row(Resource, resource_id)
    _write(found, details)
    audit.record("resource.change", "resource", found.id, by=by, name=found.name)
    return found


def _write(resource: Resource, details: ResourceDetails) -> None:
    try:
        with savepoint():
            session().add(resource)
            resource.name, resource.kind, resource.note = details.name, details.kind, details.note
    except IntegrityError as error:
        raise ResourceExists from error


def close_resource(resource_id: str, *, by: str) -> None:
    """Take it out of use. Raises NotFound, StillBooked."""
    found = lock_row(Resource, resource_id)
    coming = queries.coming_bookings(resource_id)
    if coming:
        raise StillBooked(count=len(coming))
    found.closed_at = found.closed_at or clock.now()
    audit.record("resource.close", "resource", found.id, by=by)


def reopen_resource(resource_id: str, *, by: str) -> None:
    """Put it to use again. Raises NotFound."""
    lock_row(Resource, resource_id).closed_at = None
    audit.record("resource.reopen", "resource", resource_id, by=by)


def renew_feed(resource_id: str, *, by: str) -> None:
    """Another calendar address; the old one ends. Raises NotFound."""
    lock_row(Resource, resource_id).feed_serial += 1
    audit.record("resource.renew_feed", "resource", resource_id, by=by)


def book(resource_id: str, session_id: str, *, by: str | None) -> Booking:
    """Send it to a session; the same again changes nothing. Raises NotFound, NotForUse, AlreadyBooked.

    The session is locked before the thing, as when it is moved: of two who ask at once the second sees the first.
    """
    held = lock_row(EventSession, session_id)
    found = lock_row(Resource, resource_id)
    over = held.cancelled_at is not None or held.ends_at <= clock.now()
    if (
        found.closed_at is not None
        or over
        or held.event.status in {EventStatus.CANCELLED, EventStatus.CLOSED}
    ):
        raise NotForUse
    there = session().scalar(
        select(Booking).where(
            Booking.resource_id == resource_id,
            Booking.session_id == session_id,
            Booking.released_at.is_(None),
        )
    )
    if there is not None:
        return there
    _refuse_clash(found, held)
    made = Booking(resource_id=resource_id, session_id=session_id, created_by=by)
    session().add(made)
    session().flush()
    audit.record("booking.make", "booking", made.id, by=by, resource=resource_id, session=session_id)
    return made


def _refuse_clash(resource: Resource, wanted: EventSession) -> None:
    clash = queries.find_clash(resource.id, wanted)
    if clash is not None:
        when = f"{clock.local(clash.starts_at):%Y-%m-%d %H:%M}"
        raise AlreadyBooked(name=resource.name, when=when, title=clash.event.title)


def release(booking_id: str, *, by: str) -> None:
    """It does not go there. Raises NotFound."""
    found = get_row(Booking, booking_id)
    lock_row(Resource, found.resource_id)
    found.released_at = found.released_at or clock.now()
    audit.record("booking.release", "booking", found.id, by=by)


def on_moved(event_session: EventSession) -> None:
    """A session moves with what it has; raises AlreadyBooked where something is elsewhere then."""
    for booking in sorted(queries.bookings_of(event_session.id), key=lambda one: one.resource_id):
        _refuse_clash(lock_row(Resource, booking.resource_id), event_session)


def on_copied(copied: Copied) -> None:
    """The copy has what the old one had, where it is free then; where not, that is said."""
    for old_id, new_id in sorted(copied.sessions.items()):
        for booking in sorted(queries.bookings_of(old_id), key=lambda one: one.resource_id):
            try:
                _book_again(booking.resource, new_id, by=copied.by)
            except Refusal as refusal:
                name, when = booking.resource.name, get_row(EventSession, new_id).starts_at
                copied.left_out.append(NotCopied(name=name, when=when, why=refusal))


def _book_again(resource: Resource, session_id: str, *, by: str | None) -> None:
    if by is not None and not may(by, Permission.MANAGE_EVENTS, resource.organisation_id):
        raise NotYours
    book(resource.id, session_id, by=by)
