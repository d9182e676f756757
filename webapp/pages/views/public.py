"""For everyone: privacy, help, how to see the pages and in which language."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.core import i18n, templating
from webapp.core.auth import public
from webapp.core.config import current_settings
from webapp.core.http import safe_next
from webapp.organisations.domain import OrganisationKind
from webapp.organisations.queries import list_organisations
from webapp.pages.views import blueprint

YEAR = 31_536_000  # seconds


def _keep(response: AnyResponse, name: str, value: str) -> AnyResponse:
    """Remember a choice on this device for a year; it says nothing of who someone is."""
    response.set_cookie(
        name, value, max_age=YEAR, secure=current_settings().https, httponly=True, samesite="Lax"
    )
    return response


def _back() -> AnyResponse:
    return redirect(safe_next(request.form.get("next"), url_for("pages.home")), 303)


@blueprint.post("/view")
@public
def set_view() -> AnyResponse:
    """Choose 标准版, 长辈版 or 高对比度, and go back to where one was."""
    chosen = request.form.get("view", "")
    if chosen not in templating.VIEW_MODES:
        abort(400)
    return _keep(_back(), "view", chosen)


@blueprint.post("/language")
@public
def set_language() -> AnyResponse:
    """Choose the language, and go back to where one was."""
    chosen = request.form.get("language", "")
    if chosen not in i18n.LANGUAGES:
        abort(400)
    return _keep(_back(), "lang", chosen)


@blueprint.get("/privacy")
@public
def privacy() -> str:
    """What is done with personal data, and what everyone may ask for (PIPL art. 17)."""
    return render_template(
        "pages/privacy.html",
        offices=list_organisations(OrganisationKind.OFFICE),
        version=current_settings().policy_version,
        sends_mail=bool(current_settings().mail_url),
    )


@blueprint.get("/help")
@public
def help() -> str:  # noqa: A001  (the page's name)
    """How to do what, for each kind of people."""
    return render_template("pages/help.html", offices=list_organisations(OrganisationKind.OFFICE))
