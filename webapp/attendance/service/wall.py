"""Open, renew and close the code on the wall; check someone in who read it with a phone of their own."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.attendance.domain import Answer, Direction, Method, ScanRequest
from webapp.attendance.domain.phones import WallMode
from webapp.attendance.domain.wall import (
    NumberNeeded,
    SessionNotOpen,
    Visit,
    WallClosed,
    WrongNumber,
    WrongShortCode,
    read_number,
)
from webapp.attendance.models import Wall
from webapp.attendance.queries import wall as walls
from webapp.attendance.service.checkin import check_in
from webapp.core import audit, clock, tokens
from webapp.core.db import savepoint, session
from webapp.core.errors import NotFound
from webapp.events.domain import COUNTING_STATUSES
from webapp.events.models import Event, EventSession
from webapp.signups import queries as signups
from webapp.signups.models import Signup


def open_wall(session_id: str, *, mode: WallMode, by: str) -> None:
    """Open the wall, or show the other kind of code. Codes shown before an earlier closing stay void.

    Raises SessionNotOpen. Opening what is open as that already changes nothing.
    """
    found = (
        session()
        .execute(
            select(Event.status, EventSession.cancelled_at)
            .join(Event, Event.id == EventSession.event_id)
            .where(EventSession.id == session_id)
        )
        .one()
    )
    if found.status not in COUNTING_STATUSES or found.cancelled_at is not None:
        raise SessionNotOpen
    wall = _locked(session_id)
    if wall is None:
        try:
            with savepoint():
                session().add(Wall(session_id=session_id, mode=mode, opened_by=by))
        except IntegrityError:  # someone else opened it a moment ago; theirs is as good
            return
    elif wall.closed_at is None and wall.mode == mode:
        return
    else:
        wall.mode, wall.closed_at = mode, None
        wall.opened_at, wall.opened_by = clock.now(), by
        wall.serial += 1
    audit.record("wall.open", "session", session_id, by=by, mode=mode)


def renew(session_id: str, *, by: str) -> None:
    """Another number, other codes on the screen; what was opened before has to be scanned again.

    Raises WallClosed.
    """
    wall = _locked(session_id)
    if wall is None or wall.closed_at is not None:
        raise WallClosed
    wall.serial += 1
    audit.record("wall.renew", "session", session_id, by=by)


def close(session_id: str, *, by: str) -> None:
    """Nobody checks in with the wall any more; closing twice is closing once."""
    done = session().execute(
        update(Wall)
        .where(Wall.session_id == session_id, Wall.closed_at.is_(None))
        .values(closed_at=clock.now())
        .returning(Wall.session_id)
        .execution_options(synchronize_session=False)
    )
    if done.scalar_one_or_none() is not None:
        audit.record("wall.close", "session", session_id, by=by)


def _locked(session_id: str) -> Wall | None:
    return session().get(Wall, session_id, with_for_update=True, populate_existing=True)


def check_number(visit: Visit, text: str) -> Visit:
    """The visit with its number given; raises WrongNumber, WallClosed, VisitOver."""
    wall = walls.wall_of(Visit(visit.session_id, visit.serial, visit.mode, visit.phone, has_number=False))
    if not tokens.same(read_number(text), walls.number_of(wall)):
        raise WrongNumber
    return Visit(visit.session_id, wall.serial, visit.mode, visit.phone, has_number=True)


def check_in_own(visit: Visit, signup_id: str, *, person_id: str, direction: Direction, nonce: str) -> Answer:
    """Someone signed in presses the button; raises NotFound for a sign-up that is not theirs, and as `arrive`."""
    signup = session().get(Signup, signup_id)
    if signup is None or (signup.person_id, signup.session_id) != (person_id, visit.session_id):
        raise NotFound
    return _arrive(visit, signup.short_code, by=person_id, direction=direction, nonce=nonce)


def check_in_by_code(
    visit: Visit, text: str, *, by: str | None, direction: Direction, nonce: str
) -> tuple[Answer, str]:
    """Someone types the code of a pass (short or whole); also gives the sign-up's id.

    Raises WrongShortCode alike for a code of nobody and one of another session, so that nothing can be found out
    with it; NumberNeeded, WallClosed, VisitOver.
    """
    read = signups.read_pass(text)
    signup_id = read[0] if read else signups.find_by_short_code(visit.session_id, text)
    signup = session().get(Signup, signup_id) if signup_id else None
    if signup is None or signup.session_id != visit.session_id:
        raise WrongShortCode
    answer = _arrive(visit, text, by=by or signup.person_id, direction=direction, nonce=nonce)
    return answer, signup.id


def _arrive(visit: Visit, code: str, *, by: str, direction: Direction, nonce: str) -> Answer:
    """One scan of the wall, judged by the door's rules at the server's time."""
    walls.wall_of(visit)
    if not visit.may_check_in:
        raise NumberNeeded
    return check_in(
        ScanRequest(
            session_id=visit.session_id,
            direction=direction,
            nonce=nonce,
            device=f"wall:{visit.phone}",
            by=by,
            method=Method.WALL,
            code=code,
        )
    )
