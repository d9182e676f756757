"""Organisers at the door without a phone: who comes without having signed up, everyone out."""

from dataclasses import asdict
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.attendance import queries
from webapp.attendance.domain import LATE, SCANNERS, Outcome, sentence_for
from webapp.attendance.domain.arrivals import Arrival, SomeoneSoNamed
from webapp.attendance.domain.phones import WALK_IN_NAME_LIMIT
from webapp.attendance.forms import WalkInForm
from webapp.attendance.queries.board import inside, last_sweep
from webapp.attendance.queries.devices import check_may_scan, the_scanner
from webapp.attendance.queries.namesakes import Namesake, namesakes
from webapp.attendance.service import leaving
from webapp.attendance.service.arriving import Arrived, admit
from webapp.attendance.views import blueprint
from webapp.core import clock
from webapp.core.auth import allowed, scanner, the_person
from webapp.core.db import new_id, transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.events import queries as events
from webapp.events.domain import PositionKind
from webapp.signups.domain import AlreadySignedUp
from webapp.signups.domain.passes import show_short_code


@blueprint.route("/manage/sessions/<session_id>/walk-in", methods=["GET", "POST"])
@allowed(*SCANNERS)
def add_walk_in(session_id: str) -> Any:
    """Someone came who had not signed up: with a name a free place, without one head."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *SCANNERS)
    form, status, alike = WalkInForm(), 422 if request.method == "POST" else 200, list[Namesake]()
    if request.method == "GET":
        form.name.data = request.args.get("name", "")[:WALK_IN_NAME_LIMIT]  # whom one looked for in vain
    seats = [one for one in session.positions if one.kind == PositionKind.AUDIENCE]
    form.offer(seats)
    if form.validate_on_submit():
        try:
            with transaction():
                arrived = admit(session_id, _arrival(form), by=person.id)
        except Refusal as refusal:
            form.refused(refusal)
            show_on_form(form, refusal)
            status, alike = status_of(refusal), _alike(session_id, form, refusal)
        else:
            _welcome(arrived)
            return redirect(url_for("attendance.add_walk_in", session_id=session_id), 303)
    form.nonce.data = form.nonce.data or new_id()
    is_closed = clock.now() >= session.ends_at + LATE
    shown = {"form": form, "session": session, "is_closed": is_closed, "positions": bool(seats)}
    return render_template("attendance/add_walk_in.html", alike=alike, **shown), status


def _alike(session_id: str, form: WalkInForm, refusal: Refusal) -> list[Namesake]:
    """Those of the list who are called like that, where that is what is asked."""
    is_asked = isinstance(refusal, SomeoneSoNamed | AlreadySignedUp)
    return namesakes(session_id, form.name.data or "") if is_asked else []


def _arrival(form: WalkInForm) -> Arrival:
    return Arrival(
        name=(form.name.data or "").strip(),
        phone=form.phone.normal,
        position_id=form.position.data or "",
        nonce=form.nonce.data or new_id(),
        given=form.given(),
        sure=request.form.get("sure") == "1",  # the button beside those of that name
    )


def _welcome(arrived: Arrived) -> None:
    if not arrived.is_new:
        flash(_("这一页刚才已经登记过了，没有重复登记。"), "info")
    elif arrived.signup_id is None:
        flash(_("已记一个人头。"), "success")
    elif arrived.outcome == Outcome.ACCEPTED:
        code = show_short_code(arrived.short_code)
        flash(_("已报名并签到，报名码 %(code)s。", code=code), "success")
    else:
        flash(
            _("已报名，没有签到：%(why)s", why=_(sentence_for(arrived.outcome, state=arrived.state))),
            "warning",
        )


@blueprint.route("/manage/sessions/<session_id>/check-out", methods=["GET", "POST"])
@allowed(*SCANNERS)
def check_out_everyone(session_id: str) -> Any:
    """Say who has not been checked out, and check them all out with one button."""
    person = the_person()
    session = events.get_session_for(person.id, session_id, *SCANNERS)
    if request.method == "POST":
        with transaction():
            count = leaving.check_out_all(session_id, by=person.id)
        if count:
            flash(_("%(n)s 人已全部签退。", n=count), "success")
        else:
            flash(_("没有人要签退。"), "info")
        return redirect(url_for("pages.session_sheet", session_id=session_id), 303)
    shown = {"people": inside(session_id), "sweep": last_sweep(session_id)}
    return render_template("attendance/check_out_everyone.html", session=session, **shown)


@blueprint.post("/manage/sessions/<session_id>/check-out/undo")
@allowed(*SCANNERS)
def undo_check_out(session_id: str) -> Any:
    """The button was pressed too early: those it checked out are inside again."""
    person = the_person()
    events.check_session_access(person.id, session_id, *SCANNERS)
    with transaction():
        count = leaving.take_back_sweep(session_id, by=person.id)
    if count:
        flash(_("已撤回，%(n)s 人又算在场。", n=count), "success")
    else:
        flash(_("没有可以撤回的：已经撤回过，或者超过了 15 分钟。"), "info")
    return redirect(url_for("attendance.check_out_everyone", session_id=session_id), 303)


@blueprint.post("/scan/<session_id>/check-out")
@scanner(*SCANNERS)
def scan_check_out_everyone(session_id: str) -> Any:
    """The same for the scanner, as JSON: how many left, and how the session stands now."""
    who = the_scanner()
    check_may_scan(who, session_id)
    with transaction():
        count = leaving.check_out_all(session_id, by=who.person_id)
    return jsonify(left=count, counts=asdict(queries.session_counts(session_id)))
