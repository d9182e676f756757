"""Organisers keep or release shifts whose holders no longer have what they ask for."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import get_row, transaction
from webapp.core.deciding import decides
from webapp.core.errors import N_, NotFound, Refusal
from webapp.core.http import flash_refusal, status_of
from webapp.core.i18n import sentence_of
from webapp.core.just_done import can_undo
from webapp.core.listing import (
    Act,
    Column,
    Filter,
    Query,
    Shown,
    Table,
    back_to,
    chosen_rows,
    day_of,
    each_of,
    holding,
    say,
    show,
    taken,
)
from webapp.core.seen import rows_of
from webapp.core.terms import term
from webapp.core.working import working_for
from webapp.events.models import Event, EventSession, Position
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.people.models import Person
from webapp.people.queries.finding import called
from webapp.signups.models import Unmet
from webapp.signups.queries.unmet import holders, open_unmet
from webapp.signups.service import unmet as service
from webapp.signups.views import blueprint

DECIDERS = (Permission.MANAGE_EVENTS, Permission.GOVERN)
AT_ONCE = 100  # decided on in one transaction


_COLUMNS = (
    Column("name", N_("姓名"), lambda one: one.person, order=Person.name, kind="head", of_person=True),
    Column("event", N_("活动"), lambda one: one.title, order=Event.title),
    Column("when", N_("时间"), lambda one: one.starts_at, order=EventSession.starts_at, kind="nowrap"),
    Column("position", N_("岗位"), lambda one: term(one.position), order=Position.name),
    Column("names", N_("岗位要求"), lambda one: one.names),
    Column("found", N_("发现时间"), lambda one: one.found_at, order=Unmet.found_at, shown=False),
    Column("acts", "", lambda _one: None, kind="tight", in_file=False),
)
_ACTS = (Act("keep", N_("保留"), "check"), Act("release", N_("让出名额"), "circle-minus"))


def _since(value: str) -> ColumnElement[bool]:
    return EventSession.starts_at >= clock.start_of_day(day_of(value) or clock.today())


def _source() -> Query:
    return open_unmet(organisations_seen(the_person().id, Permission.MANAGE_EVENTS, within=working_for()))


def _table() -> Table:
    return Table(
        columns=_COLUMNS,
        filters=(Filter("from", N_("从哪天"), where=_since),),
        search=lambda word: or_(called(word, Person.id), holding(Event.title, Unmet.names)(word)),
        acts=_ACTS,
        acts_at=url_for("signups.settle_unmet"),
        seen=Unmet,
        find_by=N_("姓名、拼音首字母、手机后四位、活动、要求"),
    )


@blueprint.get("/manage/unmet")
@allowed(*DECIDERS)
def list_unmet() -> Response | str:
    """Each with what it asks for; its holder keeps the place until somebody says otherwise."""
    listing = show(_table(), _source())
    if listing.format:
        return taken(listing, _("不再符合岗位要求的人"), subject="unmet", by=the_person().id)
    return _page(listing)


def _page(listing: Shown) -> str:
    seen = rows_of(Unmet, [one.id for one in listing.rows])
    return render_template("signups/list_unmet.html", listing=listing, unmet=seen)


def _first_chosen() -> Any:
    """Of the chosen, one that stands for what was decided about all of them."""
    return get_row(Unmet, chosen_rows(_table(), _source())[0])


@blueprint.post("/manage/unmet/chosen")
@allowed(*DECIDERS)
@can_undo(N_("决定了选上的不再符合要求的人"), _first_chosen)
def settle_unmet() -> Any:
    """Keep or release several; those of which nothing comes are named, and the others go on."""
    table, source, by = _table(), _source(), the_person().id
    keeps = _keeps()
    act = service.keep if keeps else service.release
    try:
        with transaction():
            ids = chosen_rows(table, source, most=AT_ONCE)
            names = holders(ids)
            outcomes = each_of(ids, lambda one: act(one, by=by), name=lambda one: names.get(one, ""), by=by)
    except Refusal as refusal:
        refused = show(table, source, at="signups.list_unmet", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    said = N_("%(n)s 个名额保留，已告诉本人。") if keeps else N_("%(n)s 个名额已让出，已告诉本人。")
    say(outcomes, lambda n: _(said, n=n))
    return redirect(back_to("signups.list_unmet"), 303)


def _keeps() -> bool:
    act = request.form.get("act", "")
    if act not in {one.key for one in _ACTS}:
        raise BadRequest
    return act == "keep"


@blueprint.post("/manage/unmet/<unmet_id>/keep")
@allowed(*DECIDERS)
@can_undo(N_("让不再符合要求的人留在岗位上"), Unmet)
@decides(Unmet)
def keep_unmet(unmet_id: str) -> Any:
    """They may come all the same."""
    return _decide(service.keep, unmet_id, _("名额保留，已告诉本人。"))


@blueprint.post("/manage/unmet/<unmet_id>/release")
@allowed(*DECIDERS)
@can_undo(N_("请不再符合要求的人离开岗位"), Unmet)
@decides(Unmet)
def release_unmet(unmet_id: str) -> Any:
    """The place goes to who waits."""
    return _decide(service.release, unmet_id, _("名额已让出，已告诉本人。"))


def _decide(act: Any, unmet_id: str, done: str) -> Any:
    try:
        with transaction():
            act(unmet_id, by=the_person().id)
    except NotFound:
        raise
    except Refusal as refusal:
        flash_refusal(refusal)
    else:
        flash(done, "success")
    return redirect(back_to("signups.list_unmet"), 303)
