"""Staff: head-counts and annulments, from the day sheet of a session."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.attendance import service
from webapp.attendance.domain import COUNT_METHOD_LABELS, CountMethod
from webapp.attendance.domain.doors import CountedBefore, Heads
from webapp.attendance.forms import AnnulForm, HeadCountForm
from webapp.attendance.models import Attendance, HeadCount
from webapp.attendance.queries import days_come, headcounts
from webapp.attendance.service import photos, walkins
from webapp.attendance.views import blueprint
from webapp.core import security
from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, new_id, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.pictures import LARGEST, MEGABYTE, read_picture
from webapp.events import queries as events
from webapp.organisations.domain import Permission
from webapp.signups import queries as signups

STAFF = (Permission.MANAGE_EVENTS, Permission.GOVERN)
COUNTERS = (Permission.SCAN, *STAFF)
ONE_PHOTO = LARGEST + 2 * MEGABYTE


def _sheet(session_id: str) -> str:
    return url_for("pages.session_sheet", session_id=session_id)


@blueprint.route("/manage/sessions/<session_id>/headcounts", methods=["GET", "POST"])
@security.uploads(ONE_PHOTO)
@allowed(*COUNTERS)
def add_headcount(session_id: str) -> Any:
    """Record people counted on the spot, with a photo where there is one."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *COUNTERS)
    form, status = HeadCountForm(), 200
    form.offer_days(days_come(session))
    if request.method == "GET":
        form.nonce.data, form.audience.data = new_id(), walkins.audience_of(session_id)
    else:
        status = 422
        if form.validate():
            try:
                _count(session_id, form, by=person.id)
            except CountedBefore as again:
                flash(sentence_of(again), "info")
                return redirect(_sheet(session_id), 303)
            except Refusal as refusal:
                show_on_form(form, refusal)
                status = status_of(refusal)
            else:
                flash(_("人数已登记。"), "success")
                return redirect(_sheet(session_id), 303)
    known = [one for one in headcounts(session_id) if one.annulled_at is None]
    shown = {"form": form, "session": session, "known": known, "methods": COUNT_METHOD_LABELS}
    return render_template("attendance/add_headcount.html", **shown), status


def _count(session_id: str, form: HeadCountForm, *, by: str) -> None:
    file = form.photo.data
    picture = read_picture(file.read(), name=file.filename, field="photo") if file and file.filename else None
    heads = Heads(
        audience=form.audience.data,
        count=form.count.data or 0,
        method=CountMethod(form.method.data),
        note=form.note.data or "",
        nonce=form.nonce.data or "",
        others=form.others.data,
        day=form.counted_on,
    )
    kept = None
    with transaction():
        made = service.count_page(session_id, heads, by=by)
        if picture is not None:
            kept = photos.add_photo(session_id, picture, caption=heads.note, by=by, headcount_id=made.id)
    if picture is not None and kept is None:
        flash(_("这张照片这一场已经有了，没有再存一份。"), "info")


@blueprint.route("/manage/attendances/<attendance_id>/annul", methods=["GET", "POST"])
@allowed(*STAFF)
@can_undo(N_("撤销了一个人的签到"), Attendance)
@decides(Attendance)
def annul_attendance(attendance_id: str) -> Any:
    """Take back a check-in that was wrong, with a reason."""
    held = get_row(Attendance, attendance_id)
    return _annul(held, service.annul_attendance, _("撤销签到"))


@blueprint.route("/manage/attendances/<attendance_id>/reopen", methods=["GET", "POST"])
@allowed(*STAFF)
@can_undo(N_("撤销了一个人的签退"), Attendance)
@decides(Attendance)
def annul_exit(attendance_id: str) -> Any:
    """Take back a check-out that was wrong, with a reason."""
    held = get_row(Attendance, attendance_id)
    return _annul(held, service.annul_exit, _("撤销签退"))


@blueprint.route("/manage/headcounts/<headcount_id>/annul", methods=["GET", "POST"])
@allowed(*STAFF)
@can_undo(N_("撤销了一次人数登记"), HeadCount)
@decides(HeadCount)
def annul_headcount(headcount_id: str) -> Any:
    """Take back a head-count that was wrong, with a reason."""
    held = get_row(HeadCount, headcount_id)
    return _annul(held, service.annul_headcount, _("撤销人数登记"))


def _annul(held: Attendance | HeadCount, act: Any, title: str) -> Any:
    """The page says whom or what it is about, and what goes with it."""
    person = the_person()
    session = events.get_session_for(person.id, held.session_id, *STAFF)
    form = AnnulForm()
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                act(held.id, by=person.id, reason=form.reason.data or "")
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已撤销，原记录和原因都保留。"), "success")
            return redirect(_sheet(session.id), 303)
    signup = signups.get_with_session(held.signup_id) if isinstance(held, Attendance) else None
    page = render_template(
        "attendance/annul.html",
        form=form,
        session=session,
        title=title,
        held=held,
        signup=signup,
        display_name=signup.person.name if signup else "",
        methods=COUNT_METHOD_LABELS,
        is_exit=act is service.annul_exit,
    )
    return page, status
