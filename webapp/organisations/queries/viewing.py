"""Whose work 待办 lists to somebody: every source asks here, so that the organisation they chose narrows all of them.

Their memberships are asked once, however many sources there are.
"""

from webapp.core.todo import Viewer
from webapp.organisations.domain import Permission, seen_through
from webapp.organisations.queries import held_by


def _held(viewer: Viewer) -> list[tuple[str, list[str]]]:
    if "held" not in viewer.known:
        viewer.known["held"] = held_by(viewer.person_id)
    held: list[tuple[str, list[str]]] = viewer.known["held"]
    return held


def seen_by(viewer: Viewer, *permissions: Permission) -> list[str] | None:
    """Ids of the organisations for which they hold one of the permissions, as far as chosen; None: all there are."""
    return seen_through(_held(viewer), permissions, viewer.within)


def own_of(viewer: Viewer) -> list[str]:
    """Ids of the organisations they are a member of, as far as chosen, whatever they may do elsewhere."""
    return [where for where, _ in _held(viewer) if viewer.within in {None, where}]


def is_office(viewer: Viewer) -> bool:
    """Whether they see to what is the office's work: not while they work for another organisation."""
    if not viewer.may(Permission.GOVERN) or viewer.within is None:
        return viewer.may(Permission.GOVERN)
    return any(where == viewer.within and Permission.GOVERN in names for where, names in _held(viewer))
