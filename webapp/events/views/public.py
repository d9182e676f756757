"""For everyone: the list of events, with its filters. (The page of one event is composed in `pages`.)"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask import render_template, request, url_for

from webapp.core.auth import public
from webapp.core.db import ID_LENGTH
from webapp.core.terms import term
from webapp.events.domain import AUDIENCES
from webapp.events.forms import FilterForm
from webapp.events.forms.filters import Names, audience_name
from webapp.events.queries import EventFilter, EventItem, by_day, list_public, task_named
from webapp.events.views import blueprint
from webapp.organisations.queries import get_organisation
from webapp.plan.models import EventType
from webapp.plan.queries import get_plan, list_event_types
from webapp.venues.models import District
from webapp.venues.queries import get_district, get_venue, list_districts


def _names(types: Iterable[EventType], districts: Iterable[District]) -> Names:
    """How a filter's value is called; districts and types are on the page anyway, others are asked for."""
    labels = {one.slug: term(one.label) for one in types}
    counties = {one.code: term(one.name) for one in districts}
    return {
        "district": lambda code: counties.get(code) or term(get_district(code).name),
        "type": labels.get,
        "audience": audience_name,
        "venue": lambda key: get_venue(key).name if len(key) == ID_LENGTH else None,
        "organisation": lambda key: get_organisation(key).name if len(key) == ID_LENGTH else None,
        "task": task_named,
        "plan": lambda code: get_plan(code).title,
    }


def _in_the_city(wanted: EventFilter) -> Sequence[EventItem]:
    """What the other filters find in the whole city, where the district has nothing."""
    if not wanted.district:
        return ()
    return list_public(replace(wanted, district="", coming_only=True)).items


@blueprint.get("/events/")
@public
def list_events() -> str:
    """What is coming, soonest first, then what is over; by words what fits best; found by filters too."""
    types, districts = list_event_types(), list_districts()
    form = FilterForm(request.args, _names(types, districts))
    page = list_public(form.filter, cursor=request.args.get("cursor"))
    elsewhere = _in_the_city(form.filter) if not page.items else ()

    def link(**changed: str | None) -> str:
        return url_for("events.list_events", **{**form.active, **changed})

    return render_template(
        "events/list_events.html",
        form=form,
        coming=by_day(item for item in page.items if not item.over),
        over=by_day(item for item in page.items if item.over),
        found=page.items if form.filter.q else (),
        elsewhere=by_day(elsewhere),
        next_url=link(cursor=page.next) if page.next else None,
        prev_url=link(cursor=page.prev) if page.prev else None,
        types=types,
        districts=districts,
        audiences=AUDIENCES,
        without=lambda name: link(**{name: None}),
    )
