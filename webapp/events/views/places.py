"""Where a session is: a place of the list, or a new one that is made while the event is."""

from collections.abc import Iterable
from itertools import groupby

from flask import flash, request
from flask_babel import gettext as _

from webapp.core.auth import the_person
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form
from webapp.events.forms import Venues, WhereForm
from webapp.venues.queries import find_venues, list_districts
from webapp.venues.service import find_or_make_venue

_VENUES = 2000  # every venue of a city


def venues_by_district() -> Venues:
    """Every open venue, under the name of its district."""
    venues = find_venues(limit=_VENUES)
    return {
        name: [(one.id, one.name) for one in some]
        for name, some in groupby(venues, lambda one: one.district.name)
    }


def offer_places(parts: Iterable[WhereForm]) -> bool:
    """Give every part of a form its choices, once new places are made; False where one of those was refused.

    A new place is kept at once, whatever else is wrong with the form: nobody enters it twice.
    """
    parts = list(parts)
    districts = [(one.code, one.name) for one in list_districts()]
    made = {}
    if request.method == "POST":
        made = {number: _make(one) for number, one in enumerate(parts) if not one.new_venue.form.is_empty()}
    venues = venues_by_district()
    for number, one in enumerate(parts):
        one.offer_places(venues, districts)
        if key := made.get(number):
            one.choose_venue(key)
            one.offer_places(venues, districts)
    return all(made.values())


def _make(part: WhereForm) -> str | None:
    """Id of the place, made or found; None where it was refused, which its part of the form then says."""
    form = part.new_venue.form
    try:
        with transaction():
            venue = find_or_make_venue(form.details(), by=the_person().id)
            key, name = venue.id, venue.name
    except Refusal as refusal:
        show_on_form(form, refusal)
        return None
    flash(_("地点“%(name)s”已加好，以后可以直接选。", name=name), "success")
    return key
