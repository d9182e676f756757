"""Taking back: what somebody did is done at once, and for a quarter of an hour they may undo it (decision 0042).

`with transaction(), undoable(N_("解散了队伍“%(name)s”"), {"name": team.name}, by=…):` is all an act needs. What it
changes is written down (core/recording.py), what it would send waits. An undo puts the rows back where nobody has gone
on from there; what is counted from them is counted again by those who follow `put_back`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import g, has_request_context
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock, outbox, recording, restoring, seen
from webapp.core.db import Base, after_commit, get_row, lock_row, new_id, savepoint, session
from webapp.core.done import (
    KEPT,
    LASTS,
    AlreadyTakenBack,
    DoneAct,
    GoneOnFrom,
    NotYoursToTakeBack,
    PersonGone,
    ToldMeanwhile,
    TooLateToTakeBack,
)
from webapp.core.errors import Conflict, NotFound
from webapp.core.hooks import Hook
from webapp.core.recording import Line

NEAR = timedelta(hours=3)  # who sets out soon has to know at once: such messages do not wait

put_back = Hook()  # (lines, by): these rows are what they were; inside the same transaction


@dataclass
class Asked:
    """What the core asks of areas: whether one may still do it, and which of these persons are gone for good."""

    may: Callable[[str, str, str], bool] | None = None
    gone: Callable[[Collection[str]], bool] | None = None
    ways: dict[str, Callable[[str, str | None], Any]] = field(default_factory=dict)


asked = Asked()


@dataclass
class Doing:
    """An act on its way; `details` fill its sentence."""

    id: str
    details: dict[str, Any]
    is_kept: bool = False


@contextmanager
def undoable(
    text: str,
    details: Mapping[str, Any],
    *,
    by: str | None,
    about: tuple[str, str],
    right: tuple[str, str] | None = None,
) -> Iterator[Doing]:
    """What is done inside can be taken back by who did it. `about` is the audit's subject; `right` the permission and
    the organisation for which it is held.

    Where something is told that begins soon, the message leaves at once and nothing can be taken back.
    """
    now = clock.now()
    doing, until = Doing(new_id(), dict(details)), now + LASTS
    with recording.recording() as kept, outbox.held_for(doing.id, until=until):
        yield doing
    lines = kept.lines()
    if not lines or _leaves_at_once(doing.id, now):
        return
    session().execute(delete(DoneAct).where(DoneAct.until < now - KEPT))
    permission, organisation_id = right or ("", None)
    session().add(
        DoneAct(
            id=doing.id,
            person_id=by,
            text=text,
            details=doing.details,
            about_type=about[0],
            about_id=about[1],
            permission=permission,
            organisation_id=organisation_id,
            kept=restoring.written([one for one in lines if not _is_held(one, doing.id)]),
            made_at=now,
            until=until,
        )
    )
    session().flush()
    _say(doing, until)


def undoable_in_its_own_way(
    way: str, act_id: str, *, text: str, details: Mapping[str, Any], by: str | None
) -> None:
    """List an act that its area undoes by itself, as asked.ways[way]; the act's id is that of the area's row."""
    now = clock.now()
    doing = Doing(act_id, dict(details))
    made = DoneAct(id=act_id, person_id=by, text=text, details=doing.details, about_type=way, about_id=act_id)
    made.own_way, made.made_at, made.until = way, now, now + LASTS
    session().add(made)
    session().flush()
    _say(doing, made.until)


@contextmanager
def aside() -> Iterator[None]:
    """What is done inside is for others: it stays, and is told at once, also when the act around it is undone."""
    with recording.not_recording(), outbox.held_for("", until=None):
        yield


def is_near(begins_at: datetime) -> bool:
    """Whether it begins so soon that what is told of it leaves at once, and an act about it cannot be taken back."""
    return clock.now() < begins_at < clock.now() + NEAR


def _say(doing: Doing, until: datetime) -> None:
    """The next page says that it can be taken back, once it is done."""
    doing.is_kept = True
    if has_request_context():
        after_commit("say what can be taken back", lambda: setattr(g, "done_act", (doing.id, until)))


def _leaves_at_once(act_id: str, now: datetime) -> bool:
    """Whether something of it begins so soon that nothing it says may wait."""
    mine = (outbox.OutboxMessage.held_for == act_id, outbox.OutboxMessage.state == "waiting")
    session().flush()
    begins = outbox.OutboxMessage.begins_at
    soon = select(outbox.OutboxMessage.id).where(*mine, begins > now, begins < now + NEAR)
    if session().scalar(soon.limit(1)) is None:
        return False
    session().execute(
        update(outbox.OutboxMessage)
        .where(*mine)
        .values(due_at=now, held_for=None)
        .execution_options(synchronize_session=False)
    )
    return True


def _is_held(line: Line, act_id: str) -> bool:
    return line.table == "outbox_message" and (line.became or {}).get("held_for") == act_id


# --- back ---------------------------------------------------------------------------------------------------------


def undo(act_id: str, *, by: str | None, known: Collection[str] = ()) -> DoneAct:
    """Everything is as it was before this act; what it would have sent is not sent.

    A guest's browser knows its own acts (`known`). Raises NotFound, NotYoursToTakeBack, AlreadyTakenBack,
    TooLateToTakeBack, GoneOnFrom, ToldMeanwhile, PersonGone and what those who follow raise.
    """
    act = get_row(DoneAct, act_id)
    if act.own_way:
        # Its area locks its own rows first, then settles this one: on every way in the same order.
        _check(act, by, known)
        asked.ways[act.own_way](act.id, by)
        session().refresh(act)
        return act
    act = lock_row(DoneAct, act_id)
    _check(act, by, known)
    act.undone_at = clock.now()
    outbox.drop_held(act.id)
    left = select(outbox.OutboxMessage.id).where(outbox.OutboxMessage.held_for == act.id)
    if session().scalar(left.limit(1)):
        raise ToldMeanwhile
    lines = _taken(act)
    try:
        with savepoint():
            restoring.put_back(lines)
            put_back(lines, by)
    except IntegrityError as error:
        raise GoneOnFrom from error
    # Without its details: names are gone long before the audit is.
    audit.record("act.undo", act.about_type, act.about_id, by=by, text=act.text)
    act.kept = restoring.only_persons(act.kept)
    return act


def _check(act: DoneAct, by: str | None, known: Collection[str]) -> None:
    if act.person_id is None and act.id not in known:
        raise NotFound
    if act.person_id is not None and act.person_id != by:
        raise NotYoursToTakeBack
    if act.undone_at is not None:
        raise AlreadyTakenBack
    if clock.now() >= act.until:
        raise TooLateToTakeBack(until=act.until)
    if act.permission and not (asked.may and asked.may(by or "", act.permission, act.organisation_id or "")):
        raise NotYoursToTakeBack


def _taken(act: DoneAct) -> list[Line]:
    """The rows to be put back, locked; refused where somebody has gone on from there."""
    lines = restoring.read_back(act.kept)
    try:
        lines = restoring.look_and_lock(lines, forgiving=("outbox_message",))
    except restoring.NotAsLeft as found:
        raise _refusal(found.line, act) from found
    persons = restoring.persons_named(lines)
    if persons and asked.gone and asked.gone(persons):
        raise PersonGone
    return lines


def _refusal(line: Line, act: DoneAct) -> Conflict:
    """What became of it since, by whom and when, as far as it was written down."""
    model = next(
        one.class_ for one in Base.registry.mappers if one.local_table is Base.metadata.tables[line.table]
    )
    row = session().get(model, line.key) if hasattr(model, "__looks__") else None
    if row is None:
        return GoneOnFrom()
    change = seen.change_of(row, act.made_at + timedelta(seconds=11))
    return seen.refusal_of(change, by=act.person_id) if change.is_known else GoneOnFrom()
