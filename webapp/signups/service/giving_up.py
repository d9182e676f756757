"""Give up what one has in a session for another place of it: in one session a person has one place."""

from collections.abc import Sequence

from webapp.core import audit
from webapp.signups.domain.presence import CHANGED_PLACE
from webapp.signups.models import Signup
from webapp.signups.service import notices
from webapp.signups.service.places import mark_cancelled, release


def give_up(others: Sequence[Signup], *, by: str | None) -> None:
    """Cancel these places of someone, whose positions are locked, and tell them; the caller fills what became free.

    Raises StillInside or AlreadyCame for who was checked in with one of them.
    """
    if not others:
        return
    ids = [one.id for one in others]
    mark_cancelled(ids, CHANGED_PLACE)
    for one in sorted(others, key=lambda other: other.position_id):
        release(one.position_id, 1)
        audit.record("signup.cancel", "signup", one.id, by=by or one.person_id, reason=CHANGED_PLACE)
    notices.changed_place(ids)
