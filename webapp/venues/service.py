"""Use cases: the city's districts, and venues in them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.core import audit
from webapp.core.db import broken_constraint, get_row, lock_row, session
from webapp.core.hooks import Hook
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import permissions_at, permissions_of
from webapp.venues import queries
from webapp.venues.domain import (
    ADDRESS_LIMIT,
    NAME_LIMIT,
    VENUE_KINDS,
    BadVenueText,
    NotYourVenue,
    TownshipElsewhere,
    UnknownDistrict,
    UnknownKind,
    VenueDetails,
    VenueExists,
    township_kind,
)
from webapp.venues.models import District, Venue

DIVISIONS = Path(__file__).parent.parent / "data" / "divisions.json"

# Told as changed(venue): its name, address or district is shown by whoever refers to it.
changed = Hook()

_MAY_KEEP = frozenset({Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN})


def seed_districts(data: dict[str, Any] | None = None) -> int:
    """Bring the districts in line with the national list (data/divisions.json); returns how many were written.

    A district is never taken away: venues and figures refer to its code.
    """
    data = data or json.loads(DIVISIONS.read_text("utf-8"))
    current = session()
    known = {row.code: row for row in current.scalars(select(District))}
    written = 0
    for county in data["counties"]:
        written += _write_district(known, county["code"], name=county["name"], kind=county["kind"])
        for one in county["townships"]:
            kind = township_kind(one["name"])
            written += _write_district(known, one["code"], name=one["name"], kind=kind, parent=county["code"])
    current.flush()  # venues made next refer to them
    return written


def _write_district(
    known: dict[str, District], code: str, *, name: str, kind: str, parent: str | None = None
) -> int:
    row = known.get(code)
    if row is None:
        session().add(District(code=code, name=name, kind=kind, parent_code=parent))
        if parent is None:
            session().flush()  # its townships refer to it
        return 1
    if (row.name, row.kind, row.parent_code) == (name, kind, parent):
        return 0
    row.name, row.kind, row.parent_code = name, kind, parent
    return 1


def make_venue(details: VenueDetails, *, by: str | None) -> Venue:
    """A new venue, flushed. `by` None is the system.

    Raises UnknownDistrict, TownshipElsewhere, UnknownKind, BadVenueText, VenueExists, NotYourVenue.
    """
    _check(details, by)
    made = Venue(**asdict(details))
    session().add(made)
    _flush(details)
    audit.record("venue.make", "venue", made.id, by=by, name=made.name)
    return made


def change_venue(venue_id: str, details: VenueDetails, *, by: str | None) -> Venue:
    """Correct a venue; the same refusals, and NotFound."""
    row = lock_row(Venue, venue_id)
    _require_keeper(row.organisation_id, by)
    if details.organisation_id != row.organisation_id:
        _require_keeper(details.organisation_id, by)
    _check(details, None)
    wanted = asdict(details)
    before = {name: getattr(row, name) for name in wanted}
    for name, value in wanted.items():
        setattr(row, name, value)
    _flush(details)
    if before != wanted:
        audit.record("venue.change", "venue", row.id, by=by, before=before, after=wanted)
        changed(row)
    return row


def may_change(venue: Venue, person_id: str) -> bool:
    """Whether this person may correct the venue."""
    try:
        _require_keeper(venue.organisation_id, person_id)
    except NotYourVenue:
        return False
    return True


def _require_keeper(organisation_id: str | None, by: str | None) -> None:
    """A venue nobody lives in is kept by all who make events; a centre's own by its people and the office."""
    if by is None:
        return
    held = permissions_at(by, organisation_id) if organisation_id else permissions_of(by)
    if not _MAY_KEEP & held:
        name = get_row(Organisation, organisation_id).name if organisation_id else ""
        raise NotYourVenue(organisation=name)


def _check(details: VenueDetails, by: str | None) -> None:
    if details.kind not in VENUE_KINDS:
        raise UnknownKind
    if not 1 <= len(details.name.strip()) <= NAME_LIMIT:
        raise BadVenueText
    if not 1 <= len(details.address.strip()) <= ADDRESS_LIMIT:
        raise BadVenueText(field="address")
    district = session().get(District, details.district_code)
    if district is None or district.parent_code is not None:
        raise UnknownDistrict
    if details.township_code:
        township = session().get(District, details.township_code)
        if township is None or township.parent_code != district.code:
            raise TownshipElsewhere
    if details.organisation_id:
        get_row(Organisation, details.organisation_id)
        _require_keeper(details.organisation_id, by)


def _flush(details: VenueDetails) -> None:
    """Check the unique name now, while the form can still say so."""
    try:
        session().flush()
    except IntegrityError as error:
        if broken_constraint(error) == "uq_venue_district_code_name":
            raise VenueExists(name=details.name) from error
        raise


def find_or_make_venue(details: VenueDetails, *, by: str | None) -> Venue:
    """The venue of this name in the district, made when there is none; raises as make_venue does."""
    _check(details, by)  # before it is looked for: a text no database keeps cannot be compared either
    return queries.find_venue(details.district_code, details.name) or make_venue(details, by=by)
