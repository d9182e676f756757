"""Of two shifts that came to overlap, their holder keeps one. Nobody chooses for them."""

from webapp.core import audit
from webapp.core.db import session
from webapp.core.errors import NotFound
from webapp.signups.domain import CHOSE_ANOTHER
from webapp.signups.domain.telling import ClashChanged, NothingToChoose
from webapp.signups.models import Signup
from webapp.signups.queries.asking import clashes_of, seen_of
from webapp.signups.service import notices
from webapp.signups.service.inside import lock_sessions
from webapp.signups.service.places import fill, lock_persons, lock_positions, mark_cancelled, release
from webapp.signups.service.waiting import waited_elsewhere


def choose(signup_id: str, *, keep_this: bool, seen: str, by: str | None) -> list[str]:
    """Keep this shift and give back those it overlaps, or the other way round; returns what was given back.

    `seen` are the others as they stood on the page (seen_of): what somebody did not see is not cancelled. Answering
    again changes nothing. Raises NotFound, NothingToChoose, ClashChanged, StillInside.
    """
    own = session().get(Signup, signup_id)
    if own is None or by not in {None, own.person_id}:
        raise NotFound
    others = clashes_of(signup_id)
    lock_sessions([signup_id, *(one.id for one in others)])
    elsewhere = waited_elsewhere([own.person_id])
    positions = {own.position_id, *(one.position_id for one in others), *elsewhere}
    lock_positions(positions)
    lock_persons([own.person_id])
    session().expire_all()
    others = clashes_of(signup_id)
    if not others:
        raise NothingToChoose
    if seen_of(others) != seen or not {one.position_id for one in others} <= positions:
        raise ClashChanged
    own = session().get_one(Signup, signup_id)
    lost = others if keep_this else [own]
    ids = [one.id for one in lost]
    mark_cancelled(ids, CHOSE_ANOTHER)
    for one in sorted(lost, key=lambda other: other.position_id):
        release(one.position_id, 1)
        audit.record("signup.cancel", "signup", one.id, by=by or own.person_id, reason=CHOSE_ANOTHER)
    notices.chose_another(ids)
    fill(sorted(positions))
    return ids
