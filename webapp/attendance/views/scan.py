"""The scanner: its page, its scans, its roster."""

from dataclasses import asdict
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.attendance import queries, service
from webapp.attendance.domain import (
    CODE_LIMIT,
    NONCE_LIMIT,
    SCANNERS,
    Answer,
    Direction,
    Method,
    Outcome,
    ScanRequest,
    sentence_of,
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
from webapp.core import clock, i18n
from webapp.core.auth import current_person, public, scanner
from webapp.core.db import new_id, transaction
from webapp.events import queries as events
from webapp.events.domain import AUDIENCES
from webapp.signups.queries.finding import Sought

NAMES_SHOWN = 100  # on one page


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
        made=clock.now().isoformat(),
    )


@blueprint.get("/scan/<session_id>")
@scanner(*SCANNERS)
def scan(session_id: str) -> Any:
    """The scanner: the same bytes for every session and person, so a phone keeps one copy and opens it offline."""
    if "list" in request.args:  # from the page whose script did not run; what was typed comes along
        typed = request.args.get("code", "")[:CODE_LIMIT]
        code, q = (typed, None) if typed.isascii() else (None, typed)  # a name is looked for
        return redirect(url_for("attendance.scan_list", session_id=session_id, code=code or None, q=q))
    check_may_scan(the_scanner(), session_id)
    g.scanner_page = True  # its policy allows the camera and the QR reader
    return render_template("attendance/scan.html", audiences=AUDIENCES)


@blueprint.get("/scan/<session_id>/kiosk")
@scanner(*SCANNERS)
def kiosk(session_id: str) -> str:
    """A tablet at the door on which people scan their own codes; like `scan` the same bytes for all."""
    check_may_scan(the_scanner(), session_id)
    g.scanner_page = True
    spoken = {"zh-CN": _spoken("zh"), "en": _spoken("en")}
    return render_template("attendance/kiosk.html", spoken=spoken)


def _spoken(language: str) -> dict[str, Any]:
    """Everything the kiosk says in one language; it changes its language without asking us."""
    find = current_app.jinja_env.get_template
    parts = {"scan": find("attendance/_scan_words.html"), "kiosk": find("attendance/_kiosk_words.html")}
    with force_locale(i18n.LOCALES[language]):
        return {name: part.make_module().words for name, part in parts.items()}  # type: ignore[attr-defined]


@blueprint.get("/scan/<session_id>/list")
@scanner(*SCANNERS)
def scan_list(session_id: str) -> Any:
    """The same work for a browser without script: a typed code, or a name of the list, looked for or turned to."""
    who = the_scanner()
    check_may_scan(who, session_id)
    if who.before_a_crowd:
        return redirect(url_for("attendance.kiosk", session_id=session_id))
    sought, rows = Sought(request.args.get("q", "")), queries.roster(session_id)
    found = [
        row
        for row in rows
        if sought.finds(name=row.display_name, phone=row.phone_tail, short_code=row.short_code)
    ]
    last = max(1, -(-len(found) // NAMES_SHOWN))
    number = min(max(1, request.args.get("page", 1, int)), last)
    return render_template(
        "attendance/scan_list.html",
        session=events.get_session(session_id),
        counts=_counts(session_id),
        roster=found[(number - 1) * NAMES_SHOWN : number * NAMES_SHOWN],
        has_list=bool(rows),
        q=sought.text,
        number=number,
        last=last,
        is_staff=who.device is None,
        form=ScanForm(nonce=new_id(), code=request.args.get("code", "")[:CODE_LIMIT]),
    )


@blueprint.post("/scan/<session_id>/checkins")
@scanner(*SCANNERS)
def scan_check_in(session_id: str) -> Any:
    """One scan of the page without script."""
    who = the_scanner()
    check_may_scan(who, session_id)
    scan_request = _from_form(session_id, who)
    if scan_request is None:
        flash(_("请输入报名码。"), "error")
    else:
        with transaction():
            answer = service.check_in(scan_request)
        _flash(
            answer,
            answer.body.get("person", {}).get("display_name", "") if who.before_a_crowd else answer.name,
        )
    return redirect(url_for("attendance.scan_list", session_id=session_id), 303)


def _counts(session_id: str) -> dict[str, int]:
    return asdict(queries.session_counts(session_id))


def _from_form(session_id: str, who: Scanner) -> ScanRequest | None:
    form = ScanForm()
    code = (form.code.data or "").replace("\x00", "").strip()[:CODE_LIMIT]
    signup = (form.signup.data or "")[:40]
    if not (code or signup):
        return None
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


def _flash(answer: Answer, name: str) -> None:
    body = answer.body
    outcome = Outcome(body["outcome"])
    sentence = _(sentence_of(body))
    if outcome == Outcome.ACCEPTED and body["direction"] == Direction.OUT:
        sentence = _("签退成功")
    flash(f"{name} {sentence}".strip(), "success" if outcome == Outcome.ACCEPTED else "error")
