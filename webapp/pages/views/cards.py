"""For staff: passes of a session as cards on A4, ten on a page, to print, cut and hand over."""

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import audit, long_tasks, pdf
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.http import base_url
from webapp.events.models import EventSession
from webapp.events.queries import get_session
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.signups.models import Signup
from webapp.signups.queries.cards import CARDS, Card, pages_of_cards, passes_to_print

STAFF = (Permission.MANAGE_EVENTS, Permission.SIGN_UP_OTHERS, Permission.GOVERN)
SHOWN = 200  # cards on the page; more stand on the next ones
ON_THE_SPOT = 30  # cards whose PDF is made while one waits: a second
_IDS_LIMIT = 500


@dataclass(frozen=True)
class Sheets:
    """Part of a session's cards, put on pages."""

    session: EventSession
    pages: list[list[Card]]
    count: int  # in all parts
    part: int
    parts: int

    @property
    def take_long(self) -> bool:
        """Whether the PDF is left to the worker."""
        return self.count > ON_THE_SPOT


@blueprint.get("/manage/sessions/<session_id>/cards")
@allowed(*STAFF)
def print_cards(session_id: str) -> str:
    """What the sheet will look like; it prints from here too."""
    with transaction():
        found = _found(session_id)
        parts = -(-len(found) // SHOWN)
        part = min(max(_whole(request.args.get("part", "")), 1), parts)
        shown = found[(part - 1) * SHOWN : part * SHOWN]
        _note("cards.reveal", session_id, shown)
        pages = pages_of_cards(shown, base_url())
    sheets = Sheets(get_session(session_id), pages, len(found), part, parts)
    return render_template("pages/print_cards.html", sheets=sheets, chosen=",".join(_chosen()))


@blueprint.get("/manage/sessions/<session_id>/cards.pdf")
@allowed(*STAFF)
def cards_pdf(session_id: str) -> Any:
    """A few as PDF at once, in millimetres whatever the browser; many are asked for on their page."""
    with transaction():
        found = _found(session_id)
        if len(found) > ON_THE_SPOT:
            return redirect(
                url_for("pages.print_cards", session_id=session_id, signups=request.args.get("signups"))
            )
        _note("cards.print", session_id, found)
        pages = pages_of_cards(found, base_url())
    sheets = Sheets(get_session(session_id), pages, len(found), 1, 1)
    answer = Response(
        pdf.render(render_template("pages/cards_paper.html", sheets=sheets)), content_type="application/pdf"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="cards-{session_id}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/manage/sessions/<session_id>/cards")
@allowed(*STAFF)
def make_cards(session_id: str) -> Any:
    """Leave the PDF of hundreds to the worker, and go where it will be."""
    with transaction():
        found = _found(session_id)
        _note("cards.print", session_id, found)
        task = long_tasks.ask(
            CARDS,
            by=the_person().id,
            title=_("签到卡片：%(title)s", title=get_session(session_id).event.title),
            payload={
                "session": session_id,
                "by": the_person().id,
                "signups": _chosen(),
                "base_url": base_url(),
            },
            total=len(found),
        )
        where = url_for("pages.show_long_task", task_id=task.id)
    return redirect(where)


def _chosen() -> list[str]:
    return [one for one in request.values.get("signups", "").split(",") if one][:_IDS_LIMIT]


def _found(session_id: str) -> list[Signup]:
    """Whose cards the person may print; raises NotFound for none."""
    found = passes_to_print(the_person().id, get_session(session_id), signup_ids=_chosen())
    if not found:
        raise NotFound
    return found


def _note(action: str, session_id: str, shown: list[Signup]) -> None:
    """Names stand on cards in full, so who looked is noted."""
    ids = [one.id for one in shown]
    audit.record(action, "session", session_id, by=the_person().id, count=len(ids), signups=ids)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1
