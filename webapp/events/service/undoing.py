"""Use cases: a cancellation is written down with what it takes to undo it, and is undone for a quarter of an hour."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from webapp.core import audit, clock, done, outbox, recording
from webapp.core import undoing as taking_back
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import N_, Words
from webapp.events.domain import (
    OPEN_STATUSES,
    STATUS_LABELS,
    UNDO,
    AlreadyUndone,
    EventIsOff,
    EventStatus,
    TooLateToUndo,
    WrongState,
    messages_leave_at,
)
from webapp.events.models import Cancellation, Event, EventSession
from webapp.events.service import editing, hooks

WAY = "cancellation"  # under which the bar knows how to undo it (core/undoing.py)


def write_down(event: Event, event_session: EventSession | None, *, by: str | None) -> Cancellation:
    """Write a cancellation down, before anything is changed; the caller holds the event."""
    now = clock.now()
    made = Cancellation(
        event_id=event.id,
        session_id=event_session.id if event_session else None,
        status_before=event.status,
        made_by=by,
        made_at=now,
        undo_until=now + UNDO,
        leaves_at=messages_leave_at(now, _starts(event, event_session)),
    )
    session().add(made)
    session().flush()
    if by is not None and not recording.is_on():
        what = N_("取消了“%(title)s”的一个场次") if event_session else N_("取消了“%(title)s”")
        taking_back.undoable_in_its_own_way(WAY, made.id, text=what, details={"title": event.title}, by=by)
    return made


def keep(cancellation: Cancellation) -> None:
    """Followers have written into `kept`; a JSON column does not notice that by itself."""
    flag_modified(cancellation, "kept")
    session().flush()


def _starts(event: Event, event_session: EventSession | None) -> list[datetime]:
    if event_session is not None:
        return [event_session.starts_at]
    return list(
        session().scalars(
            select(EventSession.starts_at).where(
                EventSession.event_id == event.id,
                EventSession.cancelled_at.is_(None),
                EventSession.ends_at > clock.now(),
            )
        )
    )


def undo(cancellation_id: str, *, by: str | None) -> Cancellation:
    """It takes place after all: states, places and figures are as before, messages that wait are dropped.

    Who was told already is told again by followers. Raises NotFound, NotAllowed, AlreadyUndone, TooLateToUndo,
    EventIsOff, WrongState.
    """
    event = editing.take_event(get_row(Cancellation, cancellation_id).event_id, by=by)
    found = lock_row(Cancellation, cancellation_id)
    if found.undone_at is not None:
        raise AlreadyUndone
    if clock.now() >= found.undo_until:
        raise TooLateToUndo
    found.kept["tried"] = sorted(outbox.drop_held(found.id))
    keep(found)
    found.undone_at, found.undone_by = clock.now(), by
    done.settle(found.id)  # also where it was undone on the event's own page
    if found.session_id is None:
        _bring_back_event(event, found)
    else:
        _bring_back_session(event, found.session_id)
    session().flush()
    hooks.uncancelled(found, by)
    editing.mark_changed(event, shown=found.session_id is None, counts=True)
    audit.record("cancellation.undo", "event", event.id, by=by, session=found.session_id)
    return found


def _bring_back_event(event: Event, found: Cancellation) -> None:
    event.status, event.cancel_reason, event.cancelled_at = found.status_before, None, None
    editing.raise_sequence(event)


def _bring_back_session(event: Event, session_id: str) -> None:
    if event.status == EventStatus.CANCELLED:
        raise EventIsOff
    if EventStatus(event.status) not in OPEN_STATUSES:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus(event.status)]))
    event_session = lock_row(EventSession, session_id)
    event_session.cancelled_at, event_session.cancel_reason = None, None
    event_session.sequence += 1
    event_session.updated_at = clock.now()
