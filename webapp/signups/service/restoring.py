"""A cancellation is undone: sign-ups, places, offers and hand-overs are as they were."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from webapp.core import audit, clock, outbox
from webapp.core.clock import Period
from webapp.core.db import get_row, session
from webapp.core.unsent import revive
from webapp.events.domain import PositionKind
from webapp.events.models import Cancellation, Event, EventSession, Position
from webapp.people.models import Person
from webapp.signups.domain import HOLDS_PLACE, SignupStatus, last_moment
from webapp.signups.models import Notice, Signup, Telling
from webapp.signups.service import changes
from webapp.signups.service.ending import reopen_hand_overs
from webapp.signups.service.places import fill, lock_persons, lock_positions, take
from webapp.signups.service.taking_out import came_back
from webapp.signups.service.tellings import end_notices
from webapp.signups.service.waiting import busy_persons

_AT_ONCE = 500


def on_uncancelled(cancellation: Cancellation, by: str | None) -> None:
    """Put back what the cancellation took. Who heard of it is told that it takes place; nobody else hears of it.

    Who took another shift meanwhile has both, and is asked to choose. Who closed the account is gone.
    """
    before: dict[str, tuple[str, str | None]] = {
        key: (status, until) for key, status, until in cancellation.kept.get("signups", ())
    }
    rows = _rows(list(before), cancellation)
    lock_positions([row.position_id for row in rows])
    rows = _rows(list(before), cancellation)  # as they are now that nobody else can change them
    lock_persons([row.person_id for row in rows])
    for row in rows:
        _put_back(row, *before[row.id], away=clock.now() - cancellation.made_at)
    came_back(list(before))
    revive([*before, *cancellation.kept.get("hand_overs", [])])
    heard = _heard(cancellation)
    reopen_hand_overs(cancellation.kept.get("hand_overs", []), cancellation_id=cancellation.id, heard=heard)
    end_notices(cancellation)
    event = get_row(Event, cancellation.event_id)
    changes.restored(
        [row.id for row in rows if row.person_id in heard], event, cancellation=cancellation, by=by
    )
    clashing = _clashing([row for row in rows if before[row.id][0] in HOLDS_PLACE])
    changes.back_into_clash(clashing)
    for signup_id in clashing:
        audit.record("signup.clash", "signup", signup_id, by=by)
    audit.record("signup.restore_all", "event", event.id, by=by, count=len(rows))
    fill(sorted({row.position_id for row in rows}))  # offers whose time went by while it was off


def _rows(signup_ids: list[str], cancellation: Cancellation) -> list[Row[*tuple[Any, ...]]]:
    """Those that nobody has touched since."""
    found: list[Row[*tuple[Any, ...]]] = []
    for first in range(0, len(signup_ids), _AT_ONCE):
        wanted = (
            select(
                Signup.id,
                Signup.person_id,
                Signup.position_id,
                Signup.session_id,
                Signup.offer_told_at,
                Position.kind,
                EventSession.starts_at,
                EventSession.ends_at,
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Person, Person.id == Signup.person_id)
            .where(
                Signup.id.in_(signup_ids[first : first + _AT_ONCE]),
                Signup.status == SignupStatus.CANCELLED,
                Signup.cancelled_at >= cancellation.made_at,
                Person.closed_at.is_(None),
            )
            .order_by(Signup.id)
        )
        found += session().execute(wanted).all()
    return found


def _put_back(row: Row[*tuple[Any, ...]], status: str, until: str | None, *, away: timedelta) -> None:
    """The state it had; the time an offer has left did not run while it was off."""
    expires = None
    if until is not None:
        last = last_moment(
            Period(row.starts_at, row.ends_at), is_volunteer=row.kind == PositionKind.VOLUNTEER
        )
        is_told = row.offer_told_at is not None
        expires = min(datetime.fromisoformat(until) + away, last) if is_told else last
    session().execute(
        update(Signup)
        .where(Signup.id == row.id)
        .values(
            status=status,
            offer_expires_at=expires,
            cancelled_at=None,
            cancel_reason=None,
            updated_at=clock.now(),
        )
        .execution_options(synchronize_session="fetch")
    )
    if status in HOLDS_PLACE:
        take(row.position_id, 1)


def _heard(cancellation: Cancellation) -> set[str]:
    """To whom a message has left, or may have, and who was rung up."""
    rung = (
        select(Telling.person_id)
        .join(Notice, Notice.id == Telling.notice_id)
        .where(Notice.cancellation_id == cancellation.id, Telling.told_at.is_not(None))
    )
    tried = set(cancellation.kept.get("tried", ()))
    return outbox.left_of(cancellation.id) | tried | set(session().scalars(rung))


def _clashing(rows: list[Row[*tuple[Any, ...]]]) -> list[str]:
    """Of these shifts, those at whose time the person holds another one."""
    return [
        row.id
        for row in rows
        if row.kind == PositionKind.VOLUNTEER
        and busy_persons(Period(row.starts_at, row.ends_at), [row.person_id], apart_from=row.session_id)
    ]
