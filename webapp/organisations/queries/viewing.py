"""Whose work 待办 lists to somebody: every source asks here, so that the organisation they chose narrows all of them.

Their memberships are asked once, however many sources there are.
"""

from collections.abc import Callable

from webapp.core.todo import Viewer
from webapp.organisations.domain import Permission, seen_through, with_implied
from webapp.organisations.queries import held_by
from webapp.organisations.queries.naming import names_through


def _held(viewer: Viewer) -> list[tuple[str, list[str]]]:
    if "held" not in viewer.known:
        viewer.known["held"] = held_by(viewer.person_id)
    held: list[tuple[str, list[str]]] = viewer.known["held"]
    return held


def seen_by(viewer: Viewer, *permissions: Permission) -> list[str] | None:
    """Ids of the organisations for which they hold one of the permissions, as far as chosen; None: all there are."""
    return seen_through(_held(viewer), permissions, viewer.within)


def own_of(viewer: Viewer, *permissions: Permission) -> list[str]:
    """Ids of the organisations of which they are a member with one of the permissions (with none named: with any), as
    far as chosen, whatever they may do elsewhere.
    """
    return [
        where
        for where, names in _held(viewer)
        if viewer.within in {None, where} and (not permissions or with_implied(names) & set(permissions))
    ]


def names_of(viewer: Viewer) -> Callable[[str, str], str]:
    """How they read the name of somebody who has to do with an organisation (its id)."""
    return names_through(_held(viewer))


def is_office(viewer: Viewer) -> bool:
    """Whether they see to what is the office's work: not while they work for another organisation."""
    if not viewer.may(Permission.GOVERN) or viewer.within is None:
        return viewer.may(Permission.GOVERN)
    return any(where == viewer.within and Permission.GOVERN in names for where, names in _held(viewer))
