"""The organisation one works for just now, of several one belongs to: chosen in this browser, never more rights.

A view that lists hands `working_for()` to its queries as `within`: None is all of them. A page of one object does not
ask: its address may be shared, and opens whichever organisation is chosen.
"""

from collections.abc import Sequence
from typing import Protocol

from flask import g, session

from webapp.core.auth import current_permissions, current_person
from webapp.core.errors import NotFound

_KEY = "working_for"


class Own(Protocol):
    """What core needs to know of an organisation somebody belongs to."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


def own_organisations() -> Sequence[Own]:
    """Open organisations whoever is signed in belongs to, by name. Asked together with their permissions."""
    person = current_person()
    if person is None or not current_permissions() or g.get("own_of") != person.id:
        return ()
    return tuple(g.own_organisations)


def working_for() -> str | None:
    """The id of the organisation chosen, as long as they belong to it and to others too; None: all of theirs."""
    chosen, own = session.get(_KEY), own_organisations()
    return chosen if len(own) > 1 and any(one.id == chosen for one in own) else None


def preselected() -> str | None:
    """Which organisation a form that asks for one begins with: the one chosen, else the only one there is."""
    own = own_organisations()
    return own[0].id if len(own) == 1 else working_for()


def work_for(organisation_id: str) -> None:
    """Choose one of theirs, or with "" all of them; raises NotFound for one they do not belong to."""
    if not organisation_id:
        session.pop(_KEY, None)
    elif any(one.id == organisation_id for one in own_organisations()):
        session[_KEY] = organisation_id
    else:
        raise NotFound
