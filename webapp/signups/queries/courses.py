"""Reads of courses: which an event offers, which a person is in with its dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from webapp.core import tokens
from webapp.core.clock import Period
from webapp.core.db import get_row, session
from webapp.core.errors import NotFound
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.signups.domain import LIVING, SetTimes, window_open
from webapp.signups.models import CourseSignup, Signup

GUEST_COURSE_PURPOSE = "guest course"  # of the link that lets a guest see and leave one course
AT_LEAST = 2  # dates make a course
_AT_ONCE = 400


@dataclass(frozen=True)
class CourseOffer:
    """Positions of one name and kind in several coming sessions of an event."""

    name: str
    kind: str
    positions: Sequence[Position]  # by start

    @property
    def is_volunteer(self) -> bool:
        """Whether it is a helper's place."""
        return self.kind == PositionKind.VOLUNTEER


def courses_in(event: Event, now: datetime) -> list[CourseOffer]:
    """What one may take as a whole: needs the event's sessions and positions loaded, asks nothing more."""
    found: dict[tuple[str, str], list[Position]] = {}
    for one in event.sessions:
        for position in one.positions:
            if window_open(
                event_status=event.status,
                session_cancelled=one.cancelled_at is not None,
                period=Period(one.starts_at, one.ends_at),
                is_volunteer=position.kind == PositionKind.VOLUNTEER,
                now=now,
                times=SetTimes(position.opens_at, position.closes_at),
            ):
                found.setdefault((position.name, position.kind), []).append(position)
    return [CourseOffer(*key, some) for key, some in found.items() if len(some) >= AT_LEAST]


@dataclass(frozen=True)
class CourseDate:
    """One coming or past date of a course someone is in; without a sign-up it is not (or no longer) theirs."""

    session: EventSession
    position: Position
    signup: Signup | None


@dataclass(frozen=True)
class CourseOf:
    """A course someone is in."""

    course: CourseSignup
    event: Event
    dates: Sequence[CourseDate]  # by start

    @property
    def living(self) -> list[CourseDate]:
        """Dates that still stand."""
        return [one for one in self.dates if one.signup is not None and one.signup.is_living]

    def coming(self, now: datetime) -> list[CourseDate]:
        """Dates that still stand and have not begun."""
        return [one for one in self.living if one.session.starts_at > now]


def courses_of(person_id: str) -> list[CourseOf]:
    """Courses the person is in and has not left, each with all its dates; three statements."""
    wanted = select(CourseSignup).where(
        CourseSignup.person_id == person_id, CourseSignup.cancelled_at.is_(None)
    )
    return _whole(list(session().scalars(wanted.order_by(CourseSignup.created_at, CourseSignup.id))))


def get_course(person_id: str, course_id: str) -> CourseOf:
    """A course of one's own, one made for someone, or of an event one manages; raises NotFound."""
    course = get_row(CourseSignup, course_id)
    if person_id not in {course.person_id, course.created_by}:
        organisation_id = get_row(Event, course.event_id).organisation_id
        if not organisations.may(person_id, Permission.MANAGE_EVENTS, organisation_id):
            raise NotFound
    return _whole([course])[0]


def guest_course_token(course_id: str) -> str:
    """What the link of someone without an account carries: it opens this course and nothing else."""
    return tokens.sign(GUEST_COURSE_PURPOSE, course_id)


def get_course_for_guest(token: str) -> CourseOf:
    """The course a guest's link opens; raises NotFound."""
    return _whole([get_row(CourseSignup, str(tokens.unsign(GUEST_COURSE_PURPOSE, token)))])[0]


def living_course(event_id: str, person_id: str, *, name: str) -> CourseSignup | None:
    """The person's course sign-up for the positions of this name."""
    return session().scalar(
        select(CourseSignup).where(
            CourseSignup.event_id == event_id,
            CourseSignup.position_name == name,
            CourseSignup.person_id == person_id,
            CourseSignup.cancelled_at.is_(None),
        )
    )


def courses_joined_by(position_id: str, person_ids: Sequence[str]) -> dict[str, str]:
    """Person id → the living course sign-up of those of these people to which this position is a date."""
    position = session().get_one(Position, position_id)
    found: dict[str, str] = {}
    for first in range(0, len(person_ids), _AT_ONCE):
        rows = session().execute(
            select(CourseSignup.person_id, CourseSignup.id).where(
                CourseSignup.event_id == position.session.event_id,
                CourseSignup.position_name == position.name,
                CourseSignup.kind == position.kind,
                CourseSignup.person_id.in_(person_ids[first : first + _AT_ONCE]),
                CourseSignup.cancelled_at.is_(None),
            )
        )
        found |= {row.person_id: row.id for row in rows}
    return found


def _whole(courses: list[CourseSignup]) -> list[CourseOf]:
    if not courses:
        return []
    positions = session().scalars(
        select(Position)
        .join(Position.session)
        .join(EventSession.event)
        .where(EventSession.event_id.in_([one.event_id for one in courses]))
        .options(contains_eager(Position.session).contains_eager(EventSession.event))
        .order_by(EventSession.starts_at, Position.id)
        .execution_options(populate_existing=True)
    )
    rows = list(positions)
    signups = _signups(courses)
    made = []
    for course in courses:
        dates = [
            CourseDate(row.session, row, signups.get((course.id, row.id)))
            for row in rows
            if (row.session.event_id, row.name, row.kind)
            == (course.event_id, course.position_name, course.kind)
        ]
        event = next((one.session.event for one in dates), None) or get_row(Event, course.event_id)
        made.append(CourseOf(course, event, dates))
    return made


def _signups(courses: list[CourseSignup]) -> dict[tuple[str, str], Signup]:
    """By course and position the living sign-up, else the last one."""
    rows = session().scalars(
        select(Signup)
        .where(Signup.course_id.in_([one.id for one in courses]))
        .order_by(Signup.status.in_(LIVING), Signup.created_at, Signup.id)
        .execution_options(populate_existing=True)
    )
    return {(row.course_id or "", row.position_id): row for row in rows}
