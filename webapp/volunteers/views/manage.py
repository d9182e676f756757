"""Pages of those who host teams and organise events: teams, and asking a team to staff a session."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import clock, leaving
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo, held_at
from webapp.core.leaving import End, Ending
from webapp.core.working import preselected
from webapp.events.models import EventSession
from webapp.events.queries import get_session_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_with
from webapp.volunteers import queries, service
from webapp.volunteers.forms import NewTeamForm, RequestForm, TeamForm
from webapp.volunteers.models import Team
from webapp.volunteers.views import blueprint


@blueprint.route("/manage/teams/new", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@keeps_draft
@makes
def add_team() -> Any:
    """A new team with its leader."""
    by, form, status = the_person().id, NewTeamForm(data={"organisation_id": preselected()}), 200
    hosts = organisations_with(by, Permission.MANAGE_EVENTS)
    form.organisation_id.choices = [(one.id, one.name) for one in hosts]
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.make_team(
                    form.details(),
                    organisation_id=form.organisation_id.data,
                    login=form.login.data or "",
                    by=by,
                )
                team_id = made.id
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("团队已建好，并通知了队长。"), "success")
            return redirect(url_for("volunteers.lead_team", team_id=team_id), 303)
    elif form.is_submitted():
        status = 422
    return render_template("volunteers/add_team.html", form=form), status


@blueprint.route("/manage/teams/<team_id>", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@keeps_draft
@decides(Team)
def change_team(team_id: str) -> Any:
    """Another name, kind or description; and the way to dissolve it."""
    by = the_person().id
    form, status = TeamForm(obj=queries.get_hosted_team(by, team_id)), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.change_team(team_id, form.details(), by=by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("改好了。"), "success")
            return redirect(url_for("volunteers.list_hosted_teams"), 303)
    elif form.is_submitted():
        status = 422
    context = {"form": form, "team": queries.get_hosted_team(by, team_id)}
    hanging = leaving.hanging(Ending(End.DISSOLVED, subject_id=team_id))
    return render_template("volunteers/change_team.html", **context, hanging=hanging), status


@blueprint.post("/manage/teams/<team_id>/close")
@allowed(Permission.MANAGE_EVENTS)
@can_undo(
    N_("解散了团队“%(name)s”"),
    Team,
    says=lambda one: {"name": one.name},
    right=held_at(Permission.MANAGE_EVENTS),
)
@decides(Team)
def close_team(team_id: str) -> Response:
    """Dissolve a team; members are told, records stay."""
    by = the_person().id
    queries.get_hosted_team(by, team_id)
    try:
        with transaction():
            service.close_team(team_id, by=by)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("团队已解散，15 分钟后通知队员。"), "success")
    return redirect(url_for("volunteers.list_hosted_teams"), 303)


def _session(session_id: str) -> EventSession:
    return get_session_for(the_person().id, session_id, Permission.MANAGE_EVENTS)


@blueprint.route("/manage/sessions/<session_id>/teams", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@decides(EventSession)
def request_teams(session_id: str) -> Any:
    """Ask teams to staff a session, and see what they answered."""
    held, form, status = _session(session_id), RequestForm(), 200
    form.team_id.choices = [("", _("请选择"))] + [(one.id, one.name) for one in queries.list_teams()]
    if form.validate_on_submit():
        try:
            with transaction():
                service.request_team(
                    session_id, form.team_id.data, note=form.note.data or "", by=the_person().id
                )
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已邀请，并通知了队长。"), "success")
            return redirect(url_for("volunteers.request_teams", session_id=session_id), 303)
    elif form.is_submitted():
        status = 422
    held, asked = _session(session_id), queries.requests_for(session_id)
    is_over = held.cancelled_at is not None or held.ends_at <= clock.now()
    context = {"held": held, "asked": asked, "form": form, "is_over": is_over}
    return render_template("volunteers/request_teams.html", **context), status
