"""Reads for programs: whole events by id, and who may touch a session, with few statements."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from webapp.core.db import session, up_to_date
from webapp.core.errors import NotAllowed, NotFound
from webapp.events.domain import PUBLIC_STATUSES, EventStatus
from webapp.events.models import Event, EventSession, Position
from webapp.events.queries.one import SESSIONS, get_event
from webapp.organisations.domain import Held, Permission, counting_at
from webapp.organisations.queries import HELD, permissions_at


def get_visible_event(event_id: str, person_id: str | None) -> Event:
    """An event with everything in it: a public one for everyone, others for its organisation's staff; else NotFound."""
    session().flush()  # what this transaction has just done must be seen, and not be forgotten
    session().expire_all()
    event = get_event(event_id)
    if EventStatus(event.status) in PUBLIC_STATUSES:
        return event
    seen_by = {Permission.GOVERN, Permission.INSPECT, Permission.MANAGE_EVENTS}
    if person_id is None or not permissions_at(person_id, event.organisation_id) & seen_by:
        raise NotFound
    return event


def load_events(event_ids: Sequence[str]) -> list[Event]:
    """Events with everything in them, in the order asked for."""
    rows = session().scalars(
        select(Event).where(Event.id.in_(event_ids)).options(SESSIONS, selectinload(Event.tasks))
    )
    found = {event.id: event for event in rows}
    return [found[event_id] for event_id in event_ids if event_id in found]


def positions_of(session_id: str) -> list[Position]:
    """A session's positions in their order."""
    return list(
        session().scalars(
            select(Position).where(Position.session_id == session_id).order_by(Position.rank, Position.id)
        )
    )


# Built once: it stands before every scan.
_WHOSE_SESSION = (
    select(Event.organisation_id, Event.status, HELD.c.organisation_id.label("held_at"), HELD.c.permissions)
    .join(EventSession, EventSession.event_id == Event.id)
    .outerjoin(HELD, HELD.c.person_id == bindparam("person_id"))
    .where(EventSession.id == bindparam("session_id"))
)


def check_session_access(person_id: str, session_id: str, *permissions: Permission) -> None:
    """Raise unless the person holds one of the permissions for the session's organisation.

    NotFound where there is no such session or it is not public, else NotAllowed. Loads no rows: this stands
    before every scan.
    """
    given = {"session_id": session_id, "person_id": person_id}
    rows = up_to_date().execute(_WHOSE_SESSION, given).all()
    if not rows:
        raise NotFound
    held = [(row.held_at, row.permissions or ()) for row in rows]
    check_access_at(rows[0].organisation_id, rows[0].status, held, *permissions)


def check_access_at(organisation_id: str, event_status: str, held: Held, *permissions: Permission) -> None:
    """The same for a session that was read already, and for someone whose memberships were."""
    if counting_at(organisation_id, held) & {Permission.GOVERN, *permissions}:
        return
    raise NotAllowed if EventStatus(event_status) in PUBLIC_STATUSES else NotFound


def may_access_session(person_id: str, session_id: str, *permissions: Permission) -> bool:
    """The same as a question."""
    try:
        check_session_access(person_id, session_id, *permissions)
    except (NotAllowed, NotFound):
        return False
    return True
