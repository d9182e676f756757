"""The scanner: its page, its scans, its roster."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest

from webapp.attendance import queries, service
from webapp.attendance.domain import (
    CODE_LIMIT,
    DEVICE_LIMIT,
    NONCE_LIMIT,
    SCANNERS,
    Answer,
    Direction,
    Method,
    Outcome,
    ScanRequest,
    sentence_for,
)
from webapp.attendance.forms import ScanForm
from webapp.attendance.queries.devices import (
    Scanner,
    check_may_scan,
    scanner_or_none,
    sessions_of,
    the_scanner,
)
from webapp.attendance.views import blueprint
from webapp.core.auth import current_person, public, scanner
from webapp.core.db import new_id, transaction
from webapp.core.http import json_or_problem
from webapp.events import queries as events


@blueprint.get("/scan")
@public
def scan_home() -> Any:
    """Sessions to scan for, of the person or of the paired phone; how to pair a phone for anyone else."""
    who = scanner_or_none()
    return render_template(
        "attendance/scan_home.html",
        who=who,
        sessions=sessions_of(who) if who else [],
        may_scan=who is not None,
        is_signed_in=current_person() is not None,
    )


@blueprint.get("/scan/<session_id>")
@scanner(*SCANNERS)
def scan(session_id: str) -> str:
    """The scanner page of one session."""
    check_may_scan(the_scanner(), session_id)
    g.scanner_page = True  # its policy allows the camera and the QR reader
    return render_template(
        "attendance/scan.html",
        session=events.get_session(session_id),
        counts=_counts(session_id),
        roster=queries.roster(session_id),
        form=ScanForm(nonce=new_id()),
        scan_config={
            "session": session_id,
            "checkin_url": url_for("attendance.scan_check_in", session_id=session_id),
            "roster_url": url_for("attendance.scan_roster", session_id=session_id),
            "csrf": generate_csrf(),
        },
    )


@blueprint.get("/scan/<session_id>/roster.json")
@scanner(*SCANNERS)
def scan_roster(session_id: str) -> Any:
    """Living sign-ups with masked names, and counts."""
    check_may_scan(the_scanner(), session_id)
    response = jsonify(
        items=[row.as_json() for row in queries.roster(session_id)], counts=_counts(session_id)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/scan/<session_id>/list")
@scanner(*SCANNERS)
def scan_list(session_id: str) -> str:
    """The same work for a browser without script: a typed code, or a name of the list."""
    check_may_scan(the_scanner(), session_id)
    return render_template(
        "attendance/scan_list.html",
        session=events.get_session(session_id),
        counts=_counts(session_id),
        roster=queries.roster(session_id),
        form=ScanForm(nonce=new_id()),
    )


@blueprint.post("/scan/<session_id>/checkins")
@scanner(*SCANNERS)
def scan_check_in(session_id: str) -> Any:
    """One scan: JSON from a script, a form where there is none."""
    who = the_scanner()
    check_may_scan(who, session_id)
    with transaction():
        answer = service.check_in(
            _from_json(session_id, who) if request.is_json else _from_form(session_id, who)
        )
    if request.is_json:
        return json_or_problem(answer.status, queries.spoken(answer) | {"counts": _counts(session_id)})
    _flash(answer)
    return redirect(url_for("attendance.scan_list", session_id=session_id), 303)


def _counts(session_id: str) -> dict[str, int]:
    return asdict(queries.session_counts(session_id))


def _text(data: dict[str, Any], name: str, limit: int) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise BadRequest
    return value.encode("utf-8", "replace").decode()


def _from_json(session_id: str, who: Scanner) -> ScanRequest:
    data = request.get_json()
    if not isinstance(data, dict):
        raise BadRequest
    try:
        scanned = _text(data, "scanned_at", 40)
        scanned_at = datetime.fromisoformat(scanned) if scanned else None
        direction = Direction(_text(data, "direction", 3) or "in")
        method = Method(_text(data, "method", 10) or "camera")
    except ValueError as error:
        raise BadRequest from error
    made = ScanRequest(
        session_id=session_id,
        direction=direction,
        nonce=_text(data, "nonce", NONCE_LIMIT) or new_id(),
        device=f"{who.person_id}:{_text(data, 'device', DEVICE_LIMIT - 20)}",
        by=who.person_id,
        method=method,
        code=_text(data, "code", CODE_LIMIT),
        signup_id=_text(data, "signup", 40),
        scanned_at=scanned_at if scanned_at and scanned_at.tzinfo else None,
    )
    if bool(made.code) == bool(made.signup_id):
        raise BadRequest
    return made


def _from_form(session_id: str, who: Scanner) -> ScanRequest:
    form = ScanForm()
    code, signup = (form.code.data or "")[:CODE_LIMIT], (form.signup.data or "")[:40]
    direction = Direction.OUT if form.direction.data == Direction.OUT else Direction.IN
    return ScanRequest(
        session_id=session_id,
        direction=direction,
        nonce=(form.nonce.data or new_id())[:NONCE_LIMIT],
        device=who.device.id if who.device else f"{who.person_id}:form",
        by=who.person_id,
        method=Method.ROSTER if signup else Method.TYPED,
        code=code,
        signup_id=signup,
    )


def _flash(answer: Answer) -> None:
    body = answer.body
    outcome = Outcome(body["outcome"])
    sentence = _(sentence_for(outcome, body.get("lacks") or body.get("reason")))
    if outcome == Outcome.ACCEPTED and body["direction"] == Direction.OUT:
        sentence = _("签退成功")
    name = body.get("person", {}).get("display_name", "")
    flash(f"{name} {sentence}".strip(), "success" if outcome == Outcome.ACCEPTED else "error")
