"""The statements of taking a place, built once: each of them runs at every sign-up of a rush.

Words that never change stand in them as they are: a partial index serves only a condition it can see, and what is
not bound need not be sent.
"""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    String,
    Table,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from webapp.core.db import Base
from webapp.events.domain import EventStatus, PositionKind
from webapp.events.models import Event, EventSession, Position, Question
from webapp.people.models import Account, SettledAge
from webapp.signups.domain import HOLDS_PLACE, LIVING, SignupStatus
from webapp.signups.models import CourseSignup, Signup
from webapp.volunteers.models import PositionRequirement, Volunteer


def _table(model: type[Base]) -> Table:
    """The table without its mapping: the statements below are written for it."""
    return cast("Table", model.__table__)


def _word(word: str) -> ColumnElement[str]:
    """One of our own words, written into the statement."""
    return literal_column(f"'{word}'", String)


def _one_of(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    return column.in_([_word(word) for word in sorted(words)])


_position, _session, _event = _table(Position), _table(EventSession), _table(Event)
_signup, _account, _requirement = _table(Signup), _table(Account), _table(PositionRequirement)
_question, _course = _table(Question), _table(CourseSignup)
_volunteer, _settled = _table(Volunteer), _table(SettledAge)
_other, _other_position = _signup.alias("other"), _position.alias("other_position")
_other_session = _session.alias("other_session")

# Everything the decision needs.
FACTS = (
    select(
        _position.c.id,
        _position.c.kind,
        _position.c.waitlist,
        _position.c.taken,
        _position.c.capacity,
        _position.c.session_id,
        _position.c.needs_approval,
        _position.c.min_age,
        _position.c.opens_at,
        _position.c.closes_at,
        _session.c.starts_at,
        _session.c.ends_at,
        _session.c.cancelled_at,
        _event.c.status,
        _event.c.organisation_id,
        exists()
        .where(
            _signup.c.position_id == bindparam("position_id"),
            _signup.c.person_id == bindparam("person_id"),
            _one_of(_signup.c.status, LIVING),
        )
        .label("is_signed_up"),
        exists()
        .where(
            _signup.c.position_id == bindparam("position_id"),
            _signup.c.status == _word(SignupStatus.WAITLISTED),
        )
        .label("somebody_waits"),
        exists()
        .where(_account.c.person_id == bindparam("person_id"), _account.c.disabled_at.is_(None))
        .label("has_account"),
        exists().where(_requirement.c.position_id == bindparam("position_id")).label("has_requirements"),
        exists()
        .where(
            _signup.c.session_id == _position.c.session_id,
            _signup.c.person_id == bindparam("person_id"),
            _signup.c.status == _word(SignupStatus.CONFIRMED),
            _signup.c.position_id != bindparam("position_id"),
        )
        .label("has_place_here"),
        # Something elsewhere at that hour, one of the two a seat: two shifts are another rule's (_CLASH).
        exists(
            select(_other.c.id)
            .join(_other_position, _other_position.c.id == _other.c.position_id)
            .join(_other_session, _other_session.c.id == _other.c.session_id)
            .where(
                _other.c.person_id == bindparam("person_id"),
                _one_of(_other.c.status, HOLDS_PLACE),
                _other.c.session_id != _position.c.session_id,
                _other_session.c.starts_at < _session.c.ends_at,
                _other_session.c.ends_at > _session.c.starts_at,
                or_(
                    _position.c.kind == _word(PositionKind.AUDIENCE),
                    _other_position.c.kind == _word(PositionKind.AUDIENCE),
                ),
            )
            .correlate(_position, _session)
        ).label("same_hour"),
        select(_course.c.id)
        .where(
            _course.c.event_id == _session.c.event_id,
            _course.c.position_name == _position.c.name,
            _course.c.kind == _position.c.kind,
            _course.c.person_id == bindparam("person_id"),
            _course.c.cancelled_at.is_(None),
        )
        .correlate(_session, _position)
        .scalar_subquery()
        .label("course_id"),
        exists()
        .where(_question.c.event_id == _session.c.event_id, _question.c.removed_at.is_(None))
        .label("asks"),
        # Somebody said how old this person is: then it is looked at (minors.py).
        or_(
            exists().where(_signup.c.person_id == bindparam("person_id"), _signup.c.age_band.is_not(None)),
            exists().where(
                _volunteer.c.person_id == bindparam("person_id"), _volunteer.c.age_band.is_not(None)
            ),
            exists().where(_settled.c.person_id == bindparam("person_id")),
        ).label("age_is_known"),
    )
    .join(_session, _session.c.id == _position.c.session_id)
    .join(_event, _event.c.id == _session.c.event_id)
    .where(_position.c.id == bindparam("position_id"))
)

# One conditional update.
TAKE = (
    update(_position)
    .where(_position.c.id == bindparam("position_id"), _position.c.taken < _position.c.capacity)
    .values(taken=_position.c.taken + literal_column("1"))
    .returning(_position.c.id)
)
# Everyone who stands in line shares this lock, so that they need not commit one after the other; whoever gives a
# place back, or makes more, waits for them and then finds them on the waitlist.
LOCK_WHILE_FULL = (
    select(_position.c.id)
    .where(_position.c.id == bindparam("position_id"), _position.c.taken >= _position.c.capacity)
    .with_for_update(read=True)
)
# Who asks for approval takes no place, yet must be seen by whoever cancels the session at this moment.
LOCK_SHARED = (
    select(_position.c.id).where(_position.c.id == bindparam("position_id")).with_for_update(read=True)
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
        _one_of(_shift.c.status, HOLDS_PLACE),
        _shift_position.c.kind == _word(PositionKind.VOLUNTEER),
        # half-open, as core.clock.Period defines it: shifts that touch do not overlap
        _shift_session.c.starts_at < _session.c.ends_at,
        _shift_session.c.ends_at > _session.c.starts_at,
    )
    .order_by(_shift_session.c.starts_at)
    .limit(1)
    .correlate(_session)
)
FIND_CLASH = select(_CLASH.scalar_subquery()).where(_session.c.id == bindparam("session_id"))


# Columns of a new sign-up that are bound, and those that always begin the same; the rest begins empty.
GIVEN = (
    "id",
    "position_id",
    "session_id",
    "person_id",
    "status",
    "source",
    "created_by",
    "created_at",
    "waitlisted_at",
    "confirmed_at",
    "short_code",
)
EXTRA = (
    "age_band",
    "age_said",
    "company",
    "team_id",
    "course_id",
    "with_signup_id",
)  # bound where one of them is given
FIXED = {"priority": 0, "pass_serial": 1, "rounds": 0}


def _insert(dialect: str, *, is_volunteer: bool, has_extra: bool) -> Executable:
    """INSERT … SELECT: the row is written only if the session is still open and free of clashes.

    The transaction's locks are held by now, and the statement sees what happened before they were got.
    """
    names = GIVEN + EXTRA if has_extra else GIVEN
    given = {name: bindparam(name, type_=_signup.c[name].type) for name in names}
    fixed: dict[str, ColumnElement[Any]] = {
        name: literal_column(str(number)) for name, number in FIXED.items()
    }
    values = given | {"updated_at": given["created_at"]} | fixed
    first_end = _session.c.starts_at if is_volunteer else _session.c.ends_at
    conditions = [
        _session.c.id == bindparam("session_id"),
        _session.c.cancelled_at.is_(None),
        _event.c.status == _word(EventStatus.PUBLISHED),
        first_end > given["created_at"],
    ]
    if is_volunteer:
        conditions.append(~_CLASH.exists())
    row = (
        select(*values.values())
        .select_from(_session)
        .join(_event, _event.c.id == _session.c.event_id)
        .where(*conditions)
    )
    kind = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        kind(_signup)
        .from_select(list(values), row, include_defaults=False)
        .on_conflict_do_nothing()  # the short code, or somebody was faster: taking.py looks which
        .returning(_signup.c.id)
    )


INSERTS = {
    (dialect, is_volunteer, has_extra): _insert(dialect, is_volunteer=is_volunteer, has_extra=has_extra)
    for dialect in ("postgresql", "sqlite")
    for is_volunteer in (False, True)
    for has_extra in (False, True)
}
