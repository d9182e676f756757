"""Drafts out of planned sessions: look everything over without writing, then make what is good, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.core import clock
from webapp.core.db import lock_row, savepoint, session
from webapp.core.errors import Refusal
from webapp.core.tables.draft import CellFault, Draft
from webapp.core.tables.span import Hints
from webapp.events.domain import EventDraft, PositionDraft, PositionKind, SessionDraft
from webapp.events.domain.kinds import Kinds
from webapp.events.domain.places import Place, Places
from webapp.events.domain.planned import (
    ENTRIES_MAX,
    LABELS,
    THERE_ALREADY,
    TOO_MANY,
    BadRow,
    Known,
    Planned,
    read_row,
)
from webapp.events.models import Event, EventSession
from webapp.events.service.drafting import create_event
from webapp.organisations.models import Organisation
from webapp.plan.models import EventType
from webapp.venues.models import Venue

SEATS = 50  # of a draft; whoever looks it over sets the right number
_CELLS = {"ends_at": "end", "starts_at": "start", "venue_id": "place", "type_slug": "kind"}


@dataclass
class Looked:
    """A table held against what we know: rows that can be drafts, rows that cannot yet, words about the rest."""

    good: list[Planned] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    passed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)  # what the places of the good ones are called
    kinds: dict[str, str] = field(default_factory=dict)
    made: list[Planned] = field(default_factory=list)  # what drafts were made of


def look_over(draft: Draft, *, organisation_id: str, type_slug: str) -> Looked:
    """Read every row; writes nothing. What is there already is a fault like any other."""
    known = _known(draft, type_slug)
    rows, passed = draft.read()
    looked = Looked(passed=[*draft.told, *passed], kinds=dict(known.kinds.labels))
    if len(rows) > ENTRIES_MAX:
        looked.passed.append((TOO_MANY, {"limit": ENTRIES_MAX, "row": rows[ENTRIES_MAX].number}))
    read = [(row, read_row(row, known)) for row in rows[:ENTRIES_MAX]]
    there = _there([one for _, one in read if isinstance(one, Planned)], organisation_id)
    for row, one in read:
        if isinstance(one, BadRow):
            looked.bad.append(one)
        elif _key(one) in there:
            looked.bad.append(BadRow(row, (CellFault("title", THERE_ALREADY),)))
        else:
            there.add(_key(one))
            looked.good.append(one)
            looked.places[one.venue_id] = known.places.shown(one.venue_id)
    return looked


def _known(draft: Draft, type_slug: str) -> Known:
    venues = session().scalars(select(Venue).where(Venue.closed_at.is_(None)).order_by(Venue.name, Venue.id))
    places = Places(
        Place(one.id, one.name, one.address, one.district.name, is_online=one.kind == "online")
        for one in venues
    )
    labels = {
        kind.slug: kind.label for kind in session().scalars(select(EventType).order_by(EventType.position))
    }
    return Known(places, Kinds(labels), type_slug, Hints(clock.today(), draft.years(), draft.since_1904))


_Key = tuple[str, str, datetime]


def _key(one: Planned) -> _Key:
    return one.title, one.venue_id, one.starts_at


def _there(planned: Sequence[Planned], organisation_id: str) -> set[_Key]:
    """Those of these that the organisation has already."""
    if not planned:
        return set()
    rows = session().execute(
        select(Event.title, EventSession.venue_id, EventSession.starts_at)
        .join(Event, Event.id == EventSession.event_id)
        .where(
            Event.organisation_id == organisation_id,
            EventSession.starts_at.in_({one.starts_at for one in planned}),
        )
    )
    return {(title, venue_id, starts_at) for title, venue_id, starts_at in rows}


def import_planned(
    draft: Draft, *, organisation_id: str, type_slug: str, by: str
) -> tuple[list[Event], Looked]:
    """A draft of an event for each good row, and what is left of the table; the same file twice makes nothing new.

    The rows that were made are taken out of `draft`.
    """
    lock_row(Organisation, organisation_id)  # the same file sent twice at once: the second finds the first's
    looked = look_over(draft, organisation_id=organisation_id, type_slug=type_slug)
    made: list[Event] = []
    for one in looked.good:
        try:
            with savepoint():
                made.append(create_event(_event(one, organisation_id), by=by))
            draft.left.add(one.number)
            looked.made.append(one)
        except Refusal as refusal:
            looked.bad.append(_refused(draft, one, refusal))
    looked.bad.sort(key=lambda bad: bad.row.number)
    return made, looked


def _refused(draft: Draft, one: Planned, refusal: Refusal) -> BadRow:
    """What the rules of drafts say, at the cell it is about."""
    row = next(row for row in draft.read()[0] if row.number == one.number)
    key = _CELLS.get(refusal.at_field or "", refusal.at_field or "")
    fault = CellFault(key if key in LABELS else "title", refusal.sentence, refusal.params)
    return BadRow(row, (fault,))


def _event(one: Planned, organisation_id: str) -> EventDraft:
    seats = PositionDraft("观众席", PositionKind.AUDIENCE, SEATS)
    return EventDraft(
        organisation_id=organisation_id,
        type_slug=one.type_slug,
        title=one.title,
        summary=one.summary,
        bring=one.bring,
        sessions=[SessionDraft("", one.venue_id, one.starts_at, one.ends_at, [seats])],
    )
