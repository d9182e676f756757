"""Organisers' list of the hours of one session, and what is said of several volunteers at once."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import (
    Column,
    Filter,
    Named,
    Rows,
    Shown,
    Table,
    back_to,
    by_name,
    chosen_rows,
    named,
    show,
    taken,
)
from webapp.core.terms import term
from webapp.events import queries as events
from webapp.events.models import EventSession
from webapp.organisations.queries import permissions_at
from webapp.people.domain import mask_name
from webapp.recognition import queries
from webapp.recognition.domain import TURNOUT_LABELS, RecordStatus, Turnout
from webapp.recognition.models import ServiceRecord
from webapp.recognition.queries import SignupHours
from webapp.recognition.queries.waiting import Wait
from webapp.recognition.views import blueprint
from webapp.recognition.views.sessions import DECIDERS, READERS, WORDS
from webapp.recognition.views.waiting import ACTS, AT_ONCE, WAIT_LABELS, asked_act, decide_each, say_done
from webapp.recognition.views.words import record_label

_ACTS = tuple(one for one in ACTS if one.key != "second")


def _held(session_id: str) -> tuple[EventSession, bool]:
    """The session, and whether this person decides about its hours."""
    person_id = the_person().id
    held = events.get_session_for(person_id, session_id, *READERS)
    return held, bool(permissions_at(person_id, held.event.organisation_id) & set(DECIDERS))


def _list(session_id: str, *, may_decide: bool) -> tuple[Table, Rows]:
    rows = queries.hours_of_session(session_id, str if may_decide else mask_name)
    waits = may_decide and any(wait_of(one) in {Wait.LEFT, Wait.ABSENT} for one in rows)
    table = Table(
        columns=list(_columns(has_buttons=may_decide)),
        filters=list(_filters(rows)),
        words=_words,
        acts=_ACTS if waits else (),
        acts_at=url_for("recognition.act_on_session_hours", session_id=session_id),
        row_id=_row_id,
        seen=ServiceRecord,
        find_by=N_("姓名、拼音首字母、岗位、报名码"),
    )
    return table, Rows(rows)


def _row_id(row: SignupHours) -> str:
    return (row.measured or [*row.added, *row.void][0]).id


def _words(row: SignupHours) -> Named:
    return named(row.display_name, row.position, short_code=row.short_code)


def wait_of(row: SignupHours) -> Wait | None:
    """What the row waits for."""
    if row.objections:
        return Wait.ANSWER
    if any(one.status == RecordStatus.PROPOSED for one in row.added):
        return Wait.SECOND
    if row.measured is None or row.measured.status != RecordStatus.TO_CONFIRM:
        return None
    return Wait.LEFT if row.measured.in_at else Wait.ABSENT


def _columns(*, has_buttons: bool) -> Iterator[Column]:
    yield Column(
        "name",
        N_("姓名"),
        lambda one: one.display_name,
        lambda one: by_name(one.display_name),
        kind="head",
        of_person=True,
    )
    yield Column("position", N_("岗位"), lambda one: term(one.position), shown=False)
    yield Column("code", N_("报名码"), lambda one: one.short_code, kind="nowrap", shown=False)
    yield Column("stay", N_("到场和离开"), _stay, _came, kind="nowrap")
    yield Column(
        "hours", N_("小时"), lambda one: _hours(one.measured), lambda one: _hours(one.measured), kind="num"
    )
    yield Column("added", N_("补录"), _added, kind="num")
    yield Column("turnout", N_("到场情况"), _turnout, _turnout, kind="nowrap")
    yield Column("state", N_("状态"), _state)
    if has_buttons:
        yield Column("acts", "", lambda _one: None, kind="tight", in_file=False)


def _stay(row: SignupHours) -> str:
    if row.measured is None:
        return ""
    at = [_clock(row.measured.in_at), _clock(row.measured.out_at)]
    return "–".join(at) if any(at) else ""


def _came(row: SignupHours) -> datetime | None:
    return row.measured.in_at if row.measured else None


def _clock(at: datetime | None) -> str:
    return clock.local(at).strftime("%H:%M") if at else ""


def _hours(record: ServiceRecord | None) -> float | None:
    return round(record.minutes / 60, 2) if record else None


def _added(row: SignupHours) -> float | None:
    return round(sum(one.added_minutes for one in row.added) / 60, 2) if row.added else None


def _turnout(row: SignupHours) -> str | None:
    return _(TURNOUT_LABELS[Turnout(row.measured.turnout)]) if row.measured else None


def _state(row: SignupHours) -> str:
    words = [record_label(row.measured.state, row.measured.notice_until)] if row.measured else []
    return _("，").join([*words, *([_(WAIT_LABELS[Wait.ANSWER])] if row.objections else [])])


def _filters(rows: Sequence[SignupHours]) -> Iterator[Filter]:
    yield Filter("wait", N_("等什么"), list(WAIT_LABELS.items()), lambda one, value: wait_of(one) == value)
    yield Filter(
        "turnout",
        N_("到场情况"),
        list(TURNOUT_LABELS.items()),
        lambda one, value: one.measured is not None and one.measured.turnout == value,
    )
    positions = list(dict.fromkeys(one.position for one in rows))
    if len(positions) > 1:
        offered = [(one, term(one)) for one in positions]
        yield Filter("position", N_("岗位"), offered, lambda one, value: one.position == value)


@blueprint.get("/manage/sessions/<session_id>/hours")
@allowed(*READERS)
def session_hours(session_id: str) -> Response | str:
    """Every volunteer of the session with in and out, minutes and state."""
    held, may_decide = _held(session_id)
    listing = show(*_list(session_id, may_decide=may_decide))
    if listing.format:
        name = _("%(title)s 时长", title=held.event.title)
        return taken(listing, name, subject="event_session", about=session_id, by=the_person().id)
    return _page(held, listing, may_decide=may_decide)


def _page(held: EventSession, listing: Shown, *, may_decide: bool) -> str:
    rule = queries.current_rule()
    page = {"session": held, "listing": listing, "rule": rule, "may_decide": may_decide}
    return render_template("recognition/session_hours.html", **page, **WORDS)


@blueprint.post("/manage/sessions/<session_id>/hours/chosen")
@allowed(*DECIDERS)
@can_undo(N_("处理了选上的时长"), EventSession)
def act_on_session_hours(session_id: str) -> Any:
    """One word on several volunteers; those of whom nothing comes are named, and the others go on."""
    held = events.get_session_for(the_person().id, session_id, *DECIDERS)
    (table, source), act = _list(session_id, may_decide=True), asked_act()
    try:
        with transaction():
            own = {_row_id(one) for one in source.rows}
            ids = [one for one in chosen_rows(table, source, most=AT_ONCE) if one in own]
            outcomes = decide_each(act, ids, by=the_person().id)
    except Refusal as refusal:
        refused = show(table, source, at="recognition.session_hours", refused=sentence_of(refusal))
        return _page(held, refused, may_decide=True), status_of(refusal)
    say_done(act, outcomes)
    return redirect(back_to("recognition.session_hours", session_id=session_id), 303)
