"""A new pass for one that was lost or shown around: its holder, whoever signed them up, staff, a guest by link."""

from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import public, signed_in, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.security import limiter
from webapp.signups import queries, service
from webapp.signups.forms.passes import NewPassForm
from webapp.signups.models import Signup
from webapp.signups.queries.standing import standing_of
from webapp.signups.views import blueprint
from webapp.signups.views.public import GUEST, public_writes, unstored


@blueprint.route("/signups/<string(length=18):signup_id>/new-pass", methods=["GET", "POST"])
@signed_in
@decides(Signup)
def new_pass(signup_id: str) -> Any:
    """Say what becomes of the old pass, then replace it."""
    person = the_person()
    signup = queries.get_signup_for(person.id, signup_id)
    page = "pages.show_pass" if signup.person_id == person.id else "signups.show_made"
    action, back = url_for("signups.new_pass", signup_id=signup_id), url_for(page, signup_id=signup_id)
    return _replace(signup, person.id, action, back)


@blueprint.route(GUEST + "/new-pass", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
@decides(queries.get_for_guest)
def new_pass_as_guest(token: str) -> Any:
    """The same behind the signed link of someone without an account."""
    signup = queries.get_for_guest(token)
    action = url_for("signups.new_pass_as_guest", token=token)
    back = url_for("signups.show_signup", token=token)
    return unstored(make_response(_replace(signup, None, action, back)))


def _replace(signup: Signup, by: str | None, action: str, back: str) -> Any:
    if not standing_of(signup).has_pass:
        return redirect(back)
    form, status = NewPassForm(seen=signup.pass_serial), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.reissue_pass(signup.id, by=by, seen=form.seen.data)
            flash(_("已换成新码，旧码作废了。"), "success")
            return redirect(back)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    found = queries.get_with_session(signup.id)
    page = render_template(
        "signups/new_pass.html",
        signup=found,
        form=form,
        action=action,
        back=back,
        is_own=by in {None, found.person_id},
    )
    return page, status
