"""For whoever is signed up: bring more people along, signed in or behind a guest's link."""

from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import public, signed_in, the_person
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.security import limiter
from webapp.people.queries import account_of, standing_guardianship
from webapp.signups import queries
from webapp.signups.forms import MoreForm
from webapp.signups.models import Signup
from webapp.signups.queries.companions import living_companions_of, may_bring
from webapp.signups.service.companions import add_companions as bring_more
from webapp.signups.views import blueprint
from webapp.signups.views.own import OWN
from webapp.signups.views.public import GUEST, once, public_writes, unstored

blueprint.add_app_template_global(may_bring)


@blueprint.route(OWN + "/companions", methods=["GET", "POST"])
@signed_in
def add_companions(signup_id: str) -> Any:
    """Each gets a pass of their own below that of whoever brings them."""
    signup = queries.get_own(the_person().id, signup_id)
    action = url_for("signups.add_companions", signup_id=signup_id)
    return _add(signup, action, url_for("pages.show_pass", signup_id=signup_id))


@blueprint.route(GUEST + "/companions", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
def add_companions_as_guest(token: str) -> Any:
    """The same behind the link of someone without an account."""
    signup = queries.get_for_guest(token)
    action = url_for("signups.add_companions_as_guest", token=token)
    back = url_for("signups.show_signup", token=token)
    return unstored(make_response(_add(signup, action, back)))


def _add(signup: Signup, action: str, back: str) -> Any:
    if not may_bring(signup):
        flash(_("这个报名现在不能再加人：报名已经结束、已取消，或已经带满了人。"), "warning")
        return redirect(back)
    form, signup_id, status = MoreForm(), signup.id, 200
    form.has_guardian = standing_guardianship(signup.person_id) is not None
    if form.validate_on_submit():
        try:
            once(form, f"more:{signup_id}", lambda: _bring(signup_id, form))
            flash(_("已经报上，他们的二维码在下面。"), "success")
            return redirect(back)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    found = queries.get_with_session(signup_id)
    page = render_template(
        "signups/add_companions.html",
        signup=found,
        along=living_companions_of(found),
        form=form,
        action=action,
        back=back,
    )
    return page, status


def _bring(signup_id: str, form: MoreForm) -> str:
    main = queries.get_with_session(signup_id)
    account = account_of(main.person_id)
    phone = (account.phone if account else None) or main.person.phone
    bring_more(main, form.party(), phone=phone, given=form.given())
    return signup_id
