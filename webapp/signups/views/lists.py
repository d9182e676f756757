"""For organisers: who waits and in which order, who asks for approval."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.listing import listed
from webapp.organisations.domain import Permission
from webapp.signups import service
from webapp.signups.domain import DECIDED_LABELS
from webapp.signups.forms.offers import DecideForm, MoveForm
from webapp.signups.queries import offers
from webapp.signups.service import Decision
from webapp.signups.views import blueprint


@blueprint.route("/manage/positions/<position_id>/waitlist", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
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
        waiting=listed(offers.waiting_lines(position_id), lambda one: one.name),
        offered=offers.offered_lines(position_id),
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


@blueprint.route("/manage/positions/<position_id>/pending", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
def show_pending(position_id: str) -> Any:
    """Who asks for approval; several are decided on at once, and each line says what came of it."""
    by = the_person().id
    offers.get_managed_position(by, position_id)
    form, status, decided = DecideForm(), 200, list[Decision]()
    # Whoever was decided on since the page was opened may still be sent: that does no harm and is said.
    form.signup.choices = [(one, one) for one in request.form.getlist("signup")]
    if form.validate_on_submit():
        try:
            decided = _decide(form, by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    return render_template(
        "signups/show_pending.html",
        position=offers.get_managed_position(by, position_id),
        form=form,
        pending=offers.pending_lines(position_id),
        decided=decided,
        words=DECIDED_LABELS,
    ), status


def _decide(form: DecideForm, by: str) -> list[Decision]:
    chosen = list(form.signup.data or [])
    with transaction():
        if form.decision.data == "approve":
            return service.approve(chosen, by=by)
        return service.decline(chosen, reason=form.reason.data or "", by=by)
