"""/p/<code>: a pass opened as a link. A signed-in scanner checks in with it; anyone else sees the pass."""

from typing import Any

from flask import redirect, render_template, request, url_for

from webapp.attendance import queries, service
from webapp.attendance.domain import (
    SCANNERS,
    Answer,
    Direction,
    Method,
    Outcome,
    ScanRequest,
    sentence_of,
)
from webapp.attendance.forms import ScanForm
from webapp.attendance.views import blueprint
from webapp.core import security
from webapp.core.auth import allowed, current_permissions, current_person, public, the_person
from webapp.core.db import new_id, transaction
from webapp.core.errors import NotFound
from webapp.events import queries as events
from webapp.people.domain import mask_name
from webapp.signups import queries as signups
from webapp.signups.domain import PassReplaced
from webapp.signups.models import Signup

# What says that a browser fetches a page before anybody opened it: "prefetch", "prerender", "preview".
_FETCHED_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


@blueprint.get("/p/<code>")
@public
@security.limiter.limit(security.code_guesses)
def open_pass(code: str) -> Any:
    """Check in when a signed-in scanner opens it (so WeChat's own scanner works), else show the pass.

    Whoever did not open it gets a button alone: a page of another site cannot make a scanner's browser check someone
    in, nor does a browser that fetches what may be opened next.
    """
    signup = _signup(code)
    if not _may_scan(signup):
        return _show(signup, code)
    if not _is_opened():
        return _answer_page(signup, None)
    return _answer_page(signup, _scan(signup, code, Direction.IN, new_id()))


@blueprint.post("/p/<code>")
@allowed(*SCANNERS)
def scan_pass(code: str) -> Any:
    """In or out, pressed by a scanner on the pass's page."""
    signup = _signup(code)
    if not _may_scan(signup):
        raise NotFound
    form = ScanForm()
    direction = Direction.OUT if form.direction.data == Direction.OUT else Direction.IN
    answer = _scan(signup, code, direction, (form.nonce.data or new_id())[:80])
    return _answer_page(signup, answer)


def _is_opened() -> bool:
    """Whether somebody opens this page now. Old browsers say nothing of it and are believed."""
    asked = request.headers
    if request.method != "GET" or any("pre" in asked.get(name, "") for name in _FETCHED_AHEAD):
        return False
    is_ours = asked.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    return is_ours and asked.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _signup(code: str) -> Signup:
    read = signups.read_code(code)
    if read.signup_id is None:
        raise NotFound
    return signups.get_with_session(read.signup_id)


def _may_scan(signup: Signup) -> bool:
    person = current_person()
    if person is None or not current_permissions() & frozenset(SCANNERS):
        return False
    return events.may_access_session(person.id, signup.session_id, *SCANNERS)


def _scan(signup: Signup, code: str, direction: Direction, nonce: str) -> Answer:
    person = the_person()
    with transaction():
        return service.check_in(
            ScanRequest(
                session_id=signup.session_id,
                direction=direction,
                nonce=nonce,
                device=f"{person.id}:link",
                by=person.id,
                method=Method.LINK,
                code=code,
            )
        )


def _answer_page(signup: Signup, answer: Answer | None) -> Any:
    signup = signups.get_with_session(signup.id)
    outcome = Outcome(answer.body["outcome"]) if answer else None
    page = render_template(
        "attendance/open_pass.html",
        signup=signup,
        answer=answer.body if answer else None,
        outcome=outcome,
        sentence=sentence_of(answer.body) if answer else None,
        display_name=signup.person.name,
        counts=queries.session_counts(signup.session_id),
        form=ScanForm(nonce=new_id()),
    )
    return page, 200


def _show(signup: Signup, code: str) -> Any:
    """The pass as it is now, to whoever has it; an old one must not lead to the one that replaced it."""
    if signups.read_pass(code) != (signup.id, signup.pass_serial):
        raise PassReplaced
    return render_template(
        "attendance/show_pass.html", signup=signup, display_name=mask_name(signup.person.name)
    )


@blueprint.get("/p/")
@public
def pass_without_code() -> Any:
    """Someone cut the code off."""
    return redirect(url_for("pages.help"))
