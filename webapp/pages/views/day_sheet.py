"""For staff: the day sheet of a session, searched and in pages; the numbers to call; the paper sheet to sign."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for

from webapp.attendance import queries as attendance
from webapp.attendance.domain import COUNT_METHOD_LABELS, Grade
from webapp.attendance.queries import RosterRow
from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.events import queries as events
from webapp.organisations.domain import WORKS_WITH_PEOPLE, Permission
from webapp.organisations.queries import permissions_at
from webapp.pages.views import blueprint
from webapp.pages.views.manage import MANAGERS, RUNNERS
from webapp.people.domain import mask_name
from webapp.people.queries import are_phones_shown
from webapp.people.service.phones import show_phones
from webapp.signups.domain import LIVING, SignupStatus
from webapp.signups.queries import RosterLine
from webapp.signups.queries import roster as signed_up
from webapp.signups.queries.finding import SOUGHT_LIMIT, Sought
from webapp.signups.queries.gone import gone_from

CALLERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
LIST = "event_session"  # what kind of list its telephones are logged for
NAMES_SHOWN = 100  # on one page
FIRST_PAGE, NEXT_PAGE = 18, 22  # lines of the paper sheet on an A4 page


@dataclass(frozen=True)
class SheetLine:
    """One sign-up on the day sheet."""

    line: RosterLine
    at_door: RosterRow | None
    name: str  # as whoever looks may see it
    with_name: str = ""  # the same of whom they came along with

    @property
    def in_at(self) -> datetime | None:
        """When they came."""
        return self.at_door.in_at if self.at_door else None

    @property
    def grade(self) -> str | None:
        """How it is known that they came: `named` or `roster`; None where they did not."""
        if self.at_door is None or self.at_door.in_at is None:
            return None
        return "roster" if self.at_door.grade == Grade.ROSTER else "named"

    @property
    def is_missing(self) -> bool:
        """Whether they have a place and did not come."""
        return self.line.status == SignupStatus.CONFIRMED and self.in_at is None

    @property
    def out_at(self) -> datetime | None:
        """When they left."""
        return self.at_door.out_at if self.at_door else None


@blueprint.get("/manage/sessions/<session_id>")
@allowed(*RUNNERS, Permission.GOVERN)
def session_sheet(session_id: str) -> str:
    """The day sheet: who is expected, who came, who is missing, who was on the list and is no more."""
    person_id = the_person().id
    event_session = events.get_session_for(person_id, session_id, *RUNNERS)
    held = permissions_at(person_id, event_session.event.organisation_id)
    named = str if held & WORKS_WITH_PEOPLE else mask_name
    rows = sheet_lines(session_id, named)
    return render_template(
        "pages/session_sheet.html",
        event_session=event_session,
        event=event_session.event,
        **_found(rows),
        rows=rows,
        gone=gone_from(session_id),
        named=named,
        grades=Counter(row.grade for row in rows if row.grade),
        missing=sum(row.is_missing for row in rows),
        is_over=event_session.ends_at <= clock.now(),  # nobody is inside any more
        counts=attendance.session_counts(session_id),
        heads=attendance.headcounts(session_id),
        methods=COUNT_METHOD_LABELS,
        tasks=events.get_event(event_session.event_id).tasks,
        phones_shown=bool(held & set(CALLERS)) and are_phones_shown(LIST, session_id, to=person_id),
        **_may(held),
    )


def _may(held: frozenset[str]) -> dict[str, bool]:
    """What whoever holds these permissions may do here."""
    manages = bool(held & {Permission.MANAGE_EVENTS, Permission.GOVERN})
    return {
        "only_scans": not held & {*MANAGERS, Permission.GOVERN},
        "may_change": manages,
        "may_call": bool(held & set(CALLERS)),
        "may_sign_up": manages or Permission.SIGN_UP_OTHERS in held,
        "may_scan": bool(held & WORKS_WITH_PEOPLE),
    }


def sheet_lines(session_id: str, named: Callable[[str], str]) -> list[SheetLine]:
    """Everybody on the list with what is known of them at the door; `named` says how their reader sees a name."""
    at_door = {row.signup: row for row in attendance.roster(session_id)}
    came = [one for one, row in at_door.items() if row.in_at and row.status not in LIVING]  # let in, and came
    lines = signed_up(session_id, also=came)
    return [
        SheetLine(
            line,
            at_door.get(line.signup_id),
            named(line.name),
            named(line.along_with) if line.along_with else "",
        )
        for line in lines
    ]


def _found(rows: list[SheetLine]) -> dict[str, Any]:
    """The lines of the page asked for. Whoever sees masked names looks for the short code alone."""
    sought = Sought(request.args.get("q", ""))
    found = [
        row
        for row in rows
        if sought.finds(
            name=row.name,
            phone=row.line.phone if row.name == row.line.name else None,
            short_code=row.line.short_code,
        )
    ]
    last = max(1, -(-len(found) // NAMES_SHOWN))
    number = min(max(1, request.args.get("page", 1, int)), last)
    return {
        "shown": found[(number - 1) * NAMES_SHOWN : number * NAMES_SHOWN],
        "found": len(found),
        "q": sought.text,
        "number": number,
        "last": last,
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
    q, page = (request.form.get(name, "")[:SOUGHT_LIMIT] or None for name in ("q", "page"))
    return redirect(url_for("pages.session_sheet", session_id=session_id, q=q, page=page), 303)


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
