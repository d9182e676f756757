"""For organisers: who asks for a place that needs approval, and on what ground to decide."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.listing import listed, named
from webapp.events.models import Position
from webapp.organisations.domain import Permission
from webapp.pages.forms.pending import DecideForm
from webapp.pages.queries import grounds_of
from webapp.pages.views import blueprint
from webapp.people.queries import are_phones_shown
from webapp.recognition.domain.certificates import hours_text
from webapp.signups import service
from webapp.signups.domain import DECIDED_LABELS, Decided
from webapp.signups.models import Signup
from webapp.signups.queries import offers
from webapp.signups.service import Decision
from webapp.volunteers.domain import AGE_BAND_LABELS

_PLACED = {Decided.APPROVED, Decided.WAITS}


def _chosen() -> list[str]:
    """Those ticked, or everyone who stood on the page."""
    return request.form.getlist("shown" if request.form.get("everyone") else "signup")


@blueprint.route("/manage/positions/<position_id>/pending", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@can_undo(N_("答复了报名申请"), Position)
@decides(Signup, chosen=_chosen)
def show_pending(position_id: str) -> Any:
    """Who asks for approval; several are decided on at once, and each line says what came of it."""
    by = the_person().id
    offers.get_managed_position(by, position_id)
    form, status, decided = _form(), 200, list[Decision]()
    if form.validate_on_submit():
        try:
            decided = _decide(form, by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            if request.form.get("next"):
                return _back(decided)
    elif form.is_submitted():
        status = 422
    page = _page(position_id, by) | {"form": form, "decided": decided}
    return render_template("pages/show_pending.html", **page), status


def _back(decided: list[Decision]) -> Response:
    """To the list where the button stood, with what came of each."""
    for one in decided:
        kind = "success" if one.outcome in _PLACED else "warning"
        flash(_("%(name)s：%(what)s。", name=one.name, what=_(DECIDED_LABELS[one.outcome])), kind)
    return redirect(back_or(url_for("pages.list_todo")), 303)


def _form() -> DecideForm:
    """The form with those who were chosen: those ticked, or everyone who stood on the page.

    Whoever was decided on since the page was opened may still be sent: that does no harm and is said.
    """
    form = DecideForm()
    chosen = request.form.getlist("shown" if request.form.get("everyone") else "signup")
    form.signup.choices = [(one, one) for one in chosen]
    form.signup.data = chosen
    return form


def _decide(form: DecideForm, by: str) -> list[Decision]:
    chosen = list(form.signup.data or [])
    with transaction():
        if form.decision.data == "approve":
            return service.approve(chosen, by=by)
        return service.decline(chosen, reason=form.reason.data or "", by=by)


def _page(position_id: str, by: str) -> dict[str, Any]:
    position = offers.get_managed_position(by, position_id)
    everyone = offers.pending_lines(position_id)
    pending = listed(everyone, lambda one: named(one.name, one.team, phone=one.phone))
    return {
        "position": position,
        "is_volunteer": position.kind == "volunteer",
        "pending": pending,
        "grounds": grounds_of(pending.rows),
        "phones_shown": are_phones_shown("position", position_id, to=by),
        "ask_phones_url": url_for("signups.show_position_phones", position_id=position_id),
        "words": DECIDED_LABELS,
        "bands": AGE_BAND_LABELS,
        "hours": hours_text,
    }
