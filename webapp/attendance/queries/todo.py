"""What of the doors waits for someone."""

from collections.abc import Iterator

from webapp.attendance.queries.review import count_to_settle
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.events.queries import organisations_seen
from webapp.organisations.domain import Permission


def scans_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Scans that were let in without network and have to be looked at."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    number = count_to_settle(organisations_seen(viewer.person_id, Permission.MANAGE_EVENTS))
    if number:
        yield Todo(
            N_("%(n)s 条没有网络时放行的签到要核对"),
            N_("去核对"),
            "attendance.list_reviews",
            values={"n": number},
        )
