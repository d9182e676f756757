"""The office's list of the people of one organisation."""

from collections.abc import Iterator

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, cast
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.deciding import makes
from webapp.core.errors import N_, Refusal
from webapp.core.http import show_on_form, status_of
from webapp.core.listing import Column, Filter, Shown, Table, show, taken
from webapp.organisations import queries, service
from webapp.organisations.domain import PERMISSION_LABELS, Permission
from webapp.organisations.forms import MemberForm
from webapp.organisations.models import Membership
from webapp.organisations.queries.listed import listed_members
from webapp.organisations.views import Answer, blueprint
from webapp.people.models import Person
from webapp.people.queries.finding import called


def _rights(member: Membership) -> Iterator[str]:
    return (_(PERMISSION_LABELS[Permission(one)]) for one in member.permissions)


def _may(value: str) -> ColumnElement[bool]:
    return cast(Membership.permissions, String).contains(f'"{value}"', autoescape=True)


# Without acts: what hangs on somebody's right is named on their own page, before it is taken.
_MEMBERS = Table(
    columns=(
        Column(
            "name", N_("姓名"), lambda one: one.person.name, order=Person.name, kind="head", of_person=True
        ),
        Column("may", N_("可以做什么"), lambda one: _("、").join(_rights(one)) or _("无")),
        Column("joined", N_("加入"), lambda one: one.created_at, order=Membership.created_at, kind="nowrap"),
        Column("acts", "", lambda _one: None, kind="tight", in_file=False),
    ),
    filters=(Filter("may", N_("可以做什么"), list(PERMISSION_LABELS.items()), where=_may),),
    search=lambda word: called(word, Membership.person_id),
    find_by=N_("姓名、拼音首字母、手机后四位"),
)


def _list(organisation_id: str) -> Shown:
    return show(_MEMBERS, listed_members(organisation_id), at="organisations.list_members")


def _page(organisation_id: str, form: MemberForm, listing: Shown, status: int = 200) -> Answer:
    return render_template(
        "organisations/list_members.html",
        form=form,
        organisation=queries.get_organisation(organisation_id),
        listing=listing,
        changes=queries.list_membership_changes(organisation_id),
        labels=PERMISSION_LABELS,
    ), status


@blueprint.get("/manage/organisations/<organisation_id>/members")
@allowed(Permission.GOVERN, Permission.INSPECT)
def list_members(organisation_id: str) -> Response | Answer:
    """Who works for it, what each may do, and who gave it."""
    listing = _list(organisation_id)
    if listing.format:
        name = _("%(name)s的人员", name=queries.get_organisation(organisation_id).name)
        return taken(listing, name, subject="organisation", about=organisation_id, by=the_person().id)
    return _page(organisation_id, MemberForm(), listing)


@blueprint.post("/manage/organisations/<organisation_id>/members")
@allowed(Permission.GOVERN)
@makes
def add_member(organisation_id: str) -> Answer:
    """Someone with an account begins to work for it."""
    queries.get_organisation(organisation_id)
    form = MemberForm()
    if not form.validate():
        return _page(organisation_id, form, _list(organisation_id), 422)
    try:
        with transaction():
            service.add_member(
                organisation_id, form.login.data or "", form.permissions.data or [], by=the_person().id
            )
    except Refusal as refusal:
        show_on_form(form, refusal)
        return _page(organisation_id, form, _list(organisation_id), status_of(refusal))
    flash(_("已加入。下次打开网页，权限就生效。"), "success")
    return redirect(url_for("organisations.list_members", organisation_id=organisation_id))
