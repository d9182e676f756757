"""Staff: approvals of added time, answers to objections."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import get_row, session, transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal
from webapp.core.just_done import can_undo, who
from webapp.core.listing import back_to
from webapp.recognition import queries, service
from webapp.recognition.forms.hours import AnswerForm
from webapp.recognition.models import Objection, ServiceRecord
from webapp.recognition.views import blueprint
from webapp.recognition.views.sessions import DECIDERS, decide


def _objection(objection_id: str) -> list[Any]:
    """What is decided about: the objection, and the record it is about."""
    found = session().get(Objection, objection_id)
    return [found, found.record] if found else []


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
    return redirect(back_or(back_to("recognition.manage_hours")), 303)


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
