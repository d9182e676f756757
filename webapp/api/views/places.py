"""What an integration needs to fill an event: organisations, venues, districts, types."""

from typing import Any

from flask import request

from webapp.api import queries
from webapp.api.forms.given import DistrictOut, EventTypeOut, OrganisationOut, VenueOut, listing
from webapp.api.views import answer, blueprint
from webapp.core.auth import current_person, token_optional
from webapp.organisations import queries as organisations
from webapp.organisations.domain import Permission
from webapp.plan import queries as plans
from webapp.venues import queries as venues


@blueprint.get("/organisations")
@token_optional
@blueprint.output(listing(OrganisationOut))
@blueprint.doc(tags=["places"])
def list_organisations() -> Any:
    """All organisations; with ?mine=1 those the token's owner may hold events for."""
    if request.args.get("mine") in {"1", "true"}:
        person = current_person()
        found = organisations.organisations_with(person.id, Permission.MANAGE_EVENTS) if person else []
    else:
        found = organisations.list_organisations()
    return answer({"items": [queries.organisation_body(one) for one in found], "next": None})


@blueprint.get("/venues")
@token_optional
@blueprint.output(listing(VenueOut))
@blueprint.doc(tags=["places"])
def list_venues() -> Any:
    """Venues; ?district= takes a district's code, ?q= words of the name or address."""
    found = venues.find_venues(district=request.args.get("district") or None, q=request.args.get("q") or None)
    return answer({"items": [queries.venue_body(one) for one in found], "next": None})


@blueprint.get("/districts")
@token_optional
@blueprint.output(listing(DistrictOut))
@blueprint.doc(tags=["places"])
def list_districts() -> Any:
    """County-level districts of the city."""
    items = [{"code": one.code, "name": one.name, "kind": one.kind} for one in venues.list_districts()]
    return answer({"items": items, "next": None})


@blueprint.get("/event-types")
@token_optional
@blueprint.output(listing(EventTypeOut))
@blueprint.doc(tags=["places"])
def list_event_types() -> Any:
    """Kinds of events, from the plan's vocabulary."""
    items = [{"slug": one.slug, "label": one.label} for one in plans.list_event_types()]
    return answer({"items": items, "next": None})
