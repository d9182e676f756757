"""Organisers' pages: what is said about one record."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.forms import BaseForm
from webapp.core.http import show_on_form, status_of
from webapp.core.just_done import can_undo, who
from webapp.organisations.domain import Permission
from webapp.recognition import queries, service
from webapp.recognition.domain import RECORD_SOURCE_LABELS, TURNOUT_LABELS, RecordStatus, Turnout
from webapp.recognition.domain.counting import ABSENT_TURNOUTS, PRESENT_TURNOUTS
from webapp.recognition.domain.standing import seen_as
from webapp.recognition.forms.hours import AddForm, ConfirmForm, CorrectForm, MarkForm, RejectForm
from webapp.recognition.models import ServiceRecord
from webapp.recognition.views import blueprint

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
READERS = (*DECIDERS, Permission.INSPECT)
WORDS = {"turnouts": TURNOUT_LABELS, "sources": RECORD_SOURCE_LABELS}


def _measured(signup_id: str) -> ServiceRecord | None:
    """What is decided about."""
    return queries.get_measured_for(the_person().id, signup_id, *DECIDERS)


@blueprint.route("/manage/hours/records/<record_id>/confirm", methods=["GET", "POST"])
@allowed(*DECIDERS)
@can_undo(N_("确认了%(who)s的签退"), ServiceRecord, says=who)
@decides(ServiceRecord)
def confirm_sign_out(record_id: str) -> Any:
    """When someone left who did not sign out."""
    record = queries.get_record_for(the_person().id, record_id, *DECIDERS)
    form = ConfirmForm(seen=seen_as(record), out_at=record.session.ends_at)

    def act(by: str) -> object:
        return service.confirm_out(record_id, form.out_at.moment, by=by, seen=form.seen.data or "")  # type: ignore[arg-type]

    hint = _("最晚到计划结束后 %(n)s 分钟。确认以后开始公示。", n=queries.current_rule().late_minutes)
    return decide(record, form, act=act, title=_("确认签退"), hint=hint)


@blueprint.route("/manage/hours/records/<record_id>/mark", methods=["GET", "POST"])
@allowed(*DECIDERS)
@can_undo(N_("登记了%(who)s的到场情况"), ServiceRecord, says=who)
@decides(ServiceRecord)
def mark_turnout(record_id: str) -> Any:
    """Excused, not there, nobody knows; as planned, in part, longer."""
    record = queries.get_record_for(the_person().id, record_id, *DECIDERS)
    form = MarkForm(seen=seen_as(record), turnout=record.turnout)
    form.offer(PRESENT_TURNOUTS if record.in_at else ABSENT_TURNOUTS)
    form.is_said = record.status != RecordStatus.TO_CONFIRM

    def act(by: str) -> object:
        turnout, reason = Turnout(form.turnout.data or ""), form.reason.data or ""
        return service.mark(record_id, turnout, by=by, seen=form.seen.data or "", reason=reason)

    hint = _("已经公示或入账的，改动要写明原因；会写进本人的“我的消息”，可以提异议。")
    return decide(record, form, act=act, title=_("到场情况"), hint=hint)


@blueprint.route("/manage/hours/records/<record_id>/correct", methods=["GET", "POST"])
@allowed(*DECIDERS)
@keeps_draft
@can_undo(N_("更正了%(who)s的时间"), ServiceRecord, says=who)
@decides(ServiceRecord)
def correct_record(record_id: str) -> Any:
    """Other times; the old record stays as void."""
    record = queries.get_record_for(the_person().id, record_id, *DECIDERS)
    form = CorrectForm(seen=seen_as(record), in_at=record.in_at, out_at=record.out_at)

    def act(by: str) -> object:
        times = service.Correction(form.in_at.moment, form.out_at.moment, form.reason.data or "")  # type: ignore[arg-type]
        return service.correct(record_id, times, by=by, seen=form.seen.data or "")

    hint = _("原来的记录作废但保留，新的记录重新公示。本人签退更晚的，可以确认到他签退的时间。")
    return decide(record, form, act=act, title=_("更正时间"), hint=hint)


@blueprint.route("/manage/hours/signups/<signup_id>/add", methods=["GET", "POST"])
@allowed(*DECIDERS)
@decides(_measured)
def propose_added(signup_id: str) -> Any:
    """Time nobody measured: proposed here, approved by someone else."""
    record = queries.get_measured_for(the_person().id, signup_id, *DECIDERS)
    form = AddForm()

    def act(by: str) -> object:
        return service.propose_added(signup_id, form.minutes.data or 0, reason=form.reason.data or "", by=by)

    hint = _("补录单独列出，不和签到得出的时长混在一起；要由另一个人复核，合起来不能超过场次的长度。")
    return decide(record, form, act=act, title=_("补录时间"), hint=hint)


@blueprint.route("/manage/hours/added/<record_id>/reject", methods=["GET", "POST"])
@allowed(*DECIDERS)
@can_undo(N_("没有同意%(who)s的补录"), ServiceRecord, says=who)
@decides(ServiceRecord)
def reject_added(record_id: str) -> Any:
    """Added time that does not count, or is taken back."""
    record = queries.get_record_for(the_person().id, record_id, *DECIDERS)
    form = RejectForm()

    def act(by: str) -> None:
        service.reject_added(record_id, reason=form.reason.data or "", by=by)

    return decide(record, form, act=act, title=_("不同意补录"), hint=_("补录作废，记录和原因都保留。"))


def decide(
    record: ServiceRecord, form: BaseForm, *, act: Callable[[str], object], title: str, hint: str, **more: Any
) -> Any:
    """One page for one decision: show the record, take the form, say what came of it."""
    record_id, session_id, person_id = record.id, record.session_id, the_person().id
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                act(person_id)
        except NotFound:
            raise
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已保存。"), "success")
            return redirect(back_or(url_for("recognition.session_hours", session_id=session_id)), 303)
        record = queries.get_record_for(person_id, record_id, *DECIDERS)
        if "seen" in form:
            form["seen"].data = seen_as(record)  # they look at it as it is now, and may say it again
    page = {"button": _("保存"), "other_url": None, "other_label": ""} | WORDS | more
    page |= {"objections": queries.objections_of([record_id]).get(record_id, [])}
    page |= {"record": record, "name": record.person.name, "form": form, "title": title}
    return render_template("recognition/decide_record.html", hint=hint, **page), status
