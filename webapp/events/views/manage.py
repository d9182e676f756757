"""Organisers' pages of whole events: the list, one event, a new one, what it says."""

from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import new_id, session, transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import ChangedMeanwhile, Refusal, Words
from webapp.core.http import show_on_form, status_of
from webapp.core.made_once import MadeBefore
from webapp.core.terms import term
from webapp.core.working import preselected
from webapp.events import queries, service
from webapp.events.domain import AlreadyCreated, NotReadyToPublish
from webapp.events.forms import (
    EventForm,
    WordsForm,
    revision_of,
    usual_places,
)
from webapp.events.models import Event
from webapp.events.queries.desk import get_desk_for
from webapp.events.views import blueprint
from webapp.events.views.places import offer_places
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_with
from webapp.plan.models import PlanTask
from webapp.plan.queries import holds_any, list_event_types, open_tasks

EDITORS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
READERS = (*EDITORS, Permission.INSPECT)
_TOLD_LABELS = ("title", "summary", "bring", "risk_statement")


def event_to_edit(event_id: str) -> Event:
    """The event of the address, for someone who may change it."""
    return queries.get_event_for(the_person().id, event_id, Permission.MANAGE_EVENTS)


Sections = list[tuple[str, list[PlanTask]]]


def _offer(form: WordsForm, event: Event | None = None) -> list[tuple[str, Sections]]:
    """Types and tasks to choose from; returns the tasks by plan and section. What is chosen already can stay."""
    form.type_slug.choices = [
        ("", _("先选类型")),
        *((one.slug, term(one.label)) for one in list_event_types()),
    ]
    tasks = open_tasks()
    known = {task.id for task in tasks}
    own = [task for task in event.tasks if task.id not in known] if event else []
    form.task_ids.choices = [(task.id, task.code) for task in (*tasks, *own)]
    plans = []
    for _plan, of_plan in groupby(tasks, lambda task: task.plan_id):
        sections: Sections = []
        for _section, of_section in groupby(of_plan, lambda task: task.section_id):
            some = list(of_section)
            sections.append((f"{some[0].section.code} {some[0].section.title}", some))
        plans.append((sections[0][1][0].plan.title, sections))
    return [*plans, (_("以前的计划"), [(_("已选的任务"), own)])] if own else plans


@blueprint.get("/manage/events/<event_id>")
@allowed(*READERS)
def show_managed(event_id: str) -> str:
    """One event as its staff work at it: what is missing, its figures, the next session, its tasks."""
    event = get_desk_for(the_person().id, event_id, Permission.MANAGE_EVENTS, Permission.INSPECT)
    return render_template("events/show_managed.html", event=event)


@blueprint.route("/manage/events/new", methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@makes
def new_event() -> Any:
    """Make an event with its sessions and places on one page; buttons that add rows keep everything."""
    first = {"key": new_id(), "organisation_id": preselected(), "sessions": [{"positions": usual_places()}]}
    form = EventForm(data=first)
    organisations = organisations_with(the_person().id, Permission.MANAGE_EVENTS)
    form.organisation_id.choices = [(one.id, one.name) for one in organisations]
    plans = _offer(form)
    change = request.form.get("change", "")
    if request.method == "POST" and change not in {"save", "publish", ""}:
        form.rearrange(change)
    is_placed = offer_places(entry.form for entry in form.sessions.entries)
    status = 200
    if request.method == "POST" and change in {"save", "publish", ""}:
        status = 422
        if is_placed and form.validate_on_submit():
            made = _create(form, publish=change == "publish")
            if isinstance(made, str):
                return redirect(url_for("events.show_managed", event_id=made), 303)
            status = status_of(made)
        elif change == "publish" and (lacks := form.lacks(needs_tasks=_needs_tasks(form))):
            show_on_form(form, NotReadyToPublish(missing=tuple(map(Words, lacks))))
    return render_template("events/new_event.html", form=form, plans=plans), status


def _needs_tasks(form: EventForm) -> bool:
    """Not for days that no plan holds."""
    return holds_any(form.days() or [(clock.today(), clock.today())])


def _create(form: EventForm, *, publish: bool) -> str | Refusal:
    """Id of the event made, or why not; the form then says so."""
    by = the_person().id
    try:
        with transaction(), service.answered(form.outside_plan.data):
            event = service.create_event(form.draft(), by=by)
            if publish:
                event = service.publish_or_submit(event.id, by=by)
            event_id, status = event.id, event.status
    except AlreadyCreated as twice:  # from other words: the same ones were answered before (core/deciding.py)
        to = url_for("events.show_managed", event_id=twice.extra["id"])
        return _ask(form, MadeBefore(extra={"to": to}))
    except MadeBefore as refusal:
        return _ask(form, refusal)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    flash(_SAVED[status](), "success")
    return event_id


def _ask(form: EventForm, made: MadeBefore) -> Refusal:
    """Whether another one is meant, which will have a number of its own."""
    form.key.data = new_id()
    show_on_form(form, made)
    return made


_SAVED = {
    "draft": lambda: _("草稿已存好。看过没有问题，就可以发布。"),
    "submitted": lambda: _("已提交，市科协审核后发布。"),
    "published": lambda: _("活动已发布，现在可以报名了。"),
}


@blueprint.route("/manage/events/<event_id>/edit", methods=["GET", "POST"])
@allowed(*EDITORS)
@keeps_draft
@decides(Event)
def edit_event(event_id: str) -> Any:
    """Change what an event says and serves; when someone else was faster, both versions are shown."""
    event = event_to_edit(event_id)
    form = WordsForm(obj=event, data={"task_ids": [task.id for task in event.tasks]})
    form.know(event)
    plans = _offer(form, event)
    status = 200
    others: list[tuple[str, str]] = []
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            refusal = _update(event_id, form)
            if refusal is None:
                return redirect(url_for("events.show_managed", event_id=event_id), 303)
            status = status_of(refusal)
            if isinstance(refusal, ChangedMeanwhile):
                others = _stored_otherwise(event_id, form)
    return render_template(
        "events/edit_event.html", form=form, event=event, plans=plans, others=others
    ), status


def _update(event_id: str, form: WordsForm) -> Refusal | None:
    try:
        with transaction(), service.answered(form.outside_plan.data):
            service.update_event(
                event_id, form.changes(), revision=revision_of(form.revision), by=the_person().id
            )
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    flash(_("改动已存好。"), "success")
    return None


def _stored_otherwise(event_id: str, form: WordsForm) -> list[tuple[str, str]]:
    """What stands in the database where the form says something else; the form may then be saved over it."""
    session().expire_all()
    event = queries.get_event(event_id)
    form.revision.data = str(event.revision)
    form.revision.raw_data = None
    return [
        (str(form[name].label.text), getattr(event, name) or _("（空）"))
        for name in _TOLD_LABELS
        if getattr(event, name) != form[name].data
    ]
