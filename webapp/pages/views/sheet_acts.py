"""For staff: what is done with the people chosen on a session's list."""

from typing import Any

from flask import redirect, request
from flask_babel import gettext as _

from webapp.attendance.domain import sentence_for
from webapp.attendance.domain.doors import LeftBeforeComing, NotTaken, Ticks
from webapp.attendance.service.ticks import tick
from webapp.core.auth import allowed, the_person
from webapp.core.db import new_id, transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import Outcome, Rows, back_to, chosen_rows, seen_otherwise
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.pages.views.day_sheet import sheet_page, table_for
from webapp.pages.views.people_acts import AT_ONCE, asked_act, say_done, settle
from webapp.pages.views.sheet_table import SheetLine, sheet_lines


@blueprint.post("/manage/sessions/<session_id>/chosen")
@allowed(Permission.MANAGE_EVENTS, Permission.GOVERN)
@can_undo(
    N_("处理了名单上选的人"),
    EventSession,
    when=lambda: request.form.get("act") != "came",  # an arrival is taken back on its own, with a reason
)
def act_on_sheet(session_id: str) -> Any:
    """Answer, let in, or take off the list; those of whom nothing comes are named, and the others go on."""
    held = events.get_session_for(the_person().id, session_id, Permission.MANAGE_EVENTS)
    act, rows = asked_act("approve", "decline", "came", "take_off"), sheet_lines(session_id, str)
    try:
        with transaction():
            ids = chosen_rows(table_for(held, rows), Rows(rows), most=AT_ONCE)
            outcomes = _act(act, session_id, {one.id: one for one in rows if one.id in set(ids)})
    except Refusal as refusal:
        return sheet_page(held, refused=sentence_of(refusal)), status_of(refusal)
    say_done(act, outcomes)
    return redirect(back_to("pages.session_sheet", session_id=session_id), 303)


def _act(act: str, session_id: str, chosen: dict[str, SheetLine]) -> list[Outcome]:
    by = the_person().id
    otherwise = seen_otherwise(chosen, by=by)
    left = [Outcome(chosen[one].name, sentence) for one, sentence in otherwise.items()]
    going = {one: line for one, line in chosen.items() if one not in otherwise}
    if act == "came":
        return [*_let_in(session_id, going, by), *left]
    return [*settle(act, {one: line.name for one, line in going.items()}, by=by), *left]


def _let_in(session_id: str, going: dict[str, SheetLine], by: str) -> list[Outcome]:
    """Tick their names as the page of ticks does; who is there already is no second arrival."""
    there = [one for one in going.values() if one.in_at]
    said = [Outcome(one.name, _("已经签到")) for one in there]
    coming = [one for one, line in going.items() if not line.in_at]
    if not coming:
        return said
    taken = tick(session_id, Ticks(coming, [], None, None, new_id()), by=by)
    refused = {one.signup_id: _why(one) for one in taken.not_taken}
    return [*(Outcome(going[one].name, refused.get(one, "")) for one in coming), *said]


def _why(one: NotTaken) -> str:
    return _(sentence_for(one.outcome, one.lacks, one.state) if one.outcome else LeftBeforeComing.sentence)
