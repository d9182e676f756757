"""Use cases: submit, publish, postpone, cancel and close an event."""

from sqlalchemy import select

from webapp.core import audit, clock
from webapp.core.db import session
from webapp.core.errors import Words
from webapp.events.domain import (
    EventStatus,
    NeedsApproval,
    NotReadyToPublish,
    SameDates,
    StillComing,
    check_move,
    check_text,
    missing_to_publish,
)
from webapp.events.models import Event, EventSession
from webapp.events.service import editing, hooks, undoing
from webapp.organisations.domain import Permission
from webapp.organisations.queries import permissions_of


def what_is_missing(event: Event) -> list[str]:
    """What still keeps the event from being published, in marked sentences."""
    return missing_to_publish(editing.readiness_of(event))


def submit(event_id: str, *, by: str | None, revision: int | None = None) -> Event:
    """Ask the office to publish; raises WrongState, NotReadyToPublish."""
    event = _ready(event_id, EventStatus.SUBMITTED, by=by, revision=revision)
    return _move(event, EventStatus.SUBMITTED, by=by, shown=False)


def withdraw(event_id: str, *, by: str | None, revision: int | None = None) -> Event:
    """Take a submitted event back to draft: its organiser wants to change it, or the office sends it back."""
    event = editing.take_event(event_id, by=by, revision=revision)
    check_move(EventStatus(event.status), EventStatus.DRAFT)
    return _move(event, EventStatus.DRAFT, by=by, shown=False)


def publish(event_id: str, *, by: str | None, revision: int | None = None, same_dates: bool = False) -> Event:
    """Let everyone see it and sign up; raises WrongState, NotReadyToPublish, NeedsApproval, SameDates.

    Where the office has set that an organisation's events need approval, only the office publishes them.
    A postponed event goes on, and followers tell people: where a session still has the time it had before, only
    when whoever does it says that it is meant (`same_dates`).
    """
    event = _ready(event_id, EventStatus.PUBLISHED, by=by, revision=revision)
    if event.organisation.needs_approval and by is not None and Permission.GOVERN not in permissions_of(by):
        raise NeedsApproval
    if not same_dates and (left := editing.same_dates(event)):
        raise SameDates(count=len(left))
    event.published_at = event.published_at or clock.now()
    resumes = event.status == EventStatus.POSTPONED
    event.postponed_at = None
    _move(event, EventStatus.PUBLISHED, by=by, counts=True)
    if resumes:
        hooks.resumed(event, by)
    return event


def publish_or_submit(event_id: str, *, by: str | None) -> Event:
    """Publish, or ask the office to where only it may."""
    try:
        return publish(event_id, by=by)
    except NeedsApproval:
        return submit(event_id, by=by)


def postpone(event_id: str, *, by: str | None, revision: int | None = None) -> Event:
    """Put it off without a new date yet: sign-up stops, places are kept, followers tell people.

    Publishing again resumes it.
    """
    event = editing.take_event(event_id, by=by, revision=revision)
    check_move(EventStatus(event.status), EventStatus.POSTPONED)
    event.postponed_at = clock.now()
    _move(event, EventStatus.POSTPONED, by=by, counts=True)
    hooks.postponed(event, by)
    return event


def cancel(event_id: str, *, reason: str, by: str | None, revision: int | None = None) -> Event:
    """Cancel it with the reason people will read. It stays readable; followers tell those who signed up.

    For a quarter of an hour it can be undone (undoing.py), and what it sends waits that long unless it is near.
    """
    event = editing.take_event(event_id, by=by, revision=revision)
    check_move(EventStatus(event.status), EventStatus.CANCELLED)
    event.cancel_reason = check_text("reason", reason, required=True)
    cancellation = undoing.write_down(event, None, by=by)
    event.cancelled_at = cancellation.made_at
    _move(event, EventStatus.CANCELLED, by=by, counts=True)
    hooks.cancelled(event, cancellation)
    undoing.keep(cancellation)
    return event


def close(event_id: str, *, by: str | None, revision: int | None = None) -> Event:
    """End it when every session is over; raises StillComing, WrongState."""
    event = editing.take_event(event_id, by=by, revision=revision)
    check_move(EventStatus(event.status), EventStatus.CLOSED)
    coming = select(EventSession.id).where(
        EventSession.event_id == event.id,
        EventSession.cancelled_at.is_(None),
        EventSession.ends_at > clock.now(),
    )
    if session().scalar(coming.limit(1)) is not None:
        raise StillComing
    return _move(event, EventStatus.CLOSED, by=by, shown=False, counts=True)


def _ready(event_id: str, target: EventStatus, *, by: str | None, revision: int | None) -> Event:
    event = editing.take_event(event_id, by=by, revision=revision)
    check_move(EventStatus(event.status), target)
    if missing := missing_to_publish(editing.readiness_of(event)):
        raise NotReadyToPublish(missing=tuple(map(Words, missing)))
    return event


def _move(
    event: Event,
    target: EventStatus,
    *,
    by: str | None,
    shown: bool = True,
    counts: bool = False,
) -> Event:
    """Set the state; one that calendars show (published, postponed, cancelled) raises their SEQUENCE."""
    before, event.status = event.status, target.value
    if shown:
        editing.raise_sequence(event)
    editing.mark_changed(event, shown=shown, counts=counts)
    audit.record(f"event.{target.value}", "event", event.id, by=by, before=before, reason=event.cancel_reason)
    session().flush()
    return event
