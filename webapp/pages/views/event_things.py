"""For staff: what the sessions of an event have of vans and things, and letting several of them go at once."""

from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import (
    Act,
    Column,
    Filter,
    Outcome,
    Query,
    Shown,
    Table,
    back_to,
    by_rule,
    chosen_rows,
    each_of,
    say,
    show,
)
from webapp.events.models import Event, EventSession
from webapp.events.queries.desk import get_desk_for
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import require
from webapp.pages.views import blueprint
from webapp.pages.views.event_desk import DESK, READERS
from webapp.pages.views.manage import MANAGERS
from webapp.pages.views.workspace import workspace_of
from webapp.resources import service
from webapp.resources.domain import KINDS
from webapp.resources.models import Booking, Resource
from webapp.resources.queries import booked_at, bookings_named
from webapp.venues.models import Venue

_WHEN = {"coming": N_("还没结束的"), "over": N_("已经结束的")}
_USUAL = (EventSession.starts_at, Resource.name, Booking.id)


def _is_at(value: str) -> ColumnElement[bool]:
    return EventSession.ends_at > clock.now() if value == "coming" else EventSession.ends_at <= clock.now()


def _source(event_id: str) -> Query:
    return Query(booked_at(event_id), Booking.id, _USUAL)


def _table(event: Event) -> Table:
    names = booked_at(event.id).with_only_columns(Booking.id, Resource.name, Organisation.name, Venue.name)
    return Table(
        columns=(
            Column("name", N_("名称"), lambda one: one.resource.name, order=Resource.name, kind="head"),
            Column("kind", N_("类别"), lambda one: _(KINDS[one.resource.kind]), shown=False),
            Column("when", N_("场次"), lambda one: one.session.starts_at, order=EventSession.starts_at),
            Column("venue", N_("地点"), lambda one: one.session.venue.name, order=Venue.name),
            Column("unit", N_("单位"), lambda one: one.resource.organisation.name, order=Organisation.name),
        ),
        filters=(Filter("when", N_("场次"), list(_WHEN.items()), where=_is_at),),
        search=by_rule(Booking.id, names),
        acts=(Act("release", N_("不用了"), "x"),) if workspace_of(event).may_change else (),
        acts_at=url_for("pages.release_chosen", event_id=event.id),
        seen=Booking,
        find_by=N_("名称、拼音首字母、地点或单位"),
    )


def _event(event_id: str) -> Event:
    return get_desk_for(the_person().id, event_id, *MANAGERS)


@blueprint.get(DESK + "/things")
@allowed(*READERS)
def event_things(event_id: str) -> Response | str:
    """What its sessions have of vans and things."""
    event = _event(event_id)
    listing = show(_table(event), _source(event_id))
    return listing.file(f"{event.title} {_('物资')}") if listing.format else _page(event, listing)


def _page(event: Event, listing: Shown) -> str:
    return render_template("pages/event_things.html", event=event, listing=listing, now=clock.now())


def _first_chosen(event_id: str) -> Booking:
    """Of the chosen ones, one that stands for all of them."""
    chosen = chosen_rows(_table(_event(event_id)), _source(event_id))
    return bookings_named(event_id, chosen[:1])[0]


@blueprint.post(DESK + "/things/chosen")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
@can_undo(
    N_("有的场次不再用选上的物资，从“%(name)s”起"),
    _first_chosen,
    says=lambda one: {"name": one.resource.name},
)
def release_chosen(event_id: str) -> Any:
    """The chosen sessions do without; what was let go meanwhile is named."""
    event, source = _event(event_id), _source(event_id)
    table, by = _table(event), the_person().id
    require(by, Permission.MANAGE_EVENTS, event.organisation_id)
    try:
        with transaction():
            outcomes = _each(event_id, chosen_rows(table, source), by=by)
    except Refusal as refusal:
        refused = show(table, source, at="pages.event_things", refused=sentence_of(refusal))
        return _page(event, refused), status_of(refusal)
    say(outcomes, lambda n: _("%(n)s 处安排取消了。", n=n))
    return redirect(back_to("pages.event_things", event_id=event_id), 303)


def _each(event_id: str, ids: list[str], *, by: str) -> list[Outcome]:
    found = {one.id: one for one in bookings_named(event_id, ids)}

    def over(booking_id: str) -> str:
        return _("已经不用了") if found[booking_id].released_at else ""

    def name(booking_id: str) -> str:
        return found[booking_id].resource.name

    return each_of(list(found), lambda one: service.release(one, by=by), name=name, by=by, unless=over)
