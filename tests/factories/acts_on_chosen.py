"""Acts on several rows of a list, which come back in one undo (see acts.py)."""

from collections.abc import Callable
from datetime import timedelta

from tests.factories import acts, acts_of_people
from tests.factories.acts import Case, Press, Stage
from tests.factories.events import an_event, sessions_of
from tests.factories.organisations import make_organisation
from webapp.attendance.domain.phones import DeviceKind
from webapp.attendance.service import devices
from webapp.core import clock
from webapp.core.db import new_id, transaction
from webapp.resources import service as resources
from webapp.resources.domain import ResourceDetails


def _of(pages: Callable[[Stage], Press], on: Stage) -> str:
    """The id in the address of a page of one."""
    return pages(on).address.split("/")[3]


def _units_publish(on: Stage) -> Press:
    rows = [make_organisation(f"第{number}社区").id for number in range(2)]
    return on.press("/manage/organisations/chosen", act="approve", row=rows)


def _things(on: Stage) -> list[str]:
    with transaction():
        made = [
            resources.make_resource(on.organisation.id, ResourceDetails(name, "caravan", ""), by=on.by)
            for name in (f"大篷车{new_id()}", f"大篷车{new_id()}")
        ]
        return [one.id for one in made]


def _close_things(on: Stage) -> Press:
    return on.press("/manage/resources/chosen", act="close", row=_things(on))


def _release_things(on: Stage) -> Press:
    event, things = an_event(on.organisation), _things(on)
    held = sessions_of(event)[0].id
    with transaction():
        rows = [resources.book(one, held, by=on.by).id for one in things]
    return on.press(f"/manage/events/{event.id}/things/chosen", act="release", row=rows)


def _accept_certificates(on: Stage) -> Press:
    rows = [_of(acts_of_people._accept_certificate, on) for _ in range(2)]
    return on.press("/manage/certificates/chosen", act="accept", row=rows)


def _hours_left(on: Stage) -> Press:
    rows = [acts_of_people._record(on).id for _ in range(2)]
    return on.press("/manage/hours/chosen", act="left", row=rows)


def _hours_second(on: Stage) -> Press:
    return on.press("/manage/hours/chosen", act="second", row=[acts_of_people._added(on)])


def _hours_of_one(on: Stage) -> Press:
    record = acts_of_people._record(on)
    return on.press(f"/manage/sessions/{record.session_id}/hours/chosen", act="left", row=[record.id])


def _keep_unmet(on: Stage) -> Press:
    return on.press("/manage/unmet/chosen", act="keep", row=[acts._unmet(on) for _ in range(2)])


def _release_unmet(on: Stage) -> Press:
    return on.press("/manage/unmet/chosen", act="release", row=[acts._unmet(on) for _ in range(2)])


def _void_trainings(on: Stage) -> Press:
    rows = [_of(acts_of_people._void_training, on) for _ in range(2)]
    return on.press("/manage/trainings/chosen", act="void", row=rows)


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
    "organisations.act_on_chosen": [_units_publish],
    "pages.release_chosen": [_release_things],
    "recognition.accept_chosen": [_accept_certificates],
    "recognition.act_on_hours": [_hours_left, _hours_second],
    "recognition.act_on_session_hours": [_hours_of_one],
    "resources.act_on_chosen": [_close_things],
    "signups.settle_unmet": [_keep_unmet, _release_unmet],
    "volunteers.void_chosen": [_void_trainings],
}
