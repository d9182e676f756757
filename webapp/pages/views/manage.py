"""For staff: now and next, what needs a hand."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import render_template

from webapp.attendance.queries.arrivals import Absent, Arrivals, absent, arrivals
from webapp.core import clock, live, timekeeping, todo
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.config import current_settings
from webapp.core.working import working_for
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import EVERYWHERE, Permission
from webapp.organisations.queries import names_for, organisations_seen, organisations_with
from webapp.pages.domain.shell import STAFF
from webapp.pages.views import blueprint
from webapp.pages.views.coming import by_day
from webapp.pages.views.todo import rows_of, viewer
from webapp.plan.models import PlanTask
from webapp.plan.queries import tasks_of_units
from webapp.venues.queries import find_venues

AHEAD = timedelta(days=14)
BEFORE = timedelta(hours=1)  # a session is "now" from an hour before it starts
DAY = timedelta(days=1)
NOW_SHOWN, TODOS_SHOWN = 8, 8
COMING_SHOWN = 12  # sessions of a day; a whole city has hundreds
ABSENT_SHOWN = 6  # names at each session that is on
RUNNERS = (Permission.MANAGE_EVENTS, Permission.SCAN, Permission.INSPECT)
MANAGERS = (Permission.MANAGE_EVENTS, Permission.INSPECT)


@dataclass(frozen=True)
class Running:
    """A session that is on, with who came and who is missing."""

    session: EventSession
    arrivals: Arrivals
    absent: Sequence[Absent]  # the first of them


@blueprint.get("/manage/")
@allowed(*STAFF)
def manage_home() -> Any:
    """今天: what is on, what comes today and tomorrow, what waits most; each sees what is theirs."""
    if live.is_wanted():
        return _now_part()
    person, held, now = the_person(), current_permissions(), clock.now()
    sessions = _coming_sessions(now)
    todos = todo.collect(viewer())
    return render_template(
        "pages/manage_home.html",
        **_now(sessions, now),
        days=by_day([one for one in sessions if now < one.starts_at - BEFORE], person.id, each=COMING_SHOWN),
        now=now,
        todos=rows_of(todos[:TODOS_SHOWN]),
        waiting=len(todos),
        visits=_visits(person.id, now),
        tasks=_tasks(person.id),
        organisations=[] if held & EVERYWHERE else [one.name for one in organisations_with(person.id)],
        may_make=Permission.MANAGE_EVENTS in held or Permission.GOVERN in held,
        centres=_hosts(person.id),
        sending=_sending(held),
    )


def _coming_sessions(now: datetime) -> list[EventSession]:
    """Sessions that are not over, of today and then of tomorrow: a full today does not hide tomorrow."""
    tomorrow = clock.start_of_day(clock.today() + DAY)
    after = _own_sessions(tomorrow, clock.start_of_day(clock.today() + 2 * DAY))
    return [*_own_sessions(now, tomorrow), *(one for one in after if one.starts_at >= tomorrow)]


def _own_sessions(since: datetime, until: datetime) -> list[EventSession]:
    """Sessions between two moments of the organisations the person works for."""
    own = organisations_seen(the_person().id, *RUNNERS, within=working_for())
    return events.list_sessions(own, since=since, until=until)


def _now(sessions: list[EventSession], now: datetime) -> dict[str, Any]:
    """Sessions that are on, each with its arrivals."""
    all_on = [one for one in sessions if one.starts_at - BEFORE <= now < one.ends_at]
    on, more_on = all_on[:NOW_SHOWN], len(all_on[NOW_SHOWN:])
    ids = [one.id for one in on]
    came, lacking = (arrivals(ids), absent(ids, each=ABSENT_SHOWN)) if on else ({}, {})
    named = names_for(the_person().id)
    running = [
        Running(one, _as_seen(came[one.id], one, named), _named(lacking[one.id], one, named)) for one in on
    ]
    may_scan = bool({Permission.SCAN, Permission.MANAGE_EVENTS, Permission.GOVERN} & current_permissions())
    tag = live.tag_of(([(one.session.id, one.arrivals, one.absent) for one in running], may_scan, more_on))
    return {"running": running, "may_scan": may_scan, "more_on": more_on, "today": clock.today(), "tag": tag}


def _as_seen(found: Arrivals, of: EventSession, named: Callable[[str, str], str]) -> Arrivals:
    """The same, with the name of the last to come as whoever looks may see it."""
    name = named(found.last_name, of.event.organisation_id) if found.last_name else ""
    return replace(found, last_name=name)


def _named(found: Sequence[Absent], of: EventSession, named: Callable[[str, str], str]) -> list[Absent]:
    """The same people as whoever looks may read their names."""
    return [replace(one, name=named(one.name, of.event.organisation_id)) for one in found]


def _now_part() -> Any:
    """What runs now, for a page that is open already."""
    now = clock.now()
    return live.part("pages/_now.html", **_now(_own_sessions(now, now + BEFORE), now))


@dataclass(frozen=True)
class Sending:
    """What is wrong with the sending of messages, for the office."""

    is_late: bool
    lacks_sender: bool

    @property
    def last_beat(self) -> datetime | None:
        """When the worker was last seen."""
        return timekeeping.last_beat()


def _sending(held: AbstractSet[str]) -> Sending:
    governs = Permission.GOVERN in held
    return Sending(governs and timekeeping.is_late(), governs and current_settings().lacks_sender)


def _hosts(person_id: str) -> list[tuple[str, str]]:
    """Organisations for which the person signs others up, as (id, name); the office is not asked."""
    if Permission.GOVERN in current_permissions():
        return []
    hosts = organisations_with(person_id, Permission.SIGN_UP_OTHERS, within=working_for())
    return [(one.id, one.name) for one in hosts if find_venues(organisation_id=one.id, limit=1)]


def _visits(person_id: str, now: datetime) -> list[EventSession]:
    """What comes to the venues of the person's centres."""
    hosts = [key for key, _name in _hosts(person_id)]
    return events.list_sessions(None, since=now, until=now + AHEAD, venues_of=hosts) if hosts else []


def _tasks(person_id: str) -> list[PlanTask]:
    """Tasks for which the person's units answer."""
    if Permission.GOVERN in current_permissions():
        return []
    units = [one.id for one in organisations_with(person_id, Permission.REPORT, within=working_for())]
    return tasks_of_units(units) if units else []
