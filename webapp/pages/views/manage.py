"""For staff: now and next, the day sheet of a session, the paper sheet to sign."""

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask import render_template

from webapp.attendance import queries as attendance
from webapp.attendance.domain import COUNT_METHOD_LABELS, Grade
from webapp.attendance.queries import RosterRow
from webapp.attendance.queries.arrivals import Arrivals, arrivals
from webapp.attendance.queries.review import count_to_settle
from webapp.calendars.queries import count_silent
from webapp.core import clock, jobs, live
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.inbox import count_failed
from webapp.events import queries as events
from webapp.events.domain import EventStatus
from webapp.events.models import EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_with, permissions_at
from webapp.pages.views import blueprint
from webapp.plan.models import PlanTask
from webapp.plan.queries import tasks_of_units
from webapp.recognition import queries as recognition
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.queries import RosterLine
from webapp.signups.queries import roster as signed_up
from webapp.signups.queries.telling import count_open_calls
from webapp.venues.queries import find_venues

AHEAD = timedelta(days=14)
BEFORE = timedelta(hours=1)  # a session is "now" from an hour before it starts
NOW_SHOWN, NEXT_SHOWN = 8, 40
FIRST_PAGE, NEXT_PAGE = 18, 22  # lines of the paper sheet on an A4 page
STAFF = (
    Permission.MANAGE_EVENTS,
    Permission.SCAN,
    Permission.SIGN_UP_OTHERS,
    Permission.REPORT,
    Permission.GOVERN,
    Permission.INSPECT,
)
RUNNERS = (Permission.MANAGE_EVENTS, Permission.SCAN, Permission.INSPECT)
MANAGERS = (Permission.MANAGE_EVENTS, Permission.INSPECT)


@dataclass(frozen=True)
class Running:
    """A session that is on, with who came and who is missing."""

    session: EventSession
    arrivals: Arrivals


@dataclass(frozen=True)
class SheetLine:
    """One sign-up on the day sheet."""

    line: RosterLine
    at_door: RosterRow | None

    @property
    def in_at(self) -> datetime | None:
        """When they came."""
        return self.at_door.in_at if self.at_door else None

    @property
    def grade(self) -> str | None:
        """How it is known that they came: `named` or `roster`; None where they did not."""
        if self.at_door is None or self.at_door.in_at is None:
            return None
        return "roster" if self.at_door.grade == Grade.ROSTER else "named"

    @property
    def is_missing(self) -> bool:
        """Whether they have a place and did not come."""
        return self.line.status == SignupStatus.CONFIRMED and self.in_at is None

    @property
    def out_at(self) -> datetime | None:
        """When they left."""
        return self.at_door.out_at if self.at_door else None


@blueprint.get("/manage/")
@allowed(*STAFF)
def manage_home() -> Any:
    """Now and next: what runs, what comes, what needs a hand; each sees what is theirs."""
    if live.is_wanted():
        return _now_part()
    person, held, now = the_person(), current_permissions(), clock.now()
    managed = events.organisations_seen(person.id, *MANAGERS)
    sessions = _own_sessions(now + AHEAD)
    return render_template(
        "pages/manage_home.html",
        **_now(sessions, now),
        next_sessions=[one for one in sessions if now < one.starts_at - BEFORE][:NEXT_SHOWN],
        drafts=events.list_unpublished(managed, EventStatus.DRAFT),
        submitted=events.list_unpublished(managed, EventStatus.SUBMITTED),
        understaffed=_by_session(events.understaffed(managed, until=now + AHEAD)),
        visits=_visits(person.id, now),
        tasks=_tasks(person.id),
        held=held,
        may_make=Permission.MANAGE_EVENTS in held or Permission.GOVERN in held,
        centres=_hosts(person.id),
        waiting=_waiting(person.id, held),
    )


def _own_sessions(until: datetime) -> list[EventSession]:
    """Today's sessions and those to come of the organisations the person works for."""
    own = events.organisations_seen(the_person().id, *RUNNERS)
    return events.list_sessions(own, since=clock.start_of_day(clock.today()), until=until)


def _now(sessions: list[EventSession], now: datetime) -> dict[str, Any]:
    """Sessions that are on, each with its arrivals."""
    on = [one for one in sessions if one.starts_at - BEFORE <= now < one.ends_at][:NOW_SHOWN]
    came = arrivals([one.id for one in on]) if on else {}
    running = [Running(one, came[one.id]) for one in on]
    may_scan = bool({Permission.SCAN, Permission.MANAGE_EVENTS, Permission.GOVERN} & current_permissions())
    tag = live.tag_of(([(one.session.id, one.arrivals) for one in running], may_scan))
    return {"running": running, "may_scan": may_scan, "tag": tag}


def _now_part() -> Any:
    """What runs now, for a page that is open already."""
    now = clock.now()
    return live.part("pages/_now.html", **_now(_own_sessions(now + BEFORE), now))


@dataclass(frozen=True)
class Waiting:
    """What waits for a word: of the doors, of the volunteers' side; and what is wrong with the sending of messages."""

    scans: int
    hours: int
    certificates: int
    stars: int
    governs: bool
    is_late: bool
    failed: int
    calls: int  # people who have to be rung up
    silent: int  # calendars of centres nobody comes for

    @property
    def last_beat(self) -> datetime | None:
        """When the worker was last seen."""
        return jobs.last_beat()


def _waiting(person_id: str, held: AbstractSet[str]) -> Waiting:
    governs = Permission.GOVERN in held
    manages = governs or Permission.MANAGE_EVENTS in held
    own = events.organisations_seen(person_id, Permission.MANAGE_EVENTS) if manages else []
    return Waiting(
        scans=count_to_settle(own) if manages else 0,
        hours=recognition.count_waiting(person_id) if manages else 0,
        certificates=recognition.count_open(person_id) if manages else 0,
        stars=recognition.count_applications() if governs else 0,
        governs=governs,
        calls=count_open_calls(own) if manages else 0,
        is_late=governs and jobs.is_late(),
        failed=count_failed() if governs else 0,
        silent=count_silent() if governs else 0,
    )


def _by_session(positions: list[Position]) -> list[tuple[EventSession, list[Position]]]:
    """Positions of one session together, in the order they came."""
    return [
        (some[0].session, some) for _key, group in groupby(positions, _session_of) for some in [list(group)]
    ]


def _session_of(position: Position) -> str:
    return position.session_id


def _hosts(person_id: str) -> list[tuple[str, str]]:
    """Organisations for which the person signs others up, as (id, name); the office is not asked."""
    if Permission.GOVERN in current_permissions():
        return []
    hosts = organisations_with(person_id, Permission.SIGN_UP_OTHERS)
    return [(one.id, one.name) for one in hosts if find_venues(organisation_id=one.id, limit=1)]


def _visits(person_id: str, now: datetime) -> list[EventSession]:
    """What comes to the venues of the person's centres."""
    hosts = [key for key, _name in _hosts(person_id)]
    return events.list_sessions(None, since=now, until=now + AHEAD, venues_of=hosts) if hosts else []


def _tasks(person_id: str) -> list[PlanTask]:
    """Tasks for which the person's units answer."""
    if Permission.GOVERN in current_permissions():
        return []
    units = [one.id for one in organisations_with(person_id, Permission.REPORT)]
    return tasks_of_units(units) if units else []


@blueprint.get("/manage/sessions/<session_id>")
@allowed(*RUNNERS, Permission.GOVERN)
def session_sheet(session_id: str) -> str:
    """The day sheet: who is expected, who came, who is missing."""
    event_session = events.get_session_for(the_person().id, session_id, *RUNNERS)
    held = permissions_at(the_person().id, event_session.event.organisation_id)
    at_door = {row.signup: row for row in attendance.roster(session_id)}
    gone = [one for one, row in at_door.items() if row.status not in LIVING]  # let in, and came
    rows = [SheetLine(line, at_door.get(line.signup_id)) for line in signed_up(session_id, also=gone)]
    return render_template(
        "pages/session_sheet.html",
        event_session=event_session,
        event=event_session.event,
        rows=rows,
        grades=Counter(row.grade for row in rows if row.grade),
        missing=sum(row.is_missing for row in rows),
        counts=attendance.session_counts(session_id),
        heads=attendance.headcounts(session_id),
        methods=COUNT_METHOD_LABELS,
        tasks=events.get_event(event_session.event_id).tasks,
        only_scans=not held & {*MANAGERS, Permission.GOVERN},
        may_change=bool(held & {Permission.MANAGE_EVENTS, Permission.GOVERN}),
        may_sign_up=bool(held & {Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN}),
        may_scan=bool(held & {Permission.SCAN, Permission.MANAGE_EVENTS, Permission.GOVERN}),
    )


@blueprint.get("/manage/sessions/<session_id>/sign-sheet")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def sign_sheet(session_id: str) -> str:
    """The paper sheet: names written out, since people sign beside them; with empty lines for those who drop in."""
    event_session = events.get_session_for(the_person().id, session_id, Permission.MANAGE_EVENTS)
    rows = [line for line in signed_up(session_id) if line.status == "confirmed"]
    return render_template(
        "pages/sign_sheet.html",
        event_session=event_session,
        event=event_session.event,
        rows=rows,
        blanks=_blanks(len(rows)),
    )


def _blanks(names: int) -> int:
    """Empty lines, three at least, that fill the last A4 page: 18 lines on the first, 22 on each after it."""
    lines = FIRST_PAGE
    while lines < names + 3:
        lines += NEXT_PAGE
    return lines - names
