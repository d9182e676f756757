"""The mail of a day's 待办: chosen in one's account, confirmed and ended by links that need no sign-in."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import i18n
from webapp.core.auth import allowed, current_permissions, public, signed_in, the_person
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import flash_refusal
from webapp.core.security import csrf, limiter
from webapp.pages.domain.shell import STAFF
from webapp.pages.domain.todo_mail import WHY_NOT, Chosen, Standing
from webapp.pages.forms.todo_mail import TodoMailForm
from webapp.pages.queries.todo_mail import can_be_sent, send_hour, wanted_by
from webapp.pages.service import todo_mail
from webapp.pages.views import blueprint

SAID = {
    Chosen.ON: N_("记下了，从下一个工作日早上起照这样发。"),
    Chosen.ASKED: N_("确认信发出去了，打开信里的链接按一下。"),
    Chosen.WAITS: N_("这一小时已经发过确认信，先看看收件箱和垃圾邮件。"),
}
BY_LINK = "<string(minlength=40):token>"


def _write_limit() -> str:
    return current_settings().limit_public_write


def _page(template: str, token: str, do: Callable[[], None]) -> Response:
    """The page of a link, before and after its button; the answer to a POST is no redirect (RFC 8058 3.1)."""
    is_done = request.method == "POST"
    if is_done:
        with transaction():
            do()
    made = make_response(render_template(template, token=token, is_done=is_done, hour=send_hour()))
    made.headers["Cache-Control"] = "private, no-store"
    return made


def _own_part() -> Response:
    return redirect(url_for("people.account", _anchor="todo-mail"), 303)


@blueprint.app_template_global("my_todo_mail")
def my_todo_mail() -> dict[str, Any] | None:
    """What the page of one's account says of it; None for who has no 待办."""
    if not current_permissions():
        return None
    found = wanted_by(the_person().id)
    language = found.language if found.standing != Standing.OFF else i18n.language()
    form = TodoMailForm(formdata=None, data={"language": language})
    return {"found": found, "why_not": WHY_NOT.get(found.standing, ""), "form": form}


def hour_offered() -> int | None:
    """At what hour it leaves, for the page of 待办 to offer it; None to who cannot get it, or has chosen."""
    is_offered = can_be_sent() and wanted_by(the_person().id).standing == Standing.OFF
    return send_hour() if is_offered else None


@blueprint.post("/me/account/todo-mail")
@limiter.limit(_write_limit)
@allowed(*STAFF)
def choose_todo_mail() -> Response:
    """From the next working day on; where the mailbox was never asked, it is asked first."""
    form = TodoMailForm()
    language = form.language.data if form.validate() else i18n.language()
    try:
        with transaction():
            chosen = todo_mail.choose(the_person().id, language)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_(SAID[chosen]), "success")
    return _own_part()


@blueprint.post("/me/account/todo-mail/stop")
@signed_in
def stop_todo_mail() -> Response:
    """No more of them."""
    with transaction():
        todo_mail.end(the_person().id, way="account")
    flash(_("不再发每天的待办邮件。"), "success")
    return _own_part()


@blueprint.route(f"/todo-mail/confirm/{BY_LINK}", methods=["GET", "POST"])
@limiter.limit(_write_limit, methods=["POST"])
@public
def confirm_todo_mail(token: str) -> Response:
    """The link sent to the mailbox: reading it changes nothing, its button does."""
    todo_mail.asked_by(token)
    return _page("pages/confirm_todo_mail.html", token, lambda: todo_mail.confirm(token))


@blueprint.route(f"/todo-mail/end/{BY_LINK}", methods=["GET", "POST"])
@csrf.exempt  # pressed by mail programs, which have been on no page of ours (RFC 8058)
@limiter.limit(_write_limit, methods=["POST"])
@public
def end_todo_mail(token: str) -> Response:
    """The link that stands in each mail: reading it changes nothing, its button or the mail program's does."""
    person_id = todo_mail.whose_end(token)
    return _page("pages/end_todo_mail.html", token, lambda: todo_mail.end(person_id, way="link"))
