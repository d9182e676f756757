"""Passes to be printed and handed over: whose a member of staff may print for a session."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may
from webapp.signups.domain import SignupStatus
from webapp.signups.models import Signup
from webapp.signups.queries.centres import centres_of


def passes_to_print(
    person_id: str, event_session: EventSession, *, signup_ids: Sequence[str] = ()
) -> list[Signup]:
    """Confirmed sign-ups of the session with their persons: all the audience for those who manage the event, else
    those the person's own centre signed up. With ids only these, of any position. By position, then by age of sign-up.
    """
    wanted: list[ColumnElement[bool]] = [
        Signup.session_id == event_session.id,
        Signup.status == SignupStatus.CONFIRMED,
    ]
    if signup_ids:
        wanted.append(Signup.id.in_(signup_ids))
    else:
        wanted.append(Position.kind == PositionKind.AUDIENCE)
    if not may(person_id, Permission.MANAGE_EVENTS, event_session.event.organisation_id):
        centres = [one.id for one in centres_of(person_id)]
        wanted.append(or_(Signup.created_by == person_id, Signup.centre_id.in_(centres)))
    return list(
        session().scalars(
            select(Signup)
            .join(Position, Position.id == Signup.position_id)
            .where(*wanted)
            .options(joinedload(Signup.person))
            .order_by(Position.rank, Position.id, Signup.created_at, Signup.id)
        )
    )
