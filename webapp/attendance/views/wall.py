"""Staff: the code on the wall of a session, on the hall's screen or on paper, and the number spoken in the room."""

import base64
from typing import Any

from flask import flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.attendance.domain import SCANNERS
from webapp.attendance.domain.phones import WallMode
from webapp.attendance.domain.wall import SessionNotOpen, WallClosed, show_number
from webapp.attendance.forms import WallModeForm
from webapp.attendance.models import Wall
from webapp.attendance.queries import wall as walls
from webapp.attendance.service import wall as service
from webapp.attendance.views import blueprint
from webapp.core import qr
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.http import base_url, flash_refusal
from webapp.core.seen import Mark, mark_of_none
from webapp.events import queries as events
from webapp.events.models import EventSession


def _session(session_id: str) -> EventSession:
    return events.get_session_for(the_person().id, session_id, *SCANNERS)


def _back(session_id: str) -> Any:
    return redirect(url_for("attendance.show_wall", session_id=session_id), 303)


def _open_wall(session_id: str, mode: WallMode) -> Wall | None:
    wall = walls.find(session_id)
    is_shown = wall is not None and wall.closed_at is None and wall.mode == mode
    return wall if is_shown else None


def _picture(wall: Wall) -> str:
    """The code as an address of a picture. Capitals make it smaller (ISO/IEC 18004, alphanumeric mode)."""
    text = f"{base_url()}/w/{walls.shown_now(wall).code.upper()}"
    return "data:image/svg+xml;base64," + base64.b64encode(qr.svg(text)).decode()


def _wall(session_id: str) -> Wall | Mark:
    """What is decided about: the wall as it is, or that there is none."""
    return walls.find(session_id) or mark_of_none(Wall, session_id)


@blueprint.get("/manage/sessions/<session_id>/wall")
@allowed(*SCANNERS)
def show_wall(session_id: str) -> Any:
    """Open or close it, choose how it is shown, read the number aloud; odd patterns below."""
    session = _session(session_id)
    wall = walls.find(session_id)
    is_open = wall is not None and wall.closed_at is None
    return render_template(
        "attendance/show_wall.html",
        session=session,
        wall=wall if is_open else None,
        number=show_number(walls.number_of(wall)) if wall is not None and is_open else "",
        form=WallModeForm(mode=wall.mode) if wall else WallModeForm(),
        patterns=walls.patterns(session_id),
    )


@blueprint.post("/manage/sessions/<session_id>/wall/open")
@allowed(*SCANNERS)
@decides(_wall)
def open_wall(session_id: str) -> Any:
    """Open it, or show the other kind of code."""
    _session(session_id)
    form = WallModeForm()
    if not form.validate_on_submit():
        flash(_("请选择怎样展示墙码。"), "error")
        return _back(session_id)
    try:
        with transaction():
            service.open_wall(session_id, mode=WallMode(form.mode.data), by=the_person().id)
    except SessionNotOpen as refusal:
        flash_refusal(refusal)
    else:
        flash(_("墙码已开放。"), "success")
    return _back(session_id)


@blueprint.post("/manage/sessions/<session_id>/wall/renew")
@allowed(*SCANNERS)
@decides(_wall)
def renew_wall(session_id: str) -> Any:
    """Another number, and other codes on the screen."""
    _session(session_id)
    try:
        with transaction():
            service.renew(session_id, by=the_person().id)
    except WallClosed as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已换新，以前的立即作废。"), "success")
    return _back(session_id)


@blueprint.post("/manage/sessions/<session_id>/wall/close")
@allowed(*SCANNERS)
@decides(_wall)
def close_wall(session_id: str) -> Any:
    """Nobody checks in with it any more."""
    _session(session_id)
    with transaction():
        service.close(session_id, by=the_person().id)
    flash(_("墙码已关闭，已经签到的不受影响。"), "success")
    return _back(session_id)


@blueprint.get("/manage/sessions/<session_id>/wall/screen")
@allowed(*SCANNERS)
def show_wall_screen(session_id: str) -> Any:
    """For the hall's screen: the code of now, another one every half minute; or that there is none.

    A whole hall looks at it: no page of the staff's is shown there, whatever happens to the code.
    """
    session = _session(session_id)
    wall = _open_wall(session_id, WallMode.ROTATING)
    return render_template(
        "attendance/show_wall_screen.html",
        session=session,
        picture=_picture(wall) if wall else "",
        left=walls.shown_now(wall).left if wall else 0,
    )


@blueprint.get("/manage/sessions/<session_id>/wall/now.json")
@allowed(*SCANNERS)
def wall_now(session_id: str) -> Any:
    """The picture of now and how many seconds it holds; null when the wall was closed meanwhile."""
    _session(session_id)
    wall = _open_wall(session_id, WallMode.ROTATING)
    if wall is None:
        return jsonify(picture=None, left=None)
    left = walls.shown_now(wall).left
    response = jsonify(picture=_picture(wall), left=round(left, 2))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/manage/sessions/<session_id>/wall/sheet")
@allowed(*SCANNERS)
def print_wall(session_id: str) -> Any:
    """A4, to be put on the wall."""
    session = _session(session_id)
    wall = _open_wall(session_id, WallMode.PRINTED)
    if wall is None:
        return _back(session_id)
    return render_template("attendance/print_wall.html", session=session, picture=_picture(wall))
