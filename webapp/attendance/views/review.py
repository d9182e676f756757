"""Staff look at scans the rules would have refused, and bring the file of a phone that has no network."""

import json
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from webapp.attendance.domain import SCANNERS
from webapp.attendance.domain.phones import SETTLEMENT_LABELS, Settlement
from webapp.attendance.forms.evidence import ScansFileForm, SettleForm
from webapp.attendance.models import Scan
from webapp.attendance.queries import review as queries
from webapp.attendance.queries.board import count_open_flags
from webapp.attendance.service import review as service
from webapp.attendance.service.links import accept_links
from webapp.attendance.views import blueprint
from webapp.attendance.views.links import in_batches, relayed
from webapp.attendance.views.manage import STAFF
from webapp.core import clock, security
from webapp.core.again import in_transaction
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.deciding import decides
from webapp.core.errors import N_, NotAllowed, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.i18n import format_range
from webapp.core.just_done import can_undo
from webapp.core.listing import Column, Filter, Table, day_of, holding, listed, show, taken
from webapp.core.listing import named as found_by
from webapp.core.pictures import MEGABYTE
from webapp.core.working import working_for
from webapp.events import queries as events
from webapp.events.models import Event, EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.people.domain import mask_name
from webapp.venues.models import Venue

READERS = (*STAFF, Permission.INSPECT)


@blueprint.route("/manage/sessions/<session_id>/review", methods=["GET", "POST"])
@allowed(*READERS)
@can_undo(N_("处理了要核对的扫码"), EventSession)
@decides(Scan, chosen=lambda: request.form.getlist("scans"))
def review_session(session_id: str) -> Any:
    """Flagged scans of a session; those ticked are settled together. Inspectors read, and settle nothing."""
    person = the_person()
    events.check_session_access(person.id, session_id, *READERS)
    form, status = SettleForm(), 200
    if request.method == "POST":
        events.check_session_access(person.id, session_id, *STAFF)
        status = 422
        if form.validate():
            try:
                _settle(session_id, form)
                return redirect(url_for("attendance.review_session", session_id=session_id), 303)
            except Refusal as refusal:
                show_on_form(form, refusal)
                status = status_of(refusal)
    return _review_page(session_id, form), status


def _review_page(session_id: str, form: SettleForm) -> str:
    may_settle = events.may_access_session(the_person().id, session_id, *STAFF)
    named = str if may_settle else mask_name
    todo = queries.flagged(session_id, named=named)
    return render_template(
        "attendance/review_session.html",
        session=events.get_session(session_id),
        form=form,
        may_settle=may_settle,
        todo=todo,
        more=count_open_flags(session_id) - len(todo),
        done=listed(
            queries.flagged(session_id, settled=True, named=named),
            lambda one: found_by(one.name, phone=one.phone),
        ),
        gaps=queries.gaps_of(session_id),
        labels=SETTLEMENT_LABELS,
    )


def _settle(session_id: str, form: SettleForm) -> None:
    done = in_transaction(
        lambda: service.settle(
            session_id,
            form.scans.data or [],
            settlement=Settlement(form.settlement.data),
            note=(form.note.data or "").strip(),
            by=the_person().id,
        )
    )
    if done.now:
        flash(_("处理好了 %(n)s 条。", n=done.now), "success")
    if done.before:
        flash(_("有 %(n)s 条别人已经处理过，按先处理的算。", n=done.before), "info")


def _title(one: queries.ToReview) -> str:
    return " · ".join(filter(None, (one.session.event.title, one.session.title)))


def _since(value: str) -> ColumnElement[bool]:
    return EventSession.starts_at >= clock.start_of_day(day_of(value) or clock.today())


_SESSIONS = Table(
    columns=(
        Column("title", N_("活动"), _title, order=Event.title, kind="head"),
        Column(
            "when",
            N_("时间"),
            lambda one: format_range(one.session.starts_at, one.session.ends_at),
            order=EventSession.starts_at,
        ),
        Column("venue", N_("地点"), lambda one: one.session.venue.name, order=Venue.name),
        Column("open", N_("要核对的（条）"), lambda one: one.open, order=queries.NUMBER, kind="num"),
    ),
    filters=(Filter("from", N_("从哪天"), where=_since),),
    search=holding(Event.title, EventSession.title, Venue.name),
    find_by=N_("活动、地点里的字"),
)


@blueprint.get("/manage/review")
@allowed(*READERS)
def list_reviews() -> Response | str:
    """Sessions of one's organisations with scans to look at; they are settled together, session by session."""
    organisations = organisations_seen(the_person().id, *READERS, within=working_for())
    listing = show(_SESSIONS, queries.sessions_to_review(organisations))
    if listing.format:
        return taken(listing, _("要核对的记录"), subject="scan", by=the_person().id)
    may_bring = bool(current_permissions() & set(SCANNERS))
    return render_template("attendance/list_reviews.html", listing=listing, may_bring=may_bring)


@blueprint.route("/manage/scans/file", methods=["GET", "POST"])
@security.uploads(24 * MEGABYTE)
@allowed(*SCANNERS)
def bring_file() -> Any:
    """A file another phone made of its scans, brought by staff."""
    form, status = ScansFileForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                _bring(form.file.data.read())
                return redirect(url_for("attendance.bring_file"), 303)
            except NotAllowed:
                sentence = _("这份记录不是本系统的手机存的，或者文件被改动过。")
                form.file.errors = [*form.file.errors, sentence]
            except Refusal as refusal:
                show_on_form(form, refusal)
                status = status_of(refusal)
            except (ValueError, RecursionError):
                form.file.errors = [*form.file.errors, _("这不是签到手机存的记录文件。")]
    return render_template("attendance/bring_file.html", form=form), status


def _bring(raw: bytes) -> None:
    data = json.loads(raw.decode("utf-8"))
    if (
        not isinstance(data, dict)
        or data.get("format") != "kepu-scans-1"
        or not isinstance(data.get("links"), list)
    ):
        raise ValueError
    sender = relayed(data.get("chain"), by=the_person().id)
    answers = []
    for batch in in_batches(data["links"]):
        answers += in_transaction(partial(accept_links, batch, sender=sender))
    again = sum(bool(answer.body.get("replayed")) for answer in answers)
    look = sum(answer.flagged for answer in answers)
    flash(_("收到 %(n)s 条，其中 %(again)s 条以前收过。", n=len(answers), again=again), "success")
    if look:
        flash(_("有 %(n)s 条要核对，请看“要核对的记录”。", n=look), "warning")
