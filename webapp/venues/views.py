"""Staff pages: the list of venues, a new one in seconds, corrections."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import safe_next, show_on_form, status_of
from webapp.core.listing import Column, Filter, Query, Table, by_rule, show
from webapp.core.terms import term
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import get_organisation, organisations_seen, organisations_with
from webapp.venues import queries, service
from webapp.venues.domain import VENUE_KINDS, NotYourVenue
from webapp.venues.forms import VenueForm
from webapp.venues.models import Venue

blueprint = Blueprint("venues", __name__)
blueprints = (blueprint,)
Answer = Response | str | tuple[str, int]
_KEEPERS = (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN)
_KEPT = (("some", N_("有")), ("none", N_("没有")))


def _table() -> Table:
    districts = [(one.code, term(one.name)) for one in queries.list_districts()]
    kept = queries.kept_venues()
    return Table(
        columns=(
            Column("name", N_("名称"), lambda one: one.name, order=Venue.name, kind="head"),
            Column("kind", N_("类别"), lambda one: _(VENUE_KINDS[one.kind]), order=Venue.kind),
            Column(
                "district", N_("县（市）区"), lambda one: term(one.district.name), order=Venue.district_code
            ),
            Column("address", N_("地址"), lambda one: one.address),
            Column("unit", N_("管理单位"), _unit, order=Organisation.name),
            Column("change", "", lambda one: None, kind="tight", in_file=False),
        ),
        filters=(
            Filter("district", N_("县（市）区"), districts, where=queries.lies_in),
            Filter("kind", N_("类别"), list(VENUE_KINDS.items()), where=lambda value: Venue.kind == value),
            Filter("unit", N_("管理单位"), _KEPT, where=_is_kept),
        ),
        search=by_rule(
            Venue.id, kept.with_only_columns(Venue.id, Venue.name, Venue.address, Organisation.name)
        ),
        find_by=N_("名称、拼音首字母、地址或管理单位"),
    )


def _unit(venue: Venue) -> str | None:
    return venue.organisation.name if venue.organisation else None


def _is_kept(value: str) -> ColumnElement[bool]:
    return Venue.organisation_id.is_not(None) if value == "some" else Venue.organisation_id.is_(None)


@blueprint.get("/manage/venues")
@allowed(*_KEEPERS)
def list_venues() -> Answer:
    """Venues by district; whose page the person may not change has no button for it."""
    usual = (Venue.district_code, Venue.name, Venue.id)
    listing = show(_table(), Query(queries.kept_venues(), Venue.id, usual))
    if listing.format:
        return listing.file(_("场所"))
    kept = organisations_seen(the_person().id, *_KEEPERS)
    return render_template("venues/list_venues.html", listing=listing, kept=kept)


@blueprint.route("/manage/venues/new", methods=["GET", "POST"])
@allowed(*_KEEPERS)
@keeps_draft
@makes
def add_venue() -> Answer:
    """A new venue; `next` leads back to the event that needed it."""
    form, status, back = _form(), 200, request.args.get("next")
    if form.validate_on_submit():
        try:
            with transaction():
                name = service.make_venue(form.details(), by=the_person().id).name
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("场所“%(name)s”已添加。", name=name), "success")
            return redirect(safe_next(back, url_for("venues.list_venues")))
    elif form.is_submitted():
        status = 422
    return render_template("venues/add_venue.html", form=form, next=back), status


@blueprint.route("/manage/venues/<venue_id>", methods=["GET", "POST"])
@allowed(*_KEEPERS)
@keeps_draft
@decides(Venue)
def change_venue(venue_id: str) -> Answer:
    """Correct a venue."""
    venue = queries.get_venue(venue_id)
    if not service.may_change(venue, the_person().id):
        raise NotYourVenue(organisation=get_organisation(venue.organisation_id or "").name)
    form, status, name = _form(venue), 200, venue.name
    if form.validate_on_submit():
        try:
            with transaction():
                service.change_venue(venue_id, form.details(), by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("场所已保存。"), "success")
            return redirect(url_for("venues.list_venues"))
    elif form.is_submitted():
        status = 422
    return render_template("venues/change_venue.html", form=form, venue_id=venue_id, name=name), status


def _form(venue: Venue | None = None) -> VenueForm:
    """The form with today's districts and the organisations this person works for."""
    form = VenueForm(obj=venue, data=None if venue else {"organisation_id": working_for() or ""})
    districts = queries.list_districts()
    form.district_code.choices = [("", _("请选择")), *((row.code, term(row.name)) for row in districts)]
    names = {row.code: row.name for row in districts}
    townships: dict[str, list[tuple[str, str]]] = {}
    for row in queries.list_townships(ordinary=False):
        townships.setdefault(names[row.parent_code or ""], []).append((row.code, row.name))
    form.township_code.choices = {"": [("", _("不填"))], **townships}
    own = [(row.id, row.name) for row in organisations_with(the_person().id, *_KEEPERS)]
    if venue and venue.organisation_id and venue.organisation_id not in dict(own):
        own.append((venue.organisation_id, get_organisation(venue.organisation_id).name))
    form.organisation_id.choices = [("", _("没有固定的管理单位")), *own]
    return form
