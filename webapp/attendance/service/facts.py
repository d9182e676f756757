"""What a decision about a scan needs to know, and what the scanner is told: shared by live and late scans."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, case, func, select
from sqlalchemy.orm import aliased

from webapp.attendance.domain import (
    CODE_LIMIT,
    NO_GUARDIAN,
    Facts,
    Outcome,
    ScanRequest,
    sentence_for,
)
from webapp.attendance.models import Attendance
from webapp.core import clock
from webapp.events.models import Event, EventSession, Position
from webapp.people.domain import mask_name
from webapp.people.models import Person
from webapp.signups import queries as signups
from webapp.signups.domain import PassState
from webapp.signups.domain.standing import State, state_of
from webapp.signups.models import Signup
from webapp.signups.queries.standing import STANDING_COLUMNS, promise_of_row

# One person once: who came with another pass of theirs is in, and who has two places from before that rule comes with
# the one that stands for both.
_own, _other = aliased(Attendance), aliased(Attendance)
_main = aliased(Signup)
_MAIN_KIND = (
    select(Position.kind)
    .join(_main, _main.position_id == Position.id)
    .where(_main.id == Signup.counts_with_id)
    .correlate(Signup)
    .scalar_subquery()
)
# The shared lock keeps an event, session or sign-up from being cancelled between reading and writing, while other
# check-ins go on. SQLite has only one writer, so nothing is needed there.
_ALL: Select[*tuple[Any, ...]] = (
    select(
        Signup.id,
        *STANDING_COLUMNS,
        Signup.pass_serial,
        Signup.session_id,
        Signup.person_id,
        func.coalesce(Signup.counts_with_id, Signup.id).label("stands_as"),
        Position.name.label("position"),
        func.coalesce(_MAIN_KIND, Position.kind).label("kind"),
        Person.name,
        Event.title,
        Event.audiences,
        Event.organisation_id,
        func.coalesce(_own.id, _other.id).label("attendance_id"),
        func.coalesce(_own.in_at, _other.in_at).label("in_at"),
        case((_own.id.is_not(None), _own.out_at), else_=_other.out_at).label("out_at"),
    )
    .join(Position, Position.id == Signup.position_id)
    .join(EventSession, EventSession.id == Signup.session_id)
    .join(Event, Event.id == EventSession.event_id)
    .join(Person, Person.id == Signup.person_id)
    .outerjoin(_own, (_own.signup_id == Signup.id) & _own.annulled_at.is_(None))
    .outerjoin(
        _other,
        (_other.person_id == Signup.person_id)
        & (_other.session_id == Signup.session_id)
        & _other.annulled_at.is_(None),
    )
    .with_for_update(read=True, of=(Event, EventSession, Signup))
)
# Built once: they stand behind every check-in.
FACTS = _ALL.where(Signup.id == bindparam("signup_id"))
FACTS_OF_MANY = _ALL.where(Signup.id.in_(bindparam("signup_ids", expanding=True))).order_by(Signup.id)


class Reading(NamedTuple):
    """Whom a request names, and how: the serial is None where no pass was shown.

    `code` is what is stored of what was shown: a pass's signature is cut off, so the table cannot be used to make
    passes.
    """

    signup_id: str | None
    serial: int | None = None
    lacks: str | None = None
    code: str = ""


def read_code(code: str) -> Reading | None:
    """What a pass says; None where the text is no pass at all, and may be a short code."""
    text = clean(code)
    read = signups.read_code(text)
    if read.state == PassState.NONE:
        return None
    if read.state in {PassState.FOREIGN, PassState.DAMAGED}:
        return Reading(None, lacks=read.state, code=text[:60])
    serial = read.serial if read.state == PassState.GOOD else 0
    return Reading(read.signup_id, serial, code=f"pass:{read.signup_id}:{read.serial}")


def clean(code: str) -> str:
    """A code that is no pass, as it is stored."""
    return code.strip().replace("\x00", "")[:CODE_LIMIT]


def judged(
    found: Row[*tuple[Any, ...]],
    serial: int | None,
    *,
    session_id: str,
    in_at: datetime | None,
    out_at: datetime | None,
) -> Facts:
    """The facts as the decision wants them. A serial of 0 is that of a key that was retired."""
    return Facts(
        promise=promise_of_row(found),
        revoked=serial is not None and serial != found.pass_serial,
        right_session=found.session_id == session_id,
        in_at=in_at,
        out_at=out_at,
    )


def answer_body(
    request: ScanRequest,
    found: Row[*tuple[Any, ...]] | None,
    *,
    outcome: Outcome,
    at: datetime,
    scan_id: str,
    lacks: str | None = None,
) -> dict[str, Any]:
    """What the scanner is told, as it is kept: no more of the person than a masked name (see `Answer`)."""
    body: dict[str, Any] = {"id": scan_id, "outcome": outcome, "direction": request.direction}
    if found is None:
        if lacks:
            body["reason"] = lacks
        return (
            body
            if outcome == Outcome.ACCEPTED
            else body | {"code": outcome, "detail": sentence_for(outcome, lacks)}
        )
    body |= {
        "at": clock.local(at).isoformat(timespec="seconds"),
        "signup": found.id,
        "person": {"display_name": mask_name(found.name)},
        "position": found.position,
    }
    if outcome == Outcome.WRONG_SESSION:
        body["right_session"] = {
            "title": found.title,
            "starts_at": clock.local(found.starts_at).isoformat(timespec="minutes"),
        }
    else:
        body["state"] = state_of(promise_of_row(found), at).value
    if outcome == Outcome.ACCEPTED:
        return body
    if body.get("state") == State.NO_CONSENT and outcome == Outcome.PENDING:
        body["lacks"] = NO_GUARDIAN
    return body | {"code": outcome, "detail": sentence_for(outcome, body.get("lacks"), body.get("state"))}


def name_to_tell(found: Row[*tuple[Any, ...]] | None, session_id: str) -> str:
    """The whole name, where the scanner's work is with this person: a pass of another session may be another unit's."""
    return found.name if found is not None and found.session_id == session_id else ""


def earlier(outcome: Outcome, in_at: datetime | None, out_at: datetime | None) -> datetime | None:
    """The moment "already" speaks of."""
    return {Outcome.ALREADY_IN: in_at, Outcome.ALREADY_OUT: out_at}.get(outcome)
