"""Approve or decline those who ask for a place of a position that needs approval; ask again after a change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.people.models import Person
from webapp.signups.domain import (
    HOLDS_PLACE,
    REASON_LIMIT,
    Decided,
    ReasonMissing,
    SignupStatus,
    window_open,
)
from webapp.signups.models import Signup
from webapp.signups.queries.presence import places_here
from webapp.signups.service import offer_notices
from webapp.signups.service.giving_up import give_up
from webapp.signups.service.inside import came, lock_sessions
from webapp.signups.service.places import change, fill, lock_positions, release
from webapp.signups.service.statements import TAKE
from webapp.signups.service.waiting import busy_persons, waited_elsewhere

_Asking = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Decision:
    """What became of one of those decided on together."""

    signup_id: str
    name: str
    outcome: Decided


def approve(signup_ids: Iterable[str], *, by: str) -> list[Decision]:
    """Give each a place, or a place on the waitlist when none is left, in the order in which they asked.

    A seat they have in that session is given up for it: in one session a person has one place. Whoever has been
    decided on before, has another shift by now, is there already, or can no longer be placed stays as they are. Raises
    NotFound for a sign-up of someone else's event.
    """
    asking = _take(signup_ids, by)
    volunteers = [row.person_id for row in asking if row.kind == PositionKind.VOLUNTEER]
    fill(sorted({row.position_id for row in asking}), lock_too=volunteers)
    now = clock.now()
    seats: list[Signup] = []
    made = [Decision(row.id, row.name, _approve(row, seats)) for row in asking]
    done = [one.signup_id for one in made if one.outcome in {Decided.APPROVED, Decided.WAITS}]
    change(done, now, decided_at=now, decided_by=by, decline_reason=None)
    for one in done:
        audit.record("signup.approve", "signup", one, by=by)
    offer_notices.approved(done, now)
    fill(sorted({one.position_id for one in seats}))
    return made


def _approve(row: _Asking, seats: list[Signup]) -> Decided:
    """Decide on one; seats given up for the place are added."""
    if row.status != SignupStatus.PENDING:
        return Decided.BEFORE
    is_volunteer, now = row.kind == PositionKind.VOLUNTEER, clock.now()
    period = Period(row.starts_at, row.ends_at)
    if not window_open(
        event_status=row.event_status,
        session_cancelled=row.cancelled_at is not None,
        period=period,
        is_volunteer=is_volunteer,
        now=now,
    ):
        return Decided.SHUT
    if is_volunteer and busy_persons(period, [row.person_id]):
        return Decided.BUSY
    others = places_here(row.session_id, row.person_id, apart_from=row.position_id)
    if any(one.position.kind == PositionKind.VOLUNTEER for one in others) or came([one.id for one in others]):
        return Decided.BUSY  # nobody takes a shift away by approving, nor who is there already
    if _take_one(row.position_id):  # whoever waits and can take it was served before
        give_up(others, by=None)
        seats += others
        change([row.id], now, status=SignupStatus.CONFIRMED, confirmed_at=now)
        return Decided.APPROVED
    if not row.waitlist:
        return Decided.FULL
    change([row.id], now, status=SignupStatus.WAITLISTED, waitlisted_at=now)
    return Decided.WAITS


def decline(signup_ids: Iterable[str], *, reason: str, by: str) -> list[Decision]:
    """Say no to each, with a reason they are told. Raises NotFound, ReasonMissing."""
    reason = reason.strip()[:REASON_LIMIT]
    if not reason:
        raise ReasonMissing
    asking, now = _take(signup_ids, by), clock.now()
    done = [row.id for row in asking if row.status == SignupStatus.PENDING]
    change(done, now, status=SignupStatus.DECLINED, decided_at=now, decided_by=by, decline_reason=reason)
    for one in done:
        audit.record("signup.decline", "signup", one, by=by, reason=reason)
    offer_notices.declined(done, reason, now)
    return [
        Decision(row.id, row.name, Decided.DECLINED if row.id in done else Decided.BEFORE) for row in asking
    ]


def ask_again(signup_id: str, *, by: str | None) -> bool:
    """What someone changed must be approved again: they are pending once more and their place is free.

    Only where the position needs approval and the session has not begun; whether anything was done. Raises NotFound.
    """
    found = _rows([signup_id])
    if not found:
        raise NotFound
    is_volunteer = found[0].kind == PositionKind.VOLUNTEER
    elsewhere = waited_elsewhere([found[0].person_id]) if is_volunteer else []
    positions = [found[0].position_id, *elsewhere]
    lock_positions(positions)
    (row,) = _rows([signup_id])
    now = clock.now()
    approved = {*HOLDS_PLACE, SignupStatus.WAITLISTED}
    if not row.needs_approval or row.status not in approved or now >= row.starts_at:
        return False
    change(
        [signup_id], now, status=SignupStatus.PENDING, decided_at=None, decided_by=None,
        confirmed_at=None, offer_expires_at=None, rounds=Signup.rounds + 1,
    )  # fmt: skip
    audit.record("signup.ask_again", "signup", signup_id, by=by, before=row.status)
    offer_notices.asked_again(signup_id, now)
    if row.status in HOLDS_PLACE:
        release(row.position_id, 1)
        fill(positions)
    return True


def _take(signup_ids: Iterable[str], by: str) -> Sequence[_Asking]:
    """These sign-ups with their positions locked, in the order in which they were made; raises NotFound."""
    ids = sorted(set(signup_ids))
    before = _rows(ids)
    hosts = {row.organisation_id for row in before}
    if len(before) < len(ids) or not all(
        organisations.may(by, Permission.MANAGE_EVENTS, host) for host in hosts
    ):
        raise NotFound
    lock_sessions(ids)
    lock_positions({*(row.position_id for row in before), *_seats_beside(before)})
    return _rows(ids)


def _seats_beside(asking: Sequence[_Asking]) -> list[str]:
    """Positions of the same sessions at which one of these has a place."""
    wanted = select(Signup.position_id).where(
        Signup.session_id.in_([row.session_id for row in asking]),
        Signup.person_id.in_([row.person_id for row in asking]),
        Signup.status == SignupStatus.CONFIRMED,
    )
    return list(session().scalars(wanted))


def _rows(ids: list[str]) -> Sequence[_Asking]:
    wanted = (
        select(
            Signup.id,
            Signup.person_id,
            Signup.position_id,
            Signup.session_id,
            Signup.status,
            Person.name,
            Position.kind,
            Position.waitlist,
            Position.needs_approval,
            EventSession.starts_at,
            EventSession.ends_at,
            EventSession.cancelled_at,
            Event.status.label("event_status"),
            Event.organisation_id,
        )
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(Signup.id.in_(ids))
        .order_by(Signup.created_at, Signup.id)
    )
    return session().execute(wanted).all()


def _take_one(position_id: str) -> bool:
    given = {"position_id": position_id}
    return session().connection().execute(TAKE, given).one_or_none() is not None
