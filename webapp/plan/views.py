"""The office's pages: survey figures beside the plan's target, entered by hand, voided with a reason."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.organisations.domain import Permission
from webapp.plan import queries, service
from webapp.plan.forms import ResultForm, VoidForm
from webapp.plan.models import Plan, SurveyResult

blueprint = Blueprint("plan", __name__)
blueprints = (blueprint,)
Answer = Response | str | tuple[str, int]


@blueprint.route("/plan/targets/<target_id>/results", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@makes
def list_results(target_id: str) -> Answer:
    """Every figure entered for a target, voided ones too, and the form for the next."""
    target, form, status = queries.get_target(target_id), ResultForm(), 200
    plan = get_row(Plan, target.plan_id)
    if form.validate_on_submit():
        try:
            with transaction():
                service.record_survey_result(target_id, form.draft(), by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("调查结果已登记。"), "success")
            return redirect(url_for("plan.list_results", target_id=target_id))
    elif form.is_submitted():
        status = 422
    results = queries.list_results([target_id], with_void=True)
    page = render_template("plan/list_results.html", target=target, plan=plan, results=results, form=form)
    return page, status


@blueprint.route("/plan/results/<result_id>/void", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@can_undo(N_("作废了一条调查结果"), SurveyResult)
@decides(SurveyResult)
def void_result(result_id: str) -> Answer:
    """Take a figure back; the row stays with the reason."""
    result, form, status = get_row(SurveyResult, result_id), VoidForm(), 200
    target = queries.get_target(result.target_id)
    if form.validate_on_submit():
        try:
            with transaction():
                service.void_survey_result(result_id, reason=form.reason.data or "", by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("这条调查结果已作废，原因已记下。"), "success")
            return redirect(url_for("plan.list_results", target_id=target.id))
    elif form.is_submitted():
        status = 422
    return render_template("plan/void_result.html", result=result, target=target, form=form), status
