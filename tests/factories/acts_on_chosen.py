"""Acts on several rows of a list, which come back in one undo (see acts.py)."""

from collections.abc import Callable

from tests.factories import acts, acts_of_people
from tests.factories.acts import Case, Press, Stage


def _of(pages: Callable[[Stage], Press], on: Stage) -> str:
    """The id in the address of a page of one."""
    return pages(on).address.split("/")[3]


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


ACTS: dict[str, list[Case]] = {
    "recognition.accept_chosen": [_accept_certificates],
    "recognition.act_on_hours": [_hours_left, _hours_second],
    "recognition.act_on_session_hours": [_hours_of_one],
    "signups.settle_unmet": [_keep_unmet, _release_unmet],
    "volunteers.void_chosen": [_void_trainings],
}
