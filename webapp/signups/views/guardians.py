"""A minor's guardian: the person's own page, and the staff's, who give a reason before they see whom to ring."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.core import audit
from webapp.core.auth import allowed, signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.people.domain import Withdrawn, normal_name, show_phone
from webapp.people.models import Guardianship
from webapp.people.queries import standing_guardianship
from webapp.people.service.guardians import Guardian
from webapp.signups import queries
from webapp.signups.forms.guardians import AgeForm, GuardianForm, RevealForm, WithdrawForm
from webapp.signups.models import Signup
from webapp.signups.service.applying import set_age_band
from webapp.signups.service.consents import Ended, agree, withdraw
from webapp.signups.views import blueprint
from webapp.signups.views.manage import STAFF
from webapp.signups.views.public import unstored
from webapp.volunteers.domain import AGE_BAND_LABELS, AgeBand, needs_guardian

_KINDS: dict[str, type[FlaskForm]] = {
    "reveal": RevealForm,
    "record": GuardianForm,
    "withdraw": WithdrawForm,
    "age": AgeForm,
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
            try:
                done = _act(signup, forms[sent], by)
            except Refusal as refusal:
                show_on_form(forms[sent], refusal)
                return _page(signup_id, forms, shown=False, status=status_of(refusal))
            shown, status = sent == "reveal", 200
            if done:
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
            ended = withdraw(person_id, by=by, how=Withdrawn.STAFF, reason=form.reason.data or "")
            return said_of(ended)
        set_age_band(signup_id, form.age_band.data, by=by)
        if isinstance(form, AgeForm):
            return _("年龄已改好。")
        agree(person_id, guardian_of(form), method="oral", recorded_by=by)
        return _("监护人的同意已记下。")


def said_of(ended: Ended) -> str:
    """What a withdrawal brought about, in one breath."""
    if ended.there:
        return _("已记下：监护人不再同意。孩子已经在现场签到，请马上联系监护人，把孩子交给他。")
    if ended.cancelled:
        return _("已记下：监护人不再同意。%(n)s 个报名已取消，名额让给后面的人。", n=len(ended.cancelled))
    return _("已记下：监护人不再同意。")


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
    person, form, status = the_person(), GuardianForm(), 200
    del form.age_band  # the profile says it
    if form.validate_on_submit():
        try:
            with transaction():
                agree(person.id, guardian_of(form), method="web")
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("监护人的同意已记下。"), "success")
            return redirect(url_for("signups.own_guardian"), 303)
    elif form.is_submitted():
        status = 422
    found = standing_guardianship(person.id)
    phone = show_phone(found.guardian_phone) if found else ""
    page = render_template("signups/own_guardian.html", form=form, guardianship=found, phone=phone)
    return page, status


@blueprint.post("/me/guardian/withdraw")
@signed_in
@decides(_own_standing)
def withdraw_own_guardian() -> Any:
    """The guardian no longer agrees: what is to come is cancelled."""
    person_id = the_person().id
    with transaction():
        ended = withdraw(person_id, by=person_id, how=Withdrawn.SELF)
    flash(said_of(ended), "success")
    return redirect(url_for("signups.own_guardian"), 303)
