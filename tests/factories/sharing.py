"""Courses and team sign-ups, made through the services, each in a transaction of its own."""

from datetime import timedelta

from tests.factories.events import an_event, positions_of, session_draft
from webapp.core import clock
from webapp.core.db import transaction
from webapp.events.domain import PositionDraft
from webapp.events.models import Event
from webapp.signups.domain import SignupSource
from webapp.signups.domain.giving import Given
from webapp.signups.service.courses import CourseAnswer, sign_up_course

NAME = "学员"


def a_course_event(
    dates: int = 3, *, kind: str = "audience", capacity: int = 2, waitlist: bool = True
) -> Event:
    """A published event with a session a week; each has the one position NAME."""
    draft = PositionDraft(NAME, kind, capacity, waitlist)
    start = clock.now() + timedelta(days=7)
    drafts = [session_draft(start + timedelta(weeks=week), positions=[draft]) for week in range(dates)]
    return an_event(sessions=drafts)


def position_ids(event: Event) -> list[str]:
    """Ids of its positions by start."""
    return [one.id for one in positions_of(event)]


def join_course(event_id: str, person_id: str, *, by: str | None = None, both: bool = True) -> CourseAnswer:
    """Take the whole course, whatever they have elsewhere at those hours."""
    source = SignupSource.SELF if by else SignupSource.GUEST
    with transaction():
        return sign_up_course(
            event_id, person_id, position_name=NAME, by=by, source=source, given=Given(both=both)
        )
