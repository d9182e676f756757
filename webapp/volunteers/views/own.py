"""For someone signed in: the profile, own teams, and the page of who leads one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import clock, leaving
from webapp.core.auth import signed_in, the_person
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo
from webapp.core.leaving import End, Ending
from webapp.core.terms import term
from webapp.venues.queries import list_districts
from webapp.volunteers import queries, service
from webapp.volunteers.domain import (
    PARTS_OF_DAY,
    TEAM_KIND_LABELS,
    WEEKDAYS,
    MemberState,
    valid_until,
)
from webapp.volunteers.forms import PARTS, STEPS, JoinForm, StepForm, known_of
from webapp.volunteers.models import Team, TeamMembership
from webapp.volunteers.queries.leaving import key_of
from webapp.volunteers.queries.qualifying import band_words
from webapp.volunteers.views import blueprint


def _member(team_id: str, person_id: str = "") -> TeamMembership | None:
    """What is decided about: theirs, or one's own."""
    return queries.living_membership(person_id or the_person().id, team_id)


@blueprint.get("/me/profile")
@signed_in
def edit_profile() -> str:
    """What one has said so far, step by step, each with a way to change it; nothing of it has to be said."""
    person_id = the_person().id
    profile = queries.get_profile(person_id)
    districts = [term(one.name) for one in list_districts() if profile and one.code in profile.districts]
    return render_template(
        "volunteers/edit_profile.html",
        profile=profile,
        districts=districts,
        held=queries.skills_of(person_id),
        steps=STEPS,
        number_form=_step_form("number"),
        trainings=queries.trainings_of(person_id),
        running_out=queries.running_out(person_id, on=clock.today()),
        valid_until=valid_until,
        band=band_words(profile),
    )


@blueprint.route("/me/profile/<step>", methods=["GET", "POST"])
@signed_in
@keeps_draft
def edit_profile_step(step: str) -> Any:
    """One part of the profile; saved when one goes on, whichever way."""
    if step not in PARTS:
        raise NotFound
    person_id, form = the_person().id, _step_form(step)
    status = 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.save_profile(person_id, form.draft(), by=person_id, only=form.names)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            return _go_on(request.form.get("then", ""))
    elif form.is_submitted():
        status = 422
    return _step_page(step, form), status


def _step_form(step: str) -> StepForm:
    person_id = the_person().id
    known = known_of(queries.get_profile(person_id), queries.skills_of(person_id), queries.list_skills())
    form = PARTS[step](data=known)
    form.offer(list_districts())
    return form


def _go_on(then: str) -> Response:
    if then in STEPS:
        return redirect(url_for("volunteers.edit_profile_step", step=then), 303)
    flash(_("您的资料已存好。"), "success")
    return redirect(url_for("volunteers.edit_profile"), 303)


def _step_page(step: str, form: StepForm) -> str:
    return render_template(
        "volunteers/edit_profile_step.html",
        form=form,
        step=step,
        steps=STEPS,
        skills={skill.id: skill for skill in queries.list_skills()},
        held={one.skill_id: one for one in queries.skills_of(the_person().id)},
        weekdays=WEEKDAYS,
        parts=list(PARTS_OF_DAY.values()),
    )


@blueprint.get("/me/teams")
@signed_in
def my_teams() -> str:
    """Teams one leads, is in, has asked, and was in."""
    person_id = the_person().id
    rows = queries.memberships_of(person_id)
    living = {MemberState.ASKED, MemberState.MEMBER}
    led = queries.teams_led_by(person_id)
    ids = [team.id for team in led]
    return render_template(
        "volunteers/my_teams.html",
        led=led,
        asking=queries.count_members(ids, MemberState.ASKED),
        requests=queries.count_requests(ids),
        present=[one for one in rows if one.state in living and one.team.closed_at is None],
        past=[one for one in rows if one.state not in living or one.team.closed_at is not None],
        kinds=TEAM_KIND_LABELS,
    )


@blueprint.route("/teams/<team_id>/join", methods=["GET", "POST"])
@signed_in
@keeps_draft
@makes
def join_team(team_id: str) -> Any:
    """Ask to be in a team."""
    team, form, status = _open_team(team_id), JoinForm(), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.ask_to_join(team_id, the_person().id, note=form.note.data or "")
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已经把您的申请交给队长，答复会写进“我的消息”。"), "success")
            return redirect(url_for("volunteers.my_teams"), 303)
    elif form.is_submitted():
        status = 422
    standing = queries.living_membership(the_person().id, team_id)
    team = _open_team(team_id)
    return render_template("volunteers/join_team.html", team=team, form=form, standing=standing), status


def _open_team(team_id: str) -> Team:
    team = queries.get_team(team_id)
    if team.closed_at is not None:
        raise NotFound
    return team


@blueprint.route("/me/teams/<team_id>/leave", methods=["GET", "POST"])
@signed_in
@can_undo(N_("退出了团队“%(name)s”"), Team, says=lambda one: {"name": one.name})
@decides(_member)
def leave_team(team_id: str) -> Any:
    """What hangs on it, and who leads it from now on; then leave, or take an application back."""
    person_id = the_person().id
    if request.method == "GET":
        return _leave_page(team_id, person_id)
    try:
        with transaction():
            heir = leaving.chosen(request.form).get(key_of(team_id), "")
            service.leave(team_id, person_id, heir=heir)
    except NotFound:
        raise
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("您已经退出。以前的服务记录都还在。"), "success")
    return redirect(url_for("volunteers.my_teams"), 303)


def _leave_page(team_id: str, person_id: str) -> str:
    if queries.living_membership(person_id, team_id) is None:
        raise NotFound
    hanging = leaving.hanging(Ending(End.TEAM, person_id, team_id))
    return render_template("volunteers/leave_team.html", team=queries.get_team(team_id), hanging=hanging)
