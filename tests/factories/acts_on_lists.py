"""Acts on chosen rows of lists that can be taken back: units, things, what sessions take along, phones.

tests/integration/core/test_every_undo.py has the table.
"""

from datetime import timedelta

from tests.factories.acts import Case, Press, Stage
from tests.factories.events import an_event, an_organisation, sessions_of
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.service import devices
from webapp.core import clock
from webapp.core.db import transaction
from webapp.resources import service as resources
from webapp.resources.domain import ResourceDetails


def _publish_themselves(on: Stage) -> Press:
    units = [an_organisation(needs_approval=True).id for _ in range(3)]
    return on.press("/manage/organisations/chosen", act="trust", row=units)


def _things(on: Stage, kind: str) -> list[str]:
    with transaction():
        names = [f"{kind}{number}" for number in range(3)]
        details = [ResourceDetails(name, "kit", "") for name in names]
        return [resources.make_resource(on.organisation.id, one, by=on.by).id for one in details]


def _close_things(on: Stage) -> Press:
    return on.press("/manage/resources/chosen", act="close", row=_things(on, "停用的展品"))


def _release_things(on: Stage) -> Press:
    event = an_event(on.organisation)
    things, held = _things(on, "带去的展品"), sessions_of(event)[0].id
    with transaction():
        booked = [resources.book(one, held, by=on.by).id for one in things]
    return on.press(f"/manage/events/{event.id}/things/chosen", act="release", row=booked)


def _end_pairings(on: Stage) -> Press:
    held, until = [sessions_of(an_event(on.organisation))[0].id], clock.now() + timedelta(days=1)
    with transaction():
        offered = [
            devices.offer_pairing(name=name, kind=DeviceKind.PHONE, session_ids=held, until=until, by=on.by)
            for name in ("东门手机", "西门手机")
        ]
        ids = [one.id for one in offered]
    return on.press("/manage/devices/chosen", act="revoke", row=ids)


ACTS: dict[str, list[Case]] = {
    "attendance.revoke_chosen": [_end_pairings],
    "organisations.act_on_chosen": [_publish_themselves],
    "pages.release_chosen": [_release_things],
    "resources.act_on_chosen": [_close_things],
}
