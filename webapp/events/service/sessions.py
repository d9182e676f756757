"""Use cases: add, name, move, cancel and take away sessions."""

from datetime import datetime

from sqlalchemy import func, select

from webapp.core import audit, clock, removal
from webapp.core.config import current_settings
from webapp.core.db import new_id, session
from webapp.core.errors import Words
from webapp.events.domain import (
    SESSIONS_MAX,
    STATUS_LABELS,
    AlreadyCreated,
    EventStatus,
    SessionDraft,
    TooMany,
    UnknownChoice,
    WrongState,
    check_positions,
    check_session,
    check_text,
)
from webapp.events.models import Event, EventSession, Position
from webapp.events.service import editing, finding, hooks, periods, undoing
from webapp.venues.models import Venue


def put_session(event: Event, draft: SessionDraft) -> EventSession:
    """Write a session and its positions; for use cases that hold the event. Its calendar UID is given here."""
    check_session(draft.starts_at, draft.ends_at)
    check_positions(draft.positions)
    own_id = draft.id or new_id()
    made = EventSession(
        id=own_id,
        event=event,
        title=check_text("title", draft.title),
        venue=_venue(draft.venue_id),
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        uid=f"{own_id}@{current_settings().uid_domain}",
    )
    session().add(made)
    session().add_all(
        Position(
            session=made,
            name=position.name.strip(),
            kind=position.kind,
            capacity=position.capacity,
            waitlist=position.waitlist,
            cancel_hours=position.hours_to_cancel,
            rank=rank,
        )
        for rank, position in enumerate(draft.positions)
    )
    session().flush()
    return made


def add_session(
    event_id: str, draft: SessionDraft, *, by: str | None, revision: int | None = None
) -> EventSession:
    """One more session; raises WrongState, TooMany, AlreadyCreated and what the checks of drafts raise."""
    event = editing.take_event(event_id, by=by, revision=revision)
    editing.require_open(event)
    current = session()
    if draft.id and current.scalar(select(EventSession.id).where(EventSession.id == draft.id)):
        raise AlreadyCreated(extra={"id": draft.id})
    count = current.scalar(select(func.count()).where(EventSession.event_id == event.id)) or 0
    if count >= SESSIONS_MAX:
        raise TooMany(field="sessions", limit=SESSIONS_MAX)
    made = put_session(event, draft)
    periods.check(event, [made])
    editing.require_still_complete(event)
    finding.refresh_search(event)
    if event.published_at is not None:
        hooks.session_added(made, by)
    editing.mark_changed(event, shown=False, counts=True)
    audit.record("session.add", "event_session", made.id, by=by, event=event.id)
    return made


def rename_session(
    session_id: str, *, title: str, by: str | None, revision: int | None = None
) -> EventSession:
    """Change the session's own title (第二课, 桦南站)."""
    event_session = editing.take_session(session_id, by=by, revision=revision)
    before, event_session.title = event_session.title, check_text("title", title)
    event_session.updated_at = clock.now()
    finding.refresh_search(event_session.event)
    editing.mark_changed(event_session.event, shown=False)
    audit.record(
        "session.rename", "event_session", session_id, by=by, before=before, after=event_session.title
    )
    return event_session


def reschedule(  # time and place belong together: they are what people are told of
    session_id: str,
    *,
    starts_at: datetime,
    ends_at: datetime,
    venue_id: str,
    by: str | None,
    revision: int | None = None,
) -> EventSession:
    """Move a session in time or place; nothing happens when both stay. Followers tell those who signed up.

    Raises SessionEndsBeforeStart, SessionTooLong, SessionWasCancelled, UnknownChoice; a follower may refuse.
    """
    event_session = editing.take_session(session_id, by=by, revision=revision)
    check_session(starts_at, ends_at)
    venue = _venue(venue_id)
    old = (event_session.starts_at, event_session.ends_at, event_session.venue_id)
    before = _when_and_where(event_session)
    if old == (starts_at, ends_at, venue.id):
        return event_session
    event_session.starts_at, event_session.ends_at, event_session.venue = starts_at, ends_at, venue
    event_session.sequence += 1
    event_session.moved_at = event_session.updated_at = clock.now()
    event = event_session.event
    session().flush()
    finding.refresh_search(event)
    audit.record(
        "session.reschedule",
        "event_session",
        session_id,
        by=by,
        before=before,
        after=_when_and_where(event_session),
    )
    if periods.check(event, [event_session]):
        editing.require_still_complete(event)
    hooks.moved(event_session)
    if event.published_at is not None:
        hooks.rescheduled(event_session, *old, by)
    editing.mark_changed(event, shown=False, counts=True)
    return event_session


def _when_and_where(held: EventSession) -> dict[str, str]:
    return {
        "starts_at": held.starts_at.isoformat(),
        "ends_at": held.ends_at.isoformat(),
        "venue_id": held.venue_id,
    }


def cancel_session(
    session_id: str, *, reason: str, by: str | None, revision: int | None = None
) -> EventSession:
    """Cancel one session of a published event, with the reason people will read. Followers tell them."""
    event_session = editing.take_session(session_id, by=by, revision=revision)
    event = event_session.event
    if event.status not in {EventStatus.PUBLISHED, EventStatus.POSTPONED}:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus(event.status)]))
    event_session.cancel_reason = check_text("reason", reason, required=True)
    cancellation = undoing.write_down(event, event_session, by=by)
    event_session.cancelled_at = event_session.updated_at = cancellation.made_at
    event_session.sequence += 1
    session().flush()
    hooks.session_cancelled(event_session, cancellation)
    undoing.keep(cancellation)
    editing.mark_changed(event, shown=False, counts=True)
    audit.record("session.cancel", "event_session", session_id, by=by, reason=event_session.cancel_reason)
    return event_session


def remove_session(session_id: str, *, by: str | None, revision: int | None = None) -> None:
    """Take a session out of an event never published; a published one is cancelled instead (promise 6)."""
    event_session = editing.take_session(session_id, by=by, revision=revision)
    event = event_session.event
    if event.published_at is not None:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus(event.status)]))
    starts_at = event_session.starts_at.isoformat()
    removal.remove(EventSession, [session_id])
    session().expunge(event_session)
    session().expire(event)
    finding.refresh_search(event)
    editing.mark_changed(event, shown=False)
    audit.record("session.remove", "event_session", session_id, by=by, event=event.id, starts_at=starts_at)


def _venue(venue_id: str) -> Venue:
    found = session().get(Venue, venue_id)
    if found is None:
        raise UnknownChoice(field="venue_id")
    return found
