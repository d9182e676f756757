"""Call fitting, free volunteers to a shift that lacks people; nobody more than a few times a week."""

from typing import Any

from sqlalchemy import Row, select

from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events import queries as events
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.signups.domain import REASON_LIMIT, SetTimes, SignupClosed, window_open
from webapp.signups.domain.sharing import NobodyToCall, ShiftIsStaffed
from webapp.signups.models import Called, CallOut
from webapp.signups.queries.calling import CALL_AT_MOST, CALLS_A_WEEK, call_list, called_for, calls_lately
from webapp.signups.service import changes, shift_notices
from webapp.signups.service.places import lock_persons, lock_positions
from webapp.venues.models import Venue


def call_out(position_id: str, *, note: str, most: int, by: str) -> int:
    """Call the most fitting, at most `most` of them (and never more than the office allows); returns how many.

    Raises NotFound and NotAllowed for who does not manage the event, SignupClosed, ShiftIsStaffed, NobodyToCall.
    Two organisers at once: each person is locked before their calls of the week are counted.
    """
    events.get_position_for(by, position_id, Permission.MANAGE_EVENTS)
    lock_positions([position_id])
    position = events.get_position(position_id)
    session().refresh(position)
    _check_open(position)
    chosen = [one.person_id for one in call_list(position).people[: min(most, CALL_AT_MOST.get())]]
    lock_persons(chosen)
    before, lately, limit = called_for(position_id), calls_lately(chosen), CALLS_A_WEEK.get()
    chosen = [one for one in chosen if one not in before and lately.get(one, 0) < limit]
    if not chosen:
        raise NobodyToCall
    made = CallOut(position_id=position_id, note=note[:REASON_LIMIT], made_by=by)
    session().add(made)
    session().flush()
    now = clock.now()
    session().add_all(Called(call_out_id=made.id, person_id=one, called_at=now) for one in chosen)
    shift = _shift(position_id)
    notice = changes.called(position, note=made.note, by=by)
    for one in chosen:
        shift_notices.called(one, shift, call_out_id=made.id, note=made.note, notice=notice)
    audit.record("call_out.make", "position", position_id, by=by, call_out=made.id, people=len(chosen))
    return len(chosen)


def _check_open(position: Position) -> None:
    held = position.session
    is_open = position.kind == PositionKind.VOLUNTEER and window_open(
        event_status=held.event.status,
        session_cancelled=held.cancelled_at is not None,
        period=Period(held.starts_at, held.ends_at),
        is_volunteer=True,
        now=clock.now(),
        times=SetTimes(position.opens_at, position.closes_at),
    )
    if not is_open:
        raise SignupClosed
    if position.taken >= position.capacity:
        raise ShiftIsStaffed


def _shift(position_id: str) -> Row[*tuple[Any, ...]]:
    """What a message says of the shift."""
    return (
        session()
        .execute(
            select(
                Position.id.label("position_id"),
                Position.name.label("position"),
                Position.kind.label("position_kind"),
                Event.title,
                Event.status.label("event_status"),
                EventSession.starts_at,
                EventSession.ends_at,
                Venue.name.label("venue"),
            )
            .join(EventSession, EventSession.id == Position.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .join(Venue, Venue.id == EventSession.venue_id)
            .where(Position.id == position_id)
        )
        .one()
    )
