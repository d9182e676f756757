"""People who come without having signed up: by name, or only counted."""

from datetime import datetime

from webapp.attendance.domain import CountMethod
from webapp.attendance.models import HeadCount
from webapp.core import audit, clock
from webapp.core.db import session
from webapp.core.errors import Conflict, N_, RuleBroken
from webapp.events.models import Event, EventSession, Position
from webapp.people import service as people
from webapp.signups import service as signups
from webapp.signups.domain.giving import UNASKED, Given
from webapp.signups.models import Signup


class NoPlaceLeft(Conflict):
    """Every place of the position is taken."""

    sentence = N_("名额已满。可以不记姓名，只登记人数。")
    code = "full"


class NotForWalkIns(RuleBroken):
    """Volunteers sign up first: their hours need it."""

    sentence = N_("志愿者岗位要先报名，不能现场登记。")
    code = "not_for_walk_ins"


def seat_walk_in(
    session_id: str, *, name: str, phone: str | None, position_id: str, by: str, given: Given = UNASKED
) -> Signup:
    """A sign-up, confirmed, for someone who stands there; their check-in is the caller's.

    With consent given by word of mouth, recorded by whom. Raises BadName, NotFound, NotForWalkIns, NoPlaceLeft,
    AlreadySignedUp, and of a minor ABOUT_MINORS.
    """
    position = session().get(Position, position_id)
    if position is None or position.session_id != session_id or position.kind != "audience":
        raise NotForWalkIns
    person = people.find_or_make_person(name=name, phone=phone)
    session().flush()  # the place is taken past the session
    people.record_consent(person.id, "sign_up", method="oral", recorded_by=by)
    made = signups.seat_arrival(position_id, person.id, by=by, given=given)
    if made is None:
        raise NoPlaceLeft
    audit.record("signup.walk_in", "signup", made.id, by=by, session=session_id)
    return made


def count_arrivals(
    session_id: str, *, audience: str, count: int, by: str, scan_id: str | None, at: datetime
) -> HeadCount:
    """People counted at the door by a phone at that moment; the ledger is the caller's to recount."""
    made = HeadCount(
        session_id=session_id,
        audience=audience,
        count=count,
        method=CountMethod.COUNTED,
        by_person_id=by,
        scan_id=scan_id,
        counted_on=clock.local_date(at),
    )
    session().add(made)
    session().flush()  # the recount reads it
    audit.record("headcount.add", "event_session", session_id, by=by, headcount=made.id, count=count)
    return made


def audience_of(session_id: str) -> str:
    """The group a nameless walk-in is counted with: the event's first, as for its sign-ups."""
    held = session().get(EventSession, session_id)
    event: Event | None = held.event if held else None
    return event.audiences[0] if event and event.audiences else "公众"
