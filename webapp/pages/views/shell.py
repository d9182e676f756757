"""The navigation of the staff's side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.core.auth import access_of, allowed, current_permissions, may_enter
from webapp.core.http import safe_next
from webapp.core.working import Own, own_organisations, work_for, working_for
from webapp.pages.domain.shell import DAILY, STAFF, Section, is_named, is_place, section_of, sections_for
from webapp.pages.views import blueprint


@dataclass(frozen=True)
class Shell:
    """What the navigation shows to whoever is signed in."""

    sections: list[Section]
    current: str  # key of the section the page belongs to
    is_place: bool = False  # the page is one of the navigation: nothing stands above it
    own: Sequence[Own] = ()  # organisations they belong to
    chosen: str | None = None  # the one they work for just now; None: all of them
    daily: tuple[str, ...] = DAILY  # keys of those at the foot of a phone

    @property
    def unit(self) -> str:
        """The name of the organisation chosen, or of the only one; empty where it is all of several."""
        return next((one.name for one in self.own if len(self.own) == 1 or one.id == self.chosen), "")


@blueprint.app_context_processor
def shell() -> dict[str, Any]:
    """`shell` for every page of the staff's side; None on others, and for who does not work here."""
    endpoint = request.endpoint or ""
    inside = endpoint in current_app.view_functions and (
        access_of(endpoint) == "allowed" or is_named(endpoint)
    )
    if not inside or not current_permissions():
        return {"shell": None}
    sections = sections_for(current_permissions(), may_enter)
    return {
        "shell": Shell(sections, section_of(endpoint), is_place(endpoint), own_organisations(), working_for())
    }


@blueprint.post("/manage/working-for")
@allowed(*STAFF)
def choose_organisation() -> Response:
    """From now on this browser lists what one of their organisations has to do with, or all of them."""
    work_for(request.form.get("organisation", ""))
    return redirect(safe_next(request.form.get("next"), url_for("pages.manage_home")), 303)
