"""For staff: the day sheet of a session, searched and in pages; the numbers to call; the paper sheet to sign."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.attendance import queries as attendance
from webapp.attendance.domain import COUNT_METHOD_LABELS
from webapp.core import audit, clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.listing import Rows, Table, back_to, show
from webapp.core.listing.asked import FORMATS
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import WORKS_WITH_PEOPLE, Permission
from webapp.organisations.queries import permissions_at
from webapp.pages.views import blueprint
from webapp.pages.views.manage import MANAGERS, RUNNERS
from webapp.pages.views.sheet_table import SheetLine, acts_for, sheet_lines, sheet_table
from webapp.people.domain import mask_name
from webapp.people.queries import are_phones_shown
from webapp.people.service.phones import show_phones
from webapp.signups.queries import roster as signed_up
from webapp.signups.queries.gone import gone_from

CALLERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
LIST = "event_session"  # what kind of list its telephones are logged for
FIRST_PAGE, NEXT_PAGE = 18, 22  # lines of the paper sheet on an A4 page


@blueprint.get("/manage/sessions/<session_id>")
@allowed(*RUNNERS, Permission.GOVERN)
def session_sheet(session_id: str) -> Any:
    """The day sheet: who is expected, who came, who is missing, who was on the list and is no more."""
    held = events.get_session_for(the_person().id, session_id, *RUNNERS)
    return _file(held) if request.args.get("format") in FORMATS else sheet_page(held)


def _file(held: EventSession) -> Response:
    """What the list shows, with telephones: kept who took it, and when."""
    by = the_person().id
    events.get_session_for(by, held.id, *CALLERS)
    rows = sheet_lines(held.id, str)
    file = show(table_for(held, rows), Rows(rows)).file(_("%(title)s 名单", title=held.event.title))
    with transaction():
        audit.record("roster.reveal", LIST, held.id, by=by, kind=request.args["format"])
    return file


def table_for(held: EventSession, rows: Sequence[SheetLine]) -> Table:
    """The list as the person of this request may work with it."""
    may = _may(permissions_at(the_person().id, held.event.organisation_id))
    if not may["may_change"]:
        return sheet_table(rows, may_call=may["may_call"])
    at = url_for("pages.act_on_sheet", session_id=held.id)
    return sheet_table(rows, acts_for(held, rows), at, may_call=may["may_call"])


def sheet_page(held: EventSession, *, refused: str = "") -> str:
    """The page; `refused` says why nothing was done with those chosen."""
    person_id = the_person().id
    permissions = permissions_at(person_id, held.event.organisation_id)
    named = str if permissions & WORKS_WITH_PEOPLE else mask_name
    rows = sheet_lines(held.id, named)
    return render_template(
        "pages/session_sheet.html",
        event_session=held,
        event=held.event,
        listing=show(table_for(held, rows), Rows(rows), at="pages.session_sheet", refused=refused),
        gone=gone_from(held.id),
        named=named,
        grades=Counter(row.grade for row in rows if row.grade),
        missing=sum(row.is_missing for row in rows),
        is_over=held.ends_at <= clock.now(),  # nobody is inside any more
        counts=attendance.session_counts(held.id),
        heads=attendance.headcounts(held.id),
        methods=COUNT_METHOD_LABELS,
        tasks=events.get_event(held.event_id).tasks,
        phones_shown=bool(permissions & set(CALLERS)) and are_phones_shown(LIST, held.id, to=person_id),
        **_may(permissions),
    )


def _may(held: frozenset[str]) -> dict[str, bool]:
    """What whoever holds these permissions may do here."""
    return {
        "only_scans": not held & {*MANAGERS, Permission.GOVERN},
        "may_change": bool(held & {Permission.MANAGE_EVENTS, Permission.GOVERN}),
        "may_call": bool(held & set(CALLERS)),
        "may_scan": bool(held & WORKS_WITH_PEOPLE),
    }


@blueprint.post("/manage/sessions/<session_id>/phones")
@allowed(*CALLERS)
def show_session_phones(session_id: str) -> Any:
    """Show the numbers of everybody on this list for half an hour; kept once, not for each person."""
    by = the_person().id
    events.get_session_for(by, session_id, *CALLERS)
    with transaction():
        show_phones(LIST, session_id, by=by)
    if request.form.get("back") == "board":
        return redirect(url_for("pages.show_board", session_id=session_id), 303)
    return redirect(back_to("pages.session_sheet", session_id=session_id), 303)


@blueprint.get("/manage/sessions/<session_id>/sign-sheet")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
def sign_sheet(session_id: str) -> str:
    """The paper sheet: names written out, since people sign beside them; with empty lines for those who drop in."""
    event_session = events.get_session_for(the_person().id, session_id, Permission.MANAGE_EVENTS)
    rows = [line for line in signed_up(session_id) if line.status == "confirmed"]
    return render_template(
        "pages/sign_sheet.html",
        event_session=event_session,
        event=event_session.event,
        rows=rows,
        blanks=_blanks(len(rows)),
    )


def _blanks(names: int) -> int:
    """Empty lines, three at least, that fill the last A4 page: 18 lines on the first, 22 on each after it."""
    lines = FIRST_PAGE
    while lines < names + 3:
        lines += NEXT_PAGE
    return lines - names
