"""For someone signed in: shifts that suit them; cancel, one's own or as staff."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import signed_in, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_
from webapp.core.http import safe_next
from webapp.core.just_done import can_undo
from webapp.signups import queries, service
from webapp.signups.domain.fitting import BECAUSE_WORDS
from webapp.signups.forms import CancelForm
from webapp.signups.models import Signup
from webapp.signups.queries.companions import living_companions_of
from webapp.signups.queries.fitting import shifts_for
from webapp.signups.service.companions import cancel_together
from webapp.signups.views import blueprint

OWN = "/signups/<string(length=18):signup_id>"


@blueprint.route(OWN + "/cancel", methods=["GET", "POST"])
@signed_in
@can_undo(N_("取消了“%(title)s”的报名"), Signup, says=queries.title_of)
@decides(Signup)
def cancel(signup_id: str) -> Any:
    """Say what will happen to whom, then do it; staff give the reason the person will read."""
    person = the_person()
    signup = queries.get_signup_for(person.id, signup_id)
    is_own, back = signup.person_id == person.id, _back(signup, person.id)
    if not signup.is_living:
        return redirect(back)
    form = CancelForm()
    form.is_required = not is_own
    if form.validate_on_submit():
        with transaction():
            _cancel(signup_id, form, by=person.id, is_own=is_own)
        flash(_("报名已取消，名额让给了后面的人。"), "success")
        return redirect(back)
    action = url_for("signups.cancel", signup_id=signup_id, next=back)
    page = render_template(
        "signups/cancel.html",
        signup=signup,
        form=form,
        is_own=is_own,
        along=living_companions_of(signup) if is_own else [],
        action=action,
        back=back,
    )
    return page, 422 if form.is_submitted() else 200


def _cancel(signup_id: str, form: CancelForm, *, by: str, is_own: bool) -> None:
    if is_own and form.takes_all:
        cancel_together(signup_id)
    else:
        service.cancel_signup(signup_id, by=by, reason=form.reason.data or "")


def _back(signup: Signup, person_id: str) -> str:
    if signup.person_id == person_id:
        fallback = url_for("pages.me")
    elif queries.is_managed_by(signup, person_id):
        fallback = url_for("pages.session_sheet", session_id=signup.session_id)
    else:
        fallback = url_for("signups.show_made", signup_id=signup.id)
    return safe_next(request.args.get("next"), fallback)


@blueprint.get("/me/shifts")
@signed_in
def list_shifts() -> str:
    """Open shifts that suit the person, with the reasons."""
    found = shifts_for(the_person().id)
    return render_template("signups/list_shifts.html", found=found, words=BECAUSE_WORDS)
