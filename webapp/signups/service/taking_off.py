"""Staff take several people off a list at once; those of whom nothing can be taken are told apart, the others go on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from webapp.core.db import session
from webapp.core.errors import Refusal
from webapp.signups.domain.telling import AlreadyCame
from webapp.signups.models import Signup
from webapp.signups.service.inside import came, lock_sessions
from webapp.signups.service.leaving import cancel_signup
from webapp.signups.service.places import lock_positions


@dataclass(frozen=True)
class TakenOff:
    """What became of one of them; `refused` says why nothing was done."""

    signup_id: str
    refused: Refusal | None = None


def take_off(names: dict[str, str], *, by: str, reason: str) -> list[TakenOff]:
    """Cancel these sign-ups (id → name) as staff do, in this order; each is told. Raises NotFound for another's event.

    Everything is locked first, so that two lists taken apart at once do not wait for each other.
    """
    ids = list(names)
    lock_sessions(ids)
    lock_positions(_positions(ids))
    there = came(ids)
    return [_take_off(one, names[one], by, reason, is_there=one in there) for one in ids]


def _take_off(signup_id: str, name: str, by: str, reason: str, *, is_there: bool) -> TakenOff:
    if is_there:
        return TakenOff(signup_id, AlreadyCame(name=name))
    try:
        cancel_signup(signup_id, by=by, reason=reason)
    except Refusal as refusal:  # judged before anything is changed
        return TakenOff(signup_id, refusal)
    return TakenOff(signup_id)


def _positions(signup_ids: Sequence[str]) -> list[str]:
    return list(session().scalars(select(Signup.position_id).where(Signup.id.in_(signup_ids)).distinct()))
