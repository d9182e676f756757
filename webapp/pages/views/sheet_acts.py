"""For staff: what is done with the people chosen on a session's list."""

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from webapp.attendance.domain import sentence_for
from webapp.attendance.domain.doors import LeftBeforeComing, NotTaken, Ticks
from webapp.attendance.service.ticks import tick
from webapp.core.auth import allowed, the_person
from webapp.core.db import new_id, transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import Outcome, Rows, back_to, chosen_rows, seen_otherwise, told
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.pages.views import blueprint
from webapp.pages.views.day_sheet import sheet_page, table_for
from webapp.pages.views.sheet_table import SheetLine, sheet_lines
from webapp.signups import service
from webapp.signups.domain import DECIDED_LABELS, REASON_LIMIT, Decided
from webapp.signups.service import Decision
from webapp.signups.service.taking_off import take_off

AT_ONCE = 100  # people decided on in one transaction
_DONE = frozenset({Decided.APPROVED, Decided.WAITS, Decided.DECLINED})
_SAID = {
    "approve": N_("已通过 %(n)s 人。"),
    "decline": N_("已婉拒 %(n)s 人，原因会告诉他们。"),
    "came": N_("已登记 %(n)s 人到场。"),
    "take_off": N_("已取消 %(n)s 人的报名。"),
}


def _asked() -> str:
    act = request.form.get("act", "")
    if act not in _SAID:
        raise BadRequest
    return act


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
    act, rows = _asked(), sheet_lines(session_id, str)
    try:
        with transaction():
            ids = chosen_rows(table_for(held, rows), Rows(rows), most=AT_ONCE)
            outcomes = _act(act, session_id, {one.id: one for one in rows if one.id in set(ids)})
    except Refusal as refusal:
        return sheet_page(held, refused=sentence_of(refusal)), status_of(refusal)
    if done := sum(not one.refused for one in outcomes):
        flash(_(_SAID[act], n=done), "success")
    if left := told(outcomes):
        flash(left, "warning")
    return redirect(back_to("pages.session_sheet", session_id=session_id), 303)


def _act(act: str, session_id: str, chosen: dict[str, SheetLine]) -> list[Outcome]:
    by = the_person().id
    otherwise = seen_otherwise(chosen, by=by)
    left = [Outcome(chosen[one].name, sentence) for one, sentence in otherwise.items()]
    going = {one: line for one, line in chosen.items() if one not in otherwise}
    if not going:
        return left
    if act == "came":
        return [*_let_in(session_id, going, by), *left]
    names = {one: line.name for one, line in going.items()}
    reason = request.form.get("reason", "").strip()[:REASON_LIMIT]
    if act == "take_off":
        made = take_off(names, by=by, reason=reason)
        refused = [sentence_of(one.refused) if one.refused else "" for one in made]
        return [*map(Outcome, (names[one.signup_id] for one in made), refused), *left]
    decided = service.approve(going, by=by) if act == "approve" else _decline(going, reason, by)
    return [*map(_outcome, decided), *left]


def _decline(going: dict[str, SheetLine], reason: str, by: str) -> list[Decision]:
    return service.decline(going, reason=reason, by=by)


def _outcome(one: Decision) -> Outcome:
    return Outcome(one.name, "" if one.outcome in _DONE else _(DECIDED_LABELS[one.outcome]))


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
