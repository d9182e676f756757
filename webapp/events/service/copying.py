"""Use case: make the next event from an old one, whole. What each table's copy holds is listed in a test."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from webapp.core import audit, clock
from webapp.core.db import new_id, session
from webapp.core.errors import Refusal
from webapp.events import queries
from webapp.events.domain import EventDraft, NoPlanOn, PositionDraft, SessionDraft, TaskNotInPlan
from webapp.events.domain.periods import Outside, days_of
from webapp.events.models import Event, EventSession, Position, Question
from webapp.events.queries.questions import list_questions
from webapp.events.service import hooks
from webapp.events.service.drafting import create_event
from webapp.events.service.periods import answered
from webapp.plan.models import Plan, PlanTask
from webapp.plan.queries import plan_on

WEEK = timedelta(days=7)
# What create_event gives a position by its draft; the rest is its rules, which are copied by pairs of ids.
RULES = ("min_count", "min_age", "needs_approval", "cancel_hours")
ASKED = ("asked_of", "kind", "text", "choices", "is_required", "shown_if_answer")


def duplicate(event_id: str, *, by: str | None, left_out: list[Refusal] | None = None) -> Event:
    """A new draft with the same words, sessions, positions, rules, questions and things, moved by whole weeks until
    the first is to come.

    Tasks are those of the same codes in the plan that holds then; cancelled sessions are left out. What could not be
    copied is added to `left_out`, each with its sentence.
    """
    left_out = [] if left_out is None else left_out
    old = queries.get_event(event_id)
    kept = [one for one in old.sessions if one.cancelled_at is None] or list(old.sessions)
    shift = _weeks_to_future(kept)
    ids = {one.id: new_id() for one in kept}
    sessions = [_draft_of(one, ids[one.id], shift) for one in kept]
    draft = EventDraft(
        organisation_id=old.organisation_id,
        type_slug=old.type_slug,
        title=old.title,
        summary=old.summary,
        bring=old.bring,
        risk_statement=old.risk_statement,
        audiences=old.audiences,
        task_ids=_same_tasks(old.tasks, sessions, left_out),
        sessions=sessions,
    )
    with answered(Outside.KEEP):  # what lies outside every plan is told below, like all that was left out
        made = create_event(draft, by=by)
    positions = _copy_rules(kept, ids, shift)
    _copy_questions(old.id, made.id)
    session().flush()
    hooks.copied(hooks.Copied(sessions=ids, positions=positions, by=by, left_out=left_out))
    audit.record("event.duplicate", "event", made.id, by=by, source=old.id)
    return made


def _weeks_to_future(sessions: Sequence[EventSession]) -> timedelta:
    if not sessions:
        return WEEK
    behind = clock.now() - sessions[0].starts_at
    return max(WEEK, WEEK * (behind // WEEK + 1))


def _draft_of(old: EventSession, own_id: str, shift: timedelta) -> SessionDraft:
    positions = [PositionDraft(one.name, one.kind, one.capacity, one.waitlist) for one in old.positions]
    starts, ends = old.starts_at + shift, old.ends_at + shift
    return SessionDraft(old.title, old.venue_id, starts, ends, positions, id=own_id)


def _copy_rules(kept: Sequence[EventSession], ids: dict[str, str], shift: timedelta) -> dict[str, str]:
    """Give the new positions the rules of the old ones; times of sign-up move along. Returns the pairs of ids.

    Two sessions at the same time may look alike: they are told apart by their ids, and their positions by their place.
    """
    current, pairs = session(), {}
    for place in kept:
        copies = current.get_one(EventSession, ids[place.id])
        current.refresh(copies, ["positions"])
        for old, copy in zip(place.positions, copies.positions, strict=True):
            _copy_rules_of(old, copy, shift)
            pairs[old.id] = copy.id
    return pairs


def _copy_rules_of(old: Position, copy: Position, shift: timedelta) -> None:
    for name in RULES:
        setattr(copy, name, getattr(old, name))
    copy.opens_at = old.opens_at + shift if old.opens_at else None
    copy.closes_at = old.closes_at + shift if old.closes_at else None


def _copy_questions(event_id: str, new_event_id: str) -> None:
    """Those that are asked, in their order; a condition names the copy of the question it named."""
    pairs: dict[str, str] = {}
    for rank, old in enumerate(list_questions(event_id)):
        copy = Question(id=new_id(), event_id=new_event_id, rank=rank)
        for name in ASKED:
            setattr(copy, name, getattr(old, name))
        copy.shown_if_id = pairs[old.shown_if_id] if old.shown_if_id else None
        session().add(copy)
        session().flush()  # the next one may name it
        pairs[old.id] = copy.id


def _same_tasks(
    tasks: Sequence[PlanTask], sessions: Sequence[SessionDraft], left_out: list[Refusal]
) -> list[str]:
    """The tasks of the same codes in the plans that hold the sessions' days; days without any plan are told of."""
    days = sorted({day for one in sessions for day in days_of(one.starts_at, one.ends_at)}) or [clock.today()]
    plans = {day: plan_on(day) for day in days}
    found = {(plan.id, task.code): task.id for plan in _each(plans) for task in _of(plan, tasks)}
    if tasks and None in plans.values():
        left_out.append(NoPlanOn(day=next(day for day in days if plans[day] is None)))
    held = {code for _, code in found}
    if any(plans.values()):
        left_out += [TaskNotInPlan(code=one.code) for one in tasks if one.code not in held]
    return list(dict.fromkeys(found.values()))


def _each(plans: Mapping[date, Plan | None]) -> list[Plan]:
    return list({plan.id: plan for plan in plans.values() if plan is not None}.values())


def _of(plan: Plan, tasks: Sequence[PlanTask]) -> list[PlanTask]:
    """The plan's tasks of the same codes, in the order of the old ones."""
    codes = [one.code for one in tasks]
    wanted = select(PlanTask).where(PlanTask.plan_id == plan.id, PlanTask.code.in_(codes))
    return sorted(session().scalars(wanted), key=lambda one: codes.index(one.code))
