"""The first day of a unit: what has to be there before its first people can come in. Plain Python.

Each step is read from what there is; none is kept, so none can be behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.attendance.domain.beginning import Beginning
from webapp.core.errors import N_

TODAY = "/manage/"  # where the next step is read


@dataclass(frozen=True)
class Step:
    """One thing to do: `label` says it, `why` what it is for; the endpoint is where it is done."""

    label: str
    why: str
    is_done: bool
    endpoint: str
    where: Mapping[str, Any] = field(default_factory=dict)


def steps(of: Beginning) -> tuple[Step, ...]:
    """All of them, in the order in which they are done."""
    unit = {"organisation_id": of.organisation_id, "next": TODAY}
    return (
        Step(
            N_("填单位的联系电话"),
            N_("报名的人有事打得通。"),
            of.has_phone,
            "organisations.show_unit",
            unit,
        ),
        Step(
            N_("登记第一个场所"),
            N_("活动在哪里办，一次登记，以后只选。"),
            of.has_venue,
            "venues.add_venue",
            {"next": TODAY},
        ),
        _first_event(of),
        Step(
            N_("请第一位帮手"),
            N_("有账号的人帮着签到。"),
            of.has_helper,
            "organisations.add_helper",
            unit,
        ),
        _first_phone(of),
    )


def _first_event(of: Beginning) -> Step:
    """To make one, or to publish the one that is drafted."""
    why = N_("先存成草稿，看好了再发布。")
    if of.draft_id and not of.has_published:
        where = {"event_id": of.draft_id}
        return Step(N_("发布写好的第一场活动"), why, False, "events.show_managed", where)
    return Step(N_("办第一场活动"), why, of.has_published, "events.new_event")


def _first_phone(of: Beginning) -> Step:
    """Paired for the next session; without one, the list of phones says how it is done."""
    label, why = N_("配对第一部签到手机"), N_("借来的手机也行，不用登录，没有网络也能签到。")
    if of.session_id:
        where = {"session_id": of.session_id}
        return Step(label, why, of.has_paired, "attendance.session_devices", where)
    return Step(label, why, of.has_paired, "attendance.list_devices")
