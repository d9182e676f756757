"""For everyone: one event with its sessions and places; a centre with what comes to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for

from webapp.attendance.domain import PHOTO_VIEWERS
from webapp.calendars.linked import sessions_as_linked_data
from webapp.core import clock
from webapp.core.auth import current_permissions, current_person, public
from webapp.core.http import base_url
from webapp.events.domain import EventStatus, PositionKind, SessionState
from webapp.events.domain.months import MANY, by_month
from webapp.events.models import Event, EventSession, Position
from webapp.events.queries import EventFilter, by_day, get_public_event, list_public
from webapp.organisations.domain import Permission
from webapp.organisations.queries import get_organisation, permissions_at
from webapp.pages.views import blueprint
from webapp.signups.queries import is_open
from webapp.venues.queries import find_venues


@dataclass(frozen=True)
class Place:
    """A position as a visitor sees it."""

    position: Position
    free: int
    is_open: bool  # one may sign up or wait
    opens_later: bool = False  # at the moment the organiser set
    is_shut: bool = False  # too late for this place, though the session is still to come or on

    @property
    def is_volunteer(self) -> bool:
        """Whether it is a helper's place."""
        return self.position.kind == PositionKind.VOLUNTEER


@dataclass(frozen=True)
class Occasion:
    """A session as a visitor sees it."""

    session: EventSession
    over: bool
    begun: bool
    places: Sequence[Place]

    @property
    def open_places(self) -> list[Place]:
        """Where one may sign up."""
        return [place for place in self.places if place.is_open]


def occasions_of(event: Event, now: datetime) -> list[Occasion]:
    """The event's sessions, those to come first."""
    found = [
        Occasion(
            session=one,
            over=one.state == SessionState.OVER or (one.cancelled_at is not None and one.ends_at <= now),
            begun=one.starts_at <= now,
            places=[_place(event, one, position, now) for position in one.positions],
        )
        for one in event.sessions
    ]
    return sorted(found, key=lambda one: one.over)


def _place(event: Event, one: EventSession, position: Position, now: datetime) -> Place:
    free = max(position.capacity - position.taken, 0)
    may = is_open(position, now)
    goes_on = event.status == EventStatus.PUBLISHED and one.cancelled_at is None and now < one.ends_at
    opens_later = goes_on and position.opens_at is not None and now < position.opens_at
    has_room = free > 0 or position.waitlist or position.needs_approval
    is_shut = goes_on and not may and not opens_later
    return Place(position, free, may and has_room, opens_later, is_shut)


@blueprint.get("/events/<event_id>")
@public
def show_event(event_id: str) -> str:
    """When, where, what to bring, places left, one button per position."""
    event = get_public_event(event_id)
    occasions = occasions_of(event, clock.now())
    return render_template(
        "pages/show_event.html",
        event=event,
        linked=sessions_as_linked_data(event, base_url=base_url()),
        coming=_by_month([one for one in occasions if not one.over]),
        over=_by_month([one for one in occasions if one.over]),
        over_count=sum(one.over for one in occasions),
        open_places=[place for one in occasions for place in one.open_places],
        sees_photos=_sees_photos(event),
        signs_up_others=Permission.SIGN_UP_OTHERS in current_permissions(),
    )


def _by_month(occasions: list[Occasion]) -> Mapping[Any, list[Occasion]]:
    """A year of sessions under its months; a handful as one list, under None."""
    if len(occasions) <= MANY:
        return {None: occasions} if occasions else {}
    return by_month(occasions, lambda one: one.session.starts_at)


def _sees_photos(event: Event) -> bool:
    """A unit's contact has no other page that leads to the photos of what the unit held."""
    person = current_person()
    return person is not None and bool(permissions_at(person.id, event.organisation_id) & set(PHOTO_VIEWERS))


@blueprint.get("/centres/<organisation_id>")
@public
def show_centre(organisation_id: str) -> str:
    """A centre's page: its venues, what comes to them, and how to have it in one's calendar."""
    organisation = get_organisation(organisation_id)
    page = list_public(EventFilter(host=organisation.id, coming_only=True), cursor=request.args.get("cursor"))

    def around(cursor: str | None) -> str | None:
        address = url_for("pages.show_centre", organisation_id=organisation.id, cursor=cursor)
        return address if cursor else None

    return render_template(
        "pages/show_centre.html",
        organisation=organisation,
        venues=find_venues(organisation_id=organisation.id),
        days=by_day(page.items),
        organises=bool(list_public(EventFilter(organisation=organisation.id), limit=1).items),
        next_url=around(page.next),
        prev_url=around(page.prev),
    )
