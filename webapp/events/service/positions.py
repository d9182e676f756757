"""Use cases: add, change and take away positions. Capacity never falls below those who hold a place."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from webapp.core import audit, clock, removal
from webapp.core.db import session
from webapp.core.errors import N_, Words
from webapp.events.domain import (
    POSITIONS_MAX,
    CapacityBelowTaken,
    PositionDraft,
    PositionInUse,
    PositionNameTaken,
    PositionRules,
    TooMany,
    check_capacity,
    check_positions,
    check_rules,
    check_text,
)
from webapp.events.models import Position
from webapp.events.service import editing, hooks


def add_position(
    session_id: str, draft: PositionDraft, *, by: str | None, revision: int | None = None
) -> Position:
    """One more position; raises TooMany, PositionNameTaken and what the checks of drafts raise."""
    event_session = editing.take_session(session_id, by=by, revision=revision)
    check_positions([draft])
    current = session()
    ranks = list(current.scalars(select(Position.rank).where(Position.session_id == session_id)))
    if len(ranks) >= POSITIONS_MAX:
        raise TooMany(field="positions", limit=POSITIONS_MAX)
    _require_free_name(session_id, draft.name.strip(), but=None)
    made = Position(
        session=event_session,
        name=draft.name.strip(),
        kind=draft.kind,
        capacity=draft.capacity,
        waitlist=draft.waitlist,
        cancel_hours=draft.hours_to_cancel,
        rank=max(ranks, default=-1) + 1,
    )
    current.add(made)
    current.flush()
    editing.require_still_complete(event_session.event)
    editing.mark_changed(event_session.event, shown=False)
    audit.record("position.add", "position", made.id, by=by, session=session_id)
    return made


def change_position(
    position_id: str,
    *,
    name: str,
    capacity: int,
    waitlist: bool,
    by: str | None,
    revision: int | None = None,
) -> Position:
    """Change name, capacity, waitlist. Raises CapacityBelowTaken with the number of those who hold a place."""
    position = editing.take_position(position_id, by=by, revision=revision)
    old = position.capacity
    before = {"name": position.name, "capacity": old, "waitlist": position.waitlist}
    name = check_text("name", name, required=True)
    check_capacity(capacity, low=0)
    _require_free_name(position.session_id, name, but=position_id)
    if position.name != name:
        position.session.updated_at = clock.now()  # a volunteer's own feed names the position
    position.name, position.waitlist = name, waitlist
    _set_capacity(position, capacity)
    position.min_count = min(position.min_count, capacity)
    if capacity > old:
        hooks.capacity_raised(position)
    editing.mark_changed(position.session.event, shown=False)
    after = {"name": name, "capacity": capacity, "waitlist": waitlist}
    audit.record("position.change", "position", position_id, by=by, before=before, after=after)
    return position


def set_position_rules(position_id: str, rules: PositionRules, *, by: str | None) -> Position:
    """From now on the position asks for this; who is signed up already stays so.

    Raises BadMinCount, BadMinAge, ClosesBeforeOpens, BadCancelHours, and what taking the position raises.
    """
    position = editing.take_position(position_id, by=by)
    check_rules(rules, capacity=position.capacity)
    wanted = asdict(rules)
    before = {name: getattr(position, name) for name in wanted}
    if before == wanted:
        return position
    for name, value in wanted.items():
        setattr(position, name, value)
    editing.mark_changed(position.session.event, shown=False)
    changed = {name: (_plain(before[name]), _plain(value)) for name, value in wanted.items()}
    differing = {name: list(pair) for name, pair in changed.items() if pair[0] != pair[1]}
    audit.record("position.rules", "position", position_id, by=by, changed=differing)
    return position


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def remove_position(position_id: str, *, by: str | None, revision: int | None = None) -> None:
    """Take a position away that nobody ever signed up for; raises PositionInUse, WouldBeIncomplete."""
    position = editing.take_position(position_id, by=by, revision=revision)
    event, session_id, name = position.session.event, position.session_id, position.name
    if position.taken:
        raise PositionInUse(name=name, what=Words(N_("报名")))
    try:
        removal.remove(Position, [position_id])
    except removal.StillHeld as held:  # sign-ups waiting or cancelled
        raise PositionInUse(name=name, what=held.params["what"]) from held
    session().expunge(position)
    editing.require_still_complete(event)
    editing.mark_changed(event, shown=False)
    audit.record("position.remove", "position", position_id, by=by, session=session_id, name=name)


def _require_free_name(session_id: str, name: str, *, but: str | None) -> None:
    """The event is locked, so what is read here stays true until the commit."""
    taken = select(Position.id).where(Position.session_id == session_id, Position.name == name)
    other = session().scalar(taken)
    if other is not None and other != but:
        raise PositionNameTaken(name=name)


def _set_capacity(position: Position, capacity: int) -> None:
    """One conditional statement, with the table's own CHECK behind it: no one loses a place to a race."""
    current = session()
    current.flush()
    done = current.scalar(
        update(Position)
        .where(Position.id == position.id, Position.taken <= capacity)
        .values(capacity=capacity)
        .returning(Position.id)
        .execution_options(synchronize_session=False)
    )
    current.refresh(position, ["capacity", "taken"])
    if done is None:
        raise CapacityBelowTaken(position=position.name, taken=position.taken)
