"""The list of paired phones, and ending several pairings at once."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.attendance.domain.phones import DeviceKind, clock_words
from webapp.attendance.models import Device
from webapp.attendance.queries import devices as phones
from webapp.attendance.queries.devices import OFFERERS, PhoneLine
from webapp.attendance.service import devices as service
from webapp.attendance.views import blueprint
from webapp.core import clock
from webapp.core.auth import allowed, the_person
from webapp.core.db import transaction
from webapp.core.errors import N_, Refusal
from webapp.core.http import status_of
from webapp.core.i18n import format_datetime, sentence_of
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
from webapp.core.working import working_for
from webapp.organisations.queries import organisations_seen

SHOWN = timedelta(days=90)
_STATES = {
    "paired": N_("可以签到"),
    "waiting": N_("等待配对"),
    "lapsed": N_("没有配对"),
    "expired": N_("已到期"),
    "revoked": N_("已取消"),
}
_KINDS = {DeviceKind.PHONE.value: N_("签到员"), DeviceKind.KIOSK.value: N_("自助")}
_LIVING = {"paired", "waiting"}


def _sessions(line: PhoneLine) -> str:
    return _("；").join(f"{format_datetime(one.starts_at)} {one.event.title}" for one in line.sessions)


def _clock(line: PhoneLine) -> str | None:
    way, minutes = clock_words(line.device.clock_offset_ms)
    said = {
        "right": _("准"),
        "slow": _("慢 %(n)s 分钟", n=minutes),
        "fast": _("快 %(n)s 分钟", n=minutes),
    }
    return said.get(way)


_COLUMNS = (
    Column("name", N_("手机"), lambda one: one.device.name, order=Device.name, kind="head"),
    Column("state", N_("状态"), lambda one: _(_STATES[one.state])),
    Column("kind", N_("用法"), lambda one: _(_KINDS[one.device.kind]), order=Device.kind, shown=False),
    Column("sessions", N_("场次"), _sessions),
    Column("until", N_("用到"), lambda one: one.device.expires_at, order=Device.expires_at),
    Column(
        *("seen", N_("最近联系"), lambda one: one.device.last_seen_at),
        order=Device.last_seen_at,
    ),
    Column("clock", N_("手机时间"), _clock, shown=False),
    Column("scans", N_("扫码数"), lambda one: one.scans, kind="num"),
    Column("missing", N_("还没传来"), lambda one: max(one.missing, 0), kind="num", on_page=False),
    Column("ways", "", lambda one: None, kind="tight", in_file=False),
)


_FILTERS = (
    Filter("state", N_("状态"), list(_STATES.items()), where=phones.is_in_state),
    Filter("kind", N_("用法"), list(_KINDS.items()), where=lambda value: Device.kind == value),
)


def _mine() -> tuple[list[str] | None, Any]:
    seen = organisations_seen(the_person().id, *OFFERERS, within=working_for())
    return seen, clock.now() - SHOWN


def _source() -> Query:
    seen, since = _mine()
    usual = (Device.created_at.desc(), Device.id)
    return Query(phones.listed_phones(seen, since=since), Device.id, usual, phones.phone_rows)


def _table() -> Table:
    seen, since = _mine()
    return Table(
        columns=_COLUMNS,
        filters=_FILTERS,
        search=by_rule(Device.id, phones.words_of_phones(seen, since=since)),
        acts=(Act("revoke", N_("取消配对"), "x"),),
        acts_at=url_for("attendance.revoke_chosen"),
        row_id=lambda line: str(line.device.id),
        seen=Device,
        find_by=N_("手机的名称、拼音首字母或活动"),
    )


@blueprint.get("/manage/devices")
@allowed(*OFFERERS)
def list_devices() -> Response | str:
    """Phones of all of one's organisations, of the last three months."""
    listing = show(_table(), _source())
    return listing.file(_("签到手机")) if listing.format else _page(listing)


def _page(listing: Shown) -> str:
    return render_template(
        "attendance/list_devices.html", listing=listing, kinds=_KINDS, clock_of=clock_words
    )


def _first_chosen() -> Device:
    """Of the chosen ones, one that stands for all of them."""
    return phones.device_for(the_person().id, chosen_rows(_table(), _source())[0])


@blueprint.post("/manage/devices/chosen")
@allowed(*OFFERERS)
@can_undo(N_("停用了选上的手机，从“%(name)s”起"), _first_chosen, says=lambda one: {"name": one.name})
def revoke_chosen() -> Any:
    """The chosen ones may scan no more; what they still hold is kept for people to settle."""
    table, source = _table(), _source()
    try:
        with transaction():
            outcomes = _each(chosen_rows(table, source), by=the_person().id)
    except Refusal as refusal:
        refused = show(table, source, at="attendance.list_devices", refused=sentence_of(refusal))
        return _page(refused), status_of(refusal)
    say(outcomes, lambda n: _("%(n)s 台手机不能再签到了。还没上传的记录，传来后留着核对。", n=n))
    return redirect(back_to("attendance.list_devices"), 303)


def _each(ids: list[str], *, by: str) -> list[Outcome]:
    found = {one.device.id: one for one in phones.phone_rows([phones.device_for(by, one) for one in ids])}

    def ended(device_id: str) -> str:
        return "" if found[device_id].state in _LIVING else _("配对已经结束，不用取消")

    def name(device_id: str) -> str:
        return found[device_id].device.name

    return each_of(list(found), lambda one: service.revoke(one, by=by), name=name, by=by, unless=ended)
