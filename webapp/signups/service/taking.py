"""Take a place, or a place on the waitlist.

The way of the rush (500 people, 100 places) is three statements: look, take, write (statements.py); nothing is read
back. More is asked only where a position asks for more (qualifying.py); one that needs approval gives no place yet.
"""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from webapp.core import clock
from webapp.core.clock import Period
from webapp.core.db import new_id, session
from webapp.core.errors import NotFound
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission, grants
from webapp.signups.domain import (
    SHORT_CODE_ALPHABET,
    SHORT_CODE_LENGTH,
    AlreadySignedUp,
    MayNotSignUpOthers,
    NeedsAccount,
    NotYetOpen,
    OverlappingShift,
    OverlapsForAnother,
    SetTimes,
    Shut,
    SignupClosed,
    SignupExtra,
    SignupSource,
    SignupStatus,
    why_shut,
)
from webapp.signups.domain.giving import Given
from webapp.signups.models import Signup
from webapp.signups.service import hooks, notices, offer_notices, shift_notices
from webapp.signups.service.centres import made_for_other
from webapp.signups.service.minors import NOBODY, Vouched, judge_age, require_cleared, vouched_by
from webapp.signups.service.presence import ask_about_hour, refuse_second
from webapp.signups.service.qualifying import require_qualified
from webapp.signups.service.racing import place_of, take_one
from webapp.signups.service.statements import FACTS, FIND_CLASH, FIXED, INSERTS

_CODES_TO_TRY = 8
NOTHING_MORE = SignupExtra()
_COLUMNS = tuple(Signup.__mapper__.columns.keys())


def sign_up(
    position_id: str,
    person_id: str,
    *,
    by: str | None,
    source: str,
    extra: SignupExtra = NOTHING_MORE,
    both: bool = False,
) -> Signup:
    """Sign a person up: confirmed while there is a place, else waitlisted where a waitlist is kept.

    Where the position needs approval it is pending and holds no place. `by` is who does it (None: a guest for
    themselves); `both`: they want it beside what they have elsewhere at that hour. Raises NotFound,
    MayNotSignUpOthers, NotEligible, SignupClosed, NotYetOpen, AlreadySignedUp, SameHour, HasPlaceHere,
    OverlappingShift, PositionFull, of a minor ABOUT_MINORS; after any of them the transaction must end, and with it a
    place that was taken comes back. Only the row's columns are loaded: what is made of them costs no further look.
    """
    return sign_up_seeing(
        position_id, person_id, by=by, source=source, extra=extra, vouched=Vouched(both=both)
    )[0]


def sign_up_seeing(
    position_id: str,
    person_id: str,
    *,
    by: str | None,
    source: str,
    extra: SignupExtra = NOTHING_MORE,
    vouched: Vouched = NOBODY,
) -> tuple[Signup, Row[*tuple[Any, ...]]]:
    """The same, with the row of FACTS that was judged."""
    session().flush()  # the statements below go past the session
    facts = _look(position_id, person_id)
    _check(facts, person_id, by=by)
    if facts.same_hour and not vouched.both:
        ask_about_hour(facts, person_id, by=by)
    # A date of their course that they had left, or that was not theirs.
    joins = facts.course_id is not None and extra.course_id is None
    if joins:
        extra = replace(extra, course_id=facts.course_id)
    extra = _cleared(facts, person_id, extra, by=by, vouched=vouched)
    status = place_of(facts, person_id)
    if status == SignupStatus.CONFIRMED and facts.has_place_here:
        refuse_second(facts, person_id, by=by)
    given = {"person_id": person_id, "created_by": by, "source": source}
    made = _write(facts, status, given, extra)
    if by is not None and by != person_id:
        made_for_other(made.id, by=by, position_id=position_id)
    if status == SignupStatus.PENDING:
        offer_notices.asked(made.id)
    elif joins:
        shift_notices.date_taken(made.id)
    elif by not in {None, person_id}:
        notices.signed_up_by_staff(made.id)
    return made, facts


def take_over(position_id: str, person_id: str, *, source: str, both: bool = False) -> Signup:
    """Put someone on the place that another gives up in this transaction; the position is locked, `taken` stays.

    The times set for signing up do not count: the list of names does not grow. Raises NeedsAccount,
    AlreadySignedUp, SameHour, HasPlaceHere, NotEligible, SignupClosed, OverlappingShift, and what later areas say.
    """
    session().flush()
    facts = _look(position_id, person_id)
    if not facts.has_account:
        raise NeedsAccount
    if facts.is_signed_up:
        raise AlreadySignedUp
    if facts.same_hour and not both:
        ask_about_hour(facts, person_id, by=person_id)
    if facts.has_place_here:
        refuse_second(facts, person_id, by=person_id)
    _ask_later_areas(facts, person_id)
    extra = _cleared(facts, person_id, NOTHING_MORE, by=None, vouched=NOBODY)
    given = {"person_id": person_id, "created_by": person_id, "source": source}
    return _write(facts, SignupStatus.CONFIRMED, given, extra)


def seat_arrival(position_id: str, person_id: str, *, by: str, given: Given) -> Signup | None:
    """Someone stands there who had not signed up: take a free place for them; None where there is none.

    Set times and the waitlist do not count. Raises NotFound, AlreadySignedUp, HasPlaceHere, NeedsAccount for a shift,
    ABOUT_MINORS.
    """
    session().flush()
    facts = _look(position_id, person_id)
    if facts.kind == PositionKind.VOLUNTEER:
        raise NeedsAccount
    if facts.is_signed_up:
        raise AlreadySignedUp
    if facts.has_place_here:
        refuse_second(facts, person_id, by=by)
    extra = SignupExtra(age_band=given.age_band, company=given.company)
    vouched = vouched_by(given)
    extra = judge_age(person_id, extra, by=by, is_known=facts.age_is_known, vouched=vouched)
    extra = require_cleared(person_id, extra, by=by, vouched=vouched)
    if not take_one(facts.id):
        return None
    row = {"person_id": person_id, "created_by": by, "source": SignupSource.WALK_IN.value}
    return _write(facts, SignupStatus.CONFIRMED, row, extra)


def _cleared(
    facts: Row[*tuple[Any, ...]], person_id: str, extra: SignupExtra, *, by: str | None, vouched: Vouched
) -> SignupExtra:
    extra = judge_age(person_id, extra, by=by, is_known=facts.age_is_known, vouched=vouched)
    if facts.min_age is not None or facts.has_requirements:
        require_qualified(facts.id, person_id, on=clock.local_date(facts.starts_at), age_band=extra.age_band)
    return require_cleared(person_id, extra, by=by, vouched=vouched)


def _look(position_id: str, person_id: str) -> Row[*tuple[Any, ...]]:
    given = {"position_id": position_id, "person_id": person_id}
    found = session().connection().execute(FACTS, given).one_or_none()
    if found is None or found.status not in PUBLIC_STATUSES:
        raise NotFound
    return found


def _check(facts: Row[*tuple[Any, ...]], person_id: str, *, by: str | None) -> None:
    is_volunteer = facts.kind == PositionKind.VOLUNTEER
    if (
        by is not None
        and by != person_id
        and not may_sign_up_others(by, facts.organisation_id, is_volunteer=is_volunteer)
    ):
        raise MayNotSignUpOthers
    if is_volunteer and not facts.has_account:
        raise NeedsAccount
    if facts.is_signed_up:
        raise AlreadySignedUp
    require_open(facts)
    if is_volunteer:
        _ask_later_areas(facts, person_id)


def _ask_later_areas(facts: Row[*tuple[Any, ...]], person_id: str) -> None:
    hooks.may_serve(
        person_id,
        hooks.Shift(facts.id, facts.session_id, facts.organisation_id, facts.starts_at, facts.ends_at),
    )


def may_sign_up_others(by: str, organisation_id: str, *, is_volunteer: bool) -> bool:
    """Organisers for their own events; a centre's staff for any audience, as anyone may with a name and a phone."""
    held = organisations.permissions_at(by, organisation_id)
    if any(grants(held, one) for one in (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)):
        return True
    return not is_volunteer and Permission.SIGN_UP_OTHERS in organisations.permissions_of(by)


def require_open(facts: Row[*tuple[Any, ...]]) -> None:
    """Raise SignupClosed or NotYetOpen when one cannot sign up now; `facts` is a row of FACTS."""
    shut = why_shut(
        event_status=facts.status,
        session_cancelled=facts.cancelled_at is not None,
        period=Period(facts.starts_at, facts.ends_at),
        is_volunteer=facts.kind == PositionKind.VOLUNTEER,
        now=clock.now(),
        times=SetTimes(facts.opens_at, facts.closes_at),
    )
    if shut == Shut.NOT_YET:
        raise NotYetOpen(when=facts.opens_at)
    if shut:
        raise SignupClosed


def _write(
    facts: Row[*tuple[Any, ...]], status: SignupStatus, given: dict[str, Any], extra: SignupExtra
) -> Signup:
    connection = session().connection()
    has_extra = extra != NOTHING_MORE
    statement = INSERTS[connection.dialect.name, facts.kind == PositionKind.VOLUNTEER, has_extra]
    row = _row(facts, status, clock.now()) | given | (asdict(extra) if has_extra else {})
    for _attempt in range(_CODES_TO_TRY):
        if connection.execute(statement, row).one_or_none() is not None:
            return _as_loaded(row)
        _explain(facts, row, by=given["created_by"])
        row["short_code"] = _short_code()  # taken by another sign-up of the session
    raise RuntimeError("no free short code was found")


def _row(facts: Row[*tuple[Any, ...]], status: SignupStatus, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "position_id": facts.id,
        "session_id": facts.session_id,
        "status": status.value,
        "created_at": now,
        "waitlisted_at": now if status == SignupStatus.WAITLISTED else None,
        "confirmed_at": now if status == SignupStatus.CONFIRMED else None,
        "short_code": _short_code(),
    }


def _short_code() -> str:
    return "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))


def _explain(facts: Row[*tuple[Any, ...]], row: dict[str, Any], *, by: str | None) -> None:
    """Why nothing was written, if not for the short code; another shift is named to its volunteer alone."""
    person_id = row["person_id"]
    now = _look(facts.id, person_id)
    require_open(now)
    if now.is_signed_up:
        raise AlreadySignedUp
    if now.has_place_here and row["status"] == SignupStatus.CONFIRMED:
        refuse_second(now, person_id, by=by)
    if facts.kind == PositionKind.VOLUNTEER:
        given = {"session_id": facts.session_id, "person_id": person_id}
        title = session().execute(FIND_CLASH, given).scalar_one_or_none()
        if title is not None:
            raise OverlappingShift(event=title) if by == person_id else OverlapsForAnother()


def _as_loaded(row: dict[str, Any]) -> Signup:
    """The row as the session would hold it, without reading it back."""
    made = Signup()
    given: dict[str, Any] = {"updated_at": row["created_at"], "age_said": True, **FIXED, **row}
    for name in _COLUMNS:
        set_committed_value(made, name, given.get(name))
    make_transient_to_detached(made)
    session().add(made)
    return made
