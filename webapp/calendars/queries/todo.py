"""What of the calendars waits for someone."""

from collections.abc import Iterator

from webapp.calendars.queries.subscriptions import feeds_silent
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.organisations.queries.viewing import is_office


def centres_gone_silent(viewer: Viewer) -> Iterator[Todo]:
    """Calendars of centres nobody has come for in a week, for the office."""
    number, since = feeds_silent() if is_office(viewer) else (0, None)
    if number:
        yield Todo(
            N_("%(n)s 个社区日历七天没有来取，打电话问一问"),
            N_("看是哪些单位"),
            "calendars.list_centres",
            values={"n": number},
            since=since,
        )
