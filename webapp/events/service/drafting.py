"""Use cases: write an event, change what it says, throw a draft away."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, removal
from webapp.core.db import new_id, savepoint, session
from webapp.core.errors import Words
from webapp.events.domain import (
    SESSIONS_MAX,
    STATUS_LABELS,
    TASKS_MAX,
    AlreadyCreated,
    EventChanges,
    EventDraft,
    EventStatus,
    TooMany,
    UnknownChoice,
    WrongState,
    check_audiences,
    check_text,
)
from webapp.events.models import Event, EventTask
from webapp.events.service import editing, finding, periods
from webapp.events.service.sessions import put_session
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import require
from webapp.plan.models import EventType, PlanTask


def create_event(draft: EventDraft, *, by: str | None) -> Event:
    """A new event in the state `draft`, flushed, with its sessions and positions.

    Raises NotAllowed, AlreadyCreated when the draft's id was used before, OutsidePlan (see periods.py), and what the
    checks of drafts raise.
    """
    organisation = session().get(Organisation, draft.organisation_id)
    if organisation is None or organisation.closed_at is not None:
        raise UnknownChoice(field="organisation_id")
    if by is not None:
        require(by, Permission.MANAGE_EVENTS, organisation.id)
    if len(draft.sessions) > SESSIONS_MAX:
        raise TooMany(field="sessions", limit=SESSIONS_MAX)
    event = Event(
        id=draft.id or new_id(),
        organisation=organisation,
        type=_type(draft.type_slug),
        title=check_text("title", draft.title, required=True),
        summary=check_text("summary", draft.summary),
        bring=check_text("bring", draft.bring),
        risk_statement=check_text("risk_statement", draft.risk_statement),
        audiences=check_audiences(draft.audiences),
        is_demo=draft.is_demo,
        created_by=by,
    )
    _add_once(event)
    _link(event, draft.task_ids)
    for wanted in draft.sessions:
        put_session(event, wanted)
    if draft.task_ids:
        periods.check(event)
    finding.refresh_search(event)
    audit.record("event.create", "event", event.id, by=by, title=event.title)
    return event


def update_event(event_id: str, changes: EventChanges, *, revision: int | None, by: str | None) -> Event:
    """Change what the event says and serves; raises ChangedMeanwhile, WrongState, WouldBeIncomplete, OutsidePlan."""
    event = editing.take_event(event_id, by=by, revision=revision)
    if event.status == EventStatus.CANCELLED:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus.CANCELLED]))
    before = _told(event)
    counts = False
    for field in ("title", "summary", "bring", "risk_statement"):
        text = getattr(changes, field)
        if text is not None:
            setattr(event, field, check_text(field, text, required=field == "title"))
    if changes.type_slug is not None:
        event.type = _type(changes.type_slug)
    if changes.audiences is not None:
        audiences = check_audiences(changes.audiences)
        counts = audiences != event.audiences
        event.audiences = audiences
    if changes.task_ids is not None and _link(event, changes.task_ids):
        periods.check(event)
        counts = True
    editing.require_still_complete(event)
    finding.refresh_search(event)
    editing.mark_changed(event, counts=counts)
    session().flush()
    changed = {name: [before[name], now] for name, now in _told(event).items() if before[name] != now}
    audit.record("event.update", "event", event.id, by=by, changed=changed)
    return event


def _told(event: Event) -> dict[str, Any]:
    """What the history says was changed."""
    told = ("title", "type_slug", "audiences", "summary", "bring", "risk_statement")
    return {name: getattr(event, name) for name in told}


def discard(event_id: str, *, by: str | None) -> None:
    """Throw away an event that was never published; raises WrongState."""
    event = editing.take_event(event_id, by=by)
    if event.published_at is not None or EventStatus(event.status) not in {
        EventStatus.DRAFT,
        EventStatus.SUBMITTED,
    }:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus(event.status)]))
    unit = event.organisation_id
    audit.record("event.discard", "event", event.id, by=by, title=event.title, organisation=unit)
    removal.remove(Event, [event.id])
    session().expire_all()


def _type(slug: str) -> EventType:
    found = session().get(EventType, slug)
    if found is None:
        raise UnknownChoice(field="type_slug")
    return found


def _add_once(event: Event) -> None:
    """Insert it; the primary key tells whether the same form came twice."""
    if session().scalar(select(Event.id).where(Event.id == event.id)):
        raise AlreadyCreated(extra={"id": event.id})
    try:
        with savepoint() as current:
            current.add(event)
    except IntegrityError as error:  # everything it points at was just read: only the id can be there already
        raise AlreadyCreated(extra={"id": event.id}) from error


def _link(event: Event, task_ids: Sequence[str]) -> bool:
    """Let the event serve exactly these tasks; returns whether that changed anything."""
    wanted = set(task_ids)
    if len(wanted) > TASKS_MAX:
        raise TooMany(field="task_ids", limit=TASKS_MAX)
    current = session()
    known = set(current.scalars(select(PlanTask.id).where(PlanTask.id.in_(wanted)))) if wanted else set()
    if wanted - known:
        raise UnknownChoice(field="task_ids")
    linked = set(current.scalars(select(EventTask.task_id).where(EventTask.event_id == event.id)))
    if gone := linked - wanted:
        current.execute(delete(EventTask).where(EventTask.event_id == event.id, EventTask.task_id.in_(gone)))
    current.add_all(EventTask(event_id=event.id, task_id=task) for task in sorted(wanted - linked))
    current.flush()
    return linked != wanted
