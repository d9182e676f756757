"""Use cases: write an event, change what it says, make the next one from an old one, throw a draft away."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import new_id, savepoint, session
from webapp.core.errors import NotFound, Words
from webapp.events import queries
from webapp.events.domain import (
    SESSIONS_MAX,
    STATUS_LABELS,
    TASKS_MAX,
    AlreadyCreated,
    EventChanges,
    EventDraft,
    EventStatus,
    PositionDraft,
    SessionDraft,
    TooMany,
    UnknownChoice,
    WrongState,
    check_audiences,
    check_text,
)
from webapp.events.models import Event, EventSession, EventTask, Position
from webapp.events.service import editing, finding, hooks
from webapp.events.service.sessions import put_session
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import require
from webapp.plan.models import EventType, PlanTask
from webapp.plan.queries import get_task, plan_on

WEEK = timedelta(days=7)


def create_event(draft: EventDraft, *, by: str | None) -> Event:
    """A new event in the state `draft`, flushed, with its sessions and positions.

    Raises NotAllowed, AlreadyCreated when the draft's id was used before, and what the checks of drafts raise.
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
    finding.refresh_search(event)
    audit.record("event.create", "event", event.id, by=by, title=event.title)
    return event


def update_event(event_id: str, changes: EventChanges, *, revision: int | None, by: str | None) -> Event:
    """Change what the event says and serves; raises ChangedMeanwhile, WrongState, WouldBeIncomplete."""
    event = editing.take_event(event_id, by=by, revision=revision)
    if event.status == EventStatus.CANCELLED:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus.CANCELLED]))
    before = {name: getattr(event, name) for name in ("title", "type_slug", "audiences")}
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
    if changes.task_ids is not None:
        counts |= _link(event, changes.task_ids)
    editing.require_still_complete(event)
    finding.refresh_search(event)
    editing.mark_changed(event, counts=counts)
    audit.record("event.update", "event", event.id, by=by, before=before)
    return event


def duplicate(event_id: str, *, by: str | None) -> Event:
    """A new draft with the same words, sessions and positions, moved by whole weeks until the first is to come.

    Tasks are those of the same codes in the plan that holds then; cancelled sessions are left out.
    """
    old = queries.get_event(event_id)
    kept = [one for one in old.sessions if one.cancelled_at is None] or list(old.sessions)
    shift = _weeks_to_future(kept)
    first = kept[0].starts_at + shift if kept else clock.now()
    draft = EventDraft(
        organisation_id=old.organisation_id,
        type_slug=old.type_slug,
        title=old.title,
        summary=old.summary,
        bring=old.bring,
        risk_statement=old.risk_statement,
        audiences=old.audiences,
        task_ids=_same_tasks(old.tasks, first),
        sessions=[_copy(one, shift) for one in kept],
    )
    made = create_event(draft, by=by)
    _copy_rules(kept, made, shift)
    audit.record("event.duplicate", "event", made.id, by=by, source=old.id)
    return made


def discard(event_id: str, *, by: str | None) -> None:
    """Throw away an event that was never published; raises WrongState."""
    event = editing.take_event(event_id, by=by)
    if event.published_at is not None or EventStatus(event.status) not in {
        EventStatus.DRAFT,
        EventStatus.SUBMITTED,
    }:
        raise WrongState(status=Words(STATUS_LABELS[EventStatus(event.status)]))
    current = session()
    sessions = select(EventSession.id).where(EventSession.event_id == event.id)
    audit.record("event.discard", "event", event.id, by=by, title=event.title)
    current.flush()
    positions = select(Position.id).where(Position.session_id.in_(sessions))
    hooks.thrown_away(list(current.scalars(sessions)), list(current.scalars(positions)))
    current.execute(delete(Position).where(Position.session_id.in_(sessions)))
    current.execute(delete(EventSession).where(EventSession.event_id == event.id))
    current.execute(delete(EventTask).where(EventTask.event_id == event.id))
    current.execute(delete(Event).where(Event.id == event.id))
    current.expire_all()


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


def _weeks_to_future(sessions: Sequence[EventSession]) -> timedelta:
    if not sessions:
        return WEEK
    behind = clock.now() - sessions[0].starts_at
    return max(WEEK, WEEK * (behind // WEEK + 1))


def _copy(old: EventSession, shift: timedelta) -> SessionDraft:
    positions = [PositionDraft(one.name, one.kind, one.capacity, one.waitlist) for one in old.positions]
    return SessionDraft(old.title, old.venue_id, old.starts_at + shift, old.ends_at + shift, positions)


def _copy_rules(kept: Sequence[EventSession], made: Event, shift: timedelta) -> None:
    """Give the new positions the rules of the old ones; times of sign-up move along."""
    current = session()
    wanted = select(Position).join(Position.session).where(EventSession.event_id == made.id)
    new = {(one.session.starts_at, one.session.title, one.name): one for one in current.scalars(wanted)}
    pairs = [
        (one, new[place.starts_at + shift, place.title, one.name])
        for place in kept
        for one in place.positions
    ]
    for old, copy in pairs:
        copy.min_count, copy.min_age, copy.needs_approval = old.min_count, old.min_age, old.needs_approval
        copy.cancel_hours = old.cancel_hours
        copy.opens_at = old.opens_at + shift if old.opens_at else None
        copy.closes_at = old.closes_at + shift if old.closes_at else None
    current.flush()
    hooks.copied([old.id for old, _ in pairs], [copy.id for _, copy in pairs])


def _same_tasks(tasks: Sequence[PlanTask], when: object) -> list[str]:
    plan = plan_on(clock.local_date(when))  # type: ignore[arg-type]
    found = []
    for task in tasks:
        try:
            found.append(get_task(task.code, plan or task.plan).id)
        except NotFound:
            continue  # the next plan has no such task
    return found
