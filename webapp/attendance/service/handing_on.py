"""Phones of somebody who may scan no more: a colleague answers for them, or they end and the organiser is told."""

from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, select

from webapp.attendance.domain.messages import PHONES
from webapp.attendance.models import Device
from webapp.attendance.queries.leaving import (
    colleagues,
    key_of,
    phone_hanging,
    phones_hanging,
    phones_lost,
)
from webapp.attendance.service.devices import revoke
from webapp.core import audit
from webapp.core.config import current_settings
from webapp.core.db import lock_row, session
from webapp.core.i18n import LOCALES, format_datetime
from webapp.core.leaving import End, Ending, Part
from webapp.organisations.domain import Permission
from webapp.organisations.queries import who_acts
from webapp.people.service import notify


def on_right_lost(ending: Ending) -> None:
    """Of each host's phones: to whom was chosen, if they still can; the others end."""
    rows = phones_lost(ending)
    for organisation_id in dict.fromkeys(row.organisation_id for row in rows):
        ids = {row.id for row in rows if row.organisation_id == organisation_id}
        heir = ending.choices.get(key_of(organisation_id), "")
        able = {one.id for one in colleagues(organisation_id, besides=ending.person_id)}
        for device_id in sorted(ids):
            if heir in able:
                _hand_on(device_id, heir, by=ending.by)
            else:
                revoke(device_id, by=None)  # nobody wished it: see phones_to_pair_again
        if heir in able:
            _tell_heir(heir, organisation_id, len(ids), ending.person_id)
    _tell_of_ended(ending, [row for row in rows if _is_over(row.id)])


def _hand_on(device_id: str, person_id: str, *, by: str | None) -> None:
    device = lock_row(Device, device_id)
    if device.revoked_at is None:
        before, device.person_id = device.person_id, person_id
        audit.record("device.hand_on", "device", device_id, by=by, before=before, after=person_id)


def _is_over(device_id: str) -> bool:
    wanted = select(Device.revoked_at).where(Device.id == device_id)
    return session().scalar(wanted) is not None


def _tell_heir(person_id: str, organisation_id: str, count: int, of: str) -> None:
    base = current_settings().base_url
    lines = [
        f"同事离开了，他配对的 {count} 台签到手机现在由您负责，照常能用。",
        f"不要了的请取消配对。{f'{base}/manage/devices' if base else ''}",
    ]
    notify(
        person_id,
        subject=f"{count} 台签到手机交给了您",
        body="\n".join(lines),
        fact=PHONES.of(f"phones:{of}:{organisation_id}:to:{person_id}"),
    )


def _tell_of_ended(ending: Ending, rows: list[Row[*tuple[Any, ...]]]) -> None:
    """Who pairs phones at these sessions, once for each session."""
    base = current_settings().base_url
    for session_id in dict.fromkeys(row.session_id for row in rows):
        own = [row for row in rows if row.session_id == session_id]
        with force_locale(LOCALES["zh"]):
            when = format_datetime(own[0].starts_at)
        link = f"{base}/manage/sessions/{session_id}/devices" if base else ""
        for one in who_acts(own[0].organisation_id, Permission.MANAGE_EVENTS, besides=ending.person_id):
            notify(
                one,
                subject=f"请重新配对签到手机：{own[0].title}",
                body=f"{when}“{own[0].title}”有 {len(own)} 台签到手机停用了，因为配对它的人离开了。请重新配对。{link}",
                fact=PHONES.of(f"phones:{ending.person_id}:{session_id}:ended:{one}"),
            )


PARTS = (
    Part({End.ACCOUNT}, phones_hanging, keys={"device.person_id"}),  # settled with each right that ends
    Part({End.RIGHT}, phones_hanging, on_right_lost),
    Part({End.PHONE}, phone_hanging),
)
