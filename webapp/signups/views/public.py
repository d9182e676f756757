"""For everyone: sign up, and a guest's own page with pass and cancel behind a signed link."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm

from webapp.core import clock, qr
from webapp.core.auth import SignedIn, current_person, public, the_person
from webapp.core.clock import Period
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.errors import NotFound, Refusal
from webapp.core.http import base_url, show_on_form, status_of
from webapp.core.idempotency import Attempt, StillRunning, store_answer, stored_answer
from webapp.core.security import limiter
from webapp.events.domain import PositionKind
from webapp.events.models import Position
from webapp.people import service as people
from webapp.signups import queries, service
from webapp.signups.domain import AlreadySignedUp, SignupSource, window_open
from webapp.signups.forms import CancelForm, GuestForm, OnceForm, SeatForm, ShiftForm
from webapp.signups.models import Signup
from webapp.signups.views import blueprint

# An id has 18 characters; a signed link is much longer. So both may stand at the same place of an address.
GUEST = "/signups/<string(minlength=40):token>"


def public_writes() -> str:
    """How often one address may write: a hall of 500 behind one address yes, a flood no."""
    return current_settings().limit_public_write


# --- sign up ------------------------------------------------------------------------------------------------------


@blueprint.route("/positions/<position_id>/sign-up", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
def sign_up(position_id: str) -> Any:
    """A volunteer's shift needs an account; a seat needs one tap when signed in, else a name and a telephone."""
    position = queries.get_position(position_id)
    is_volunteer = position.kind == PositionKind.VOLUNTEER
    person = the_person() if is_volunteer else current_person()
    if person and (own := queries.living_signup(position_id, person.id)):
        return redirect(url_for("pages.show_pass", signup_id=own.id))
    form, status = _form(position, person), 200
    if form.validate_on_submit():
        try:
            return redirect(_for_person(position, person) if person else _for_guest(position, form))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    return _page(position_id, form, person), status


def _form(position: Position, person: SignedIn | None) -> FlaskForm:
    if person is None:
        return GuestForm()
    has_risks = position.kind == PositionKind.VOLUNTEER and position.session.event.risk_statement
    return ShiftForm() if has_risks else SeatForm()


def _for_person(position: Position, person: SignedIn) -> str:
    """Sign the signed-in person up; returns the address of their pass."""
    event, position_id = position.session.event, position.id
    knows_risks = (
        f"risk:{event.id}" if position.kind == PositionKind.VOLUNTEER and event.risk_statement else ""
    )
    try:
        with transaction():
            if knows_risks:
                people.record_consent(person.id, knows_risks, method="web")
            made = service.sign_up(position_id, person.id, by=person.id, source=SignupSource.SELF).id
    except AlreadySignedUp:  # the second of two taps
        own = queries.living_signup(position_id, person.id)
        if own is None:
            raise
        made = own.id
    return url_for("pages.show_pass", signup_id=made)


def _for_guest(position: Position, form: GuestForm) -> str:
    """Sign a guest up; returns the address of their own page."""
    position_id, name, phone = position.id, form.name.data or "", form.phone.normal

    def make() -> str:
        person = people.find_or_make_person(name=name, phone=phone)
        people.record_consent(person.id, "sign_up", method="web")
        return service.sign_up(position_id, person.id, by=None, source=SignupSource.GUEST).id

    made = once(form, f"guest:{position_id}", make)
    return url_for("signups.show_signup", token=queries.guest_token(made))


def once(form: OnceForm, caller: str, make: Callable[[], str]) -> str:
    """Do `make` in a transaction and return the sign-up's id; the same form sent again gets the first one's.

    Only whoever has the page the nonce came with is recognised: to anyone else who gives the same name and
    telephone nothing is shown of a sign-up made before.
    """
    given = [form.nonce.data or "", form["name"].data or "", form["phone"].data or ""]
    digest = hashlib.sha256("\n".join(given).encode()).hexdigest()
    attempt = Attempt(caller, digest, digest)
    try:
        with transaction():
            if (before := stored_answer(attempt)) is not None:
                return str(before[1])
            made = make()
            store_answer(attempt, 201, made)
            return made
    except (AlreadySignedUp, StillRunning):
        if (before := stored_answer(attempt)) is not None:
            return str(before[1])
        raise


def _page(position_id: str, form: FlaskForm, person: SignedIn | None) -> str:
    position = queries.get_position(position_id)
    held = position.session
    return render_template(
        "signups/sign_up.html",
        position=position,
        form=form,
        person=person,
        is_volunteer=position.kind == PositionKind.VOLUNTEER,
        is_open=window_open(
            event_status=held.event.status,
            session_cancelled=held.cancelled_at is not None,
            period=Period(held.starts_at, held.ends_at),
            is_volunteer=position.kind == PositionKind.VOLUNTEER,
            now=clock.now(),
        ),
        free=max(0, position.capacity - position.taken),
        waiting=queries.count_waiting(position_id),
    )


# --- a guest's own page -------------------------------------------------------------------------------------------


@blueprint.get(GUEST)
@public
def show_signup(token: str) -> Response:
    """What became of a guest's sign-up, with the pass; nothing else of this or any other person."""
    signup = queries.get_for_guest(token)
    page = render_template(
        "signups/show_signup.html",
        signup=signup,
        token=token,
        place=queries.waitlist_place(signup),
        can_cancel=can_cancel(signup),
    )
    return unstored(make_response(page))


@blueprint.route(GUEST + "/cancel", methods=["GET", "POST"])
@limiter.limit(public_writes, methods=["POST"])
@public
def cancel_as_guest(token: str) -> Any:
    """Say what will happen, then do it."""
    signup, form = queries.get_for_guest(token), CancelForm()
    if not can_cancel(signup):
        return redirect(url_for("signups.show_signup", token=token))
    if form.validate_on_submit():
        signup_id = signup.id
        with transaction():
            service.cancel_signup(signup_id, by=None)
        return redirect(url_for("signups.show_signup", token=token))
    page = render_template(
        "signups/cancel.html",
        signup=signup,
        form=form,
        is_own=True,
        action=url_for("signups.cancel_as_guest", token=token),
        back=url_for("signups.show_signup", token=token),
    )
    return unstored(make_response(page))


def can_cancel(signup: Signup) -> bool:
    """Whether to offer it: a living sign-up of a session that has not begun."""
    return signup.is_living and clock.now() < signup.position.session.starts_at


# --- the pass as a picture ----------------------------------------------------------------------------------------

blueprint.add_app_template_global(queries.pass_code)


@blueprint.get("/signups/<string(length=36):code>/qr.svg")
@public
def qr_svg(code: str) -> Response:
    """A pass as a drawing. Whoever asks has its code already, so nothing is given away."""
    return unstored(Response(qr.svg(_pass_address(code)), content_type="image/svg+xml"))


@blueprint.get("/signups/<string(length=36):code>/qr.png")
@public
def qr_png(code: str) -> Response:
    """A pass as a picture to keep in the telephone."""
    return unstored(Response(qr.png(_pass_address(code)), content_type="image/png"))


def _pass_address(code: str) -> str:
    """What the QR says; raises NotFound for a code that this installation did not write."""
    if queries.read_pass(code) is None:
        raise NotFound
    return f"{base_url()}/p/{code}"


def unstored(response: Response) -> Response:
    """Keep a pass out of every cache, also the browser's own: telephones and office machines are lent."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
