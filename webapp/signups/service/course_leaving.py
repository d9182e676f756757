"""Take a whole course back: every date not yet begun, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from webapp.core import audit, clock
from webapp.core.clock import Period
from webapp.core.db import get_row, lock_row, session
from webapp.core.errors import NotFound
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.signups.domain import HOLDS_PLACE, LIVING, AlreadyOver, Held, may_cancel
from webapp.signups.domain.sharing import LEFT_COURSE
from webapp.signups.models import CourseSignup, Signup
from webapp.signups.queries.courses import CourseDate, CourseOf
from webapp.signups.queries.offers import held_of
from webapp.signups.service import shift_notices
from webapp.signups.service.inside import came, lock_sessions
from webapp.signups.service.places import fill, lock_positions, mark_cancelled, release, waited_elsewhere


@dataclass(frozen=True)
class LeftCourse:
    """Ids of the sign-ups cancelled, and the starts of those that stay: too near, or they are there already."""

    cancelled: list[str]
    too_late: list[datetime]


def what_ends(found: CourseOf, *, by: str | None) -> tuple[list[CourseDate], list[CourseDate]]:
    """Of the dates not yet begun those that leaving ends, and those that stay; as leave_course() would have it now."""
    now, as_staff = clock.now(), _is_staff(found.course, by)
    coming = [(one, one.signup) for one in found.coming(now) if one.signup is not None]
    here = came([signup.id for _, signup in coming])
    ends = [
        one for one, signup in coming
        if signup.id not in here and may_cancel(held_of(signup), now=now, as_staff=as_staff)
    ]  # fmt: skip
    return ends, [one for one, _ in coming if one not in ends]


def leave_course(course_id: str, *, by: str | None) -> LeftCourse:
    """Take a whole course back; every date not yet begun is cancelled, in one transaction.

    A date so near that one may not cancel it oneself stays and is named in the answer. `by`: the person, whoever
    signed them up, or staff managing the event; None for the holder of the guest's link. Raises NotFound,
    AlreadyOver.
    """
    course = get_row(CourseSignup, course_id)
    as_staff = _is_staff(course, by)
    lock_row(Event, course.event_id)
    session().refresh(course)
    if course.cancelled_at is not None:
        raise AlreadyOver
    is_volunteer = course.kind == PositionKind.VOLUNTEER
    elsewhere = waited_elsewhere([course.person_id]) if is_volunteer else []
    lock_sessions([row.id for row in _coming_dates(course_id)])
    positions = {*(row.position_id for row in _coming_dates(course_id)), *elsewhere}
    lock_positions(positions)
    now, coming = clock.now(), _coming_dates(course_id)  # as they are now that nobody else can change them
    here = came([row.id for row in coming])  # who came early to a date is there, and stays so
    rows = [
        row for row in coming if row.id not in here and may_cancel(_held(row), now=now, as_staff=as_staff)
    ]
    mark_cancelled([row.id for row in rows], LEFT_COURSE)
    for row in rows:
        if row.status in HOLDS_PLACE:
            release(row.position_id, 1)
        audit.record("signup.cancel", "signup", row.id, by=by, reason=LEFT_COURSE)
    course.cancelled_at = now
    fill(positions)
    audit.record("course.leave", "course_signup", course_id, by=by, dates=len(rows))
    if by not in {None, course.person_id}:
        shift_notices.left_course_by_staff([row.id for row in rows], course_id)
    return LeftCourse([row.id for row in rows], [row.starts_at for row in coming if row not in rows])


def _is_staff(course: CourseSignup, by: str | None) -> bool:
    """Whether staff do it; raises NotFound for whom the course does not concern."""
    if by is None or by in {course.person_id, course.created_by}:
        return False
    organisation_id = get_row(Event, course.event_id).organisation_id
    if not organisations.may(by, Permission.MANAGE_EVENTS, organisation_id):
        raise NotFound
    return True


def _held(row: Row[*tuple[Any, ...]]) -> Held:
    return Held(
        status=row.status,
        period=Period(row.starts_at, row.ends_at),
        cancel_hours=row.cancel_hours,
        since=row.confirmed_at or row.created_at,
    )


def _coming_dates(course_id: str) -> list[Row[*tuple[Any, ...]]]:
    return list(
        session().execute(
            select(
                Signup.id,
                Signup.position_id,
                Signup.status,
                Signup.confirmed_at,
                Signup.created_at,
                Position.cancel_hours,
                EventSession.starts_at,
                EventSession.ends_at,
            )
            .join(Position, Position.id == Signup.position_id)
            .join(EventSession, EventSession.id == Signup.session_id)
            .where(
                Signup.course_id == course_id,
                Signup.status.in_(LIVING),
                EventSession.starts_at > clock.now(),
            )
            .order_by(Signup.id)
        )
    )
