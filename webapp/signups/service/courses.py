"""One sign-up for a whole course: a living one is followed by a Signup for every coming session.

Everything that changes who is in a course holds the lock of the event, so that a session added at the same moment
enrols exactly those who are in it.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, select, update

from webapp.core import audit, clock
from webapp.core.db import lock_row, savepoint, session
from webapp.core.errors import NotFound, Refusal
from webapp.events.domain import PUBLIC_STATUSES, PositionKind
from webapp.events.domain.questions import AnswersIncomplete
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import (
    LIVING,
    AlreadySignedUp,
    MayNotSignUpOthers,
    SignupSource,
)
from webapp.signups.domain.giving import ABOUT_MINORS, UNASKED, Given
from webapp.signups.domain.presence import SameHour
from webapp.signups.domain.sharing import (
    AlreadyInCourse,
    DateLeftOut,
    DateToAsk,
    NoCourseHere,
    NothingLeftOfCourse,
    SameHourInCourse,
)
from webapp.signups.models import Answer, CourseSignup, Signup
from webapp.signups.queries.courses import AT_LEAST, living_course
from webapp.signups.service import shift_notices
from webapp.signups.service.applying import apply
from webapp.signups.service.places import (
    lock_persons,
    lock_positions,
    waiting_persons,
)

NOTHING_GIVEN = Given()


@dataclass
class CourseAnswer:
    """What became of each date: the ids of its sign-ups by start, and the dates left out with the reason."""

    course_id: str
    signups: list[str] = field(default_factory=list)
    left_out: list[DateLeftOut] = field(default_factory=list)


def sign_up_course(
    event_id: str,
    person_id: str,
    *,
    position_name: str,
    by: str | None,
    source: str,
    given: Given = NOTHING_GIVEN,
) -> CourseAnswer:
    """Sign a person up for every coming session with a position of this name; full ones are waitlisted.

    Dates that clash or are closed are left out and named in the answer; a date they had signed up for before
    becomes part of the course. `given` holds for every date. Raises NotFound, NoCourseHere, AlreadyInCourse,
    NothingLeftOfCourse (with the reasons), MayNotSignUpOthers, AnswersIncomplete, SameHourInCourse, ABOUT_MINORS;
    after any of them the transaction must end.
    """
    event = lock_row(Event, event_id)
    if event.status not in PUBLIC_STATUSES:
        raise NotFound
    positions = _coming_positions(event_id, position_name)
    if len(positions) < AT_LEAST:
        raise NoCourseHere(name=position_name)
    if living_course(event_id, person_id, name=position_name) is not None:
        raise AlreadyInCourse
    course = CourseSignup(
        event_id=event_id,
        position_name=position_name,
        kind=positions[0].kind,
        person_id=person_id,
        created_by=by,
    )
    session().add(course)
    session().flush()
    _lock(positions, [person_id])
    answer = _take_dates(course, positions, by=by, source=source, given=given)
    if not answer.signups:
        raise NothingLeftOfCourse(reasons=answer.left_out)
    audit.record("course.sign_up", "course_signup", course.id, by=by, dates=len(answer.signups))
    return answer


def _take_dates(
    course: CourseSignup, positions: list[Row[*tuple[Any, ...]]], *, by: str | None, source: str, given: Given
) -> CourseAnswer:
    """Each date with what became of it; raises SameHourInCourse, of all dates at once."""
    answer, asked = CourseAnswer(course.id), list[DateToAsk]()
    for position in positions:
        said = replace(given, guardian=None) if answer.signups else given  # consent is recorded once
        try:
            answer.signups.append(_one_date(position.id, course, by=by, source=source, given=said))
        except (AnswersIncomplete, MayNotSignUpOthers, *ABOUT_MINORS):
            raise
        except SameHour:
            asked.append(DateToAsk(date=position.starts_at))
        except Refusal as refusal:
            answer.left_out.append(DateLeftOut(date=position.starts_at, reason=refusal))
    if asked:
        raise SameHourInCourse(count=len(asked), reasons=asked)
    return answer


def _coming_positions(event_id: str, name: str) -> list[Row[*tuple[Any, ...]]]:
    """Positions of this name in sessions to come, by start, all of the kind of the first."""
    rows = (
        session()
        .execute(
            select(Position.id, Position.kind, EventSession.starts_at)
            .join(EventSession, EventSession.id == Position.session_id)
            .where(
                EventSession.event_id == event_id,
                EventSession.cancelled_at.is_(None),
                EventSession.ends_at > clock.now(),
                Position.name == name,
            )
            .order_by(EventSession.starts_at, Position.id)
        )
        .all()
    )
    return [row for row in rows if row.kind == rows[0].kind]


def _lock(positions: list[Row[*tuple[Any, ...]]], persons: list[str]) -> None:
    """All that signing up may lock, in the order of the house: positions by id, then persons by id."""
    ids = [row.id for row in positions]
    lock_positions(ids)
    if positions[0].kind == PositionKind.VOLUNTEER:
        lock_persons([*persons, *waiting_persons(ids)])


def _one_date(position_id: str, course: CourseSignup, *, by: str | None, source: str, given: Given) -> str:
    """Sign up for one date, or take in the sign-up there already is; the sign-up's id. Raises what signing up does."""
    try:
        with savepoint():
            said = replace(given, course_id=course.id)
            return apply(position_id, course.person_id, by=by, source=source, given=said).id
    except AlreadySignedUp:
        own = (
            Signup.position_id == position_id,
            Signup.person_id == course.person_id,
            Signup.status.in_(LIVING),
        )
        session().execute(
            update(Signup)
            .where(*own)
            .values(course_id=course.id)
            .execution_options(synchronize_session=False)
        )
        return session().scalars(select(Signup.id).where(*own)).one()


def on_session_added(event_session: EventSession, by: str | None) -> None:
    """Whoever is in a course of the event is enrolled in the new session, in the order they joined, and told.

    The event is locked. Who cannot come at that time is left out.
    """
    positions = {
        (row.name, row.kind): row.id
        for row in session().execute(
            select(Position.id, Position.name, Position.kind).where(Position.session_id == event_session.id)
        )
    }
    wanted = select(CourseSignup).where(
        CourseSignup.event_id == event_session.event_id, CourseSignup.cancelled_at.is_(None)
    )
    courses = [
        one
        for one in session().scalars(wanted.order_by(CourseSignup.created_at, CourseSignup.id))
        if (one.position_name, one.kind) in positions
    ]
    lock_positions(positions.values())
    lock_persons([one.person_id for one in courses if one.kind == PositionKind.VOLUNTEER])
    said = _said_before(courses)
    enrolled = []
    for course in courses:
        source = SignupSource.GUEST if course.created_by is None else SignupSource.SELF
        position_id = positions[course.position_name, course.kind]
        # Nobody can be asked here; they are told, and give back what they do not want.
        given = replace(said.get(course.id, UNASKED), both=True)
        try:
            enrolled.append(_one_date(position_id, course, by=None, source=source, given=given))
        except Refusal:
            continue  # another shift at that time, or not open: this date is not theirs
    shift_notices.date_added(enrolled)
    if courses:
        audit.record("course.enrol", "event_session", event_session.id, by=by, count=len(enrolled))


def _said_before(courses: list[CourseSignup]) -> dict[str, Given]:
    """What was said for the newest date of each course: answers, company; age and consent are known by themselves."""
    rows = session().execute(
        select(Signup.id, Signup.course_id, Signup.company)
        .where(Signup.course_id.in_([one.id for one in courses]))
        .order_by(Signup.created_at, Signup.id)
    )
    newest = {row.course_id: row for row in rows}
    answers: dict[str, dict[str, str]] = {}
    found = select(Answer).where(Answer.signup_id.in_([row.id for row in newest.values()]))
    for one in session().scalars(found):
        answers.setdefault(one.signup_id, {})[one.question_id] = one.value
    said = {key: Given(answers.get(row.id, {}), company=row.company) for key, row in newest.items()}
    return {key: replace(one, can_ask=False) for key, one in said.items()}
