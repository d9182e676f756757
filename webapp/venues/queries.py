"""Reads of districts and venues."""

from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp.core.config import current_settings
from webapp.core.db import get_row, session
from webapp.core.words import OWN_FILE, lexicon, understood
from webapp.organisations.models import Organisation
from webapp.venues.domain import OTHER_KIND
from webapp.venues.models import District, Venue

VENUES_SHOWN = 200


def list_districts() -> list[District]:
    """The city's county-level districts, by code."""
    return list(
        session().scalars(select(District).where(District.parent_code.is_(None)).order_by(District.code))
    )


def get_district(code: str) -> District:
    """The district or township with this code; raises NotFound."""
    return get_row(District, code)


def list_townships(district_code: str | None = None, *, ordinary: bool = True) -> list[District]:
    """街道, 镇 and 乡 of a district (or of all, by district), by code; with ordinary=False farms and the like too."""
    wanted = select(District).where(District.parent_code.is_not(None)).order_by(District.code)
    if district_code is not None:
        wanted = wanted.where(District.parent_code == district_code)
    if ordinary:
        wanted = wanted.where(District.kind != OTHER_KIND)
    return list(session().scalars(wanted))


def find_venues(
    *,
    district: str | None = None,
    q: str | None = None,
    organisation_id: str | None = None,
    limit: int = VENUES_SHOWN,
) -> list[Venue]:
    """Open venues by district and name; `q` is looked for in name and address, and what fits best comes first."""
    wanted = select(Venue).where(Venue.closed_at.is_(None)).options(joinedload(Venue.organisation))
    if district:
        wanted = wanted.where(lies_in(district))
    if organisation_id:
        wanted = wanted.where(Venue.organisation_id == organisation_id)
    wanted = wanted.order_by(Venue.district_code, Venue.name, Venue.id)
    if not (q or "").strip():
        return list(session().scalars(wanted.limit(limit)))
    ids = _fitting(wanted, q or "")[:limit]
    found = {one.id: one for one in session().scalars(wanted.where(Venue.id.in_(ids)))}
    return [found[one] for one in ids]


def lies_in(district: str) -> ColumnElement[bool]:
    """Venues of a district, or of a township."""
    return or_(Venue.district_code == district, Venue.township_code == district)


def kept_venues() -> Select[Any]:
    """Open venues with the organisations that live there, for the staff's list."""
    return (
        select(Venue)
        .outerjoin(Organisation, Organisation.id == Venue.organisation_id)
        .where(Venue.closed_at.is_(None))
        .options(contains_eager(Venue.organisation))
    )


def _fitting(wanted: Select[Venue], q: str) -> list[str]:
    """Ids of those the words fit, best first: a city's venues are some hundreds, so they are looked through."""
    query = understood(q, lexicon(current_settings().data_dir / OWN_FILE))
    names = session().execute(wanted.with_only_columns(Venue.id, Venue.name, Venue.address))
    rated = [(query.rate([(row.name, 2), (row.address, 1)]), row.id) for row in names]
    fit = [(rating, place, one) for place, (rating, one) in enumerate(rated) if rating]
    best = max((rating[0] for rating, _place, _one in fit), default=0)
    return [one for rating, _place, one in sorted(fit, key=_best_first) if rating[0] == best]


def _best_first(one: tuple[tuple[int, int], int, str]) -> tuple[int, int]:
    return -one[0][1], one[1]


def get_venue(venue_id: str) -> Venue:
    """The venue, also a closed one; raises NotFound."""
    return get_row(Venue, venue_id)


def find_venue(district_code: str, name: str) -> Venue | None:
    """The venue of this name in the district."""
    return session().scalar(select(Venue).where(Venue.district_code == district_code, Venue.name == name))


def names_of_venues() -> list[tuple[str, str]]:
    """Name and address of every open venue: a city's are some hundreds."""
    rows = session().execute(
        select(Venue.name, Venue.address).where(Venue.closed_at.is_(None)).order_by(Venue.name, Venue.id)
    )
    return [(row.name, row.address) for row in rows]
