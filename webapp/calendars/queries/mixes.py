"""Addresses whose owner chose what they show: places, kinds, audiences, tasks, own shifts, an alarm, a language."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from webapp.calendars.domain import ENTRIES_MAX, Calendar, Entry, Scope, Wishes
from webapp.calendars.domain.words import LANGUAGES, ZH
from webapp.calendars.models import Subscription
from webapp.calendars.queries import booked, feeds
from webapp.core.db import get_row, session
from webapp.events.domain import AUDIENCES
from webapp.events.models import Event, EventSession, EventTask
from webapp.events.queries import is_for
from webapp.organisations.models import Organisation
from webapp.organisations.queries import list_organisations
from webapp.plan.models import PlanTask
from webapp.plan.queries import current_plan, list_event_types, tree
from webapp.resources.models import Resource
from webapp.signups.domain import LIVING
from webapp.signups.models import Signup
from webapp.venues.models import Venue
from webapp.venues.queries import find_venues, list_districts

VENUES = 300  # more are not to be ticked; their own pages have their feeds


def calendar_of(scope: Scope) -> Calendar:
    """Everything a feed says; raises NotFound."""
    if scope.kind == "resource":
        return Calendar(get_row(Resource, scope.id).name, ZH.follows, booked.bookings_of(scope.id))
    return _mixed(scope) if scope.kind == "mix" else feeds.calendar_of(scope)


def wishes_of(subscription: Subscription) -> Wishes:
    """What an address shows; where its owner chose nothing, what such an owner would."""
    if subscription.wanted is not None:
        kept: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in subscription.wanted.items()
        }
        return Wishes(**kept)
    if subscription.person_id:
        return Wishes(own=True)
    return Wishes(organisations=(str(subscription.organisation_id),))


def as_kept(wishes: Wishes) -> dict[str, object]:
    """How the row keeps them."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in asdict(wishes).items()
    }


def choices(kept: Wishes | None = None) -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from, and what was `kept` before, as (id, name) by the names of Wishes."""
    plan = current_plan()
    tasks = [task for section in tree(plan.id) for task in section.tasks] if plan else []
    found = {
        "venues": [(one.id, one.name) for one in find_venues(limit=VENUES)],
        "districts": [(one.code, one.name) for one in list_districts()],
        "organisations": [(one.id, one.name) for one in list_organisations()],
        "types": [(one.slug, one.label) for one in list_event_types()],
        "audiences": [(one, one) for one in AUDIENCES],
        "tasks": [(one.id, f"{one.code} {one.title}") for one in tasks],
    }
    for name, (key, label) in _CHOSEN_ONCE.items():
        offered = {one for one, _ in found[name]}
        missing = [one for one in getattr(kept, name, ()) if one not in offered]
        if missing:
            rows = session().execute(select(key, label).where(key.in_(missing)).order_by(label))
            found[name] = [*(tuple(row) for row in rows), *found[name]]
    return found


# What is not offered any more (a closed venue, a task of the last plan) stays to be ticked where it was ticked once:
# left out, it would make an address show more than its owner wanted.
_CHOSEN_ONCE: dict[str, tuple[Any, Any]] = {
    "venues": (Venue.id, Venue.name),
    "organisations": (Organisation.id, Organisation.name),
    "tasks": (PlanTask.id, PlanTask.code + " " + PlanTask.title),
}


def _mixed(scope: Scope) -> Calendar:
    row = get_row(Subscription, scope.id)
    wishes, words = wishes_of(row), LANGUAGES[row.language]
    entries: list[Entry] = []
    if wishes.own and row.person_id:
        entries += feeds.shifts_of(row.person_id, words)
    if wishes.has_events:
        condition = _condition(wishes, row.person_id if wishes.own else None)
        entries += feeds.sessions_of(scope, condition, words, most=max(1, ENTRIES_MAX - len(entries)))
    entries.sort(key=lambda entry: (entry.starts_at, entry.uid))
    return Calendar(row.name, words.follows, tuple(_rings(entry, row.alarm_minutes) for entry in entries))


def _rings(entry: Entry, minutes: int | None) -> Entry:
    """An alarm only for what takes place and takes one's time."""
    return replace(entry, alarm=minutes) if minutes and entry.opaque else entry


def _condition(wishes: Wishes, person_id: str | None) -> ColumnElement[bool]:
    """Places added up, the rest narrowing them down; sessions in which the person serves are there as shifts."""
    places = [
        rule
        for chosen, rule in (
            (wishes.venues, EventSession.venue_id.in_(wishes.venues)),
            (wishes.districts, _in_district(wishes.districts)),
            (
                wishes.organisations,
                or_(
                    Event.organisation_id.in_(wishes.organisations),
                    Venue.organisation_id.in_(wishes.organisations),
                ),
            ),
        )
        if chosen
    ]
    rules: list[ColumnElement[bool]] = [or_(*places)] if places else []
    if wishes.types:
        rules.append(Event.type_slug.in_(wishes.types))
    if wishes.audiences:
        rules.append(or_(*(is_for(one) for one in wishes.audiences)))
    if wishes.tasks:
        rules.append(Event.id.in_(select(EventTask.event_id).where(EventTask.task_id.in_(wishes.tasks))))
    if person_id is not None:
        own = select(Signup.session_id).where(Signup.person_id == person_id, Signup.status.in_(LIVING))
        rules.append(EventSession.id.not_in(own))
    return and_(*rules)


def _in_district(codes: Sequence[str]) -> ColumnElement[bool]:
    return or_(Venue.district_code.in_(codes), Venue.township_code.in_(codes))
