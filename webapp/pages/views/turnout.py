"""For staff: coming sessions to which too few volunteers are expected to come."""

from flask import Response, render_template
from flask_babel import gettext as _

from webapp.attendance.queries.turnout import Short, short_of_people
from webapp.core import clock
from webapp.core.auth import allowed, current_permissions, the_person
from webapp.core.errors import N_
from webapp.core.listing import Column, Filter, Named, Rows, Table, by_name, named, show
from webapp.core.terms import term
from webapp.core.working import working_for
from webapp.events.models import EventSession
from webapp.organisations.domain import Permission
from webapp.organisations.queries import organisations_seen
from webapp.pages.views import blueprint
from webapp.pages.views.manage import AHEAD, MANAGERS
from webapp.signups.domain.turnout import Turnout

_BASES = {
    "own": N_("本单位这个岗位过去 %(promised)s 人次里来了 %(came)s"),
    "organisation": N_("本单位过去 %(promised)s 人次里来了 %(came)s"),
    "city": N_("全市过去 %(promised)s 人次里来了 %(came)s"),
}


def _basis(turnout: Turnout) -> str:
    if sentence := _BASES.get(turnout.basis):
        return _(sentence, promised=turnout.past.promised, came=turnout.past.came)
    return _("还没有到场记录，按十人来八人估")


def _held(row: Short) -> EventSession:
    return row.position.session


def _words(row: Short) -> Named:
    held = _held(row)
    others = (row.position.name, held.title, held.venue.name, held.event.organisation.name)
    return named(held.event.title, *others)


def _lacking(row: Short) -> float:
    """How many more are needed than will come, to one place."""
    return round(row.need - row.turnout.expected, 1)


_COLUMNS = (
    Column(
        *("title", N_("活动"), lambda row: _held(row).event.title),
        sort=lambda row: by_name(_held(row).event.title),
        kind="head",
    ),
    Column("position", N_("岗位"), lambda row: term(row.position.name)),
    Column(*("when", N_("时间"), lambda row: _held(row).starts_at), sort=lambda row: _held(row).starts_at),
    Column("venue", N_("地点"), lambda row: _held(row).venue.name, shown=False),
    Column("unit", N_("单位"), lambda row: _held(row).event.organisation.name, shown=False),
    Column("need", N_("需要"), lambda row: row.need, sort=lambda row: row.need, kind="num"),
    Column("taken", N_("已报上"), lambda row: row.confirmed, sort=lambda row: row.confirmed, kind="num"),
    Column("expected", N_("预计到场"), lambda row: round(row.turnout.expected, 1), kind="num"),
    Column("lacking", N_("预计差"), _lacking, sort=_lacking, kind="num"),
    Column("basis", N_("估计的依据"), lambda row: _basis(row.turnout)),
    Column("call", "", lambda row: None, kind="tight", in_file=False),
)


def _table(rows: list[Short]) -> Table:
    units = {_held(row).event.organisation_id: _held(row).event.organisation.name for row in rows}
    unit = Filter(
        *("unit", N_("单位"), sorted(units.items(), key=lambda one: by_name(one[1]))),
        holds=lambda row, value: _held(row).event.organisation_id == value,
        offered=len(units) > 1,
    )
    find_by = N_("活动、拼音首字母、岗位或地点")
    return Table(columns=_COLUMNS, filters=(unit,), words=_words, find_by=find_by)


@blueprint.get("/manage/turnout")
@allowed(*MANAGERS, Permission.GOVERN)
def list_turnout() -> Response | str:
    """Confirmed volunteers times their past rate, beside the need; with a way to call people."""
    managed = organisations_seen(the_person().id, *MANAGERS, within=working_for())
    rows = short_of_people(managed, until=clock.now() + AHEAD)
    listing = show(_table(rows), Rows(rows))
    if listing.format:
        return listing.file(_("可能缺人手的场次"))
    return render_template(
        "pages/list_turnout.html",
        listing=listing,
        days=AHEAD.days,
        may_call=bool(current_permissions() & {Permission.MANAGE_EVENTS, Permission.GOVERN}),
    )
