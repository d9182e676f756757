"""What of the doors waits for someone."""

from collections.abc import Iterator

from webapp.attendance.queries.leaving import sessions_without_phone
from webapp.attendance.queries.review import count_to_settle
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import seen_by


def scans_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Scans that were let in without network and have to be looked at."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    number = count_to_settle(seen_by(viewer, Permission.MANAGE_EVENTS))
    if number:
        yield Todo(
            N_("%(n)s 条没有网络时放行的签到要核对"),
            N_("去核对"),
            "attendance.list_reviews",
            values={"n": number},
        )


def phones_to_pair_again(viewer: Viewer) -> Iterator[Todo]:
    """Sessions whose phones ended because whoever paired them left; due when the session begins."""
    if not viewer.may(Permission.MANAGE_EVENTS, Permission.GOVERN):
        return
    for row in sessions_without_phone(seen_by(viewer, Permission.MANAGE_EVENTS)):
        yield Todo(
            N_("“%(title)s”的签到手机停用了：配对的人离开了"),
            N_("去重新配对"),
            "attendance.session_devices",
            {"session_id": row.session_id},
            {"title": row.title},
            row.starts_at,
        )
