"""For organisers: who waits and in which order; the numbers of those who wait or ask for approval."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.listing import listed, named
from webapp.organisations.domain import Permission
from webapp.people.queries import are_phones_shown
from webapp.people.service.phones import show_phones
from webapp.signups import service
from webapp.signups.forms.offers import MoveForm
from webapp.signups.models import Signup
from webapp.signups.queries import offers
from webapp.signups.views import blueprint

LIST = "position"  # what kind of list its telephones are logged for


@blueprint.route("/manage/positions/<position_id>/waitlist", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@decides(Signup, chosen=lambda: request.form.getlist("signup"))
def show_waitlist(position_id: str) -> Any:
    """Who waits in which order, for whom a place is held; one may be put at another place, with a reason."""
    by = the_person().id
    offers.get_managed_position(by, position_id)
    form, status = _move_form(position_id), 200
    if form.validate_on_submit():
        try:
            _move(form, by)
            return redirect(url_for("signups.show_waitlist", position_id=position_id))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    return render_template(
        "signups/show_waitlist.html",
        position=offers.get_managed_position(by, position_id),
        form=form,
        waiting=listed(offers.waiting_lines(position_id), lambda one: named(one.name)),
        offered=offers.offered_lines(position_id),
        phones_shown=are_phones_shown(LIST, position_id, to=by),
    ), status


def _move_form(position_id: str) -> MoveForm:
    form = MoveForm()
    lines = offers.waiting_lines(position_id)
    form.signup.choices = [
        (one.signup_id, _("第 %(n)s 位 %(name)s", n=one.place, name=one.name)) for one in lines
    ]
    if not form.is_submitted():
        form.signup.data = request.args.get("signup", "")
    return form


def _move(form: MoveForm, by: str) -> None:
    with transaction():
        service.move_in_queue(
            form.signup.data, place=int(form.place.data or 0), reason=form.reason.data or "", by=by
        )
    flash(_("顺序已经调整，原因已记下。"), "success")


@blueprint.post("/manage/positions/<position_id>/phones")
@allowed(Permission.MANAGE_EVENTS)
def show_position_phones(position_id: str) -> Any:
    """Show the numbers of those who wait or ask for this place, for half an hour; kept once, not for each person."""
    by = the_person().id
    offers.get_managed_position(by, position_id)
    with transaction():
        show_phones(LIST, position_id, by=by)
    page = "signups.show_waitlist" if request.form.get("back") == "waitlist" else "pages.show_pending"
    return redirect(url_for(page, position_id=position_id), 303)
