"""The first day of a unit, on 今天 and in lists that are still empty."""

from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.attendance.queries.beginning import beginnings
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.config import current_settings
from webapp.core.errors import NotFound
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import own_units
from webapp.pages.domain.first_day import Step, steps
from webapp.pages.views import blueprint
from webapp.pages.views.public import YEAR

COOKIE = "first_day"  # ids of the units for which it was put away, on this device
AWAY_KEPT = 20


@dataclass(frozen=True)
class FirstDay:
    """The steps of one unit; `is_one_of` says whether the person works for others, too."""

    organisation_id: str
    name: str
    steps: tuple[Step, ...]
    is_one_of: bool

    @property
    def next(self) -> Step:
        """The first that is not done."""
        return next(one for one in self.steps if not one.is_done)

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(one.is_done for one in self.steps)


@blueprint.app_context_processor
def first_day() -> dict[str, Any]:
    """`first_day()` for pages: of the first unit by name that is not through it and did not put it away, or None."""
    return {"first_day": _first_day}


def _first_day() -> FirstDay | None:
    if "first_day" not in g:
        g.first_day = _found() if Permission.MANAGE_EVENTS in current_permissions() else None
    found: FirstDay | None = g.first_day
    return found


def _found() -> FirstDay | None:
    person_id, away = the_person().id, _put_away()
    units = [one.id for one in own_units(person_id)]
    asked = [one for one in units if one not in away and working_for() in {None, one}]
    for one in beginnings(asked, person_id=person_id) if asked else ():
        its = steps(one)
        if not all(step.is_done for step in its):
            return FirstDay(one.organisation_id, one.name, its, len(units) > 1)
    return None


def _put_away() -> list[str]:
    return request.cookies.get(COOKIE, "").split(".")[:AWAY_KEPT]


@blueprint.post("/manage/first-day/<organisation_id>/away")
@allowed(Permission.MANAGE_EVENTS)
def put_first_day_away(organisation_id: str) -> Response:
    """Show the steps of this unit no more on this device."""
    if organisation_id not in [one.id for one in own_units(the_person().id)]:
        raise NotFound
    kept = [one for one in dict.fromkeys([organisation_id, *_put_away()]) if one]
    answer = redirect(url_for("pages.manage_home"))
    answer.set_cookie(
        COOKIE,
        ".".join(kept[:AWAY_KEPT]),
        max_age=YEAR,
        secure=current_settings().https,
        httponly=True,
        samesite="Lax",
    )
    return answer
