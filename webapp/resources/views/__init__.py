"""Staff pages: an organisation's vehicles and exhibits, where each goes, what a session takes along."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import N_, NotAllowed, Refusal
from webapp.core.http import flash_refusal, safe_next, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.working import working_for
from webapp.events.models import EventSession
from webapp.events.queries import get_session_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import memberships_of, organisations_with
from webapp.resources import queries, service
from webapp.resources.domain import KINDS
from webapp.resources.forms import BookingForm, NewResourceForm, ResourceForm
from webapp.resources.models import Booking, Resource

blueprint = Blueprint("resources", __name__)
blueprints = (blueprint,)
Answer = Response | str | tuple[str, int]
KEEPERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)


@blueprint.route("/manage/resources/new", methods=["GET", "POST"])
@allowed(*KEEPERS)
@makes
def add_resource() -> Answer:
    """A thing that was not there yet; `next` leads back to the session that wants it."""
    form, status, back = _new_form(), 200, request.args.get("next")
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.make_resource(form.organisation_id.data, form.details(), by=the_person().id).id
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已登记。"), "success")
            return redirect(safe_next(back, url_for("resources.show_resource", resource_id=made)))
    elif form.is_submitted():
        status = 422
    return render_template("resources/add_resource.html", form=form, next=back), status


def _new_form() -> NewResourceForm:
    """Of whom: the organisation one works for, else one's own first."""
    by = the_person().id
    managed = organisations_with(by, Permission.MANAGE_EVENTS)
    if not managed:
        raise NotAllowed
    ids = {one.id for one in managed}
    own = [one for one in (working_for(), *memberships_of(by)) if one in ids]
    form = NewResourceForm(data={"organisation_id": (own or [managed[0].id])[0]})
    form.organisation_id.choices = [(one.id, one.name) for one in managed]
    return form


@blueprint.route("/manage/resources/<resource_id>", methods=["GET", "POST"])
@allowed(*KEEPERS)
@decides(Resource)
def show_resource(resource_id: str) -> Answer:
    """Where it goes, its calendar, and what is said of it."""
    found = queries.get_resource_for(the_person().id, resource_id)
    form, status = ResourceForm(obj=found), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.change_resource(resource_id, form.details(), by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已保存。"), "success")
            return _back_to(resource_id)
    elif form.is_submitted():
        status = 422
    return _resource_page(resource_id, form), status


def _resource_page(resource_id: str, form: ResourceForm) -> str:
    found = queries.get_resource_for(the_person().id, resource_id)
    feed = url_for("calendars.resource_feed", resource_id=found.id, token=queries.feed_token(found))
    return render_template(
        "resources/show_resource.html",
        form=form,
        resource=found,
        kinds=KINDS,
        bookings=queries.coming_bookings(resource_id),
        feed=feed,
    )


def _back_to(resource_id: str) -> Response:
    return redirect(url_for("resources.show_resource", resource_id=resource_id), 303)


@blueprint.post("/manage/resources/<resource_id>/close")
@allowed(*KEEPERS)
@decides(Resource)
def close_resource(resource_id: str) -> Response:
    """Take it out of use."""
    queries.get_resource_for(the_person().id, resource_id)
    try:
        with transaction():
            service.close_resource(resource_id, by=the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已停用。"), "success")
    return _back_to(resource_id)


@blueprint.post("/manage/resources/<resource_id>/reopen")
@allowed(*KEEPERS)
@decides(Resource)
def reopen_resource(resource_id: str) -> Response:
    """Put it to use again."""
    queries.get_resource_for(the_person().id, resource_id)
    with transaction():
        service.reopen_resource(resource_id, by=the_person().id)
    flash(_("可以用了。"), "success")
    return _back_to(resource_id)


@blueprint.post("/manage/resources/<resource_id>/renew-calendar")
@allowed(*KEEPERS)
@decides(Resource)
def renew_feed(resource_id: str) -> Response:
    """Another calendar address."""
    queries.get_resource_for(the_person().id, resource_id)
    with transaction():
        service.renew_feed(resource_id, by=the_person().id)
    flash(_("已经换成新地址，旧地址从现在起打不开了。"), "success")
    return _back_to(resource_id)


@blueprint.route("/manage/sessions/<session_id>/resources", methods=["GET", "POST"])
@allowed(*KEEPERS)
@decides(EventSession)
def session_resources(session_id: str) -> Answer:
    """What a session takes along, and one more."""
    by = the_person().id
    held = get_session_for(by, session_id, Permission.MANAGE_EVENTS)
    form, status = _booking_form(by, session_id), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.book(form.resource_id.data, session_id, by=by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已安排给这一场。"), "success")
            return redirect(url_for("resources.session_resources", session_id=session_id), 303)
    elif form.is_submitted():
        status = 422
    given = {"form": form, "event_session": held, "bookings": queries.bookings_of(session_id)}
    is_over = held.ends_at <= clock.now()
    return render_template("resources/session_resources.html", is_over=is_over, **given), status


def _booking_form(person_id: str, session_id: str) -> BookingForm:
    """What is not there yet, to choose from."""
    form, there = BookingForm(), {one.resource_id for one in queries.bookings_of(session_id)}
    found = [one for one in queries.bookable_by(person_id) if one.id not in there]
    form.resource_id.choices = [(one.id, f"{one.name}（{one.organisation.name}）") for one in found]
    return form


@blueprint.post("/manage/bookings/<booking_id>/release")
@allowed(*KEEPERS)
@can_undo(
    N_("这一场不再用“%(name)s”"), Booking, says=lambda one: {"name": get_row(Resource, one.resource_id).name}
)
@decides(Booking)
def release_booking(booking_id: str) -> Response:
    """It does not go there after all."""
    session_id = get_row(Booking, booking_id).session_id
    get_session_for(the_person().id, session_id, Permission.MANAGE_EVENTS)
    with transaction():
        service.release(booking_id, by=the_person().id)
    flash(_("这一场不再用它了。"), "success")
    return redirect(url_for("resources.session_resources", session_id=session_id), 303)


from webapp.resources.views import manage  # noqa: E402, F401  (it adds routes)
