"""/w/<code>: people read the code on the wall with a phone of their own, with any camera, WeChat's included.

The code is judged when the page first opens; a signed cookie carries that through signing in. Opening a link never
checks anyone in, because messengers open links by themselves to show what is behind them: a button does.
"""

from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address

from webapp.attendance import queries
from webapp.attendance.domain import Answer, Direction, Outcome
from webapp.attendance.domain.phones import WallMode
from webapp.attendance.domain.wall import (
    TRIES_OF_ONE_PHONE,
    VISIT_LIFE,
    WRONG_TRIES_OF_ONE_ADDRESS,
    CodeState,
    Visit,
    VisitOver,
    WallClosed,
)
from webapp.attendance.forms import WallCodeForm, WallNumberForm, WallPressForm
from webapp.attendance.queries import wall as walls
from webapp.attendance.service import wall as service
from webapp.attendance.views import blueprint
from webapp.core import clock, tokens
from webapp.core.auth import current_person, public, signed_in, the_person
from webapp.core.config import current_settings
from webapp.core.db import new_id, transaction
from webapp.core.errors import Expired, NotFound, Refusal
from webapp.core.http import page_for, show_on_form, status_of
from webapp.core.security import limiter
from webapp.events import queries as events
from webapp.people.domain import mask_name
from webapp.signups import queries as signups

VISIT, PHONE = "kepu_wall", "kepu_wall_phone"  # cookies; also what they are signed for
PHONE_LIFE = 24 * 3600  # seconds a phone is known as the same one


# --- what the phone carries --------------------------------------------------------------------------------------


def _cookie(name: str, life: int) -> Any:
    try:
        return tokens.unsign(name, request.cookies.get(name, ""), max_age=life)
    except (NotFound, Expired):
        return None


def _visit() -> Visit | None:
    """What this phone opened in the last ten minutes."""
    value = _cookie(VISIT, int(VISIT_LIFE.total_seconds()))
    if not isinstance(value, list) or len(value) != 5:
        return None
    session_id, serial, mode, phone, has_number = value
    return Visit(session_id, serial, WallMode(mode), phone, has_number)


def _the_visit() -> Visit:
    visit = _visit()
    if visit is None:
        raise VisitOver
    return visit


def _keep(response: Response, name: str, value: Any, life: int) -> None:
    response.set_cookie(
        name,
        tokens.sign(name, value),
        max_age=life,
        path="/w",
        secure=current_settings().https,
        httponly=True,
        samesite="Lax",
    )


def _to_buttons(visit: Visit) -> Response:
    response = make_response(redirect(url_for("attendance.show_wall_visit"), 303))
    value = [visit.session_id, visit.serial, visit.mode, visit.phone, visit.has_number]
    _keep(response, VISIT, value, int(VISIT_LIFE.total_seconds()))
    _keep(response, PHONE, visit.phone, PHONE_LIFE)
    return response


# --- guessing ----------------------------------------------------------------------------------------------------


def _whose_phone() -> str:
    visit = _visit()
    return visit.phone if visit else get_remote_address()


def _is_wrong(response: Response) -> bool:
    return response.status_code == 422


def _too_often(_limit: object) -> Response:
    sentence = _("试的次数太多，请等一分钟再试，或到签到台签到。")
    response = make_response(page_for(429, sentence))
    response.headers["Retry-After"] = "60"
    return response


def _no_guessing(view: Any) -> Any:
    """Wrong tries are few per phone and per address; right ones are not counted."""
    counted = limiter.limit(
        WRONG_TRIES_OF_ONE_ADDRESS, methods=["POST"], deduct_when=_is_wrong, on_breach=_too_often
    )(view)
    return limiter.limit(
        TRIES_OF_ONE_PHONE,
        methods=["POST"],
        key_func=_whose_phone,
        deduct_when=_is_wrong,
        on_breach=_too_often,
    )(counted)


# --- pages -------------------------------------------------------------------------------------------------------


@blueprint.get("/w/<code>")
@public
def open_wall_code(code: str) -> Any:
    """Judge the code now and remember the answer for ten minutes."""
    opened = walls.open_code(code)
    if opened.state == CodeState.GOOD and opened.code is not None and opened.wall is not None:
        phone = _cookie(PHONE, PHONE_LIFE) or tokens.new_token()
        visit = _visit()
        has_number = bool(
            visit
            and visit.has_number
            and (visit.session_id, visit.serial) == (opened.code.session_id, opened.wall.serial)
        )
        found = Visit(opened.code.session_id, opened.wall.serial, opened.code.mode, phone, has_number)
        return _to_buttons(found)
    earlier = _visit()
    if earlier and opened.code and earlier.session_id == opened.code.session_id:
        return redirect(url_for("attendance.show_wall_visit"), 303)  # reloaded, or came back from signing in
    return _no_good(opened.state)


def _no_good(state: CodeState) -> Any:
    status = 404 if state == CodeState.FOREIGN else 410
    return render_template("attendance/open_wall_code.html", state=state), status


@blueprint.get("/w/")
@public
def show_wall_visit() -> Any:
    """The number, if it is lacking; then a button, or the code of a pass."""
    try:
        visit = _the_visit()
        walls.wall_of(visit)
    except (VisitOver, WallClosed) as refusal:
        return _no_good(CodeState.CLOSED if isinstance(refusal, WallClosed) else CodeState.OLD)
    return _page(visit)


def _page(visit: Visit, *, number: WallNumberForm | None = None, code: WallCodeForm | None = None) -> str:
    person = current_person()
    session = events.get_session(visit.session_id)
    if not visit.may_check_in:
        form = number or WallNumberForm()
        return render_template("attendance/give_wall_number.html", session=session, form=form)
    return render_template(
        "attendance/show_wall_visit.html",
        session=session,
        person=person,
        places=walls.places_of(person.id, visit.session_id) if person else [],
        nonce=new_id(),
        form=code or WallCodeForm(formdata=None, nonce=new_id()),
        may_sign_up=any(signups.is_open(one, clock.now()) for one in session.positions),
    )


@blueprint.post("/w/number")
@public
@_no_guessing
def give_wall_number() -> Any:
    """The number spoken in the room, after the printed code was scanned."""
    visit, form = _the_visit(), WallNumberForm()
    if form.validate_on_submit():
        try:
            return _to_buttons(service.check_number(visit, form.number.data or ""))
        except Refusal as refusal:
            if not refusal.at_field:
                raise
            show_on_form(form, refusal)
    return _page(visit, number=form), 422


@blueprint.post("/w/own")
@signed_in
def check_in_own() -> Any:
    """The button of someone signed in, for a sign-up of theirs."""
    visit, form, person = _the_visit(), WallPressForm(), the_person()
    direction = Direction.OUT if form.direction.data == Direction.OUT else Direction.IN
    with transaction():
        answer = service.check_in_own(
            visit,
            form.signup.data or "",
            person_id=person.id,
            direction=direction,
            nonce=(form.nonce.data or new_id())[:40],
        )
    return _answered(visit, answer, person.name)


@blueprint.post("/w/code")
@public
@_no_guessing
def check_in_by_code() -> Any:
    """The short code of a pass, typed by whoever has no account, or for an elder who has no phone."""
    visit, form, person = _the_visit(), WallCodeForm(), current_person()
    direction = Direction.OUT if form.direction.data == Direction.OUT else Direction.IN
    if form.validate_on_submit():
        try:
            with transaction():
                answer, signup_id = service.check_in_by_code(
                    visit,
                    form.code.data or "",
                    by=person.id if person else None,
                    direction=direction,
                    nonce=(form.nonce.data or new_id())[:40],
                )
        except Refusal as refusal:
            if status_of(refusal) != 422:
                raise
            show_on_form(form, refusal)
        else:
            return _answered(visit, answer, signups.get_with_session(signup_id).person.name)
    return _page(visit, code=form), 422


def _answered(visit: Visit, answer: Answer, name: str) -> Any:
    body = queries.spoken(answer)
    return render_template(
        "attendance/wall_answer.html",
        session=events.get_session(visit.session_id),
        answer=body,
        outcome=Outcome(body["outcome"]),
        display_name=mask_name(name),
    )
