"""Reads: who comes along with whom."""

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from webapp.core.db import session
from webapp.events.models import EventSession, Position
from webapp.signups.models import Signup


def companions_of(signup: Signup) -> list[Signup]:
    """The sign-ups that came along with this one, also those that ended, with person, position and session."""
    return list(
        session().scalars(
            select(Signup)
            .join(Signup.position)
            .join(Position.session)
            .join(EventSession.event)
            .join(Signup.person)
            .options(
                contains_eager(Signup.position)
                .contains_eager(Position.session)
                .contains_eager(EventSession.event),
                contains_eager(Signup.person),
            )
            .where(Signup.with_signup_id == signup.id)
            .order_by(Signup.created_at, Signup.id)
        )
    )


def living_companions_of(signup: Signup) -> list[Signup]:
    """Those of them that still stand."""
    return [one for one in companions_of(signup) if one.is_living]


def party_ids(signup_id: str) -> list[str]:
    """Ids of a sign-up and of those that came along with it."""
    wanted = select(Signup.id).where(or_(Signup.id == signup_id, Signup.with_signup_id == signup_id))
    return list(session().scalars(wanted.order_by(Signup.id)))
