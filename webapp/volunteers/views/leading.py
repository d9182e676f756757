"""For who leads a team, and its host's staff: applications, members, requests."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import audit, leaving
from webapp.core.auth import signed_in, the_person
from webapp.core.db import session, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo, who
from webapp.core.leaving import End, Ending
from webapp.core.listing import listed, named
from webapp.people.queries import get_person
from webapp.volunteers import queries, service
from webapp.volunteers.domain import (
    TEAM_KIND_LABELS,
    MemberState,
)
from webapp.volunteers.forms import AnswerForm, WhyForm
from webapp.volunteers.models import Team, TeamMembership, TeamRequest
from webapp.volunteers.views import blueprint


def _member(team_id: str, person_id: str) -> TeamMembership | None:
    """What is decided about."""
    return queries.living_membership(person_id, team_id)


def _lead(team_id: str, person_id: str) -> list[Any]:
    """What is decided about: who leads, and who is to."""
    return [session().get(Team, team_id), _member(team_id, person_id)]


@blueprint.get("/me/teams/<team_id>")
@signed_in
def lead_team(team_id: str) -> Any:
    """The page of who leads a team, and of its host's staff: applications, members, requests."""
    return _lead_page(team_id, AnswerForm())


def _lead_page(team_id: str, form: AnswerForm, status: int = 200) -> Any:
    by = the_person().id
    if queries.get_team_for(by, team_id).leader_id != by:
        with transaction():  # members' full names are shown to someone who is not their leader
            audit.record("team.reveal", "team", team_id, by=by)
    asking = queries.asking(team_id)
    form.ids.choices = [(row.id, row.person.name) for row in asking]
    return render_template(
        "volunteers/lead_team.html",
        team=queries.get_team(team_id),
        form=form,
        asking=asking,
        members=listed(queries.members_of(team_id), lambda one: named(one.person.name)),
        requests=queries.requests_to(team_id),
        leads=queries.is_leader(by, team_id),
        hosts=queries.may_host(by, queries.get_team(team_id)),
        has_leader=queries.has_leader(queries.get_team(team_id)),
        kinds=TEAM_KIND_LABELS,
    ), status


def _names(row: TeamMembership) -> dict[str, str]:
    return who(row) | {"name": queries.get_team(row.team_id).name}


@blueprint.post("/me/teams/<team_id>/answer")
@signed_in
@can_undo(N_("答复了“%(name)s”的入队申请"), Team, says=lambda one: {"name": one.name})
@decides(TeamMembership, chosen=lambda: request.form.getlist("ids"))
def answer_applications(team_id: str) -> Any:
    """Accept or turn down several applicants at once."""
    by, form = the_person().id, AnswerForm()
    queries.get_team_for(by, team_id)
    if not form.validate():
        return _lead_page(team_id, form, 422)
    ids, reason = form.ids.data or [], form.reason.data or ""
    try:
        with transaction():
            if request.form.get("action") == "decline":
                done = service.decline(team_id, ids, reason=reason, by=by)
            else:
                done = service.accept(team_id, ids, by=by)
    except Refusal as refusal:
        show_on_form(form, refusal)
        return _lead_page(team_id, form, status_of(refusal))
    flash(_("已答复 %(count)s 份申请，会通知本人。", count=done), "success")
    return redirect(url_for("volunteers.lead_team", team_id=team_id), 303)


@blueprint.route("/me/teams/<team_id>/members/<person_id>/remove", methods=["GET", "POST"])
@signed_in
@can_undo(
    N_("把%(who)s请出了团队“%(name)s”"),
    _member,
    says=_names,
)
@decides(_member)
def remove_member(team_id: str, person_id: str) -> Any:
    """Take someone out of the team, with a reason they read."""
    by, form, status = the_person().id, WhyForm(), 200
    queries.get_team_for(by, team_id)
    _require_member(team_id, person_id)
    if form.validate_on_submit():
        try:
            with transaction():
                service.remove_member(team_id, person_id, reason=form.reason.data or "", by=by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已请出团队，会通知本人。"), "success")
            return redirect(url_for("volunteers.lead_team", team_id=team_id), 303)
    elif form.is_submitted():
        status = 422
    context = {"person": get_person(person_id), "team": queries.get_team_for(by, team_id), "form": form}
    hanging = leaving.hanging(Ending(End.TEAM, person_id, team_id))
    return render_template("volunteers/remove_member.html", **context, hanging=hanging), status


def _require_member(team_id: str, person_id: str) -> None:
    row = queries.living_membership(person_id, team_id)
    if row is None or row.state != MemberState.MEMBER:
        raise NotFound


@blueprint.post("/me/teams/<team_id>/members/<person_id>/lead")
@signed_in
@can_undo(N_("换了团队“%(name)s”的队长"), Team, says=lambda one: {"name": one.name})
@decides(_lead)
def hand_over_lead(team_id: str, person_id: str) -> Response:
    """Another member leads from now on."""
    by = the_person().id
    queries.get_team_for(by, team_id)
    try:
        with transaction():
            service.hand_over_lead(team_id, person_id, by=by)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("队长已换人，会通知新队长。"), "success")
    stays = queries.may_host(by, queries.get_team(team_id)) or queries.is_leader(by, team_id)
    if stays:
        return redirect(url_for("volunteers.lead_team", team_id=team_id), 303)
    return redirect(url_for("volunteers.my_teams"), 303)


@blueprint.route("/me/team-requests/<request_id>/decline", methods=["GET", "POST"])
@signed_in
@can_undo(N_("谢绝了邀请"), TeamRequest)
@decides(TeamRequest)
def decline_request(request_id: str) -> Any:
    """The team does not come; who asked reads why."""
    by, form, status = the_person().id, WhyForm(), 200
    team_id = queries.get_request_for(by, request_id).team_id
    if form.validate_on_submit():
        try:
            with transaction():
                service.decline_request(request_id, answer=form.reason.data or "", by=by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已答复，会通知邀请的人。"), "success")
            return redirect(url_for("volunteers.lead_team", team_id=team_id), 303)
    elif form.is_submitted():
        status = 422
    wanted = queries.get_request_for(by, request_id)
    return render_template("volunteers/decline_request.html", wanted=wanted, form=form), status
