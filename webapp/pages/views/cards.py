"""For staff: passes of a session as cards on A4, ten on a page, to print, cut and hand over."""

import base64
from dataclasses import dataclass

from flask import Response, render_template, request

from webapp.core import audit, pdf, qr
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.http import base_url
from webapp.events.models import EventSession
from webapp.events.queries import get_session
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.signups import queries as signups
from webapp.signups.domain import show_short_code
from webapp.signups.models import Signup
from webapp.signups.queries.cards import passes_to_print

STAFF = (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN)
ON_A_PAGE, AT_ONCE = 10, 200  # cards; more than 200 come in parts
_IDS_LIMIT = 500


@dataclass(frozen=True)
class Card:
    """What one card shows."""

    name: str
    position: str
    code: str
    qr: str  # data URI


@dataclass(frozen=True)
class Sheets:
    """Part of a session's cards, put on pages."""

    session: EventSession
    pages: list[list[Card]]
    count: int  # in all parts
    part: int
    parts: int


@blueprint.get("/manage/sessions/<session_id>/cards")
@allowed(*STAFF)
def print_cards(session_id: str) -> str:
    """What the sheet will look like; it prints from here too."""
    return _render("pages/print_cards.html", _sheets(session_id, "cards.reveal"))


@blueprint.get("/manage/sessions/<session_id>/cards.pdf")
@allowed(*STAFF)
def cards_pdf(session_id: str) -> Response:
    """The same as PDF, in millimetres whatever the browser."""
    sheets = _sheets(session_id, "cards.print")
    answer = Response(pdf.render(_render("pages/cards_paper.html", sheets)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="cards-{session_id}-{sheets.part}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _render(template: str, sheets: Sheets) -> str:
    return render_template(template, sheets=sheets, chosen=request.args.get("signups", ""))


def _sheets(session_id: str, action: str) -> Sheets:
    """Cards of the part asked for; names stand on them in full, so who looked is noted. Raises NotFound for none."""
    by = the_person().id
    chosen = [one for one in request.args.get("signups", "").split(",") if one][:_IDS_LIMIT]
    with transaction():
        found = passes_to_print(by, get_session(session_id), signup_ids=chosen)
        if not found:
            raise NotFound
        parts = -(-len(found) // AT_ONCE)
        part = min(max(_whole(request.args.get("part", "")), 1), parts)
        shown = found[(part - 1) * AT_ONCE : part * AT_ONCE]
        ids = [one.id for one in shown]
        audit.record(action, "session", session_id, by=by, count=len(ids), signups=ids)
        cards = [_card(one) for one in shown]
    pages = [cards[first : first + ON_A_PAGE] for first in range(0, len(cards), ON_A_PAGE)]
    return Sheets(get_session(session_id), pages, len(found), part, parts)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _card(signup: Signup) -> Card:
    drawn = qr.svg(signups.pass_address(base_url(), signups.pass_code(signup)))
    return Card(
        name=signup.person.name,
        position=signup.position.name,
        code=show_short_code(signup.short_code),
        qr="data:image/svg+xml;base64," + base64.b64encode(drawn).decode(),
    )
