"""The staff's list of events, and what is done with several of them at once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
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
    chosen_rows,
    day_of,
    each_of,
    say,
    show,
)
from webapp.core.working import working_for
from webapp.events import queries, service
from webapp.events.domain import STATUS_LABELS, EventStatus
from webapp.events.models import Event, EventSession
from webapp.events.queries.managed import FIRST, LAST, SESSIONS, managed, managed_rows, meant_by
from webapp.events.views import blueprint
from webapp.events.views.manage import EDITORS, READERS
from webapp.organisations.domain import Permission
from webapp.organisations.queries import may, organisations_with


def _source() -> Query:
    wanted = managed(the_person().id, within=working_for())
    return Query(wanted, Event.id, (LAST.desc(), Event.id.desc()), managed_rows)


def _in_days(_value: str, asked: Mapping[str, str]) -> ColumnElement[bool]:
    """One session that goes on begins on the first day or later and on the last or before."""
    first, last = day_of(asked.get("from", "")), day_of(asked.get("to", ""))
    begins: list[ColumnElement[bool]] = [EventSession.cancelled_at.is_(None)]
    if first:
        begins.append(EventSession.starts_at >= clock.start_of_day(first))
    if last:
        begins.append(EventSession.starts_at < clock.start_of_day(last + timedelta(days=1)))
    return Event.id.in_(select(EventSession.event_id).where(*begins))


_COLUMNS = (
    Column("title", N_("活动"), lambda one: one.event.title, order=Event.title, kind="head"),
    Column("unit", N_("单位"), lambda one: one.event.organisation.name),
    Column(
        "status", N_("状态"), lambda one: _(STATUS_LABELS[EventStatus(one.event.status)]), order=Event.status
    ),
    Column("when", N_("时间"), lambda one: one.first_at, order=FIRST, kind="nowrap"),
    Column("last", N_("最后一场"), lambda one: one.last_at, order=LAST, kind="nowrap", shown=False),
    Column("sessions", N_("场次"), lambda one: one.sessions, order=SESSIONS, kind="num"),
    Column("audience", N_("观众"), lambda one: one.places("audience"), kind="num"),
    Column("volunteers", N_("志愿者"), lambda one: one.places("volunteer"), kind="num"),
)
_FILTERS = (
    Filter("status", N_("状态"), list(STATUS_LABELS.items()), where=lambda value: Event.status == value),
    Filter("from", N_("从哪天"), where_among=_in_days),
    Filter("to", N_("到哪天"), where_among=_in_days),
)
_ACTS = (
    Act("publish", N_("发布"), "check"),
    Act("discard", N_("删除草稿"), "x"),
)


def _search(source: Query) -> Callable[[str], ColumnElement[bool]]:
    """The sentence is understood as a whole, not word by word."""
    whole = cache(lambda: meant_by(request.args.get("q", ""), source.wanted))
    return lambda _word: whole()


def _table(source: Query) -> Table:
    edits = bool(organisations_with(the_person().id, Permission.MANAGE_EVENTS))
    return Table(
        columns=_COLUMNS,
        filters=_FILTERS,
        search=_search(source),
        acts=_ACTS if edits else (),
        acts_at=url_for("events.act_on_chosen"),
        seen=Event,
        find_by=N_("活动、单位、地点里的字"),
    )


@blueprint.get("/manage/events")
@allowed(*READERS)
def list_managed() -> Response | str:
    """Events of the person's organisations in every state."""
    source = _source()
    listing = show(_table(source), source)
    return listing.file(_("活动")) if listing.format else _page(listing)


def _page(listing: Shown) -> str:
    return render_template("events/list_managed.html", listing=listing, may_make=bool(listing.table.acts))


def _first_chosen() -> Any:
    """Of the chosen events, one that stands for what was done with all of them."""
    source = _source()
    return queries.get_event(chosen_rows(_table(source), source)[0])


def _ends() -> bool:
    return request.form.get("act") == "discard"


@blueprint.post("/manage/events/chosen")
@allowed(*EDITORS)
@can_undo(
    N_("删除了选上的草稿，从“%(title)s”起"), _first_chosen, says=lambda one: {"title": one.title}, when=_ends
)
def act_on_chosen() -> Any:
    """Publish the chosen drafts, or throw them away; those of which nothing comes are named, the others go on."""
    source, discards = _source(), _ends()
    table = _table(source)
    try:
        with transaction():
            act = service.discard if discards else service.publish_or_submit
            outcomes = _each(chosen_rows(table, source), act, by=the_person().id)
    except Refusal as refusal:
        refused = show(table, source, at="events.list_managed", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    said = N_("删除了 %(n)s 份草稿。") if discards else N_("%(n)s 个活动已发布，要审核的已提交。")
    say(outcomes, lambda n: _(said, n=n))
    return redirect(back_to("events.list_managed"), 303)


def _each(ids: list[str], act: Callable[..., Any], *, by: str) -> list[Outcome]:
    def strange(event_id: str) -> str:
        own = may(by, Permission.MANAGE_EVENTS, queries.get_event(event_id).organisation_id)
        return "" if own else _("这是别的单位的活动")

    def title(event_id: str) -> str:
        return queries.get_event(event_id).title

    return each_of(ids, lambda one: act(one, by=by), name=title, by=by, unless=strange)
