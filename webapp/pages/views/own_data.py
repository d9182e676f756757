"""For someone signed in: what is kept of them, to take away, to correct, to have erased."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import logout_user
from werkzeug.exceptions import Unauthorized

from webapp.core import clock, leaving
from webapp.core.auth import signed_in, the_person
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.errors import Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.security import limiter
from webapp.core.sheets import XLSX
from webapp.pages.forms import CloseForm, CorrectForm
from webapp.pages.service import own_data
from webapp.pages.views import blueprint
from webapp.people import service as people
from webapp.people.models import Account
from webapp.people.queries import account_of


def _tries() -> str:
    return current_settings().limit_sign_in


def _own_account() -> Account:
    found = account_of(the_person().id)
    if found is None:
        raise Unauthorized
    return found


def _check_password(password: str) -> None:
    """Count, check, settle: whoever found an open phone may not try passwords without end."""
    mine, address = _own_account().id, request.remote_addr or ""
    with transaction():
        people.count_attempt(mine, address=address)
    people.require_password(mine, password)
    with transaction():
        people.settle_sign_in(mine, mine, address=address)


@blueprint.get("/me/data")
@signed_in
def show_data() -> str:
    """What is kept, by kind and number, and what one can do about it."""
    sections = own_data.gather(the_person().id)
    return render_template("pages/show_data.html", account=_own_account(), sections=sections)


@blueprint.get("/me/data.json")
@signed_in
def data_json() -> Response:
    """The whole as a file for programs."""
    body = own_data.as_json(own_data.gather(the_person().id))
    return _file(body.encode(), "application/json; charset=utf-8", "json")


@blueprint.get("/me/data.xlsx")
@signed_in
def data_sheet() -> Response:
    """The whole as a workbook for people."""
    return _file(own_data.as_sheet(own_data.gather(the_person().id)), XLSX, "xlsx")


def _file(body: bytes, kind: str, ending: str) -> Response:
    answer = Response(body, content_type=kind)
    name = f"kepuxing-{clock.today():%Y%m%d}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.route("/me/data/correct", methods=["GET", "POST"])
@limiter.limit(_tries, methods=["POST"])
@signed_in
def correct_data() -> Any:
    """Another name, telephone or e-mail."""
    mine = _own_account()
    form, status = CorrectForm(data={"name": mine.person.name, "phone": mine.phone, "email": mine.email}), 200
    if form.validate_on_submit():
        try:
            _correct(form)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已经改好。已开具的证明上仍是开具时的姓名。"), "success")
            return redirect(url_for("pages.show_data"))
    elif form.is_submitted():
        status = 422
    return render_template("pages/correct_data.html", form=form), status


def _correct(form: CorrectForm) -> None:
    _check_password(form.password.data or "")
    mine = _own_account().id
    with transaction():
        people.correct_details(
            mine, name=form.name.data or "", phone=form.phone.normal, email=form.email.data or None
        )


@blueprint.route("/me/data/close", methods=["GET", "POST"])
@limiter.limit(_tries, methods=["POST"])
@signed_in
def close_account() -> Any:
    """Say what goes and what the law has us keep, then do it."""
    form, status = CloseForm(), 200
    if form.validate_on_submit():
        try:
            _check_password(form.password.data or "")
            mine = _own_account().id
            with transaction():
                people.close_account(mine, leaving.chosen(request.form))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            logout_user()
            session.clear()
            flash(_("账号已经注销。谢谢您的参与。"), "success")
            return redirect(url_for("pages.home"))
    elif form.is_submitted():
        status = 422
    found = leaving.hanging(people.closing_of(the_person().id))
    return render_template("pages/close_account.html", form=form, hanging=found), status
