"""An act is taken back: places follow their sign-ups, and nobody is brought back into what has gone meanwhile."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.exc import IntegrityError

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import savepoint, session
from webapp.core.recording import Line
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import HOLDS_PLACE
from webapp.signups.domain.taking_back import OverMeanwhile, PlaceGone, ShiftMeanwhile, SignedUpMeanwhile
from webapp.signups.models import Signup
from webapp.signups.service.places import fill, lock_persons, lock_positions, release, take
from webapp.signups.service.waiting import busy_persons

_OFF = {EventStatus.CANCELLED, EventStatus.CLOSED}


def on_put_back(lines: Sequence[Line], _by: str | None) -> None:
    """Sign-ups are what they were: count their places. Raises PlaceGone, ShiftMeanwhile, OverMeanwhile; and
    SignedUpMeanwhile, where an event would be a draft again.
    """
    _require_nobody([one.key[0] for one in lines if one.table == "event" and _is_out(one)])
    own = [one for one in lines if one.table == "signup"]
    if not own:
        return
    # A position that came back with its sign-ups brought its own count.
    whole = {one.key[0] for one in lines if one.table == "position" and one.became is None}
    back = {one.key[0] for one in own if _held(one.was) and not _held(one.became)}
    gone = [one for one in own if _held(one.became) and not _held(one.was) and one.was is not None]
    rows = _rows([one.key[0] for one in own])
    left_at = {one.key[0]: (one.became or {}).get("cancelled_at") for one in own}
    lock_positions({row.position_id for row in rows})
    lock_persons({row.person_id for row in rows if row.id in back})
    freed = {row.position_id for row in rows if row.id in {one.key[0] for one in gone}}
    for row in rows:
        if row.position_id in whole:
            continue
        if row.id in back:
            _require_on(row, left_at[row.id])
            _take(row.position_id)
        elif row.position_id in freed and row.id in {one.key[0] for one in gone}:
            release(row.position_id, 1)
    for one in own:
        if one.was is None and one.became and _held(one.became):
            release(one.became["position_id"], 1)
            freed.add(one.became["position_id"])
    if freed:
        fill(sorted(freed))


def _is_out(line: Line) -> bool:
    """Whether an event was published, that is a draft again or waits for the office."""
    was, became = line.was or {}, line.became or {}
    before = {EventStatus.DRAFT, EventStatus.SUBMITTED}
    return became.get("status") == EventStatus.PUBLISHED and was.get("status") in before


def _require_nobody(event_ids: Sequence[str]) -> None:
    """Nobody has signed up for these events, nor is just doing it: who does holds the place's row."""
    if not event_ids:
        return
    of = select(Position.id).join(EventSession, EventSession.id == Position.session_id)
    positions = session().scalars(of.where(EventSession.event_id.in_(event_ids))).all()
    lock_positions(positions)
    wanted = select(func.count()).select_from(Signup).where(Signup.position_id.in_(positions))
    if number := session().scalar(wanted) or 0:
        raise SignedUpMeanwhile(n=number)


def _held(row: Any) -> bool:
    return bool(row) and row.get("status") in HOLDS_PLACE


def _rows(signup_ids: Collection[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    wanted = (
        select(
            Signup.id,
            Signup.person_id,
            Signup.position_id,
            Signup.session_id,
            Position.kind,
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.cancelled_at,
            Event.status.label("event_status"),
        )
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.id.in_(list(signup_ids)))
        .order_by(Signup.id)
    )
    return session().execute(wanted).all()


def _require_on(row: Row[*tuple[Any, ...]], left_at: datetime | None) -> None:
    """It still takes place, and the person has taken no other shift at that hour since they left; two that a move
    brought together stood beside each other before (choosing.py).
    """
    if row.cancelled_at is not None or row.event_status in _OFF or row.ends_at <= clock.now():
        raise OverMeanwhile
    period = Period(row.starts_at, row.ends_at)
    if row.kind == PositionKind.VOLUNTEER and busy_persons(
        period, [row.person_id], apart_from=row.session_id, since=left_at
    ):
        raise ShiftMeanwhile


def _take(position_id: str) -> None:
    try:
        with savepoint():
            take(position_id, 1)
    except IntegrityError as error:  # the table itself refuses more than there are
        raise PlaceGone from error
