"""Take a place, or a place on the waitlist.

The way of the rush (500 people, 100 places) is three statements: look, take, write. They are built once, and the
row is not read back.
"""

import secrets
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Executable, Row, Table, bindparam, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import make_transient_to_detached

from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import Base, broken_constraint, new_id, session
from webapp.core.errors import NotFound
from webapp.events.domain import PUBLIC_STATUSES, EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission, grants
from webapp.people.models import Account
from webapp.signups.domain import (
    HOLDS_PLACE,
    LIVING,
    SHORT_CODE_ALPHABET,
    SHORT_CODE_LENGTH,
    AlreadySignedUp,
    MayNotSignUpOthers,
    NotEligible,
    OverlappingShift,
    SignupClosed,
    SignupStatus,
    place_for,
    window_open,
)
from webapp.signups.models import Signup
from webapp.signups.service import notices
from webapp.signups.service.places import fill, lock_persons


def _table(model: type[Base]) -> Table:
    """The table without its mapping: the statements below are written for it."""
    return cast("Table", model.__table__)


_position, _session, _event = _table(Position), _table(EventSession), _table(Event)
_signup, _account = _table(Signup), _table(Account)
_CODES_TO_TRY = 8


def sign_up(position_id: str, person_id: str, *, by: str | None, source: str) -> Signup:
    """Sign a person up: confirmed while there is a place, else waitlisted where a waitlist is kept.

    `by` is who does it (None: a guest for themselves). Raises NotFound, MayNotSignUpOthers, NotEligible,
    SignupClosed, AlreadySignedUp, OverlappingShift, PositionFull; after any of them the transaction must end,
    and with it a place that was taken comes back. Only the row's columns are loaded: an answer made of them
    before the transaction ends costs no further look at the database.
    """
    facts = _look(position_id, person_id)
    _check(facts, person_id, by=by)
    status = place_for(took_place=_take_place(facts, person_id), waitlist=facts.waitlist)
    made = _write(facts, status, person_id, by=by, source=source)
    if by not in {None, person_id}:
        audit.record("signup.make", "signup", made.id, by=by, position=position_id)
        notices.signed_up_by_staff(made.id)
    return made


# --- look ---------------------------------------------------------------------------------------------------------

_FACTS = (
    select(
        _position.c.id,
        _position.c.kind,
        _position.c.waitlist,
        _position.c.taken,
        _position.c.capacity,
        _position.c.session_id,
        _session.c.starts_at,
        _session.c.ends_at,
        _session.c.cancelled_at,
        _event.c.status,
        _event.c.organisation_id,
        exists()
        .where(
            _signup.c.position_id == bindparam("position_id"),
            _signup.c.person_id == bindparam("person_id"),
            _signup.c.status.in_(sorted(LIVING)),
        )
        .label("is_signed_up"),
        exists()
        .where(
            _signup.c.position_id == bindparam("position_id"),
            _signup.c.status == SignupStatus.WAITLISTED.value,
        )
        .label("somebody_waits"),
        exists()
        .where(_account.c.person_id == bindparam("person_id"), _account.c.disabled_at.is_(None))
        .label("has_account"),
    )
    .join(_session, _session.c.id == _position.c.session_id)
    .join(_event, _event.c.id == _session.c.event_id)
    .where(_position.c.id == bindparam("position_id"))
)


def _look(position_id: str, person_id: str) -> Row[*tuple[Any, ...]]:
    given = {"position_id": position_id, "person_id": person_id}
    found = session().execute(_FACTS, given).one_or_none()
    if found is None or found.status not in PUBLIC_STATUSES:
        raise NotFound
    return found


def _check(facts: Row[*tuple[Any, ...]], person_id: str, *, by: str | None) -> None:
    is_volunteer = facts.kind == PositionKind.VOLUNTEER
    if (
        by is not None
        and by != person_id
        and not _may_sign_up_others(by, facts.organisation_id, is_volunteer)
    ):
        raise MayNotSignUpOthers
    if is_volunteer and not facts.has_account:
        raise NotEligible
    if facts.is_signed_up:
        raise AlreadySignedUp
    if not _is_open(facts):
        raise SignupClosed


def _may_sign_up_others(by: str, organisation_id: str, is_volunteer: bool) -> bool:
    """Organisers for their own events; a centre's staff for any audience, as anyone may with a name and a phone."""
    held = organisations.permissions_at(by, organisation_id)
    if any(grants(held, one) for one in (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS)):
        return True
    return not is_volunteer and Permission.SIGN_UP_OTHERS in organisations.permissions_of(by)


def _is_open(facts: Row[*tuple[Any, ...]]) -> bool:
    return window_open(
        event_status=facts.status,
        session_cancelled=facts.cancelled_at is not None,
        period=Period(facts.starts_at, facts.ends_at),
        is_volunteer=facts.kind == PositionKind.VOLUNTEER,
        now=clock.now(),
    )


# --- take ---------------------------------------------------------------------------------------------------------

_TAKE = (
    update(_position)
    .where(_position.c.id == bindparam("position_id"), _position.c.taken < _position.c.capacity)
    .values(taken=_position.c.taken + 1)
    .returning(_position.c.id)
)
_LOCK = (
    select((_position.c.taken < _position.c.capacity).label("is_free"))
    .where(_position.c.id == bindparam("position_id"))
    .with_for_update(key_share=True)
)


def _take_place(facts: Row[*tuple[Any, ...]], person_id: str) -> bool:
    """Take a place; False when there is none.

    False is said holding the position's lock: whoever gives a place back from now on finds us on the waitlist.
    Volunteers are locked after the position, so that nothing else gives them a shift before we look.
    """
    persons = [person_id] if facts.kind == PositionKind.VOLUNTEER else []
    seems_free = facts.taken < facts.capacity and not facts.somebody_waits
    if seems_free and _take(facts.id):
        lock_persons(persons)
        return True
    if not facts.waitlist and not facts.somebody_waits:
        return False  # no waitlist to stand on, so no need to hold anything
    if session().execute(_LOCK, {"position_id": facts.id}).scalar_one():
        # Whoever waits and can take the free place goes first. A newcomer passes only those who could not take
        # it anyway, because they have another shift at that time.
        fill([facts.id], lock_too=persons)
        return _take(facts.id)
    lock_persons(persons)
    return False


def _take(position_id: str) -> bool:
    """One conditional update: it waits for whoever holds the position, then takes a place if one is left."""
    return session().execute(_TAKE, {"position_id": position_id}).one_or_none() is not None


# --- write --------------------------------------------------------------------------------------------------------

_shift, _shift_position = _signup.alias("shift"), _position.alias("shift_position")
_shift_session, _shift_event = _session.alias("shift_session"), _event.alias("shift_event")
_CLASH = (
    select(_shift_event.c.title)
    .select_from(_shift)
    .join(_shift_position, _shift_position.c.id == _shift.c.position_id)
    .join(_shift_session, _shift_session.c.id == _shift.c.session_id)
    .join(_shift_event, _shift_event.c.id == _shift_session.c.event_id)
    .where(
        _shift.c.person_id == bindparam("person_id"),
        _shift.c.status.in_(sorted(HOLDS_PLACE)),
        _shift_position.c.kind == PositionKind.VOLUNTEER.value,
        # half-open, as core.clock.Period defines it: shifts that touch do not overlap
        _shift_session.c.starts_at < _session.c.ends_at,
        _shift_session.c.ends_at > _session.c.starts_at,
    )
    .order_by(_shift_session.c.starts_at)
    .limit(1)
    .correlate(_session)
)
_FIND_CLASH = select(_CLASH.scalar_subquery()).where(_session.c.id == bindparam("session_id"))


def _insert(dialect: str, *, is_volunteer: bool) -> Executable:
    """INSERT … SELECT: the row is written only if the session is still open and free of clashes.

    The transaction's locks are held by now, and the statement sees what happened before they were got.
    """
    columns = list(_signup.c)
    first_end = _session.c.starts_at if is_volunteer else _session.c.ends_at
    conditions = [
        _session.c.id == bindparam("session_id"),
        _session.c.cancelled_at.is_(None),
        _event.c.status == EventStatus.PUBLISHED.value,
        first_end > bindparam("created_at", type_=_signup.c.created_at.type),
    ]
    if is_volunteer:
        conditions.append(~_CLASH.exists())
    values = (
        select(*(bindparam(column.name, type_=column.type) for column in columns))
        .select_from(_session)
        .join(_event, _event.c.id == _session.c.event_id)
        .where(*conditions)
    )
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        kind(_signup)
        .from_select([column.name for column in columns], values, include_defaults=False)
        .on_conflict_do_nothing(index_elements=["session_id", "short_code"])
        .returning(_signup.c.id)
    )


_INSERTS = {
    (dialect, is_volunteer): _insert(dialect, is_volunteer=is_volunteer)
    for dialect in ("postgresql", "sqlite")
    for is_volunteer in (False, True)
}


def _write(
    facts: Row[*tuple[Any, ...]], status: SignupStatus, person_id: str, *, by: str | None, source: str
) -> Signup:
    statement = _INSERTS[session().get_bind().dialect.name, facts.kind == PositionKind.VOLUNTEER]
    row = _row(facts, status, clock.now()) | {"person_id": person_id, "created_by": by, "source": source}
    for _attempt in range(_CODES_TO_TRY):
        try:
            written = session().execute(statement, row).one_or_none()
        except IntegrityError as error:
            if broken_constraint(error) == "uq_signup_position_id_person_id":
                raise AlreadySignedUp from error
            raise
        if written is not None:
            return _as_loaded(row)
        _explain(facts, person_id)
        row["short_code"] = _short_code()  # taken by another sign-up of the session
    raise RuntimeError("no free short code was found")


def _row(facts: Row[*tuple[Any, ...]], status: SignupStatus, now: datetime) -> dict[str, Any]:
    is_waiting = status == SignupStatus.WAITLISTED
    return {
        "id": new_id(),
        "position_id": facts.id,
        "session_id": facts.session_id,
        "status": status.value,
        "created_at": now,
        "updated_at": now,
        "waitlisted_at": now if is_waiting else None,
        "priority": 0,
        "confirmed_at": None if is_waiting else now,
        "cancelled_at": None,
        "cancel_reason": None,
        "pass_serial": 1,
        "short_code": _short_code(),
    }


def _short_code() -> str:
    return "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))


def _explain(facts: Row[*tuple[Any, ...]], person_id: str) -> None:
    """Why nothing was written, if not for the short code; raises SignupClosed or OverlappingShift."""
    if not _is_open(_look(facts.id, person_id)):
        raise SignupClosed
    if facts.kind == PositionKind.VOLUNTEER:
        given = {"session_id": facts.session_id, "person_id": person_id}
        title = session().execute(_FIND_CLASH, given).scalar_one_or_none()
        if title is not None:
            raise OverlappingShift(event=title)


def _as_loaded(row: dict[str, Any]) -> Signup:
    """The row as the session would hold it, without reading it back."""
    made = Signup(**row)
    make_transient_to_detached(made)
    session().add(made)
    return made
