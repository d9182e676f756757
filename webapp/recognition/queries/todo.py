"""What of hours, certificates and stars waits for someone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Row

from webapp.core import clock
from webapp.core.errors import N_
from webapp.core.todo import Press, Todo, Viewer
from webapp.organisations.domain import Permission
from webapp.organisations.queries.viewing import is_office, names_of, seen_by
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.domain.workdays import announced_on, look_again_on
from webapp.recognition.queries.certificates import certificates_open
from webapp.recognition.queries.records import objections_waiting
from webapp.recognition.queries.rules import work_calendar
from webapp.recognition.queries.stars import stars_applied
from webapp.recognition.queries.to_settle import added_to_approve, lists_to_decide, sessions_to_confirm

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
NOTHING = (0, None)


def hours_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Sign-outs to confirm and absences to explain, by session; of one person by name, and who only did not sign out is
    confirmed in the row, with the planned end.
    """
    own = seen_by(viewer, *DECIDERS)
    named = names_of(viewer)
    for row in sessions_to_confirm(own, besides=viewer.person_id) if viewer.may(*DECIDERS) else ():
        where, values = {"session_id": row.session_id}, {"title": row.title, "n": row.number}
        text, act, press = N_("“%(title)s”有 %(n)s 条服务时长等确认"), N_("去确认"), None
        if row.number == 1:
            text = N_("%(who)s在“%(title)s”没有签到，等说明")
            act = N_("去说明")
            values["who"] = named(row.who, row.organisation_id)
            if row.in_at is not None:
                text, act = N_("%(who)s在“%(title)s”没有签退，计划%(at)s结束"), N_("去确认")
                values["at"] = row.ends_at
                press = _by_plan(row)
        act = N_("按计划的时间确认") if press else act
        yield Todo(text, act, "recognition.session_hours", where, values, since=row.since, press=press)


def _by_plan(row: Row[*tuple[Any, ...]]) -> Press | None:
    """Confirms that they left when it was planned to end."""
    if row.out_at is not None or row.in_at >= row.ends_at:
        return None
    fields = {"out_at": f"{clock.local(row.ends_at):%Y-%m-%dT%H:%M}", "seen": seen_as(row)}
    return Press("recognition.confirm_sign_out", {"record_id": row.record_id}, fields)


def added_time_to_approve(viewer: Viewer) -> Iterator[Todo]:
    """Added time that waits for a second person's word; not for who proposed it."""
    own = seen_by(viewer, *DECIDERS)
    named = names_of(viewer)
    for row in added_to_approve(own, besides=viewer.person_id) if viewer.may(*DECIDERS) else ():
        yield Todo(
            N_("%(who)s在“%(title)s”补录 %(n)s 分钟，等复核：%(why)s"),
            N_("同意"),
            "recognition.session_hours",
            {"session_id": row.session_id},
            {
                "who": named(row.who, row.organisation_id),
                "title": row.title,
                "n": row.added_minutes,
                "why": row.reason,
            },
            since=row.created_at,
            press=Press("recognition.approve_added", {"record_id": row.id}),
        )


def objections_to_answer(viewer: Viewer) -> Iterator[Todo]:
    """Volunteers who say that their hours are not right, and wait for a word."""
    number, since = objections_waiting(seen_by(viewer, *DECIDERS)) if viewer.may(*DECIDERS) else NOTHING
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


def lists_to_settle(viewer: Viewer) -> Iterator[Todo]:
    """Lists for commendation that are not final yet, for the office."""
    for row in lists_to_decide() if is_office(viewer) else ():
        where, values = {"list_id": row.id}, {"title": row.title, "n": row.undecided}
        if row.undecided:
            text, act = N_("表彰名单“%(title)s”还有 %(n)s 个名字没有决定"), N_("去决定")
        else:
            text, act = N_("表彰名单“%(title)s”都决定了，还没有定稿"), N_("去定稿")
        yield Todo(text, act, "recognition.commendation_list", where, values, since=row.created_at)


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
