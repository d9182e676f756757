"""Staff pages: the list of venues, a new one in seconds, corrections."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import Refusal
from webapp.core.forms import has_unkeepable_characters
from webapp.core.http import safe_next, show_on_form, status_of
from webapp.core.listing import listed
from webapp.core.terms import term
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import get_organisation, organisations_with
from webapp.venues import queries, service
from webapp.venues.domain import SEARCH_LIMIT, VENUE_KINDS, NotYourVenue
from webapp.venues.forms import VenueForm
from webapp.venues.models import Venue

blueprint = Blueprint("venues", __name__)
blueprints = (blueprint,)
Answer = Response | str | tuple[str, int]
_ALL = 5000  # every place of a city
_KEEPERS = (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN)


@blueprint.get("/manage/venues")
@allowed(*_KEEPERS)
def list_venues() -> Answer:
    """Venues by district, with a search."""
    asked = request.args.get("q", "").strip()[:SEARCH_LIMIT]
    q = "" if has_unkeepable_characters(asked) else asked
    districts = queries.list_districts()
    district = request.args.get("district", "")
    district = district if district in {row.code for row in districts} else ""
    return render_template(
        "venues/list_venues.html",
        venues=listed(queries.find_venues(district=district, q=q, limit=_ALL), None),
        districts=districts,
        kinds=VENUE_KINDS,
        district=district,
        q=q,
    )


@blueprint.route("/manage/venues/new", methods=["GET", "POST"])
@allowed(*_KEEPERS)
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
    form = VenueForm(obj=venue, data=None if venue else {"organisation_id": working_for()})
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
