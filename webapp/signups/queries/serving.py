"""Who serves for whom: what earlier areas ask of sign-ups."""

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.domain import PositionKind
from webapp.events.models import Event, EventSession, Position
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup


def add_volunteers_of(organisation_ids: list[str], people: set[str]) -> None:
    """Add the ids of volunteers with a living sign-up, past or to come, at events of these organisations."""
    wanted = (
        select(Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Signup.session_id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id.in_(organisation_ids),
            Position.kind == PositionKind.VOLUNTEER,
            Signup.status.in_(LIVING),
        )
        .distinct()
    )
    people.update(session().scalars(wanted))
