"""Staff enter someone who came without having signed up: by name, or as one head that was counted."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert

from webapp.attendance.domain import Direction, Method, Outcome, ScanRequest
from webapp.attendance.domain.arrivals import Arrival, SomeoneSoNamed, check_arrival
from webapp.attendance.domain.phones import ScanKind
from webapp.attendance.models import Scan
from webapp.attendance.queries.namesakes import namesakes
from webapp.attendance.service import recount, walkins
from webapp.attendance.service.by_hand import hold_doors, known
from webapp.attendance.service.checkin import check_in, scan_row
from webapp.attendance.service.facts import Reading, answer_body
from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import new_id, session


@dataclass(frozen=True)
class Arrived:
    """What became of it: a sign-up with what its check-in was answered, or a head."""

    signup_id: str | None = None
    short_code: str = ""
    outcome: Outcome = Outcome.ACCEPTED
    state: str | None = None  # of the sign-up
    is_new: bool = True  # not when the page was sent before


def admit(session_id: str, arrival: Arrival, *, by: str) -> Arrived:
    """Sign someone up for a free place and check them in, or count one head; the same page twice does it once.

    Nothing was shown, so the grade is that of a name ticked by staff. Raises NotHeld, DoorsNotOpen, DoorsOver,
    NameMissing, PositionMissing, SomeoneSoNamed, BadName, NotForWalkIns, NoPlaceLeft, AlreadySignedUp, ABOUT_MINORS.
    """
    held = hold_doors(session_id)
    check_arrival(arrival, Period(held.starts_at, held.ends_at), clock.now())
    request = ScanRequest(
        session_id=session_id,
        direction=Direction.IN,
        nonce=arrival.nonce,
        device=f"{by}:walk_in",
        by=by,
        method=Method.ROSTER,
        more={"kind": ScanKind.WALK_IN},
    )
    if known(request.device, [request.nonce]):
        return Arrived(is_new=False)
    return _by_name(arrival, request) if arrival.name else _as_a_head(request)


def _by_name(arrival: Arrival, request: ScanRequest) -> Arrived:
    if not arrival.sure and namesakes(request.session_id, arrival.name):
        raise SomeoneSoNamed
    made = walkins.seat_walk_in(
        request.session_id,
        name=arrival.name,
        phone=arrival.phone,
        position_id=arrival.position_id,
        by=request.by,
        given=arrival.given,
    )
    answer = check_in(replace(request, signup_id=made.id))
    return Arrived(made.id, made.short_code, Outcome(answer.body["outcome"]), answer.body.get("state"))


def _as_a_head(request: ScanRequest) -> Arrived:
    now, scan_id = clock.now(), new_id()
    body = answer_body(request, None, outcome=Outcome.ACCEPTED, at=now, scan_id=scan_id)
    row: dict[str, Any] = scan_row(request, Reading(None), body=body, at=now, now=now)
    # It speaks for nobody's presence; the head-count does.
    session().execute(insert(Scan), [row | {"valid": False}])
    audience = walkins.audience_of(request.session_id)
    walkins.count_arrivals(
        request.session_id, audience=audience, count=1, by=request.by, scan_id=scan_id, at=now
    )
    recount.reconcile_session(request.session_id)
    return Arrived()
