"""Who still comes for the calendars: what the office sees of the centres' addresses."""

from flask import Response, render_template
from flask_babel import gettext as _

from webapp.calendars import domain, queries
from webapp.calendars.models import Subscription
from webapp.calendars.views import blueprint
from webapp.core import clock
from webapp.core.auth import allowed
from webapp.core.errors import N_
from webapp.core.listing import Column, Filter, Query, Table, by_rule, show
from webapp.organisations.domain import Permission
from webapp.organisations.models import Organisation

_STATES = {"silent": N_("七天没有来取"), "used": N_("在用"), "new": N_("刚建好")}


def _state_of(one: Subscription) -> str:
    if (one.last_fetched_at or one.created_at) < clock.now() - domain.SILENT_AFTER:
        return "silent"
    return "used" if one.last_fetched_at else "new"


_COLUMNS = (
    Column("unit", N_("单位"), lambda one: one.organisation.name, order=Organisation.name, kind="head"),
    Column("name", N_("设备"), lambda one: one.name, order=Subscription.name),
    Column("state", N_("状态"), lambda one: _(_STATES[_state_of(one)])),
    Column("phone", N_("对外的电话"), lambda one: one.organisation.phone, kind="nowrap"),
    Column("came", N_("上次来取"), lambda one: one.last_fetched_at, order=Subscription.last_fetched_at),
    Column("client", N_("程序"), lambda one: domain.client_name(one.last_client or "") or None),
    Column("count", N_("次数"), lambda one: one.fetch_count, order=Subscription.fetch_count, kind="num"),
    Column(
        *("made", N_("建好的时间"), lambda one: one.created_at), order=Subscription.created_at, shown=False
    ),
)
_FILTERS = (Filter("state", N_("状态"), list(_STATES.items()), where=queries.is_fetched),)


def _table() -> Table:
    names = queries.addresses_of_centres().with_only_columns(
        Subscription.id, Organisation.name, Subscription.name, Organisation.full_name
    )
    return Table(
        columns=_COLUMNS,
        filters=_FILTERS,
        search=by_rule(Subscription.id, names),
        find_by=N_("单位、拼音首字母或设备"),
    )


@blueprint.get("/manage/calendars")
@allowed(Permission.GOVERN, Permission.INSPECT)
def list_centres() -> Response | str:
    """Every centre's addresses, those nobody has come for in a week first."""
    usual = (queries.is_silent().desc(), Organisation.name, Subscription.created_at, Subscription.id)
    listing = show(_table(), Query(queries.addresses_of_centres(), Subscription.id, usual))
    if listing.format:
        return listing.file(_("社区的日历"))
    return render_template("calendars/list_centres.html", listing=listing, state_of=_state_of)
