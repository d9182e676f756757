"""The way back to a pass without an account: this phone remembers, or telephone and short code, or whom to call."""

from typing import Any

from flask import Response, after_this_request, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import clock, tokens
from webapp.core.auth import current_person, public
from webapp.core.config import current_settings
from webapp.core.errors import Expired, NotFound
from webapp.core.security import code_guesses, count, is_left, limiter
from webapp.events.models import Event
from webapp.events.queries import get_public_event
from webapp.signups import queries
from webapp.signups.forms.passes import FindForm
from webapp.signups.models import Signup
from webapp.signups.queries import remembered
from webapp.signups.views import blueprint

COOKIE = "kepu_signups"  # also what it is signed for
LIFE = 180 * 24 * 3600  # seconds after the last sign-up on this phone; the privacy page says so
MANY = 20  # of the newest
WRONG_TRIES = "10 per hour"  # for one telephone


# --- what this phone signed up ------------------------------------------------------------------------------------


def _kept() -> list[str]:
    try:
        value = tokens.unsign(COOKIE, request.cookies.get(COOKIE, ""), max_age=LIFE)
    except (NotFound, Expired):
        return []
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def remember(key: str) -> None:
    """With the answer to this request, let the phone find a guest's sign-up (or course) again; `key` is its id."""
    value = tokens.sign(COOKIE, [key, *(one for one in _kept() if one != key)][:MANY])

    @after_this_request
    def keep(response: AnyResponse) -> AnyResponse:
        secure = current_settings().https
        response.set_cookie(COOKIE, value, max_age=LIFE, secure=secure, httponly=True, samesite="Lax")
        return response


@blueprint.app_template_global()
def own_signups(event_id: str | None = None) -> list[tuple[Signup, str]]:
    """What whoever looks at the page has signed up for, and the address of each pass."""
    now, person = clock.now(), current_person()
    if person is not None and event_id is not None:
        found = remembered.standing_of(person.id, now=now, event_id=event_id)
        return [(one, url_for("pages.show_pass", signup_id=one.id)) for one in found]
    kept = remembered.standing(_kept(), now=now, event_id=event_id)
    return [(one, url_for("signups.show_signup", token=queries.guest_token(one.id))) for one in kept]


# --- by telephone and short code ----------------------------------------------------------------------------------


@blueprint.route("/signups/find", methods=["GET", "POST"])
@limiter.limit(code_guesses, methods=["POST"])
@public
def find_signup() -> Any:
    """To the page of the sign-up; who has no short code is told whom to call. `event` in the address says whose."""
    form, status = FindForm(), 200
    event_id = request.args.get("event", "")
    event = get_public_event(event_id) if event_id else None
    if form.validate_on_submit():
        found, why = _find(form)
        if found is not None:
            return redirect(url_for("signups.show_signup", token=queries.guest_token(found.id)))
        form.form_errors = [why]
    if form.is_submitted():
        status = 422
    return _page(form, event, status)


def _find(form: FindForm) -> tuple[Signup | None, str]:
    phone = form.phone.normal or ""
    whose = ("find", tokens.fingerprint(phone))
    if not is_left(WRONG_TRIES, *whose):
        return None, _("这个手机号试的次数太多，请过一小时再试，或打电话给主办方。")
    found = remembered.find_by_phone_and_code(phone, form.code.data or "")
    if found is None:
        count(WRONG_TRIES, *whose)
    return found, _("没有找到：手机号和编号要和报名时的一样。编号是凭证上的六位字母和数字。")


def _page(form: FindForm, event: Event | None, status: int) -> Response:
    response = make_response(render_template("signups/find_signup.html", form=form, event=event), status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- a phone that is lent -----------------------------------------------------------------------------------------


@blueprint.post("/signups/forget")
@limiter.limit(code_guesses)
@public
def forget_signups() -> Any:
    """This phone no longer knows what was signed up on it; the sign-ups stand."""
    response = make_response(redirect(url_for("signups.find_signup"), 303))
    response.delete_cookie(COOKIE, secure=current_settings().https, httponly=True, samesite="Lax")
    return response
