"""Answers to an event's questions: one's own, to look at and change. The organiser's list: answers_list.py."""

from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core import clock
from webapp.core.auth import public, signed_in, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import Refusal
from webapp.core.http import status_of
from webapp.core.security import limiter
from webapp.events.queries.questions import asking_for
from webapp.signups import queries, service
from webapp.signups.forms.giving import AnswersForm, with_questions
from webapp.signups.models import Signup
from webapp.signups.queries.answers import answers_of
from webapp.signups.service.applying import change_answers
from webapp.signups.views import blueprint
from webapp.signups.views.own import OWN
from webapp.signups.views.public import GUEST, public_writes, unstored
from webapp.signups.views.sign_up import show_refusal

# --- one's own ----------------------------------------------------------------------------------------------------


@blueprint.route(OWN + "/answers", methods=["GET", "POST"])
@signed_in
@decides(Signup)
def own_answers(signup_id: str) -> Any:
    """What I answered; another answer may mean that the organiser looks again."""
    person = the_person()
    signup = queries.get_own(person.id, signup_id)
    back = url_for("pages.show_pass", signup_id=signup_id)
    action = url_for("signups.own_answers", signup_id=signup_id)
    return _answers(signup, by=person.id, action=action, back=back)


@blueprint.route(GUEST + "/answers", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
@decides(queries.get_for_guest)
def guest_answers(token: str) -> Any:
    """The same behind a guest's link."""
    signup = queries.get_for_guest(token)
    back = url_for("signups.show_signup", token=token)
    action = url_for("signups.guest_answers", token=token)
    return _answers(signup, by=signup.person_id, action=action, back=back)


def _answers(signup: Signup, *, by: str, action: str, back: str) -> Any:
    signup_id, before = signup.id, answers_of(signup.id)
    form = with_questions(AnswersForm, asking_for(signup.position_id).questions, before=before)()
    may_change = signup.is_living and clock.now() < signup.position.session.starts_at
    status = 422 if form.is_submitted() else 200
    if may_change and form.questions and form.validate_on_submit():
        try:
            with transaction():
                changed = change_answers(queries.get_with_session(signup_id), form.answers(), by=by)
                again = changed and service.ask_again(signup_id, by=by)
        except Refusal as refusal:
            show_refusal(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("回答已改好。") if not again else _("回答已改好，等组织者重新审核。"), "success")
            return redirect(back, 303)
    signup = queries.get_with_session(signup_id)
    page = render_template(
        "signups/answers.html",
        signup=signup,
        form=form,
        before=before,
        may_change=may_change,
        needs_approval=signup.position.needs_approval,
        action=action,
        back=back,
    )
    return unstored(make_response(page, status))
