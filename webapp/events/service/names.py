"""Followers of earlier areas: a venue or an organisation has another name, and events are found and shown by it."""

from sqlalchemy import select, update

from webapp.core import clock
from webapp.core.db import session
from webapp.events.models import Event, EventSession
from webapp.events.service import finding
from webapp.organisations.models import Organisation
from webapp.venues.models import Venue


def on_venue_changed(venue: Venue) -> None:
    """Events that come to it are found by its new name. (What feeds show of it is followed by calendars.)"""
    session().flush()
    here = select(EventSession.event_id).where(EventSession.venue_id == venue.id)
    for event in session().scalars(select(Event).where(Event.id.in_(here)).order_by(Event.id)):
        finding.refresh_search(event)


def on_organisation_changed(organisation: Organisation) -> None:
    """Its events are found by its new name, and every calendar that shows them says so."""
    session().flush()
    own = select(Event).where(Event.organisation_id == organisation.id).order_by(Event.id)
    for event in session().scalars(own):
        finding.refresh_search(event)
    session().execute(
        update(EventSession)
        .where(EventSession.event_id.in_(select(Event.id).where(Event.organisation_id == organisation.id)))
        .values(updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
