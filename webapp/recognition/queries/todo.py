"""What of hours, certificates and stars waits for someone."""

from collections.abc import Iterator
from datetime import date

from webapp.core import clock
from webapp.core.errors import N_
from webapp.core.todo import Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import is_office, seen_by
from webapp.recognition.domain.workdays import announced_on, look_again_on
from webapp.recognition.queries.certificates import certificates_open
from webapp.recognition.queries.records import objections_waiting, records_waiting
from webapp.recognition.queries.rules import work_calendar
from webapp.recognition.queries.stars import stars_applied

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
SEERS = (Permission.MANAGE_EVENTS, Permission.INSPECT)
NOTHING = (0, None)


def hours_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Sign-outs to confirm, added time to look at."""
    number, since = records_waiting(seen_by(viewer, *SEERS)) if viewer.may(*DECIDERS) else NOTHING
    if number:
        yield Todo(
            N_("%(n)s 条服务时长等确认或复核"),
            N_("去处理"),
            "recognition.manage_hours",
            values={"n": number},
            since=since,
        )


def objections_to_answer(viewer: Viewer) -> Iterator[Todo]:
    """Volunteers who say that their hours are not right, and wait for a word."""
    number, since = objections_waiting(seen_by(viewer, *SEERS)) if viewer.may(*DECIDERS) else NOTHING
    if number:
        yield Todo(
            N_("%(n)s 条对时长的异议等答复"),
            N_("去答复"),
            "recognition.manage_hours",
            values={"n": number},
            since=since,
        )


def certificates_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Certificates volunteers asked for."""
    own = seen_by(viewer, Permission.MANAGE_EVENTS)
    number, since = certificates_open(own) if viewer.may(*DECIDERS) else NOTHING
    if number:
        yield Todo(
            N_("%(n)s 份服务证明等办理"),
            N_("去办理"),
            "recognition.manage_certificates",
            values={"n": number},
            since=since,
        )


def stars_to_decide(viewer: Viewer) -> Iterator[Todo]:
    """Applications for a star, for the office."""
    number, since = stars_applied() if is_office(viewer) else NOTHING
    if number:
        yield Todo(
            N_("%(n)s 份星级申请等评定"),
            N_("去评定"),
            "recognition.manage_stars",
            values={"n": number},
            since=since,
        )


def years_to_announce(viewer: Viewer) -> Iterator[Todo]:
    """For the office: the year at hand, and from November the next, while nobody knows which of their days are off."""
    if not is_office(viewer):
        return
    today, calendar = clock.today(), work_calendar()
    for year in (today.year, today.year + 1):
        if today >= announced_on(year) and not calendar.year(year).is_published:
            yield Todo(
                N_("%(year)s 年的放假安排还没有登记，公示的截止日只是预计。没有公布的话，请在%(day)s再看"),
                N_("去登记"),
                "recognition.set_workdays",
                {"year": year},
                {"year": year, "day": look_again_on(year, today)},
                clock.start_of_day(date(year, 1, 1)),
            )
