"""Answers to an event's questions: one's own, to look at and change, and the organiser's sheet with its files."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core import audit, clock
from webapp.core.auth import allowed, public, signed_in, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import Refusal
from webapp.core.http import status_of
from webapp.core.listing import listed
from webapp.core.security import limiter
from webapp.core.sheets import XLSX, Sheet, comma_separated, xlsx
from webapp.events.queries import get_event_for
from webapp.events.queries.questions import asking_for
from webapp.organisations.domain import Permission
from webapp.people.domain import show_phone
from webapp.people.queries import are_phones_shown
from webapp.people.service.phones import show_phones
from webapp.signups import queries, service
from webapp.signups.domain.standing import STATE_LABELS, State
from webapp.signups.forms.giving import AnswersForm, with_questions
from webapp.signups.models import Signup
from webapp.signups.queries.answers import AnswerSheet, answer_sheet, answers_of
from webapp.signups.service.applying import change_answers
from webapp.signups.views import blueprint
from webapp.signups.views.own import OWN
from webapp.signups.views.public import GUEST, public_writes, unstored
from webapp.signups.views.sign_up import show_refusal

_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}

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


# --- the organiser's ----------------------------------------------------------------------------------------------


@blueprint.get("/manage/events/<event_id>/answers")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def show_answers(event_id: str) -> Response:
    """Everything answered, with telephones once they were asked for; the files have them whole."""
    by = the_person().id
    event = get_event_for(by, event_id, Permission.MANAGE_EVENTS)
    sheet = answer_sheet(event_id)
    page = render_template(
        "signups/show_answers.html",
        event=event,
        sheet=sheet,
        lines=listed(sheet.lines, lambda one: " ".join((one.name, one.position, *filter(None, one.answers)))),
        phones_shown=are_phones_shown("event", event_id, to=by),
    )
    return unstored(make_response(page))


@blueprint.post("/manage/events/<event_id>/answers/phones")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def show_answer_phones(event_id: str) -> Any:
    """Show the numbers of those who answered, for half an hour; kept once, not for each person."""
    by = the_person().id
    get_event_for(by, event_id, Permission.MANAGE_EVENTS)
    with transaction():
        show_phones("event", event_id, by=by)
    return redirect(url_for("signups.show_answers", event_id=event_id), 303)


@blueprint.get("/manage/events/<event_id>/answers.<any(csv,xlsx):kind>")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def download_answers(event_id: str, kind: str) -> Response:
    """The sheet as a file with full names and telephones: kept who took it, and when."""
    by = the_person().id
    get_event_for(by, event_id, Permission.MANAGE_EVENTS)
    with transaction():
        audit.record("answers.reveal", "event", event_id, by=by, kind=kind)
    table = _table(answer_sheet(event_id))
    made = comma_separated(table) if kind == "csv" else xlsx([table])
    response = Response(made, content_type=_TYPES[kind])
    name = f"answers-{event_id}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return unstored(response)


def _table(sheet: AnswerSheet) -> Sheet:
    heads = [_("场次"), _("岗位"), _("姓名"), _("手机号"), _("状态"), *(one.text for one in sheet.questions)]
    rows = [
        [
            f"{clock.local(one.starts_at):%Y-%m-%d %H:%M} {one.session_title}".strip(),
            one.position,
            one.name,
            show_phone(one.phone),
            _(STATE_LABELS[State(one.state)]),
            *one.answers,
        ]
        for one in sheet.lines
    ]
    return Sheet(_("回答"), heads, rows)
