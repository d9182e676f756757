"""Finding the way back to one's own pass: what this phone signed up, and by telephone and short code."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, exists, or_, select

from webapp.core.db import session
from webapp.events.models import EventSession, Position
from webapp.people.models import Account, Person
from webapp.signups.domain import LIVING, read_short_code
from webapp.signups.models import Signup
from webapp.signups.queries import get_with_session, with_session
from webapp.signups.queries.standing import PUT_OFF


def standing(keys: Collection[str], *, now: datetime, event_id: str | None = None) -> list[Signup]:
    """Of these sign-ups (ids of sign-ups or of courses) those that stand and are not over, the next one first."""
    if not keys:
        return []
    wanted = with_session().where(
        or_(Signup.id.in_(keys), Signup.course_id.in_(keys)),
        Signup.status.in_(LIVING),
        or_(EventSession.ends_at > now, PUT_OFF),
    )
    return _in_order(wanted, event_id)


def standing_of(person_id: str, *, now: datetime, event_id: str) -> list[Signup]:
    """The same of somebody who is signed in."""
    wanted = with_session().where(
        Signup.person_id == person_id,
        Signup.status.in_(LIVING),
        or_(EventSession.ends_at > now, PUT_OFF),
    )
    return _in_order(wanted, event_id)


def _in_order(wanted: Select[Signup], event_id: str | None) -> list[Signup]:
    if event_id is not None:
        wanted = wanted.where(EventSession.event_id == event_id)
    return list(session().scalars(wanted.order_by(EventSession.starts_at, Signup.created_at, Signup.id)))


def find_by_phone_and_code(phone: str, typed: str) -> Signup | None:
    """The sign-up with this short code of somebody with this telephone, the latest where two have it.

    The telephone alone opens nothing: the short code stands on the pass, which its holder was shown.
    """
    code = read_short_code(typed)
    if code is None:
        return None
    own_account = exists().where(Account.person_id == Person.id, Account.phone == phone)
    found = session().scalar(
        select(Signup.id)
        .join(Person, Person.id == Signup.person_id)
        .join(Position, Position.id == Signup.position_id)
        .join(EventSession, EventSession.id == Position.session_id)
        .where(Signup.short_code == code, Person.closed_at.is_(None), or_(Person.phone == phone, own_account))
        .order_by(EventSession.starts_at.desc(), Signup.created_at.desc())
        .limit(1)
    )
    return get_with_session(found) if found else None
