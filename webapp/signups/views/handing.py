"""Hand a shift over to a named volunteer: ask, take back, answer."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core import choosing, clock
from webapp.core.auth import signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.security import limiter
from webapp.people import service as people
from webapp.signups import queries
from webapp.signups.domain.sharing import HAND_OVER_LABELS, HandOverSettled, HandOverState, NobodyMatches
from webapp.signups.forms.sharing import HandOverForm, RiskyTakeOverForm, TakeOverForm
from webapp.signups.models import HandOver, Signup
from webapp.signups.queries.handing import (
    Asked,
    Teammate,
    find_volunteer,
    get_hand_over,
    last_hand_over,
    teammates,
)
from webapp.signups.service.handing import (
    accept_hand_over,
    ask_hand_over,
    decline_hand_over,
    withdraw_hand_over,
)
from webapp.signups.views import blueprint
from webapp.signups.views.public import public_writes

SHIFT = "/signups/<string(length=18):signup_id>/hand-over"
ASKED = "/me/hand-overs/<hand_over_id>"


def _asked(hand_over_id: str) -> list[Any]:
    """What is decided about: the question, and when and where the shift is."""
    found = session().get(HandOver, hand_over_id)
    signup = session().get(Signup, found.signup_id) if found else None
    return [found, signup.position.session] if signup else []


@blueprint.route(SHIFT, methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@signed_in
@decides(Signup)
def hand_over(signup_id: str) -> Any:
    """Name someone; or see how the last one named stands."""
    person = the_person()
    queries.get_own(person.id, signup_id)  # or NotFound
    last = last_hand_over(signup_id)
    if last is not None and last.state == HandOverState.ASKED:
        return redirect(url_for("signups.show_hand_over", hand_over_id=last.id))
    mates = teammates(person.id)
    form, status = _form(mates), 200
    if choosing.only_looks():
        pass  # nobody is asked
    elif form.validate_on_submit():
        try:
            return redirect(url_for("signups.show_hand_over", hand_over_id=_ask(signup_id, form, person.id)))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    options = [choosing.Option(one.person_id, one.label, one.words) for one in mates]
    part, picked = choosing.choices_of(options, [form.teammate.data] if form.teammate.data else [])
    shown = {"signup": queries.get_own(person.id, signup_id), "form": form, "part": part, "picked": picked}
    return render_template("signups/hand_over.html", **shown), status


def _form(mates: list[Teammate]) -> HandOverForm:
    form = HandOverForm()
    form.teammate.choices = [(one.person_id, one.label) for one in mates]
    if mates:
        form.teammate.choices.append(("", _("不在上面，我填姓名和手机号")))
    return form


def _ask(signup_id: str, form: HandOverForm, by: str) -> str:
    """Ask; returns the hand-over's id. Raises NobodyMatches and what the use case does."""
    note = form.note.data or ""
    other = form.teammate.data or find_volunteer(name=form.name.data or "", phone=form.phone.normal)
    if other is None:
        raise NobodyMatches
    with transaction():
        return ask_hand_over(signup_id, str(other), by=by, note=note).id


@blueprint.get(ASKED)
@signed_in
def show_hand_over(hand_over_id: str) -> str:
    """How it stands, for both; the one asked answers here."""
    found = get_hand_over(the_person().id, hand_over_id)
    return _show(found, _answer_form(found))


def _answer_form(found: Asked) -> TakeOverForm:
    has_risks = bool(found.signup.position.session.event.risk_statement)
    return RiskyTakeOverForm() if has_risks else TakeOverForm()


def _show(found: Asked, form: TakeOverForm) -> str:
    return render_template(
        "signups/show_hand_over.html",
        found=found,
        form=form,
        state=HAND_OVER_LABELS[HandOverState(found.hand_over.state)],
        is_giver=found.hand_over.from_person_id == the_person().id,
        now=clock.now(),
    )


@blueprint.post(ASKED + "/accept")
@signed_in
@decides(_asked)
def accept_shift(hand_over_id: str) -> Any:
    """Take the shift; the answer is its pass."""
    person = the_person()
    found = get_hand_over(person.id, hand_over_id)
    form, event_id = _answer_form(found), found.signup.position.session.event_id
    if not form.validate():
        return _show(found, form), 422
    try:
        with transaction():
            if isinstance(form, RiskyTakeOverForm):
                people.record_consent(person.id, f"risk:{event_id}", method="web")
            made = accept_hand_over(hand_over_id, by=person.id, both=bool(form.both.data)).id
    except Refusal as refusal:
        found = get_hand_over(person.id, hand_over_id)
        if found.hand_over.new_signup_id:  # the second of two taps
            return redirect(url_for("pages.show_pass", signup_id=found.hand_over.new_signup_id))
        show_on_form(form, refusal)
        return _show(found, form), status_of(refusal)
    flash(_("您接手了这个岗位，请按时到场。"), "success")
    return redirect(url_for("pages.show_pass", signup_id=made))


@blueprint.post(ASKED + "/decline")
@signed_in
@can_undo(N_("没有接手转来的岗位"), HandOver)
@decides(HandOver)
def decline_shift(hand_over_id: str) -> Any:
    """Say that one cannot."""
    return _settle(decline_hand_over, hand_over_id)


@blueprint.post(ASKED + "/withdraw")
@signed_in
@can_undo(N_("不再转让岗位"), HandOver)
@decides(HandOver)
def withdraw_shift(hand_over_id: str) -> Any:
    """Take the question back."""
    return _settle(withdraw_hand_over, hand_over_id)


def _settle(act: Callable[..., None], hand_over_id: str) -> Any:
    """Do it and show how it stands; sent twice, or too late, the page says what became of it."""
    try:
        with transaction():
            act(hand_over_id, by=the_person().id)
    except HandOverSettled as refusal:
        flash_refusal(refusal)
    return redirect(url_for("signups.show_hand_over", hand_over_id=hand_over_id))
