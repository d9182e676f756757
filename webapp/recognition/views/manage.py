"""Staff: what waits for a word, approvals of added time, answers to objections."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import get_row, session, transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal
from webapp.core.just_done import can_undo, who
from webapp.core.listing import Named, listed, named
from webapp.core.working import working_for
from webapp.organisations.queries import names_for
from webapp.recognition import queries, service
from webapp.recognition.forms.hours import AnswerForm
from webapp.recognition.models import Objection, ServiceRecord
from webapp.recognition.views import blueprint
from webapp.recognition.views.sessions import DECIDERS, READERS, WORDS, decide


def _objection(objection_id: str) -> list[Any]:
    """What is decided about: the objection, and the record it is about."""
    found = session().get(Objection, objection_id)
    return [found, found.record] if found else []


@blueprint.get("/manage/hours")
@allowed(*READERS)
def manage_hours() -> Any:
    """Objections, added time to approve, records that wait for a word."""
    person_id, within = the_person().id, working_for()
    shown_name = names_for(person_id)

    def words(record: ServiceRecord) -> Named:
        return named(shown_name(record.person.name, record.organisation_id), record.session.event.title)

    return render_template(
        "recognition/manage_hours.html",
        objections=listed(
            queries.list_open_objections(person_id, within=within),
            lambda one: words(one.record),
            part="objections-",
        ),
        proposed=listed(queries.list_proposed(person_id, within=within), words, part="added-"),
        unconfirmed=listed(queries.list_unconfirmed(person_id, within=within), words, part="unconfirmed-"),
        rule=queries.current_rule(),
        shown_name=shown_name,
        **WORDS,
    )


@blueprint.post("/manage/hours/added/<record_id>/approve")
@allowed(*DECIDERS)
@can_undo(N_("同意了%(who)s的补录"), ServiceRecord, says=who)
@decides(ServiceRecord)
def approve_added(record_id: str) -> Any:
    """The second person's word."""
    person_id = the_person().id
    queries.get_record_for(person_id, record_id, *DECIDERS)
    try:
        with transaction():
            service.approve_added(record_id, by=person_id)
    except NotFound:
        raise
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已同意，开始公示。"), "success")
    return redirect(back_or(url_for("recognition.manage_hours") + "#added"), 303)


@blueprint.route("/manage/hours/objections/<objection_id>", methods=["GET", "POST"])
@allowed(*DECIDERS)
@keeps_draft
@can_undo(N_("答复了异议"), Objection)
@decides(_objection)
def answer_objection(objection_id: str) -> Any:
    """Keep the record and say why, or go on to correct it."""
    record_id = get_row(Objection, objection_id).record_id
    record = queries.get_record_for(the_person().id, record_id, *DECIDERS)
    form = AnswerForm()

    def act(by: str) -> None:
        service.answer(objection_id, form.answer.data or "", by=by)

    target = "recognition.correct_record" if record.in_at else "recognition.mark_turnout"
    return decide(
        record,
        form,
        act=act,
        title=_("答复异议"),
        hint=_("核对以后：记录没错的，写明理由，维持原记录；确实错了的，点下面的“更正”，会一并答复。"),
        button=_("维持原记录"),
        other_url=url_for(target, record_id=record_id),
        other_label=_("更正"),
    )
