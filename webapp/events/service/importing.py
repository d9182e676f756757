"""Drafts out of planned sessions, each by itself: what cannot be made is said, and the rest is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from icalendar import Calendar
from sqlalchemy import exists, select

from webapp.core.db import lock_row, savepoint, session
from webapp.core.errors import Refusal
from webapp.events.domain import EventDraft, PositionDraft, PositionKind, SessionDraft
from webapp.events.domain.planned import (
    NO_VENUE,
    THERE_ALREADY,
    TYPED_LIMIT,
    Fault,
    NotACalendar,
    Planned,
    read_parts,
)
from webapp.events.models import Event, EventSession
from webapp.events.service.drafting import create_event
from webapp.organisations.models import Organisation
from webapp.plan.models import EventType
from webapp.venues.models import Venue

SEATS = 50  # of a draft; whoever looks it over sets the right number


@dataclass(frozen=True)
class Refused:
    """A planned session that was not made, with what the rules say."""

    number: int
    typed: str
    refusal: Refusal


def read_calendar(content: bytes) -> tuple[list[Planned], list[Fault]]:
    """Sessions of an .ics file; raises NotACalendar."""
    try:
        parts = Calendar.from_ical(content).walk("VEVENT")
    except Exception as error:  # whatever is inside a file someone made, it is the file that is at fault
        raise NotACalendar from error
    return read_parts(parts)


def import_planned(
    planned: Sequence[Planned], *, organisation_id: str, type_slug: str, by: str
) -> tuple[list[Event], list[Fault], list[Refused]]:
    """A draft for each, with one session; those already there are left out, so the same file twice makes nothing new.

    A place is found by its name. `type_slug` is the kind of those that name none we know.
    """
    venues = {
        venue.name: venue.id for venue in session().scalars(select(Venue).where(Venue.closed_at.is_(None)))
    }
    kinds = {kind.label: kind.slug for kind in session().scalars(select(EventType))}
    lock_row(
        Organisation, organisation_id
    )  # the same file sent twice at once: the second finds the first's drafts
    made: list[Event] = []
    faults: list[Fault] = []
    refused: list[Refused] = []
    for one in planned:
        venue_id = venues.get(one.place) or venues.get(one.place.partition("（")[0].strip())
        if venue_id is None:
            faults.append(Fault(one.number, one.title[:TYPED_LIMIT], NO_VENUE, {"place": one.place}))
        elif _is_there(one, venue_id, organisation_id=organisation_id):
            faults.append(Fault(one.number, one.title[:TYPED_LIMIT], THERE_ALREADY))
        else:
            kind = kinds.get(one.kind, type_slug)
            try:
                with savepoint():
                    draft = _draft(one, venue_id, organisation_id=organisation_id, type_slug=kind)
                    made.append(create_event(draft, by=by))
            except Refusal as refusal:
                refused.append(Refused(one.number, one.title[:TYPED_LIMIT], refusal))
    return made, faults, refused


def _is_there(one: Planned, venue_id: str, *, organisation_id: str) -> bool:
    same = (
        select(EventSession.id)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id == organisation_id,
            Event.title == one.title,
            EventSession.venue_id == venue_id,
            EventSession.starts_at == one.starts_at,
        )
    )
    return bool(session().scalar(select(exists(same))))


def _draft(one: Planned, venue_id: str, *, organisation_id: str, type_slug: str) -> EventDraft:
    seats = PositionDraft("观众席", PositionKind.AUDIENCE, SEATS)
    return EventDraft(
        organisation_id=organisation_id,
        type_slug=type_slug,
        title=one.title,
        summary=one.summary,
        bring=one.bring,
        sessions=[SessionDraft("", venue_id, one.starts_at, one.ends_at, [seats])],
    )
