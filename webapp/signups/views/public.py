"""For everyone: a guest's own page with pass and cancel behind a signed link, and the pass as a picture."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, url_for

from webapp.core import clock, qr
from webapp.core.auth import public
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, NotFound
from webapp.core.http import base_url
from webapp.core.idempotency import Attempt, claim, store_answer
from webapp.core.just_done import can_undo
from webapp.core.security import limiter
from webapp.signups import queries, service
from webapp.signups.domain import Leave
from webapp.signups.forms import CancelForm, OnceForm
from webapp.signups.models import Signup
from webapp.signups.queries.answers import is_asked
from webapp.signups.queries.companions import companions_of, living_companions_of
from webapp.signups.queries.offers import last_cancel, leave_of
from webapp.signups.service.companions import cancel_together
from webapp.signups.views import blueprint

# An id has 18 characters; a signed link is much longer. So both may stand at the same place of an address.
GUEST = "/signups/<string(minlength=40):token>"


def public_writes() -> str:
    """How often one address may write: a hall of 500 behind one address yes, a flood no."""
    return current_settings().limit_public_write


def once(form: OnceForm, caller: str, make: Callable[[], str]) -> str:
    """Do `make` in a transaction and return the sign-up's id; the same form sent again gets the first one's.

    Only whoever has the page the nonce came with is recognised: to anyone else who gives the same name and
    telephone nothing is shown of a sign-up made before.
    """
    given = [f"{field.name}={field.data!r}" for field in form if field.name != "csrf_token"]
    digest = hashlib.sha256("\n".join(given).encode()).hexdigest()
    attempt = Attempt(caller, digest, digest)
    with transaction():
        if (before := claim(attempt)) is not None:
            return str(before[1])
        made = make()
        store_answer(attempt, 201, made)
        return made


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
@can_undo(N_("取消了“%(title)s”的报名"), queries.get_for_guest, says=queries.title_of)
@decides(queries.get_for_guest)
def cancel_as_guest(token: str) -> Any:
    """Say what will happen, then do it."""
    signup, form = queries.get_for_guest(token), CancelForm()
    if not can_cancel(signup):
        return redirect(url_for("signups.show_signup", token=token))
    if form.validate_on_submit():
        signup_id = signup.id
        with transaction():
            if form.takes_all:
                cancel_together(signup_id)
            else:
                service.cancel_signup(signup_id, by=None)
        return redirect(url_for("signups.show_signup", token=token))
    page = render_template(
        "signups/cancel.html",
        signup=signup,
        form=form,
        is_own=True,
        along=living_companions_of(signup),
        action=url_for("signups.cancel_as_guest", token=token),
        back=url_for("signups.show_signup", token=token),
    )
    return unstored(make_response(page))


def can_cancel(signup: Signup) -> bool:
    """Whether to offer it to its holder."""
    return leave_of(signup) == Leave.MAY


# --- the pass as a picture ----------------------------------------------------------------------------------------

blueprint.add_app_template_global(queries.pass_code)
blueprint.add_app_template_global(queries.guest_token)
blueprint.add_app_template_global(companions_of)
blueprint.add_app_template_global(leave_of)
blueprint.add_app_template_global(last_cancel)
blueprint.add_app_template_global(queries.waitlist_place, "place_of")
blueprint.add_app_template_global(is_asked)


@blueprint.app_template_global()
def can_again(signup: Signup) -> bool:
    """Whether who cancelled could sign up anew."""
    return queries.is_open(signup.position, clock.now())


@blueprint.get("/signups/<string(minlength=64):code>/qr.svg")
@public
def qr_svg(code: str) -> Response:
    """A pass as a drawing. Whoever asks has its code already, so nothing is given away."""
    return unstored(Response(qr.svg(_pass_address(code)), content_type="image/svg+xml"))


@blueprint.get("/signups/<string(minlength=64):code>/qr.png")
@public
def qr_png(code: str) -> Response:
    """A pass as a picture to keep in the telephone."""
    return unstored(Response(qr.png(_pass_address(code)), content_type="image/png"))


def _pass_address(code: str) -> str:
    """What the QR says; raises NotFound for a code that this installation did not write."""
    if queries.read_pass(code) is None:
        raise NotFound
    return queries.pass_address(base_url(), code)


def unstored(response: Response) -> Response:
    """Keep a pass out of every cache, also the browser's own: telephones and office machines are lent."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
