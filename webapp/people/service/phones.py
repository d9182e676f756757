"""Telephones of a list, shown to whoever must call: after one press, which is kept once for the list (promise 8)."""

from webapp.core import audit
from webapp.people.domain import PHONES_REVEALED
from webapp.people.queries import are_phones_shown


def show_phones(kind: str, list_id: str, *, by: str) -> None:
    """From now on, for half an hour, this person sees the numbers of this list: of a session, a position, an event.

    The caller has checked that calling these people is their work. Pressing again meanwhile is no second act.
    """
    if not are_phones_shown(kind, list_id, to=by):
        audit.record(PHONES_REVEALED, kind, list_id, by=by)
