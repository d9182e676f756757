"""Reads of districts and venues."""

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from webapp.core.db import get_row, session
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
    """Open venues by district and name. `q` is looked for in name and address, whatever characters it has."""
    wanted = select(Venue).where(Venue.closed_at.is_(None)).options(joinedload(Venue.organisation))
    if district:
        wanted = wanted.where(or_(Venue.district_code == district, Venue.township_code == district))
    for word in (q or "").split():
        wanted = wanted.where(
            or_(Venue.name.icontains(word, autoescape=True), Venue.address.icontains(word, autoescape=True))
        )
    if organisation_id:
        wanted = wanted.where(Venue.organisation_id == organisation_id)
    return list(session().scalars(wanted.order_by(Venue.district_code, Venue.name, Venue.id).limit(limit)))


def get_venue(venue_id: str) -> Venue:
    """The venue, also a closed one; raises NotFound."""
    return get_row(Venue, venue_id)


def find_venue(district_code: str, name: str) -> Venue | None:
    """The venue of this name in the district."""
    return session().scalar(select(Venue).where(Venue.district_code == district_code, Venue.name == name))
