"""Pages of staff: the office's lists of skills and courses, certificates looked at, trainings held."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import audit, choosing, leaving
from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, transaction
from webapp.core.deciding import decides, makes
from webapp.core.errors import N_, NotAllowed, NotFound, Refusal
from webapp.core.http import flash_refusal, show_on_form, status_of
from webapp.core.just_done import can_undo, held_at, who
from webapp.core.leaving import End, Ending
from webapp.core.listing import named
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import may
from webapp.people.domain import mask_phone
from webapp.people.queries import get_person
from webapp.volunteers import queries, service
from webapp.volunteers.domain import CertificateChanged
from webapp.volunteers.forms import (
    CourseForm,
    OpenCourseForm,
    OpenSkillForm,
    PaperForm,
    SkillForm,
    TrainingForm,
)
from webapp.volunteers.models import Course, Skill, Training, VolunteerSkill
from webapp.volunteers.views import blueprint


@blueprint.get("/manage/skills")
@allowed(Permission.GOVERN)
def list_skills() -> str:
    """What volunteers may tick, and what may be asked for."""
    skills, courses = queries.list_skills(closed=True), queries.list_courses(closed=True)
    return render_template("volunteers/list_skills.html", skills=skills, courses=courses)


@blueprint.route("/manage/skills/new", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@makes
def add_skill() -> Any:
    """One more skill."""
    form, status = SkillForm(), 200
    if form.validate_on_submit():
        papers, by = form.needs_certificate.data, the_person().id
        try:
            with transaction():
                service.add_skill(form.name.data or "", needs_certificate=papers, by=by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已加进列表。"), "success")
            return redirect(url_for("volunteers.list_skills"), 303)
    elif form.is_submitted():
        status = 422
    return render_template("volunteers/add_skill.html", form=form), status


@blueprint.route("/manage/courses/new", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@makes
def add_course() -> Any:
    """One more training."""
    form, status = CourseForm(), 200
    if form.validate_on_submit():
        months, by = form.valid_months.data, the_person().id
        try:
            with transaction():
                service.add_course(form.name.data or "", valid_months=months, by=by)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已加进列表。"), "success")
            return redirect(url_for("volunteers.list_skills"), 303)
    elif form.is_submitted():
        status = 422
    return render_template("volunteers/add_course.html", form=form), status


@blueprint.route("/manage/skills/<skill_id>", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@decides(Skill)
def change_skill(skill_id: str) -> Any:
    """Another name, with or without papers, offered or not."""
    row, status = get_row(Skill, skill_id), 200
    form = OpenSkillForm(obj=row, data={"is_open": row.closed_at is None})
    if form.validate_on_submit():
        wanted = {"needs_certificate": form.needs_certificate.data, "is_open": form.is_open.data}
        try:
            with transaction():
                service.change_skill(skill_id, form.name.data or "", **wanted, by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("改好了。"), "success")
            return redirect(url_for("volunteers.list_skills"), 303)
    elif form.is_submitted():
        status = 422
    return render_template("volunteers/change_skill.html", form=form, skill_id=skill_id), status


@blueprint.route("/manage/courses/<course_id>", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@decides(Course)
def change_course(course_id: str) -> Any:
    """Another name or validity, offered or not."""
    row, status = get_row(Course, course_id), 200
    form = OpenCourseForm(obj=row, data={"is_open": row.closed_at is None})
    if form.validate_on_submit():
        wanted: dict[str, Any] = {"valid_months": form.valid_months.data, "is_open": form.is_open.data}
        try:
            with transaction():
                service.change_course(course_id, form.name.data or "", **wanted, by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("改好了。"), "success")
            return redirect(url_for("volunteers.list_skills"), 303)
    elif form.is_submitted():
        status = 422
    return render_template("volunteers/change_course.html", form=form, course_id=course_id), status


@blueprint.route("/manage/papers/<volunteer_skill_id>", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@can_undo(N_("核对了%(who)s的证书"), VolunteerSkill, says=who)
@decides(VolunteerSkill)
def check_paper(volunteer_skill_id: str) -> Any:
    """One certificate with its owner's full name: look at the paper, and say so."""
    by, form = the_person().id, PaperForm()
    row = service.get_certificate_for(by, volunteer_skill_id)
    if form.validate_on_submit():
        try:
            with transaction():
                _check(volunteer_skill_id, form, by)
        except CertificateChanged as refusal:
            flash_refusal(refusal)
            return redirect(url_for("volunteers.check_paper", volunteer_skill_id=volunteer_skill_id), 303)
        flash(_("已记下，会通知本人。"), "success")
        return redirect(url_for("volunteers.list_papers"), 303)
    with transaction():
        audit.record("certificate.reveal", "person", row.person_id, by=by)
    row = service.get_certificate_for(by, volunteer_skill_id)
    shown = PaperForm(None, data={"certificate": row.certificate, "expires_on": row.expires_on})
    context = {"row": row, "person": get_person(row.person_id), "form": shown}
    context["hanging"] = leaving.hanging(Ending(End.PAPER, row.person_id, volunteer_skill_id))
    return render_template("volunteers/check_paper.html", **context)


def _check(volunteer_skill_id: str, form: PaperForm, by: str) -> None:
    text = form.expires_on.data or ""
    try:
        expires_on = date.fromisoformat(text) if text else None
    except ValueError:
        raise NotFound from None
    service.check_certificate(
        volunteer_skill_id, certificate=form.certificate.data or "", expires_on=expires_on, by=by
    )


@blueprint.post("/manage/papers/<volunteer_skill_id>/undo")
@allowed(Permission.MANAGE_EVENTS)
@can_undo(N_("%(who)s的证书不再算数"), VolunteerSkill, says=who)
@decides(VolunteerSkill)
def uncheck_paper(volunteer_skill_id: str) -> Response:
    """It does not count any more."""
    with transaction():
        service.uncheck_certificate(volunteer_skill_id, by=the_person().id)
    flash(_("这张证书不再算数。"), "success")
    return redirect(url_for("volunteers.list_papers"), 303)


def _organiser(organisation_id: str) -> Organisation:
    found = get_row(Organisation, organisation_id)
    if not may(the_person().id, Permission.MANAGE_EVENTS, organisation_id):
        raise NotAllowed
    return found


@blueprint.route("/manage/organisations/<organisation_id>/trainings/new", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@decides(Organisation)
def add_training(organisation_id: str) -> Any:
    """Who of the organisation's people took part in a training."""
    organisation, form, status = _organiser(organisation_id), TrainingForm(), 200
    people = _options(organisation_id)
    form.offer(queries.list_courses(), [(one.value, one.label) for one in people])
    if choosing.only_looks():
        pass  # nothing is recorded
    elif form.validate_on_submit():
        try:
            with transaction():
                draft = form.draft(organisation_id)
                made = len(service.record_trainings(draft, form.people.data or [], by=the_person().id))
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("已登记 %(count)s 人。", count=made), "success")
            return redirect(url_for("volunteers.list_trainings"), 303)
    elif form.is_submitted():
        status = 422
    organisation, (part, picked) = (
        _organiser(organisation_id),
        choosing.choices_of(people, form.people.data),
    )
    shown = {"form": form, "organisation": organisation, "part": part, "picked": picked}
    return render_template("volunteers/add_training.html", **shown), status


def _options(organisation_id: str) -> list[choosing.Option]:
    """Who may have taken part, by name."""
    people = queries.people_by_name(service.people_of([organisation_id]))
    return [
        choosing.Option(
            one.id,
            one.name,
            named(one.name, phone=one.phone),
            mask_phone(one.phone),
        )
        for one in people
    ]


@blueprint.route("/manage/trainings/<training_id>/void", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@can_undo(
    N_("作废了%(who)s的培训记录"),
    Training,
    says=who,
    right=held_at(Permission.MANAGE_EVENTS),
)
@decides(Training)
def void_training(training_id: str) -> Any:
    """It was recorded by mistake: what rests on it, then it is void."""
    if request.method == "GET":
        return _void_page(training_id)
    try:
        with transaction():
            service.void_training(training_id, by=the_person().id)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("这条记录已作废。"), "success")
    return redirect(url_for("volunteers.list_trainings"), 303)


def _void_page(training_id: str) -> str:
    row = get_row(Training, training_id)
    _organiser(row.organisation_id)
    hanging = leaving.hanging(Ending(End.PAPER, row.person_id, training_id))
    person = get_person(row.person_id)
    return render_template("volunteers/void_training.html", row=row, person=person, hanging=hanging)
