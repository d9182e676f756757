"""What was done, in sentences: to an event, at a session, and to everything for who may govern."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_

from webapp.core import clock
from webapp.core.audit import AuditEntry
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.db import is_id
from webapp.core.errors import N_
from webapp.core.listing import Column, Filter, Table, day_of, show
from webapp.core.listing.taken import taken
from webapp.core.working import working_for
from webapp.events.queries import get_session_for
from webapp.events.queries.desk import get_desk_for
from webapp.organisations.domain import Permission
from webapp.organisations.queries import names_for, organisations_with
from webapp.pages.domain.history import KIND_LABELS, VIA_LABELS
from webapp.pages.queries.history import Reader, Told, history, of_organisations, of_person
from webapp.pages.views import blueprint
from webapp.pages.views.event_desk import DESK, READERS
from webapp.pages.views.manage import MANAGERS
from webapp.people.queries import name_of

_ME, _SYSTEM = "me", "system"
_OF_AN_EVENT = (
    "events",
    "signups",
    "attendance",
    "recognition",
    "volunteers",
    "resources",
    "people",
    "pages",
)


def _via(one: Told) -> str | None:
    return _(VIA_LABELS[one.via]) if one.via in VIA_LABELS else None


def _kind(one: Told) -> str | None:
    return _(KIND_LABELS[one.kind]) if one.kind in KIND_LABELS else None


def _from(value: str) -> ColumnElement[bool]:
    return AuditEntry.at >= clock.start_of_day(day_of(value) or clock.today())


def _until(value: str) -> ColumnElement[bool]:
    return AuditEntry.at < clock.start_of_day((day_of(value) or clock.today()) + timedelta(days=1))


def _of_kind(value: str) -> ColumnElement[bool]:
    return AuditEntry.kind == value


_COLUMNS = (
    Column("what", N_("做了什么"), lambda one: one.text, kind="head", of_person=True),
    Column("at", N_("时间"), lambda one: one.at, order=AuditEntry.at, kind="nowrap", is_plain=True),
    Column("who", N_("谁"), lambda one: one.who, kind="nowrap", shown=False),
    Column("kind", N_("哪一类"), _kind, kind="nowrap", shown=False),
    Column("via", N_("通过"), _via, kind="nowrap", is_plain=True),
)
_UNIT = Column("unit", N_("单位"), lambda one: one.organisation, is_plain=True)
_OPEN = Column("open", "", lambda one: None, kind="tight", in_file=False)
_DAYS = (Filter("from", N_("从哪天"), where=_from), Filter("to", N_("到哪天"), where=_until))


def _kinds(keys: Sequence[str]) -> Filter:
    return Filter("kind", N_("哪一类"), [(key, KIND_LABELS[key]) for key in keys], where=_of_kind)


_OF_ONE = Table(columns=_COLUMNS, filters=(_kinds(_OF_AN_EVENT), *_DAYS))


@blueprint.get(DESK + "/history")
@allowed(*READERS)
def event_history(event_id: str) -> Any:
    """What was done to an event, its sessions and people, the newest first."""
    event = get_desk_for(the_person().id, event_id, *MANAGERS)
    listing = show(_OF_ONE, history(AuditEntry.event_id == event_id, to=Reader(the_person().id, event_id)))
    if listing.format:
        name = _("%(title)s 经过", title=event.title)
        return taken(listing, name, subject="event", about=event_id, by=the_person().id)
    return render_template("pages/event_history.html", event=event, listing=listing)


@blueprint.get("/manage/sessions/<session_id>/history")
@allowed(*READERS)
def session_history(session_id: str) -> Any:
    """The same of one session."""
    held = get_session_for(the_person().id, session_id, *MANAGERS)
    where = and_(AuditEntry.event_id == held.event_id, AuditEntry.session_id == session_id)
    listing = show(_OF_ONE, history(where, to=Reader(the_person().id, held.event_id, session_id)))
    if listing.format:
        name = _("%(title)s 经过", title=held.event.title)
        return taken(listing, name, subject="event_session", about=session_id, by=the_person().id)
    return render_template("pages/session_history.html", event_session=held, listing=listing)


@blueprint.get("/manage/audit")
@allowed(*READERS)
def list_audit() -> Any:
    """What was done: by whom, to whom, of which kind and organisation, from when to when."""
    by = the_person().id
    listing = show(_table(by), history(of_organisations(by, within=working_for()), to=Reader(by)))
    if listing.format:
        return taken(listing, _("操作记录"), subject="audit_entry", by=by)
    return render_template("pages/list_audit.html", listing=listing)


def _table(by: str) -> Table:
    units = organisations_with(by, *MANAGERS, within=working_for())
    of_unit = Filter(
        "unit",
        N_("单位"),
        [(one.id, one.name) for one in units] if len(units) > 1 else (),
        where=lambda value: AuditEntry.organisation_id == value,
    )
    tells_names = not current_permissions().isdisjoint({Permission.MANAGE_EVENTS, Permission.GOVERN})
    return Table(
        columns=(*_COLUMNS, *((_UNIT,) if len(units) > 1 else ()), _OPEN),
        filters=(_kinds(tuple(KIND_LABELS)), _doers(by), of_unit, *_DAYS),
        search=(lambda _word: of_person(request.args.get("q", ""), by=by)) if tells_names else None,
        find_by=N_("姓名、拼音首字母：谁做的，或者对谁做的"),
    )


def _doers(by: str) -> Filter:
    """Who did it: oneself, the system, or whose name was followed from the list."""
    asked = request.args.get("who", "")
    choices = [(_ME, N_("我自己")), (_SYSTEM, N_("系统"))]
    if is_id(asked) and (name := name_of(asked)):
        choices.append((asked, names_for(by)(name, "")))
    return Filter("who", N_("谁做的"), choices, where=lambda value: _by(value, by))


def _by(value: str, me: str) -> ColumnElement[bool]:
    if value == _SYSTEM:
        return AuditEntry.actor_id.is_(None)
    return AuditEntry.actor_id == (me if value == _ME else value)
