"""The office's list of organisations, and whether the chosen ones publish by themselves."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import (
    Act,
    Column,
    Filter,
    Outcome,
    Query,
    Shown,
    Table,
    back_to,
    by_rule,
    chosen_rows,
    each_of,
    say,
    show,
)
from webapp.organisations import queries, service
from webapp.organisations.domain import KIND_LABELS, Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries.listed import MEMBERS, as_rows, listed_units
from webapp.organisations.views import blueprint

_LABELS = {True: N_("要审核"), False: N_("自己发布")}
_LACKS = {"phone": N_("没有对外的电话"), "members": N_("没有人员")}
_COLUMNS = (
    Column("name", N_("名称"), lambda one: one.name, order=Organisation.name, kind="head"),
    Column("full", N_("全称"), lambda one: one.unit.full_name, shown=False),
    Column("kind", N_("类别"), lambda one: _(KIND_LABELS[one.unit.kind]), order=Organisation.kind),
    Column("phone", N_("对外的电话"), lambda one: one.unit.phone, kind="nowrap"),
    Column(
        "approval",
        N_("发布活动"),
        lambda one: _(_LABELS[one.unit.needs_approval]),
        order=Organisation.needs_approval,
    ),
    Column("members", N_("人员（人）"), lambda one: one.members, order=MEMBERS, kind="num"),
    Column("ways", "", lambda one: None, kind="tight", in_file=False),
)


def _lacks(value: str) -> ColumnElement[bool]:
    return MEMBERS == 0 if value == "members" else Organisation.phone.is_(None)


_FILTERS = (
    Filter("kind", N_("类别"), list(KIND_LABELS.items()), where=lambda value: Organisation.kind == value),
    Filter(
        "approval",
        N_("发布活动"),
        (("yes", _LABELS[True]), ("no", _LABELS[False])),
        where=lambda value: Organisation.needs_approval.is_(value == "yes"),
    ),
    Filter("lacks", N_("还缺"), list(_LACKS.items()), where=_lacks),
)
_ACTS = (Act("approve", N_("以后要审核"), "hourglass"), Act("trust", N_("以后自己发布"), "check"))


def _source() -> Query:
    usual = (Organisation.kind, Organisation.name, Organisation.id)
    return Query(listed_units(), Organisation.id, usual, as_rows)


def _table() -> Table:
    names = listed_units().with_only_columns(Organisation.id, Organisation.name, Organisation.full_name)
    return Table(
        columns=_COLUMNS,
        filters=_FILTERS,
        search=by_rule(Organisation.id, names),
        acts=_ACTS if Permission.GOVERN in current_permissions() else (),
        acts_at=url_for("organisations.act_on_chosen"),
        seen=Organisation,
        find_by=N_("名称或拼音首字母"),
    )


@blueprint.get("/manage/organisations")
@allowed(Permission.GOVERN, Permission.INSPECT)
def list_organisations() -> Response | str:
    """Every organisation with the number of people who work for it."""
    listing = show(_table(), _source())
    return listing.file(_("单位")) if listing.format else _page(listing)


def _page(listing: Shown) -> str:
    return render_template("organisations/list_organisations.html", listing=listing)


def _first_chosen() -> Organisation:
    """Of the chosen ones, one that stands for all of them."""
    return queries.get_organisation(chosen_rows(_table(), _source())[0])


@blueprint.post("/manage/organisations/chosen")
@allowed(Permission.GOVERN)
@can_undo(N_("改了选上单位的发布方式，从“%(name)s”起"), _first_chosen, says=lambda one: {"name": one.name})
def act_on_chosen() -> Any:
    """The chosen ones publish by themselves from now on, or the office looks first."""
    table, source = _table(), _source()
    try:
        with transaction():
            needed = request.form.get("act") == "approve"
            outcomes = _each(chosen_rows(table, source), needed, by=the_person().id)
    except Refusal as refusal:
        refused = show(table, source, at="organisations.list_organisations", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    said = N_("%(n)s 个单位的活动，以后要审核才发布。") if needed else N_("%(n)s 个单位以后自己发布活动。")
    say(outcomes, lambda n: _(said, n=n))
    return redirect(back_to("organisations.list_organisations"), 303)


def _each(ids: list[str], needed: bool, *, by: str) -> list[Outcome]:
    def require(unit_id: str) -> None:
        service.require_approval(unit_id, needed=needed, by=by)

    return each_of(ids, require, name=lambda one: queries.get_organisation(one).name, by=by)
