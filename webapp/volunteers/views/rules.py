"""Organisers' page of what a position asks for."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from webapp.core.auth import allowed, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.drafting import keeps_draft
from webapp.core.errors import Refusal
from webapp.core.fields import revision_of
from webapp.core.http import show_on_form, status_of
from webapp.events import service as events
from webapp.events.models import Position
from webapp.events.queries import get_position_for
from webapp.organisations.domain import Permission
from webapp.volunteers import queries, service
from webapp.volunteers.domain import Requirements
from webapp.volunteers.forms import RulesForm, rules_of
from webapp.volunteers.views import blueprint


def _position(position_id: str) -> Position:
    return get_position_for(the_person().id, position_id, Permission.MANAGE_EVENTS)


def _position_and_event(position_id: str) -> list[Any]:
    """What is decided about: the position, and the event whose revision its rules raise."""
    found = session().get(Position, position_id)
    return [found, found.session.event] if found else []


@blueprint.route("/manage/positions/<position_id>/rules", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@keeps_draft
@decides(_position_and_event)
def position_rules(position_id: str) -> Any:
    """Who may take a position, and when; who is signed up already stays."""
    position = _position(position_id)
    wanted = queries.requirements_of([position_id]).get(position_id, Requirements())
    form, status = RulesForm(data=rules_of(position, wanted)), 200
    form.offer(_choices(position_id))
    if form.validate_on_submit():
        refusal = _save(position_id, form)
        if refusal is None:
            flash(_("要求已存好。已经报名的人不受影响。"), "success")
            event_id = _position(position_id).session.event_id
            return redirect(url_for("events.show_managed", event_id=event_id), 303)
        status = status_of(refusal)
    elif form.is_submitted():
        status = 422
    return render_template(
        "volunteers/position_rules.html", form=form, position=_position(position_id)
    ), status


def _choices(position_id: str) -> dict[str, list[tuple[str, str]]]:
    """What is offered, and what is asked for already though it is offered no more."""
    rows = queries.requirements_rows([position_id]).get(position_id, [])
    skills = {one.id: one.name for one in queries.list_skills()}
    courses = {one.id: one.name for one in queries.list_courses()}
    teams = {one.id: one.name for one in queries.list_teams()}
    for row in rows:
        for offered, asked in ((skills, row.skill), (courses, row.course), (teams, row.team)):
            if asked is not None:
                offered[asked.id] = asked.name
    return {"skills": [*skills.items()], "courses": [*courses.items()], "teams": [*teams.items()]}


def _save(position_id: str, form: RulesForm) -> Refusal | None:
    by = the_person().id
    try:
        with transaction():
            service.check_revision(position_id, revision_of(form.revision), by=by)
            events.set_position_rules(position_id, form.rules(), by=by)
            service.set_requirements(position_id, form.requirements(), by=by)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return refusal
    return None
