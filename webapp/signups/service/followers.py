"""What becomes of sign-ups when their event changes; called in the transaction that changes it (webapp/areas.py)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import HOLDS_PLACE, LIVING, MOVED_INTO_CLASH, SignupStatus, last_moment
from webapp.signups.models import Signup
from webapp.signups.service import notices
from webapp.signups.service.places import (
    busy_persons,
    fill,
    lock_persons,
    lock_positions,
    mark_cancelled,
    release,
    waited_elsewhere,
    waiting_persons,
)


def on_event_cancelled(event: Event, reason: str, by: str | None) -> None:
    """Every living sign-up of the sessions not yet over is cancelled with the reason; each person is told once."""
    coming = session().scalars(
        select(EventSession.id)
        .where(EventSession.event_id == event.id, EventSession.ends_at > clock.now())
        .order_by(EventSession.id)
    )
    cancelled = _cancel_all(list(coming), reason)
    notices.event_cancelled(cancelled, event.id, reason)
    audit.record("signup.cancel_all", "event", event.id, by=by, reason=reason, count=len(cancelled))


def on_session_cancelled(event_session: EventSession, reason: str, by: str | None) -> None:
    """The same for one session."""
    cancelled = _cancel_all([event_session.id], reason)
    notices.session_cancelled(cancelled, event_session.id, reason)
    audit.record(
        "signup.cancel_all", "event_session", event_session.id, by=by, reason=reason, count=len(cancelled)
    )


def on_event_postponed(event: Event, by: str | None) -> None:
    """Places are kept; everyone who lives in a session not yet over is told once to wait for the new time."""
    coming = session().scalars(
        select(EventSession.id).where(EventSession.event_id == event.id, EventSession.ends_at > clock.now())
    )
    living = _living(list(coming))
    notices.event_postponed([row.id for row in living], event.id, event.revision)
    audit.record("signup.tell_postponed", "event", event.id, by=by, count=len(living))


def _cancel_all(session_ids: list[str], reason: str) -> list[str]:
    """Cancel what lives in these sessions; volunteers so set free move up where they wait. Returns the ids."""
    here = _positions_of(session_ids)
    elsewhere = waited_elsewhere(_volunteers_of(session_ids))
    lock_positions([*here, *elsewhere])
    living = _living(session_ids)
    mark_cancelled([row.id for row in living], reason)
    for position_id in here:
        release(
            position_id, sum(row.position_id == position_id and row.status in HOLDS_PLACE for row in living)
        )
    fill(sorted(set(elsewhere) - set(here)))
    return [row.id for row in living]


def on_rescheduled(
    event_session: EventSession,
    old_starts_at: datetime,
    old_ends_at: datetime,
    old_venue_id: str,
    by: str | None,
) -> None:
    """Tell everyone signed up; volunteers who now have two shifts at once lose this one, and the next move up.

    The shift that did not move is kept: that one they could still rely on.
    """
    volunteers = _volunteers_of([event_session.id])
    positions = {*_positions_of([event_session.id]), *waited_elsewhere(volunteers)}
    lock_positions(positions)
    lock_persons([*_volunteers_of([event_session.id]), *waiting_persons(positions)])
    period = Period(event_session.starts_at, event_session.ends_at)
    living = _living([event_session.id])
    shifts = [row for row in living if row.kind == PositionKind.VOLUNTEER and row.status in HOLDS_PLACE]
    busy = busy_persons(period, [row.person_id for row in shifts], apart_from=event_session.id)
    lost = [row for row in shifts if row.person_id in busy]
    mark_cancelled([row.id for row in lost], MOVED_INTO_CLASH)
    for row in lost:
        release(row.position_id, 1)
        audit.record("signup.cancel", "signup", row.id, by=by, reason=MOVED_INTO_CLASH)
    _shorten_offers(event_session.id, period)
    was = notices.Was(old_starts_at, old_ends_at, old_venue_id)
    notices.moved([row.id for row in living if row not in lost], was, lost=[row.id for row in lost])
    fill(positions)


def _shorten_offers(session_id: str, period: Period) -> None:
    """A session moved to an earlier time: no offer outlasts the moment until which it can be taken."""
    for kind in PositionKind:
        last = last_moment(period, is_volunteer=kind == PositionKind.VOLUNTEER)
        positions = select(Position.id).where(Position.session_id == session_id, Position.kind == kind)
        session().execute(
            update(Signup)
            .where(
                Signup.position_id.in_(positions),
                Signup.status == SignupStatus.OFFERED,
                Signup.offer_expires_at > last,
            )
            .values(offer_expires_at=last, updated_at=clock.now())
            .execution_options(synchronize_session="fetch")
        )


def on_capacity_raised(position: Position) -> None:
    """Those who wait move up."""
    lock_positions([position.id])
    fill([position.id])


def who_is_told(session_ids: list[str], people: set[str]) -> None:
    """Add everyone who would be told if these sessions were cancelled or moved."""
    people.update(row.person_id for row in _living(session_ids))


def _positions_of(session_ids: Iterable[str]) -> list[str]:
    wanted = select(Position.id).where(Position.session_id.in_(list(session_ids))).order_by(Position.id)
    return list(session().scalars(wanted))


def _living(session_ids: Iterable[str]) -> list[Row[*tuple[Any, ...]]]:
    """Living sign-ups with the kind of their position, in the order they were made."""
    return list(
        session().execute(
            select(Signup.id, Signup.person_id, Signup.position_id, Signup.status, Position.kind)
            .join(Position, Position.id == Signup.position_id)
            .where(Signup.session_id.in_(list(session_ids)), Signup.status.in_(LIVING))
            .order_by(Signup.created_at, Signup.id)
        )
    )


def _volunteers_of(session_ids: Iterable[str]) -> list[str]:
    rows = _living(session_ids)
    return [row.person_id for row in rows if row.kind == PositionKind.VOLUNTEER and row.status in HOLDS_PLACE]
