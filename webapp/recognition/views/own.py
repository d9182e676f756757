"""A volunteer's own hours: what is recorded, what is not right about it, and stars."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import signed_in, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.recognition import queries, service
from webapp.recognition.domain import RECORD_SOURCE_LABELS, TURNOUT_LABELS, RecordStatus
from webapp.recognition.forms.hours import ObjectionForm
from webapp.recognition.models import ServiceRecord
from webapp.recognition.views import blueprint

_NOT_OBJECTED = {RecordStatus.VOID, RecordStatus.PROPOSED}


@blueprint.get("/me/hours")
@signed_in
def my_hours() -> Any:
    """Hours by year and source, every record with its state, stars."""
    person_id = the_person().id
    records = queries.records_of_person(person_id)
    objections = queries.objections_of([one.id for one in records])
    waiting = {key for key, said in objections.items() if any(one.answered_at is None for one in said)}
    return render_template(
        "recognition/my_hours.html",
        totals=queries.totals_of(person_id),
        years=queries.hours_by_year(person_id),
        records=records,
        objections=objections,
        may_object={one.id for one in records if one.status not in _NOT_OBJECTED} - waiting,
        stars=queries.stars_of(person_id),
        applications=queries.list_stars(person_id),
        turnouts=TURNOUT_LABELS,
        sources=RECORD_SOURCE_LABELS,
    )


@blueprint.route("/me/hours/<record_id>/objection", methods=["GET", "POST"])
@signed_in
@decides(ServiceRecord)
def object_to_record(record_id: str) -> Any:
    """Say what is not right; the record is not final before someone answered."""
    person_id = the_person().id
    record = queries.get_own_record(person_id, record_id)
    form, status = ObjectionForm(), 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.object_to(record_id, form.text.data or "", by=person_id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("异议已提交，举办单位的答复会写进“我的消息”。"), "success")
            return redirect(url_for("recognition.my_hours"), 303)
        record = queries.get_own_record(person_id, record_id)
    page = "recognition/object_to_record.html"
    words = {"turnouts": TURNOUT_LABELS, "sources": RECORD_SOURCE_LABELS}
    return render_template(page, form=form, record=record, **words), status


@blueprint.post("/me/hours/star")
@signed_in
@makes
def apply_for_star() -> Any:
    """Apply for the next stars."""
    try:
        with transaction():
            service.apply_for_star(the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("申请已提交，结果会写进“我的消息”。"), "success")
    return redirect(url_for("recognition.my_hours") + "#stars", 303)
