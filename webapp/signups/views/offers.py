"""For whoever is offered a place: yes or no, signed in or by the link of a guest."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import public, signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.security import limiter
from webapp.signups import queries, service
from webapp.signups.domain import OfferExpired
from webapp.signups.domain.standing import State
from webapp.signups.forms.offers import OfferForm
from webapp.signups.models import Signup
from webapp.signups.queries.standing import standing_of
from webapp.signups.views import blueprint
from webapp.signups.views.public import GUEST, public_writes, unstored


def _says_no() -> bool:
    return request.form.get("answer") == "no"


def _offered(signup_id: str = "", token: str = "") -> list[Any]:
    """What is decided about: the sign-up, and when and where it is."""
    found = queries.get_for_guest(token) if token else session().get(Signup, signup_id)
    return [found, found.position.session] if found else []


@blueprint.route("/signups/<string(length=18):signup_id>/offer", methods=["GET", "POST"])
@signed_in
@can_undo(N_("把“%(title)s”的名额让给了后面的人"), Signup, says=queries.title_of, when=_says_no)
@decides(_offered)
def offer(signup_id: str) -> Any:
    """Say until when the place is held, and take the answer."""
    person = the_person()
    signup = queries.get_signup_for(person.id, signup_id)
    if signup.person_id == person.id:
        back = url_for("pages.show_pass", signup_id=signup_id)
    else:
        back = url_for("signups.show_made", signup_id=signup_id)
    return _answer(signup, person.id, url_for("signups.offer", signup_id=signup_id), back)


@blueprint.route(GUEST + "/offer", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
@can_undo(
    N_("把“%(title)s”的名额让给了后面的人"), queries.get_for_guest, says=queries.title_of, when=_says_no
)
@decides(_offered)
def offer_as_guest(token: str) -> Any:
    """The same behind the signed link of someone without an account."""
    signup = queries.get_for_guest(token)
    action, back = url_for("signups.offer_as_guest", token=token), url_for("signups.show_signup", token=token)
    return unstored(make_response(_answer(signup, None, action, back)))


def _answer(signup: Signup, by: str | None, action: str, back: str) -> Any:
    if standing_of(signup).state not in {State.OFFERED, State.OFFER_OVER}:
        return redirect(back)
    form, status = OfferForm(), 200
    if form.validate_on_submit():
        try:
            _do(signup.id, signup.position_id, form.answer.data == "yes", by)
            return redirect(back)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    found = queries.get_with_session(signup.id)
    is_over = standing_of(found).state != State.OFFERED
    page = render_template(
        "signups/offer.html", signup=found, form=form, action=action, back=back, is_over=is_over
    )
    return page, status


def _do(signup_id: str, position_id: str, yes: bool, by: str | None) -> None:
    try:
        with transaction():
            (service.accept_offer if yes else service.decline_offer)(signup_id, by=by)
    except OfferExpired:
        with transaction():
            service.expire_offers([position_id])
        raise
    flash(_("好的，名额是您的了。") if yes else _("好的，名额让给了后面的人。"), "success")
