"""The statements of taking a place, built once: each of them runs at every sign-up of a rush."""

from typing import cast

from sqlalchemy import Executable, Table, bindparam, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.db import Base
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.people.models import Account
from webapp.signups.domain import HOLDS_PLACE, LIVING, SignupStatus
from webapp.signups.models import Signup


def _table(model: type[Base]) -> Table:
    """The table without its mapping: the statements below are written for it."""
    return cast("Table", model.__table__)


_position, _session, _event = _table(Position), _table(EventSession), _table(Event)
_signup, _account = _table(Signup), _table(Account)

# Everything the decision needs.
FACTS = (
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

# One conditional update.
TAKE = (
    update(_position)
    .where(_position.c.id == bindparam("position_id"), _position.c.taken < _position.c.capacity)
    .values(taken=_position.c.taken + 1)
    .returning(_position.c.id)
)
# Everyone who stands in line shares this lock, so that they need not commit one after the other; whoever gives a
# place back, or makes more, waits for them and then finds them on the waitlist.
LOCK_WHILE_FULL = (
    select(_position.c.id)
    .where(_position.c.id == bindparam("position_id"), _position.c.taken >= _position.c.capacity)
    .with_for_update(read=True)
)
LOCK = (
    select(_position.c.id).where(_position.c.id == bindparam("position_id")).with_for_update(key_share=True)
)

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
FIND_CLASH = select(_CLASH.scalar_subquery()).where(_session.c.id == bindparam("session_id"))


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


INSERTS = {
    (dialect, is_volunteer): _insert(dialect, is_volunteer=is_volunteer)
    for dialect in ("postgresql", "sqlite")
    for is_volunteer in (False, True)
}
