"""Pairing a phone: the organiser offers a code, the phone takes it, staff see and end pairings."""

import base64
from datetime import timedelta
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.attendance.domain.phones import DeviceKind, PairingExpired, clock_words
from webapp.attendance.forms import PairForm, PairingCodeForm
from webapp.attendance.models import Device
from webapp.attendance.queries import devices as phones
from webapp.attendance.queries.devices import OFFERERS
from webapp.attendance.service import devices as service
from webapp.attendance.views import blueprint
from webapp.core import clock, leaving, live, qr, security
from webapp.core.auth import PAIRED_COOKIE, allowed, public, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import N_, Refusal
from webapp.core.http import base_url, show_on_form, status_of
from webapp.core.i18n import format_datetime
from webapp.core.just_done import can_undo
from webapp.core.leaving import End, Ending
from webapp.events import queries as events
from webapp.events.models import EventSession

AFTER = timedelta(
    hours=12
)  # a pairing offered for a session goes on for so long after it, unless told otherwise
KEPT = timedelta(days=30)  # how long a phone whose pairing is over may still hand in what it scanned
OTHERS_SHOWN = 12  # sessions offered besides


def _choices(session: EventSession) -> list[EventSession]:
    """This session and the organisation's next ones."""
    near = events.list_sessions(
        {session.event.organisation_id},
        since=clock.now() - timedelta(hours=12),
        until=clock.now() + timedelta(days=14),
    )
    others = [one for one in near if one.id != session.id and one.cancelled_at is None]
    return [session, *others[:OTHERS_SHOWN]]


def _label(one: EventSession) -> str:
    """A session in a list of several."""
    return " ".join(filter(None, (format_datetime(one.starts_at), one.event.title, one.title)))


@blueprint.route("/manage/sessions/<session_id>/devices", methods=["GET", "POST"])
@allowed(*OFFERERS)
@makes
def session_devices(session_id: str) -> Any:
    """Phones of a session; another one gets a code."""
    session = events.get_session_for(the_person().id, session_id, *OFFERERS)
    form, choices, status = PairForm(), _choices(session), 200
    form.sessions.choices = [(one.id, _label(one)) for one in choices]
    lines = phones.phones_of_session(session_id)
    if request.method == "GET":
        form.name.data = _("签到手机 %(n)s", n=len(lines) + 1)
        form.sessions.data = [session_id]
        form.until.process_data(max(session.ends_at, clock.now()) + AFTER)
    elif form.validate():
        try:
            return redirect(url_for("attendance.show_pairing", device_id=_offer(form).id), 303)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    else:
        status = 422
    page = render_template(
        "attendance/session_devices.html",
        session=session,
        form=form,
        lines=lines,
        words=clock_words,
    )
    return page, status


def _offer(form: PairForm) -> Device:
    assert form.until.moment is not None
    with transaction():
        return service.offer_pairing(
            name=(form.name.data or "").strip(),
            kind=DeviceKind(form.kind.data),
            session_ids=form.sessions.data or [],
            until=form.until.moment,
            by=the_person().id,
        )


@blueprint.get("/manage/devices/<device_id>")
@allowed(*OFFERERS)
def show_pairing(device_id: str) -> Any:
    """The code, as a picture and in letters, until a phone took it; the page sees that by itself."""
    device = phones.device_for(the_person().id, device_id)
    (line,) = phones.lines([device.id])
    waiting = line.state == "waiting"
    code = service.pairing_code(device) if waiting else ""
    address = f"{base_url()}/scan/pair/{code}" if waiting else ""
    shown = {
        "line": line,
        "code": code,
        "address": address,
        "picture": "data:image/svg+xml;base64," + base64.b64encode(qr.svg(address)).decode()
        if waiting
        else "",
    }
    tag = live.tag_of((device.id, line.state, code))
    if live.is_wanted():
        return live.part("attendance/_pairing.html", tag=tag, **shown)
    return render_template("attendance/show_pairing.html", tag=tag, **shown)


@blueprint.route("/manage/devices/<device_id>/revoke", methods=["GET", "POST"])
@allowed(*OFFERERS)
@can_undo(N_("停用了手机“%(name)s”"), Device, says=lambda one: {"name": one.name})
@decides(Device)
def revoke_device(device_id: str) -> Any:
    """Say what it means for what the phone still holds; then the phone may scan no more."""
    device = phones.device_for(the_person().id, device_id)
    (line,) = phones.lines([device.id])
    if request.method == "GET":
        hanging = leaving.hanging(Ending(End.PHONE, subject_id=device.id))
        return render_template("attendance/revoke_device.html", line=line, hanging=hanging)
    with transaction():
        service.revoke(device.id, by=the_person().id)
    flash(_("“%(name)s”不能再签到了。它已经扫的、还没上传的，会留给您核对。", name=device.name), "success")
    return redirect(url_for("attendance.session_devices", session_id=line.sessions[0].id), 303)


@blueprint.route("/scan/pair", methods=["GET", "POST"])
@public
@security.limiter.limit(security.code_guesses, methods=["POST"])
def type_pairing_code() -> Any:
    """The code typed by hand."""
    return _pairing_page("")


@blueprint.route("/scan/pair/<code>", methods=["GET", "POST"])
@public
@security.limiter.limit(security.code_guesses, methods=["POST"])
def pair_device(code: str) -> Any:
    """The code scanned from the organiser's screen; a button pairs, so that a preview of the link does not."""
    return _pairing_page(code)


def _pairing_page(code: str) -> Any:
    form, status = PairingCodeForm(), 200
    if request.method == "GET":
        form.code.data = code[:40]
    elif form.validate():
        try:
            with transaction():
                device, token = service.pair(form.code.data or "")
        except PairingExpired as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            return _paired(device, token)
    else:
        status = 422
    return render_template("attendance/pair_device.html", form=form, is_scanned=bool(code)), status


def _paired(device: Device, token: str) -> Response:
    flash(_("配对好了，可以开始签到。"), "success")
    response = make_response(redirect(url_for("attendance.scan_home"), 303))
    assert device.expires_at is not None
    response.set_cookie(
        PAIRED_COOKIE,
        token,
        expires=device.expires_at + KEPT,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response
