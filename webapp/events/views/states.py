"""Organisers' buttons that change an event's state, and the pages that ask first."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, current_person, the_person
from webapp.core.coming_back import back_or
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo, held_at
from webapp.events import queries, service
from webapp.events.domain import SESSION_LABELS, STATUS_LABELS, EventStatus, SessionState
from webapp.events.forms import ReasonForm
from webapp.events.forms.small import ResumeForm
from webapp.events.models import Cancellation, Event
from webapp.events.views import blueprint
from webapp.events.views.manage import EDITORS, event_to_edit
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may

SAID = 5  # sentences on a page after copying; the rest is a number


def _act(event_id: str, act: Callable[..., Event], done: Callable[[], str]) -> Response:
    """Do one thing to the event and say that it was done, or why not."""
    event_to_edit(event_id)
    try:
        with transaction():
            event_id = act(event_id, by=the_person().id).id
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(done(), "success")
    return redirect(back_or(url_for("events.show_managed", event_id=event_id)), 303)


_MANAGED = held_at(Permission.MANAGE_EVENTS)


def _title(event: Event) -> dict[str, str]:
    return {"title": event.title}


def _before_sign_up(event_id: str) -> Event | None:
    """The event, where its publishing can be taken back: of a postponed one people are told that it goes on."""
    event = session().get(Event, event_id)
    return event if event and event.status in {EventStatus.DRAFT, EventStatus.SUBMITTED} else None


@blueprint.post("/manage/events/<event_id>/publish")
@allowed(*EDITORS)
@can_undo(N_("发布了“%(title)s”"), _before_sign_up, says=_title, right=_MANAGED)
@decides(Event)
def publish_event(event_id: str) -> Response:
    """Let everyone see it; a postponed event goes on."""
    return _act(event_id, service.publish, lambda: _("活动已发布，现在可以报名了。"))


@blueprint.post("/manage/events/<event_id>/submit")
@allowed(*EDITORS)
@can_undo(N_("把“%(title)s”交去审核"), Event, says=_title, right=_MANAGED)
@decides(Event)
def submit_event(event_id: str) -> Response:
    """Ask the office to publish."""
    return _act(event_id, service.submit, lambda: _("已提交，市科协审核后发布。"))


@blueprint.post("/manage/events/<event_id>/withdraw")
@allowed(*EDITORS)
@can_undo(N_("把“%(title)s”退回了草稿"), Event, says=_title, right=_MANAGED)
@decides(Event)
def withdraw_event(event_id: str) -> Response:
    """Take it back to draft, or send it back."""
    return _act(event_id, service.withdraw, lambda: _("已退回草稿，可以继续修改。"))


@blueprint.route("/manage/events/<event_id>/postpone", methods=["GET", "POST"])
@allowed(*EDITORS)
@decides(Event)
def postpone_event(event_id: str) -> Any:
    """Put it off; sign-up stops and places are kept. The page says who will be told by what."""
    event = event_to_edit(event_id)
    if request.method == "POST":
        return _act(event_id, service.postpone, lambda: _("活动已延期，报名暂停，已报的名都保留。"))
    return render_template("events/postpone_event.html", event=event, told=service.told_of_event(event))


@blueprint.route("/manage/events/<event_id>/resume", methods=["GET", "POST"])
@allowed(*EDITORS)
@decides(Event)
def resume_event(event_id: str) -> Any:
    """Let a postponed event go on; the page says who will be told of which dates, and which are still the old ones."""
    event, form, status = event_to_edit(event_id), ResumeForm(), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.publish(event_id, by=the_person().id, same_dates=bool(form.same_dates.data))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("活动恢复了，报了名的人都会收到通知。"), "success")
            return redirect(url_for("events.show_managed", event_id=event_id), 303)
    event = event_to_edit(event_id)
    return render_template(
        "events/resume_event.html",
        event=event,
        form=form,
        same={one.id for one in service.same_dates(event)},
        told=service.told_of_event(event),
        missing=service.what_is_missing(event),
    ), status


@blueprint.post("/manage/events/<event_id>/close")
@allowed(*EDITORS)
@can_undo(N_("结束了“%(title)s”"), Event, says=_title, right=_MANAGED)
@decides(Event)
def close_event(event_id: str) -> Response:
    """End an event that is over."""
    return _act(event_id, service.close, lambda: _("活动已结束。"))


@blueprint.post("/manage/events/<event_id>/duplicate")
@allowed(*EDITORS)
@decides(Event)
def duplicate_event(event_id: str) -> Response:
    """The same event as a new draft; what could not be copied is said."""
    left_out: list[Refusal] = []
    copy = partial(service.duplicate, left_out=left_out)
    answer = _act(event_id, copy, lambda: _("已复制成新草稿，日期往后推了整周，请检查。"))
    for one in left_out[:SAID]:
        flash(sentence_of(one), "warning")
    if len(left_out) > SAID:
        flash(_("另有 %(n)s 项没有复制，请逐场检查。", n=len(left_out) - SAID), "warning")
    return answer


@blueprint.route("/manage/events/<event_id>/cancel", methods=["GET", "POST"])
@allowed(*EDITORS)
@decides(Event)
def cancel_event(event_id: str) -> Any:
    """Cancel it with the reason people will read; the page says how many will be told."""
    event = event_to_edit(event_id)
    form = ReasonForm()
    status = 422 if request.method == "POST" else 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.cancel(event_id, reason=form.reason.data or "", by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("活动已取消。"), "success")
            return redirect(url_for("events.show_managed", event_id=event_id), 303)
    told = service.told_of_event(event)
    return render_template("events/cancel_event.html", form=form, event=event, told=told), status


@blueprint.post("/manage/cancellations/<cancellation_id>/undo")
@allowed(*EDITORS)
@decides(Cancellation)
def undo_cancellation(cancellation_id: str) -> Response:
    """It takes place after all: within a quarter of an hour everything is as it was."""
    person = the_person()
    found = queries.get_cancellation_for(person.id, cancellation_id, Permission.MANAGE_EVENTS)
    event_id = found.event_id
    try:
        with transaction():
            service.undo(cancellation_id, by=person.id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("取消已撤销，活动照常，名额都还在。"), "success")
    return redirect(url_for("events.show_managed", event_id=event_id), 303)


@blueprint.app_template_global("event_label")
def event_label(status: str) -> str:
    """The word for what an event is."""
    return _(STATUS_LABELS[EventStatus(status)])


@blueprint.app_template_global("session_label")
def session_label(state: str) -> str:
    """The word for what a session is now."""
    return _(SESSION_LABELS[SessionState(state)])


@blueprint.app_template_global("undoable_of")
def undoable_of(event: Event) -> list[Cancellation]:
    """What the person of this request could undo of this event."""
    person = current_person()
    if person is None or not may(person.id, Permission.MANAGE_EVENTS, event.organisation_id):
        return []
    return queries.undoable(event.id)


@blueprint.post("/manage/events/<event_id>/discard")
@allowed(*EDITORS)
@can_undo(N_("删除了草稿“%(title)s”"), Event, says=_title, right=_MANAGED)
@decides(Event)
def discard_event(event_id: str) -> Response:
    """Throw away an event that was never published."""
    event_to_edit(event_id)
    try:
        with transaction():
            service.discard(event_id, by=the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
        return redirect(url_for("events.show_managed", event_id=event_id), 303)
    flash(_("草稿已删除。"), "success")
    return redirect(url_for("events.list_managed"), 303)


@blueprint.app_template_global("minutes_left")
def minutes_left(until: datetime) -> int:
    """Whole minutes until then, at least one."""
    return max(1, int((until - clock.now()).total_seconds() // 60))
