"""The list of vehicles and exhibits, and what is done with several of them at once."""

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, the_person
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
    day_of,
    each_of,
    say,
    show,
)
from webapp.core.working import working_for
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation
from webapp.organisations.queries import get_organisation, organisations_seen, require
from webapp.resources import queries, service
from webapp.resources.domain import KINDS
from webapp.resources.models import Resource
from webapp.resources.views import KEEPERS, blueprint

_OFFERED = 60  # units to choose from; more are found by their names
_STATES = {"used": N_("在用"), "closed": N_("已停用")}
_ACTS = (Act("close", N_("停用"), "circle-minus"), Act("reopen", N_("重新启用"), "check"))


def _is_in_state(value: str) -> ColumnElement[bool]:
    return Resource.closed_at.is_(None) if value == "used" else Resource.closed_at.is_not(None)


def _free_on(value: str) -> ColumnElement[bool]:
    return queries.is_free_on(day_of(value) or clock.today())


def _seen() -> list[str] | None:
    return organisations_seen(the_person().id, Permission.MANAGE_EVENTS, within=working_for())


def _source() -> Query:
    usual = (Resource.closed_at.is_not(None), Organisation.name, Resource.name, Resource.id)
    return Query(queries.listed_resources(_seen()), Resource.id, usual, queries.resource_rows)


def _table() -> Table:
    seen = _seen()
    units = queries.owners(seen)
    names = queries.listed_resources(seen).with_only_columns(
        Resource.id, Resource.name, Resource.note, Organisation.name
    )
    return Table(
        columns=(
            Column("name", N_("名称"), lambda one: one.resource.name, order=Resource.name, kind="head"),
            Column(
                *("unit", N_("单位"), lambda one: one.resource.organisation.name),
                order=Organisation.name,
                shown=len(units) > 1,
            ),
            Column("kind", N_("类别"), lambda one: _(KINDS[one.resource.kind]), order=Resource.kind),
            Column("next", N_("下一次用"), lambda one: one.next),
            Column("coming", N_("往后的场次"), lambda one: one.coming, kind="num", shown=False),
            Column("note", N_("备注"), lambda one: one.resource.note),
            Column("state", N_("状态"), lambda one: _(_STATES[_state_of(one)])),
        ),
        filters=(
            Filter("free", N_("哪天空着"), where=_free_on),
            Filter("kind", N_("类别"), list(KINDS.items()), where=lambda value: Resource.kind == value),
            Filter(
                *("unit", N_("单位"), units),
                where=lambda value: Resource.organisation_id == value,
                offered=1 < len(units) <= _OFFERED,
            ),
            Filter("state", N_("状态"), list(_STATES.items()), where=_is_in_state),
        ),
        search=by_rule(Resource.id, names),
        acts=_ACTS,
        acts_at=url_for("resources.act_on_chosen"),
        seen=Resource,
        find_by=N_("名称、拼音首字母、备注或单位"),
    )


def _state_of(one: queries.ResourceRow) -> str:
    return "closed" if one.resource.closed_at else "used"


@blueprint.get("/manage/resources")
@allowed(*KEEPERS)
def list_resources() -> Response | str:
    """Vehicles and exhibits of one's organisations, and where each goes next."""
    listing = show(_table(), _source())
    return listing.file(_("车辆和器材")) if listing.format else _page(listing)


def _page(listing: Shown) -> str:
    return render_template("resources/list_resources.html", listing=listing)


@blueprint.get("/manage/organisations/<organisation_id>/resources")
@allowed(*KEEPERS)
def unit_resources(organisation_id: str) -> Response:
    """Of one organisation: where its list stood before there was one for all of them."""
    unit = get_organisation(organisation_id)
    require(the_person().id, Permission.MANAGE_EVENTS, unit.id)
    return redirect(url_for("resources.list_resources", unit=unit.id))


def _first_chosen() -> Resource:
    """Of the chosen ones, one that stands for all of them."""
    return queries.get_resource_for(the_person().id, chosen_rows(_table(), _source())[0])


def _closes() -> bool:
    return request.form.get("act") == "close"


@blueprint.post("/manage/resources/chosen")
@allowed(*KEEPERS)
@can_undo(
    N_("停用了选上的车辆和器材，从“%(name)s”起"),
    _first_chosen,
    says=lambda one: {"name": one.name},
    when=_closes,
)
def act_on_chosen() -> Any:
    """Take the chosen ones out of use, or put them to use again; those of which nothing comes are named."""
    table, source = _table(), _source()
    try:
        with transaction():
            act = service.close_resource if _closes() else service.reopen_resource
            outcomes = _each(chosen_rows(table, source), act, by=the_person().id)
    except Refusal as refusal:
        refused = show(table, source, at="resources.list_resources", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    said = N_("停用了 %(n)s 件。") if _closes() else N_("%(n)s 件又可以用了。")
    say(outcomes, lambda n: _(said, n=n))
    return redirect(back_to("resources.list_resources"), 303)


def _each(ids: list[str], act: Callable[..., None], *, by: str) -> list[Outcome]:
    return each_of(
        ids, lambda one: act(one, by=by), name=lambda one: queries.get_resource_for(by, one).name, by=by
    )
