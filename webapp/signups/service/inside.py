"""Whoever came cannot be cancelled as if absent. Who came is asked of a later area (hooks.who_came)."""

from collections.abc import Iterable

from sqlalchemy import select

from webapp.core.db import session
from webapp.events.models import EventSession
from webapp.people.models import Person
from webapp.signups.domain.telling import AlreadyCame, PeopleInside, StillInside
from webapp.signups.models import Signup
from webapp.signups.service import hooks

_NAMED = 5


def lock_sessions(signup_ids: Iterable[str]) -> None:
    """Keep check-ins at the sessions of these sign-ups waiting; taken before positions, as everywhere."""
    session().execute(
        select(EventSession.id)
        .where(EventSession.id.in_(select(Signup.session_id).where(Signup.id.in_(list(signup_ids)))))
        .order_by(EventSession.id)
        .with_for_update(read=True, of=EventSession)
    ).all()


def came(signup_ids: Iterable[str]) -> dict[str, bool]:
    """Those of these sign-ups whose person checked in, and whether they are still inside."""
    found: dict[str, bool] = {}
    hooks.who_came(list(signup_ids), found)
    return found


def require_absent(signup_ids: Iterable[str]) -> None:
    """Raise StillInside or AlreadyCame where one of them came."""
    found = came(signup_ids)
    if found:
        inside = sorted(key for key, is_inside in found.items() if is_inside)
        first = (inside or sorted(found))[0]
        raise (StillInside if inside else AlreadyCame)(name=_names([first])[0])


def absent(signup_ids: Iterable[str]) -> list[str]:
    """Those who did not come; raises PeopleInside while one of the others is there."""
    ids = list(signup_ids)
    found = came(ids)
    inside = [one for one in ids if found.get(one)]
    if inside:
        names = _names(inside)
        more = "…" if len(names) > _NAMED else ""
        raise PeopleInside(count=len(names), names="、".join(names[:_NAMED]) + more)
    return [one for one in ids if one not in found]


def _names(signup_ids: list[str]) -> list[str]:
    wanted = select(Person.name).join(Signup, Signup.person_id == Person.id).where(Signup.id.in_(signup_ids))
    return list(session().scalars(wanted.order_by(Person.name, Person.id)))
