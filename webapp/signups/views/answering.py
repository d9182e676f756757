"""For whoever has a message that asks something: its question, and the answer. Reading it answers nothing."""

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import public
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.security import limiter
from webapp.events.models import Position
from webapp.signups.domain import OfferExpired
from webapp.signups.domain.telling import Ask
from webapp.signups.forms.offers import AnswerForm
from webapp.signups.models import HandOver, Signup
from webapp.signups.queries.answering import Question, question_of
from webapp.signups.queries.asking import answer_path, clashes_of
from webapp.signups.service import expire_offers
from webapp.signups.service.answering import answer as do_answer
from webapp.signups.views import blueprint
from webapp.signups.views.public import public_writes, unstored

blueprint.add_app_template_global(clashes_of)


def _asked(token: str) -> list[Any]:
    """What is decided about: what is asked, and when and where it is."""
    question = question_of(token)
    model = {Ask.OFFER: Signup, Ask.HAND_OVER: HandOver}.get(question.ask)
    subject = session().get(model, question.subject_id) if model else None
    return [subject, question.position.session]


def _question(token: str) -> Position:
    """What an answer that is taken back was about."""
    return question_of(token).position


def _title(position: Position) -> dict[str, str]:
    return {"title": position.session.event.title}


def _gives_up() -> bool:
    return request.form.get("answer") != "yes"


@blueprint.app_template_global("choose_path")
def choose_path(signup_id: str, person_id: str) -> str:
    """Where the holder of two shifts at one time chooses."""
    return answer_path(Ask.CHOOSE, signup_id, person_id)


@blueprint.route("/answer/<string(minlength=40):token>", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
@can_undo(N_("答复了“%(title)s”的询问"), _question, says=_title, when=_gives_up)
@decides(_asked)
def answer(token: str) -> Any:
    """The question of a message and its answer, by the signed link that stands in it."""
    question = question_of(token)
    form, status = _form(question), 200
    if question.choices and form.validate_on_submit():
        try:
            _do(question, form)
            flash(_("答复已经记下。"), "success")
            return redirect(url_for("signups.answer", token=token), 303)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status, question = status_of(refusal), question_of(token)
            form.seen.data = question.seen
            form.answer.choices = question.choices
    elif question.choices and form.is_submitted():
        status = 422
    return unstored(make_response(_page(question, form, token), status))


def _form(question: Question) -> AnswerForm:
    form = AnswerForm(data={"seen": question.seen})
    form.answer.choices = question.choices
    form.has_risk = question.has_risk
    return form


def _do(question: Question, form: AnswerForm) -> None:
    position_id = question.position.id
    try:
        with transaction():
            do_answer(question, form.answer.data, seen=form.seen.data or "", both=bool(form.both.data))
    except OfferExpired:
        with transaction():
            expire_offers([position_id])
        raise


def _page(question: Question, form: AnswerForm, token: str) -> str:
    back = None
    if question.page is not None:
        endpoint, key = question.page
        is_own = endpoint == "pages.show_pass"
        back = url_for(endpoint, signup_id=key) if is_own else url_for(endpoint, token=key)
    return render_template(
        "signups/answer.html",
        question=question,
        form=form,
        action=url_for("signups.answer", token=token),
        back=back,
    )
