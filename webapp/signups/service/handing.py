"""Hand a shift over to a named volunteer. It stays with the first until the other accepts."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit, clock
from webapp.core.db import broken_constraint, get_row, savepoint, session
from webapp.core.errors import NotFound
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import REASON_LIMIT, SignupSource, SignupStatus
from webapp.signups.domain.sharing import (
    HANDED_OVER,
    AlreadyHandingOver,
    HandOverNeedsStaff,
    HandOverSettled,
    HandOverState,
    HandOverToSelf,
    NotToHandOver,
)
from webapp.signups.models import HandOver, Signup
from webapp.signups.queries.presence import places_here
from webapp.signups.service import shift_notices
from webapp.signups.service.giving_up import give_up
from webapp.signups.service.inside import lock_sessions
from webapp.signups.service.notices import facts
from webapp.signups.service.places import (
    fill,
    lock_persons,
    lock_positions,
    mark_cancelled,
    waited_elsewhere,
    waiting_persons,
)
from webapp.signups.service.taking import take_over


def ask_hand_over(signup_id: str, to_person_id: str, *, by: str, note: str = "") -> HandOver:
    """Ask someone to take one's shift; they are told. Whether they may take it is judged when they accept.

    Raises NotFound for a shift that is not one's own, HandOverToSelf, NotToHandOver, HandOverNeedsStaff,
    AlreadyHandingOver.
    """
    shift = _shift(signup_id)
    if shift.person_id != by:
        raise NotFound
    if to_person_id == by:
        raise HandOverToSelf
    lock_positions([shift.position_id])
    _check_shift(_shift(signup_id))
    try:
        with savepoint():
            made = HandOver(
                signup_id=signup_id,
                from_person_id=by,
                to_person_id=to_person_id,
                note=note[:REASON_LIMIT],
            )
            session().add(made)
    except IntegrityError as error:
        # SQLite names the column, not the partial index.
        if broken_constraint(error) not in {"uq_hand_over_open", "uq_hand_over_signup_id"}:
            raise
        raise AlreadyHandingOver from error
    audit.record("hand_over.ask", "signup", signup_id, by=by, to=to_person_id, hand_over=made.id)
    for row in facts([signup_id]):
        shift_notices.hand_over_asked(made.id, row, to_person_id, note=made.note)
    return made


def withdraw_hand_over(hand_over_id: str, *, by: str) -> None:
    """Take the question back; the other is told. Raises NotFound, HandOverSettled."""
    found = _take(hand_over_id, by=by, side="from_person_id")
    _settle(found, HandOverState.WITHDRAWN, by=by)
    for row in facts([found.signup_id]):
        shift_notices.hand_over_ended(found.id, row, found.to_person_id)


def decline_hand_over(hand_over_id: str, *, by: str) -> None:
    """Say that one cannot; the shift stays where it is, and its holder is told. Raises NotFound, HandOverSettled."""
    found = _take(hand_over_id, by=by, side="to_person_id")
    _settle(found, HandOverState.DECLINED, by=by)
    for row in facts([found.signup_id]):
        shift_notices.hand_over_declined(found.id, row)


def accept_hand_over(hand_over_id: str, *, by: str, both: bool = False) -> Signup:
    """Take the shift on the place the first one held; returns the second one's sign-up. Their seat there is given up.

    `both`: they want it beside what they have elsewhere at that hour. Raises NotFound, HandOverSettled,
    NotToHandOver, HandOverNeedsStaff, and whatever keeps the second from such a shift: AlreadySignedUp,
    OverlappingShift, SameHour, NotEligible and the like.
    """
    asked = _own(hand_over_id, by=by, side="to_person_id")
    shift = _shift(asked.signup_id)
    giver, position_id = asked.from_person_id, shift.position_id
    lock_sessions([asked.signup_id])
    elsewhere = waited_elsewhere([giver])  # where the shift given away was in the way
    seats = [one.position_id for one in _seats(shift, by)]
    lock_positions([position_id, *elsewhere, *seats])
    lock_persons([giver, by, *waiting_persons(elsewhere)])
    found = _fresh(hand_over_id)
    _check_shift(_shift(found.signup_id))
    mark_cancelled([found.signup_id], HANDED_OVER, keep_hand_overs=True)
    give_up([one for one in _seats(shift, by) if one.position_id in seats], by=by)
    made = take_over(position_id, by, source=SignupSource.SELF, both=both)
    found.new_signup_id = made.id
    _settle(found, HandOverState.ACCEPTED, by=by)
    audit.record("signup.cancel", "signup", found.signup_id, by=giver, reason=HANDED_OVER)
    fill(sorted({*elsewhere, *seats}))
    for row in facts([found.signup_id]):
        shift_notices.hand_over_accepted(found.id, row)
    for row in facts([made.id]):
        shift_notices.shift_taken_over(row)
    return made


def _seats(shift: Row[*tuple[Any, ...]], person_id: str) -> list[Signup]:
    """Seats this person has in the shift's session."""
    found = places_here(shift.session_id, person_id, apart_from=shift.position_id)
    return [one for one in found if one.position.kind == PositionKind.AUDIENCE]


def _own(hand_over_id: str, *, by: str, side: str) -> HandOver:
    found = get_row(HandOver, hand_over_id)
    if getattr(found, side) != by:
        raise NotFound
    return found


def _take(hand_over_id: str, *, by: str, side: str) -> HandOver:
    """An open hand-over whose position is locked, so that nobody else settles it."""
    found = _own(hand_over_id, by=by, side=side)
    lock_positions([_shift(found.signup_id).position_id])
    return _fresh(hand_over_id)


def _fresh(hand_over_id: str) -> HandOver:
    found = (
        session()
        .scalars(
            select(HandOver).where(HandOver.id == hand_over_id).execution_options(populate_existing=True)
        )
        .one()
    )
    if found.state != HandOverState.ASKED:
        raise HandOverSettled
    return found


def _settle(found: HandOver, state: HandOverState, *, by: str) -> None:
    found.state, found.settled_at = state, clock.now()
    session().flush()
    audit.record(f"hand_over.{state}", "signup", found.signup_id, by=by, hand_over=found.id)


def _shift(signup_id: str) -> Row[*tuple[Any, ...]]:
    found = (
        session()
        .execute(
            select(
                Signup.person_id,
                Signup.position_id,
                Signup.session_id,
                Signup.status,
                Position.kind,
                Position.needs_approval,
                EventSession.starts_at,
                EventSession.cancelled_at,
                Event.status.label("event_status"),
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .join(Event, Event.id == EventSession.event_id)
            .where(Signup.id == signup_id)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found


def _check_shift(shift: Row[*tuple[Any, ...]]) -> None:
    """A confirmed shift of a published session that has not begun, of a position anyone may take."""
    is_on = shift.event_status == EventStatus.PUBLISHED and shift.cancelled_at is None
    is_shift = shift.kind == PositionKind.VOLUNTEER and shift.status == SignupStatus.CONFIRMED
    if not is_on or not is_shift or clock.now() >= shift.starts_at:
        raise NotToHandOver
    if shift.needs_approval:
        raise HandOverNeedsStaff
