"""For everyone: what is near this week, privacy, help, how to see the pages and in which language."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.core import clock, i18n, looking, templating
from webapp.core.auth import public
from webapp.core.config import current_settings
from webapp.core.http import safe_next
from webapp.events.domain import TITLE_LIMIT
from webapp.events.queries import EventFilter, EventItem, list_public
from webapp.organisations.domain import OrganisationKind
from webapp.organisations.queries import list_organisations
from webapp.pages.service import retention
from webapp.pages.views import blueprint
from webapp.venues.models import District
from webapp.venues.queries import list_districts

WEEK = timedelta(days=6)  # today and the six days after it
SHOWN = 40
LATER = 5
YEAR = 31_536_000  # seconds


def _keep(response: Response, name: str, value: str) -> Response:
    """Remember a choice on this device for a year; it says nothing of who someone is."""
    response.set_cookie(
        name, value, max_age=YEAR, secure=current_settings().https, httponly=True, samesite="Lax"
    )
    return response


@blueprint.get("/")
@public
def home() -> Response:
    """What is on near me this week; the district chosen once stays chosen on this device."""
    words = " ".join(request.args.get("q", "").split())[:TITLE_LIMIT]
    districts = list_districts()
    known = {one.code for one in districts}
    asked = request.args.get("district")
    district = request.cookies.get("district", "") if asked is None else asked
    district = district if district in known else ""
    if words:
        response: Response = redirect(url_for("events.list_events", q=words, district=district or None))
    else:
        response = make_response(_this_week(district, districts))
    return response if asked is None else _keep(response, "district", district)


def _this_week(district: str, districts: Sequence[District]) -> str:
    today = clock.today()
    wanted = EventFilter(from_=today, to=today + WEEK, district=district, coming_only=True)
    week = list_public(wanted, limit=SHOWN)
    later = () if week.items else _later(today, district)
    elsewhere = _later(today, "", weeks=0) if district and not (week.items or later) else ()
    return render_template(
        "pages/home.html",
        days=_by_day(week.items or later or elsewhere, today),
        is_elsewhere=bool(elsewhere),
        is_later=bool(later),
        more=week.next is not None,
        districts=districts,
        district=district,
        today=today,
    )


def _later(today: date, district: str, weeks: int = 1) -> Sequence[EventItem]:
    wanted = EventFilter(from_=today + weeks * WEEK, district=district, coming_only=True)
    return list_public(wanted, limit=LATER).items


def _by_day(items: Sequence[EventItem], today: date) -> list[tuple[date, list[EventItem]]]:
    """What began earlier and still runs is on today."""

    def day(item: EventItem) -> date:
        return max(today, clock.local_date(item.session.starts_at))

    return [(on, list(group)) for on, group in groupby(sorted(items, key=day), key=day)]


def _back() -> Response:
    if looking.only_looks():  # the page was the answer to a form: it is sent once more, and not acted upon
        return looking.look_again(safe_next(request.form.get(looking.FIELD), url_for("pages.home")))
    return redirect(safe_next(request.form.get("next"), url_for("pages.home")), 303)


@blueprint.post("/view")
@public
def set_view() -> Response:
    """Choose 标准版, 长辈版 or 高对比度, and go back to where one was, or to the form as it was filled in."""
    chosen = request.form.get("to_view") or request.form.get("view", "")
    if chosen not in templating.VIEW_MODES:
        abort(400)
    return _keep(_back(), "view", chosen)


@blueprint.post("/language")
@public
def set_language() -> Response:
    """Choose the language, and go back to where one was."""
    chosen = request.form.get("to_language") or request.form.get("language", "")
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
        keep_guest_days=retention.KEEP_GUESTS.get(),
        keep_message_days=retention.KEEP_MESSAGES.get(),
    )


@blueprint.get("/help")
@public
def help() -> str:  # noqa: A001  (the page's name)
    """How to do what, for each kind of people."""
    return render_template("pages/help.html", offices=list_organisations(OrganisationKind.OFFICE))
