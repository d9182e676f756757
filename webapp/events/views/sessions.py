"""Organisers' pages of one session: add, words and places, move with a preview, cancel, take away."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.clock import Period
from webapp.core.db import new_id, session, transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.made_once import MadeBefore
from webapp.events import queries, service
from webapp.events.domain import AlreadyCreated, EventStatus
from webapp.events.forms import (
    AddSessionForm,
    MoveForm,
    PositionForm,
    ReasonForm,
    SessionWordsForm,
    key_of,
    next_session,
    revision_of,
    usual_places,
)
from webapp.events.models import Event, EventSession
from webapp.events.views import blueprint
from webapp.events.views.manage import EDITORS, event_to_edit
from webapp.events.views.places import offer_places
from webapp.organisations.domain import Permission


def _session_to_edit(session_id: str) -> EventSession:
    return queries.get_session_for(the_person().id, session_id, Permission.MANAGE_EVENTS)


def _back(event_id: str) -> Response:
    return redirect(url_for("events.show_managed", event_id=event_id), 303)


def _session_and_event(session_id: str) -> list[Any]:
    """What is decided about: the session, and the event whose revision says that its places were changed."""
    found = session().get(EventSession, session_id)
    return [found, found.event] if found else []


@blueprint.route("/manage/events/<event_id>/sessions/new", methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@decides(Event)
def add_session(event_id: str) -> Any:
    """One more session; it begins as a copy of the last one, a week later."""
    event = event_to_edit(event_id)
    usual = next_session(event.sessions[-1]) if event.sessions else {"positions": usual_places()}
    form = AddSessionForm(data=usual | {"key": new_id(), "revision": event.revision})
    is_placed = offer_places([form])
    status, change = 200, request.form.get("change", "")
    if request.method == "POST" and change not in {"save", ""}:
        form.rearrange(change)
    elif request.method == "POST":
        status = 422
        if is_placed and form.validate_on_submit():
            refusal = _add(event_id, form)
            if refusal is None:
                return _back(event_id)
            status = status_of(refusal)
    return render_template("events/add_session.html", form=form, event=event), status


def _add(event_id: str, form: AddSessionForm) -> Refusal | None:
    try:
        with transaction(), service.answered(form.outside_plan.data):
            service.add_session(event_id, form.draft(key_of(form.key)), by=the_person().id)
    except AlreadyCreated:  # from other words: the same ones were answered before (core/deciding.py)
        form.key.data = new_id()
        made = MadeBefore(extra={"to": url_for("events.show_managed", event_id=event_id)})
        show_on_form(form, made)
        return made
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    flash(_("场次已加好。"), "success")
    return None


@blueprint.route("/manage/sessions/<session_id>/edit", methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@decides(_session_and_event)
def edit_session(session_id: str) -> Any:
    """Change a session's name and its places."""
    event_session = _session_to_edit(session_id)
    event = event_session.event
    form = SessionWordsForm(obj=event_session, data={"revision": event.revision})
    status, change = 200, request.form.get("change", "")
    if request.method == "POST" and change not in {"save", ""}:
        form.rearrange(change)
    elif request.method == "POST":
        status = 422
        if form.validate_on_submit():
            refusal = _save_words(event_session, form)
            if refusal is None:
                return _back(event.id)
            status = status_of(refusal)
    return render_template(
        "events/edit_session.html", form=form, event=event, event_session=event_session
    ), status


def _save_words(event_session: EventSession, form: SessionWordsForm) -> Refusal | None:
    by, session_id = the_person().id, event_session.id
    before = {one.id: one for one in event_session.positions}
    rows = form.positions.entries
    removed = set(before) - {entry.form.id.data for entry in rows}
    try:
        with transaction():
            service.rename_session(
                session_id, title=form.title.data or "", by=by, revision=revision_of(form.revision)
            )
            for position_id in sorted(removed):
                service.remove_position(position_id, by=by)
            for entry in rows:
                _save_position(session_id, entry.form, known=entry.form.id.data in before)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    flash(_("改动已存好。"), "success")
    return None


def _save_position(session_id: str, row: PositionForm, *, known: bool) -> None:
    """Write one row; its refusal is also shown beside it."""
    wanted, by = row.draft(), the_person().id
    try:
        if not known:
            service.add_position(session_id, wanted, by=by)
            return
        service.change_position(
            row.id.data or "", name=wanted.name, capacity=wanted.capacity, waitlist=wanted.waitlist, by=by
        )
    except Refusal as refusal:
        name = refusal.at_field or ""
        place = row[name if name in row else "name"]
        place.errors = [*place.errors, sentence_of(refusal)]
        raise


@blueprint.route("/manage/sessions/<session_id>/move", methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@decides(EventSession)
def move_session(session_id: str) -> Any:
    """Change time or place: first a preview that says who will be told and who has another shift, then the act."""
    event_session = _session_to_edit(session_id)
    form = MoveForm(obj=event_session, data={"revision": event_session.event.revision})
    is_placed, is_put_off = offer_places([form]), event_session.event.status == EventStatus.POSTPONED
    status, told, preview = 200, _told(event_session, form), False
    if request.method == "POST" and request.form.get("change") != "add-venue":
        status = 422
        if is_placed and form.validate_on_submit():
            if form.is_as_it_was(event_session):
                flash(_("时间和地点没有变，什么也没有改。"), "info")
                return _back(event_session.event_id)
            preview = told.count > 0 and not is_put_off and form.previewed.data != form.what()
            refusal = None if preview else _move(session_id, form)
            if not preview and refusal is None:
                return _back(event_session.event_id)
            status = status_of(refusal) if refusal else 200
            form.previewed.data = form.what()
    return render_template(
        "events/move_session.html", form=form, event_session=event_session, told=told, preview=preview
    ), status


def _told(event_session: EventSession, form: MoveForm) -> service.Told:
    """Who would be told, and who would have two shifts at the time asked for."""
    starts_at, ends_at = form.starts_at.moment, form.ends_at.moment
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        return service.told_of_session(event_session)
    return service.told_of_session(event_session, Period(starts_at, ends_at))


def _move(session_id: str, form: MoveForm) -> Refusal | None:
    starts_at, ends_at = form.starts_at.moment, form.ends_at.moment
    assert starts_at is not None
    assert ends_at is not None
    try:
        with transaction(), service.answered(form.outside_plan.data):
            service.reschedule(
                session_id,
                starts_at=starts_at,
                ends_at=ends_at,
                venue_id=form.venue_id.data,
                by=the_person().id,
                revision=revision_of(form.revision),
            )
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    flash(_("时间和地点已改好。"), "success")
    return None


@blueprint.route("/manage/sessions/<session_id>/cancel", methods=["GET", "POST"])
@allowed(*EDITORS)
@decides(EventSession)
def cancel_session(session_id: str) -> Any:
    """Cancel one session, with the reason people will read."""
    event_session = _session_to_edit(session_id)
    form = ReasonForm(data={"revision": event_session.event.revision})
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.cancel_session(session_id, reason=form.reason.data or "", by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("这个场次已取消。"), "success")
            return _back(event_session.event_id)
    told = service.told_of_session(event_session)
    return render_template(
        "events/cancel_session.html", form=form, event_session=event_session, told=told
    ), status


@blueprint.post("/manage/sessions/<session_id>/remove")
@allowed(*EDITORS)
@can_undo(
    N_("删除了“%(title)s”的一个场次"),
    EventSession,
    says=lambda one: {"title": session().get_one(Event, one.event_id).title},
)
@decides(_session_and_event)
def remove_session(session_id: str) -> Response:
    """Take a session out of an event that was never published."""
    event_session = _session_to_edit(session_id)
    event_id = event_session.event_id
    try:
        with transaction():
            service.remove_session(session_id, by=the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("场次已删除。"), "success")
    return _back(event_id)
