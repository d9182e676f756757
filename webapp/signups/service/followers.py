"""What becomes of sign-ups when their event changes; called in the transaction that changes it (webapp/areas.py)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update

from webapp.core import audit, clock, outbox
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Cancellation, Event, EventSession, Position
from webapp.events.service.hooks import Clash
from webapp.signups.domain import HOLDS_PLACE, LIVING, SignupStatus, last_moment
from webapp.signups.models import Signup
from webapp.signups.queries.asking import clashing_shifts
from webapp.signups.service import changes, guardian_notices
from webapp.signups.service.ending import open_hand_overs
from webapp.signups.service.inside import absent
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


def on_event_cancelled(event: Event, cancellation: Cancellation) -> None:
    """Every living sign-up of the sessions not yet over is cancelled with the reason; each person is told once."""
    ids = _coming_of(event)
    elsewhere = waited_elsewhere(_volunteers_of(ids))
    with outbox.held_for(cancellation.id, until=cancellation.leaves_at):
        cancelled = _cancel_all(ids, elsewhere, event.cancel_reason or "", cancellation)
        changes.event_cancelled(cancelled, event, cancellation=cancellation)
    fill(elsewhere)
    _audit("event", event.id, cancellation, reason=event.cancel_reason, count=len(cancelled))


def on_session_cancelled(event_session: EventSession, cancellation: Cancellation) -> None:
    """The same for one session."""
    reason = event_session.cancel_reason or ""
    elsewhere = waited_elsewhere(_volunteers_of([event_session.id]))
    with outbox.held_for(cancellation.id, until=cancellation.leaves_at):
        cancelled = _cancel_all([event_session.id], elsewhere, reason, cancellation)
        changes.session_cancelled(cancelled, event_session, cancellation=cancellation)
    fill(elsewhere)
    _audit("event_session", event_session.id, cancellation, reason=reason, count=len(cancelled))


def _audit(subject: str, subject_id: str, cancellation: Cancellation, **details: Any) -> None:
    audit.record("signup.cancel_all", subject, subject_id, by=cancellation.made_by, **details)


def on_event_postponed(event: Event, by: str | None) -> None:
    """Places are kept; everyone who lives in a session not yet over is told once to wait for the new time.

    Who came and left was there. While somebody is inside, PeopleInside is raised: nobody could sign them out.
    """
    living = _living(_coming_of(event))
    waiting = set(absent(row.id for row in living))
    living = [row for row in living if row.id in waiting]
    changes.event_postponed([row.id for row in living], event, by=by)
    audit.record("signup.tell_postponed", "event", event.id, by=by, count=len(living))


def on_event_resumed(event: Event, by: str | None) -> None:
    """They are told when it takes place; whoever has another shift at a time it was moved to chooses."""
    ids = _coming_of(event)
    living = _living(ids)
    changes.event_resumed([row.id for row in living], event, by=by, clashing=_clashing(ids, living))
    audit.record("signup.tell_resumed", "event", event.id, by=by, count=len(living))


def _clashing(session_ids: list[str], living: list[Row[*tuple[Any, ...]]]) -> set[str]:
    """Sign-ups of these sessions whose volunteers have another shift at that time."""
    found: set[str] = set()
    for held in session().scalars(select(EventSession).where(EventSession.id.in_(session_ids))):
        shifts = {row.person_id: row.id for row in living if row.session_id == held.id and _is_shift(row)}
        period = Period(held.starts_at, held.ends_at)
        found |= {shifts[one] for one in busy_persons(period, list(shifts), apart_from=held.id)}
    return found


def _coming_of(event: Event) -> list[str]:
    wanted = select(EventSession.id).where(EventSession.to_come(event)).order_by(EventSession.id)
    return list(session().scalars(wanted))


def _cancel_all(
    session_ids: list[str], elsewhere: list[str], reason: str, cancellation: Cancellation
) -> list[str]:
    """Cancel what lives in these sessions, and keep what it takes to put it back. Returns the ids.

    Who came and left was there, and stays so; while somebody is inside, PeopleInside is raised. Positions where
    volunteers wait who are free now are locked too; the caller fills them.
    """
    here = _positions_of(session_ids)
    lock_positions([*here, *elsewhere])
    living = _living(session_ids)
    to_go = set(absent(row.id for row in living))
    living = [row for row in living if row.id in to_go]
    cancellation.kept["signups"] = [
        [row.id, row.status, row.offer_expires_at.isoformat() if row.offer_expires_at else None]
        for row in living
    ]
    cancellation.kept["hand_overs"] = open_hand_overs([row.id for row in living])
    mark_cancelled([row.id for row in living], reason)
    for position_id in here:
        release(
            position_id, sum(row.position_id == position_id and row.status in HOLDS_PLACE for row in living)
        )
    return [row.id for row in living]


def on_rescheduled(
    event_session: EventSession,
    old_starts_at: datetime,
    old_ends_at: datetime,
    old_venue_id: str,
    by: str | None,
) -> None:
    """Tell everyone signed up. Volunteers who now have two shifts at once keep both, and are asked to choose.

    Of an event that was put off they hear once it goes on: until then nothing of it is a time to come at.
    """
    volunteers = _volunteers_of([event_session.id])
    positions = {*_positions_of([event_session.id]), *waited_elsewhere(volunteers)}
    lock_positions(positions)
    lock_persons([*_volunteers_of([event_session.id]), *waiting_persons(positions)])
    period = Period(event_session.starts_at, event_session.ends_at)
    living = _living([event_session.id])
    shifts = [row.person_id for row in living if _is_shift(row)]
    clashing = busy_persons(period, shifts, apart_from=event_session.id)
    _shorten_offers(event_session.id, period)
    was = changes.Was(old_starts_at, old_ends_at, old_venue_id)
    if event_session.event.status != EventStatus.POSTPONED:
        changes.moved([row.id for row in living], event_session, was=was, by=by, clashing=clashing)
        guardian_notices.moved([row.id for row in living], event_session.sequence)
    for row in living:
        if row.person_id in clashing and _is_shift(row):
            audit.record("signup.clash", "signup", row.id, by=by)
    fill(positions)


def _is_shift(row: Row[*tuple[Any, ...]]) -> bool:
    return row.kind == PositionKind.VOLUNTEER and row.status in HOLDS_PLACE


def who_clashes(session_id: str, period: Period, found: list[Clash]) -> None:
    """Add everyone who would have two shifts at once if the session were at this time, with the other one."""
    found.extend(
        Clash(row.person_id, row.name, row.title, Period(row.starts_at, row.ends_at))
        for row in clashing_shifts(period, _volunteers_of([session_id]), apart_from=session_id)
    )


def _shorten_offers(session_id: str, period: Period) -> None:
    """A session moved: no offer outlasts the moment until which it can be taken, and one untold stands until then."""
    for kind in PositionKind:
        last = last_moment(period, is_volunteer=kind == PositionKind.VOLUNTEER)
        positions = select(Position.id).where(Position.session_id == session_id, Position.kind == kind)
        session().execute(
            update(Signup)
            .where(
                Signup.position_id.in_(positions),
                Signup.status == SignupStatus.OFFERED,
                or_(Signup.offer_expires_at > last, Signup.offer_told_at.is_(None)),
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
            select(
                Signup.id,
                Signup.person_id,
                Signup.position_id,
                Signup.session_id,
                Signup.status,
                Signup.offer_expires_at,
                Position.kind,
            )
            .join(Position, Position.id == Signup.position_id)
            .where(Signup.session_id.in_(list(session_ids)), Signup.status.in_(LIVING))
            .order_by(Signup.created_at, Signup.id)
        )
    )


def _volunteers_of(session_ids: Iterable[str]) -> list[str]:
    return [row.person_id for row in _living(session_ids) if _is_shift(row)]
