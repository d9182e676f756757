"""The office's pages: organisations and who may do what for them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import leaving
from webapp.core.auth import allowed, the_person
from webapp.core.config import current_settings
from webapp.core.db import transaction
from webapp.core.deciding import decides, makes
from webapp.core.drafting import keeps_draft
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal, safe_next, show_on_form, status_of
from webapp.core.just_done import can_undo, who
from webapp.core.security import limiter
from webapp.core.working import working_for
from webapp.organisations import queries, service
from webapp.organisations.domain import PERMISSION_LABELS, Permission
from webapp.organisations.forms import (
    HelperForm,
    OrganisationForm,
    PermissionsForm,
    UnitPhoneForm,
)
from webapp.organisations.models import Membership, Organisation

blueprint = Blueprint("organisations", __name__)
blueprints = (blueprint,)
Answer = Response | str | tuple[str, int]


@blueprint.route("/manage/organisations/new", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@makes
def add_organisation() -> Answer:
    """A new organisation."""
    form, status = OrganisationForm(), 200
    if form.validate_on_submit():
        try:
            with transaction():
                made = service.add_organisation(form.details(), by=the_person().id)
                organisation_id = made.id
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("单位已添加。现在可以加工作人员。"), "success")
            return redirect(url_for("organisations.list_members", organisation_id=organisation_id))
    elif form.is_submitted():
        status = 422
    return render_template("organisations/add_organisation.html", form=form), status


@blueprint.route("/manage/organisations/<organisation_id>", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@keeps_draft
@decides(Organisation)
def change_organisation(organisation_id: str) -> Answer:
    """Name, kind, telephone, and whether its events need the office's approval."""
    organisation = queries.get_organisation(organisation_id)
    name = organisation.name
    form, status = OrganisationForm(obj=organisation), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.change_organisation(organisation_id, form.details(), by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("改好了。"), "success")
            return redirect(url_for("organisations.list_organisations"))
    elif form.is_submitted():
        status = 422
    context = {"form": form, "organisation_id": organisation_id, "name": name}
    return render_template("organisations/change_organisation.html", **context), status


def _membership(organisation_id: str, person_id: str) -> Membership:
    found = queries.find_membership(person_id, organisation_id)
    if found is None:
        raise NotFound
    return found


@blueprint.route("/manage/organisations/<organisation_id>/members/<person_id>", methods=["GET", "POST"])
@allowed(Permission.GOVERN)
@can_undo(N_("改了%(who)s的权限"), _membership, says=who)
@decides(_membership)
def change_member(organisation_id: str, person_id: str) -> Answer:
    """What someone may do from now on."""
    member = _membership(organisation_id, person_id)
    form, status = PermissionsForm(obj=member), 200
    if form.validate_on_submit():
        try:
            with transaction():
                service.set_membership(
                    person_id,
                    organisation_id,
                    form.permissions.data or [],
                    by=the_person().id,
                    choices=leaving.chosen(request.form),
                )
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("改好了。"), "success")
            return redirect(url_for("organisations.list_members", organisation_id=organisation_id))
    elif form.is_submitted():
        status = 422
    member = _membership(organisation_id, person_id)
    hanging = leaving.hanging(service.leaving_of(member))
    context = {"form": form, "member": member, "hanging": hanging}
    return render_template("organisations/change_member.html", **context), status


@blueprint.post("/manage/organisations/<organisation_id>/members/<person_id>/remove")
@allowed(Permission.GOVERN)
@can_undo(N_("移出了%(who)s"), _membership, says=who)
@decides(_membership)
def remove_member(organisation_id: str, person_id: str) -> Answer:
    """Someone no longer works for it."""
    _membership(organisation_id, person_id)
    try:
        with transaction():
            service.set_membership(
                person_id, organisation_id, (), by=the_person().id, choices=leaving.chosen(request.form)
            )
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("已移出。他的账号还在，只是不能再替这个单位办事。"), "success")
    return redirect(url_for("organisations.list_members", organisation_id=organisation_id))


@blueprint.get("/manage/unit")
@allowed(Permission.MANAGE_EVENTS)
def own_unit() -> Answer:
    """One's own unit; where there are several, the one chosen, else the first by name, with the way to the others."""
    own = queries.own_units(the_person().id)
    if not own:
        raise NotFound
    unit = next((one for one in own if one.id == working_for()), own[0])
    return _show_unit(unit, UnitPhoneForm(obj=unit))


def _show_unit(unit: Organisation, form: UnitPhoneForm, status: int = 200) -> Answer:
    return render_template(
        "organisations/show_unit.html",
        form=form,
        unit=unit,
        units=queries.own_units(the_person().id),
        members=queries.list_members(unit.id),
        labels=PERMISSION_LABELS,
    ), status


@blueprint.route("/manage/unit/<organisation_id>", methods=["GET", "POST"])
@allowed(Permission.MANAGE_EVENTS)
@decides(Organisation)
def show_unit(organisation_id: str) -> Answer:
    """How the public reaches the unit, and who checks people in for it; its own people see to both."""
    unit = _own_unit(organisation_id)
    form = UnitPhoneForm(obj=unit)
    if form.validate_on_submit():
        with transaction():
            service.set_phone(organisation_id, form.phone.data or "", by=the_person().id)
        flash(_("电话记下了。公众在活动页上能看到。"), "success")
        return redirect(_back_to_unit(organisation_id))
    return _show_unit(unit, form, 422 if form.is_submitted() else 200)


def _own_unit(organisation_id: str) -> Organisation:
    """A unit the person organises for; raises NotFound, NotAllowed."""
    unit = queries.get_organisation(organisation_id)
    queries.require(the_person().id, Permission.MANAGE_EVENTS, organisation_id)
    return unit


def _back_to_unit(organisation_id: str) -> str:
    """Where the page was opened from (the first day), else the unit's own page."""
    own = url_for("organisations.show_unit", organisation_id=organisation_id)
    return safe_next(request.args.get("next"), own)


def _guess_limit() -> str:
    return current_settings().limit_code_guess


@blueprint.route("/manage/unit/<organisation_id>/helpers", methods=["GET", "POST"])
@limiter.limit(_guess_limit, methods=["POST"])
@allowed(Permission.MANAGE_EVENTS)
@makes
def add_helper(organisation_id: str) -> Answer:
    """Someone with an account may check people in for the unit from now on."""
    unit = _own_unit(organisation_id)
    form, status = HelperForm(), 200
    if form.validate_on_submit():
        name, login = form.name.data or "", form.login.data or ""
        try:
            with transaction():
                service.add_helper(organisation_id, name, login, by=the_person().id)
        except Refusal as refusal:
            show_on_form(form, refusal)
            status = status_of(refusal)
        else:
            flash(_("%(name)s可以签到了，已经告诉本人。", name=name), "success")
            return redirect(_back_to_unit(organisation_id))
    elif form.is_submitted():
        status = 422
    return render_template("organisations/add_helper.html", form=form, unit=unit), status


@blueprint.post("/manage/unit/<organisation_id>/helpers/<person_id>/remove")
@allowed(Permission.MANAGE_EVENTS)
@can_undo(N_("不再让%(who)s替单位签到"), _membership, says=who)
@decides(_membership)
def remove_helper(organisation_id: str, person_id: str) -> Answer:
    """Someone checks people in for the unit no more."""
    _own_unit(organisation_id)
    try:
        with transaction():
            service.remove_helper(organisation_id, person_id, by=the_person().id)
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(_("他不能再替我们单位签到了。要他再来，随时可以加回来。"), "success")
    return redirect(url_for("organisations.show_unit", organisation_id=organisation_id))


from webapp.organisations.views import manage, members  # noqa: E402, F401  (they add routes)
