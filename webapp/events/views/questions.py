"""Organisers' pages of the questions an event asks of those who sign up."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.events.domain.questions import ASKED_OF_LABELS, QUESTION_KIND_LABELS
from webapp.events.forms.questions import QuestionForm
from webapp.events.models import Question
from webapp.events.queries.questions import list_questions
from webapp.events.service import questions as service
from webapp.events.views import blueprint
from webapp.events.views.manage import EDITORS, event_to_edit

_PLAIN = ("text", "kind", "asked_of", "is_required", "shown_if_id", "shown_if_answer")
QUESTIONS = "/manage/events/<event_id>/questions"


def _question(event_id: str, question_id: str) -> Question | None:
    """What is decided about."""
    return session().get(Question, question_id)


@blueprint.route(QUESTIONS, methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@makes
def edit_questions(event_id: str) -> Any:
    """What is asked, in order, and a form for one more."""
    event, form = event_to_edit(event_id), QuestionForm()
    form.offer(list_questions(event_id))
    add = _adding(event_id, form)
    status = _submit(form, add)
    if status == 303:
        flash(_("问题已加好，从现在起报名的人都会看到。"), "success")
        return redirect(url_for("events.edit_questions", event_id=event_id), 303)
    page = render_template(
        "events/edit_questions.html",
        event=event,
        form=form,
        questions=list_questions(event_id),
        kinds=QUESTION_KIND_LABELS,
        asked=ASKED_OF_LABELS,
    )
    return page, status


def _adding(event_id: str, form: QuestionForm) -> Callable[[], object]:
    return lambda: service.add_question(event_id, form.draft(), by=the_person().id)


def _submit(form: QuestionForm, work: Callable[[], object]) -> int:
    """303 when it was done, else the status of the page that says why not."""
    if not form.is_submitted():
        return 200
    if not form.validate():
        return 422
    try:
        with transaction():
            work()
    except Refusal as refusal:
        show_on_form(form, refusal)
        return status_of(refusal)
    return 303


@blueprint.route(QUESTIONS + "/<question_id>", methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@decides(_question)
def change_question(event_id: str, question_id: str) -> Any:
    """Other words; answers given before stay as they are."""
    event, present = event_to_edit(event_id), list_questions(event_id)
    found = next((one for one in present if one.id == question_id), None)
    if found is None:
        raise NotFound
    form = QuestionForm(
        data={name: getattr(found, name) for name in _PLAIN} | {"choices": "\n".join(found.choices)}
    )
    form.offer(present[: present.index(found)])
    status = _submit(
        form, lambda: service.change_question(event_id, question_id, form.draft(), by=the_person().id)
    )
    if status == 303:
        flash(_("问题已改好。"), "success")
        return redirect(url_for("events.edit_questions", event_id=event_id), 303)
    page = render_template(
        "events/change_question.html",
        event=event,
        form=form,
        question_id=question_id,
        number=present.index(found) + 1,
    )
    return page, status


@blueprint.post(QUESTIONS + "/<question_id>/move")
@allowed(*EDITORS)
@decides(_question)
def move_question(event_id: str, question_id: str) -> Response:
    """One place up, or down."""
    up = request.form.get("to") != "down"
    return _act(event_id, lambda: service.move_question(event_id, question_id, up=up, by=the_person().id), "")


@blueprint.post(QUESTIONS + "/<question_id>/remove")
@allowed(*EDITORS)
@can_undo(N_("不再问“%(text)s”"), _question, says=lambda one: {"text": one.text})
@decides(_question)
def remove_question(event_id: str, question_id: str) -> Response:
    """Ask it no longer."""
    return _act(
        event_id,
        lambda: service.remove_question(event_id, question_id, by=the_person().id),
        _("不再问这个问题了，已有的回答还在。"),
    )


def _act(event_id: str, work: Callable[[], object], done: str) -> Response:
    event_to_edit(event_id)
    try:
        with transaction():
            work()
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        if done:
            flash(done, "success")
    return redirect(url_for("events.edit_questions", event_id=event_id), 303)
