"""A minor's guardian: the person's own page, and the staff's, who give a reason before they see whom to ring."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.core import audit
from webapp.core.auth import allowed, signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import NotFound
from webapp.people.domain import normal_name, show_phone
from webapp.people.models import Guardianship
from webapp.people.queries import standing_guardianship
from webapp.people.service.guardians import Guardian, record_guardian, withdraw_guardian
from webapp.signups import queries
from webapp.signups.forms.guardians import GuardianForm, RevealForm, WithdrawForm
from webapp.signups.models import Signup
from webapp.signups.service.applying import set_age_band
from webapp.signups.views import blueprint
from webapp.signups.views.manage import STAFF
from webapp.signups.views.public import unstored
from webapp.volunteers.domain import AGE_BAND_LABELS, AgeBand, needs_guardian

_KINDS: dict[str, type[FlaskForm]] = {
    "reveal": RevealForm,
    "record": GuardianForm,
    "withdraw": WithdrawForm,
}


def _standing(signup_id: str) -> Guardianship | None:
    """What is decided about: the consent that stands, if any."""
    found = session().get(Signup, signup_id)
    return standing_guardianship(found.person_id) if found else None


def _own_standing() -> Guardianship | None:
    """The same of the person themselves."""
    return standing_guardianship(the_person().id)


@blueprint.route("/manage/signups/<signup_id>/guardian", methods=["GET", "POST"])
@allowed(*STAFF)
@decides(_standing)
def show_guardian(signup_id: str) -> Any:
    """Whether a guardian agreed; who, after a reason was given; record or end a consent given by word of mouth."""
    signup, by = _signup(signup_id), the_person().id
    sent = next((name for name in _KINDS if f"{name}-what" in request.form), None)
    # Three forms on one page: names tell them apart, and those not sent begin empty.
    forms = {
        name: kind(prefix=name) if name == sent else kind(None, prefix=name) for name, kind in _KINDS.items()
    }
    shown, status = False, 200
    if sent is not None:
        status = 422
        if forms[sent].validate_on_submit():
            shown, status = sent == "reveal", 200
            if done := _act(signup, forms[sent], by):
                flash(done, "success")
                return redirect(url_for("signups.show_guardian", signup_id=signup_id), 303)
    return _page(signup_id, forms, shown=shown, status=status)


def _signup(signup_id: str) -> Signup:
    """A sign-up these staff may see, not their own."""
    person_id = the_person().id
    found = queries.get_signup_for(person_id, signup_id)
    if found.person_id == person_id and not queries.is_managed_by(found, person_id):
        raise NotFound
    return found


def _act(signup: Signup, form: Any, by: str) -> str:
    """Do what the form asks; what to say afterwards, empty when the page itself is the answer."""
    person_id, signup_id = signup.person_id, signup.id
    with transaction():
        if isinstance(form, RevealForm):
            audit.record("guardian.reveal", "person", person_id, by=by, reason=form.reason.data)
            return ""
        if isinstance(form, WithdrawForm):
            withdraw_guardian(person_id, by=by, reason=form.reason.data or "")
            return _("已记下：监护人不再同意。签到时会提醒。")
        set_age_band(signup_id, form.age_band.data, by=by)
        record_guardian(person_id, guardian_of(form), method="oral", recorded_by=by)
        return _("监护人的同意已记下。")


def guardian_of(form: GuardianForm) -> Guardian:
    """Who agrees, from a form that was validated."""
    return Guardian(normal_name(form.guardian_name.data or ""), form.guardian_phone.normal or "")


def _page(signup_id: str, forms: dict[str, Any], *, shown: bool, status: int) -> Response:
    signup = queries.get_with_session(signup_id)
    found = standing_guardianship(signup.person_id)
    page = render_template(
        "signups/show_guardian.html",
        signup=signup,
        guardianship=found,
        is_minor=needs_guardian(signup.age_band),
        band=AGE_BAND_LABELS[AgeBand(signup.age_band)] if signup.age_band else "",
        phone=show_phone(found.guardian_phone) if found else "",
        shown=shown,
        forms_=forms,
    )
    return unstored(make_response(page, status))


@blueprint.route("/me/guardian", methods=["GET", "POST"])
@signed_in
@decides(_own_standing)
def own_guardian() -> Any:
    """A young volunteer's page: who agreed, a new consent, and taking it back."""
    person, form = the_person(), GuardianForm()
    del form.age_band  # the profile says it
    if form.validate_on_submit():
        with transaction():
            record_guardian(person.id, guardian_of(form), method="web")
        flash(_("监护人的同意已记下。"), "success")
        return redirect(url_for("signups.own_guardian"), 303)
    found = standing_guardianship(person.id)
    phone = show_phone(found.guardian_phone) if found else ""
    page = render_template("signups/own_guardian.html", form=form, guardianship=found, phone=phone)
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/me/guardian/withdraw")
@signed_in
@decides(_own_standing)
def withdraw_own_guardian() -> Any:
    """The guardian no longer agrees; from now on check-in asks."""
    person_id = the_person().id
    with transaction():
        withdraw_guardian(person_id, by=person_id)
    flash(_("已记下：监护人不再同意。签到时会提醒。"), "success")
    return redirect(url_for("signups.own_guardian"), 303)
