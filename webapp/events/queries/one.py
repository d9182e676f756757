"""One event, session or position: for everyone, or for staff who may see it."""

from sqlalchemy import select
from sqlalchemy.orm import lazyload, selectinload

from webapp.core import clock
from webapp.core.db import get_row, session
from webapp.core.errors import NotAllowed, NotFound
from webapp.events.domain import PUBLIC_STATUSES, EventStatus
from webapp.events.models import Cancellation, Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import permissions_at

# What hangs on a row is loaded downwards; the way back up is already in memory.
POSITIONS = selectinload(EventSession.positions).options(lazyload(Position.session))
SESSIONS = selectinload(Event.sessions).options(lazyload(EventSession.event), POSITIONS)


def get_event(event_id: str) -> Event:
    """The event with sessions, positions and tasks; raises NotFound. Who may see it is the caller's business."""
    found = session().scalar(
        select(Event).where(Event.id == event_id).options(SESSIONS, selectinload(Event.tasks))
    )
    if found is None:
        raise NotFound
    return found


def get_session(session_id: str) -> EventSession:
    """The session with its event, venue and positions; raises NotFound."""
    found = session().scalar(select(EventSession).where(EventSession.id == session_id).options(POSITIONS))
    if found is None:
        raise NotFound
    return found


def get_position(position_id: str) -> Position:
    """The position with its session, event and venue; raises NotFound."""
    return get_row(Position, position_id)


def get_public_event(event_id: str) -> Event:
    """An event everyone may see, with sessions, positions and tasks; raises NotFound for others."""
    event = get_event(event_id)
    if EventStatus(event.status) not in PUBLIC_STATUSES:
        raise NotFound
    return event


def get_event_for(person_id: str, event_id: str, *permissions: Permission) -> Event:
    """The event, for someone who holds one of the permissions for its organisation (or governs).

    Raises NotFound, and NotAllowed where everyone may know that there is such an event.
    """
    event = get_event(event_id)
    require_any(person_id, event, permissions)
    return event


def get_session_for(person_id: str, session_id: str, *permissions: Permission) -> EventSession:
    """The session, under the same rule."""
    found = get_session(session_id)
    require_any(person_id, found.event, permissions)
    return found


def get_position_for(person_id: str, position_id: str, *permissions: Permission) -> Position:
    """The position, under the same rule."""
    found = get_position(position_id)
    require_any(person_id, found.session.event, permissions)
    return found


def undoable(event_id: str) -> list[Cancellation]:
    """Cancellations of this event and its sessions that can still be undone, the newest first."""
    wanted = select(Cancellation).where(
        Cancellation.event_id == event_id,
        Cancellation.undone_at.is_(None),
        Cancellation.undo_until > clock.now(),
    )
    return list(session().scalars(wanted.order_by(Cancellation.made_at.desc(), Cancellation.id.desc())))


def get_cancellation_for(person_id: str, cancellation_id: str, *permissions: Permission) -> Cancellation:
    """The cancellation, under the same rule."""
    found = get_row(Cancellation, cancellation_id)
    require_any(person_id, get_event(found.event_id), permissions)
    return found


def require_any(person_id: str, event: Event, permissions: tuple[Permission, ...]) -> None:
    """Raise unless the person holds one of them for the event's organisation, or governs."""
    held = permissions_at(person_id, event.organisation_id)
    if held & {Permission.GOVERN, *permissions}:
        return
    raise NotAllowed if EventStatus(event.status) in PUBLIC_STATUSES else NotFound
