"""The office's lists for commendation. They are for deciding: appearing by name in public needs consent of its own."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import audit, clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.seen import rows_of
from webapp.core.sheets import XLSX, Sheet, xlsx
from webapp.organisations.domain import Permission
from webapp.recognition.domain.certificates import hours_text
from webapp.recognition.domain.commendations import (
    DECISION_LABELS,
    LIST_KIND_LABELS,
    MEASURE_LABELS,
    MEASURES,
    Decision,
    ListKind,
    Measure,
    shortfalls,
)
from webapp.recognition.forms.commendations import ButtonForm, DecisionForm, ListForm
from webapp.recognition.models import Commendation, CommendationList
from webapp.recognition.queries import commendations as queries
from webapp.recognition.service import commendations as service
from webapp.recognition.views import blueprint

HEADS = ("名称", "活动次数", "签到小时", "补录小时", "队员人数", "人均小时", "决定", "理由")


@blueprint.route("/manage/commendations", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@makes
def commendation_lists() -> Any:
    """Every list, and a new one."""
    form, status, by = ListForm(), 200, the_person().id
    if not form.is_submitted():
        form.from_on.data, form.until_on.data = clock.today().replace(month=1, day=1), clock.today()
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.begin_list(form.draft(), by=by).id
            return redirect(url_for("recognition.commendation_list", list_id=made))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    page = render_template(
        "recognition/commendation_lists.html", form=form, lists=queries.list_lists(), kinds=LIST_KIND_LABELS
    )
    return page, status


@blueprint.get("/manage/commendations/<list_id>")
@allowed(Permission.GOVERN)
def commendation_list(list_id: str) -> str:
    """The names with their evidence, in full since people decide about people, and who is near; noted who looked."""
    _reveal(queries.get_list(list_id), "commendation.reveal")
    held = queries.get_list(list_id)
    nearest, short = ([], 0) if held.closed_at else queries.near(held)
    names = queries.list_names(held)
    return render_template(
        "recognition/commendation_list.html",
        held=held,
        names=names,
        marks=rows_of(Commendation, [one.id for one in names]),
        near=nearest,
        short=short,
        shortfalls=shortfalls,
        measures=MEASURES[ListKind(held.kind)],
        labels=MEASURE_LABELS,
        decisions=DECISION_LABELS,
        kinds=LIST_KIND_LABELS,
        hours=hours_text,
    )


@blueprint.post("/manage/commendations/<list_id>/decide")
@allowed(Permission.GOVERN)
@can_undo(N_("决定了名单上的一个名字"), CommendationList)
@decides(Commendation, chosen=lambda: request.form.getlist("name"))
def decide_commendation(list_id: str) -> Any:
    """One name: chosen, or passed over and why."""
    queries.get_list(list_id)
    form, by = DecisionForm(), the_person().id
    if not form.validate():
        flash(" ".join(str(text) for texts in form.errors.values() for text in texts), "error")
        return redirect(url_for("recognition.commendation_list", list_id=list_id))
    try:
        with transaction():
            service.decide(
                list_id, form.name.data or "", decision=form.decided(), reason=form.reason.data or "", by=by
            )
    except Refusal as refusal:
        flash_refusal(refusal)
    return redirect(url_for("recognition.commendation_list", list_id=list_id, _anchor="names"))


@blueprint.post("/manage/commendations/<list_id>/refresh")
@allowed(Permission.GOVERN)
@decides(CommendationList)
def refresh_commendations(list_id: str) -> Any:
    """Count again."""
    queries.get_list(list_id)
    ButtonForm().validate()
    with transaction():
        service.refresh_list(list_id, by=the_person().id)
    flash(_("已按现在入账的记录重新计算，已经决定的没有动。"), "success")
    return redirect(url_for("recognition.commendation_list", list_id=list_id))


@blueprint.post("/manage/commendations/<list_id>/close")
@allowed(Permission.GOVERN)
@can_undo(N_("定稿了名单“%(title)s”"), CommendationList, says=lambda one: {"title": one.title})
@decides(CommendationList)
def close_commendations(list_id: str) -> Any:
    """Fix the list."""
    queries.get_list(list_id)
    ButtonForm().validate()
    try:
        with transaction():
            service.close_list(list_id, by=the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("名单已定稿。"), "success")
    return redirect(url_for("recognition.commendation_list", list_id=list_id))


@blueprint.get("/manage/commendations/<list_id>.xlsx")
@allowed(Permission.GOVERN)
def commendations_xlsx(list_id: str) -> Response:
    """The list as a sheet."""
    held = queries.get_list(list_id)
    rows = [
        [
            one.name,
            one.evidence.activities,
            round(one.evidence.minutes / 60, 1),
            round(one.evidence.added_minutes / 60, 1),
            one.evidence.members if held.kind == ListKind.TEAM else None,
            round(one.evidence.value(Measure.HOURS_EACH), 1) if held.kind == ListKind.TEAM else None,
            _(DECISION_LABELS[Decision(one.decision)]) if one.decision else None,
            one.reason,
        ]
        for one in queries.list_names(held)
    ]
    made = xlsx([Sheet(held.title, HEADS, rows)])
    _reveal(held, "commendation.download")
    answer = Response(made, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="commendations-{list_id}.xlsx"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _reveal(held: CommendationList, action: str) -> None:
    list_id = held.id
    with transaction():
        audit.record(action, "commendation_list", list_id, by=the_person().id)
