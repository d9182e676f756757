"""An offer ends by a clock that is believed, whoever asks: the job, a page, somebody's cancellation."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories.signups import a_position, a_volunteer, faults, join, leave, status_of, tell_of_offer
from tests.support.time import TestClock
from webapp.core import jobs, machine
from webapp.core.db import transaction
from webapp.signups import service
from webapp.signups.domain import OfferExpired


@pytest.fixture
def offered(app: Flask, clock: TestClock) -> tuple[str, str]:
    """A sign-up that holds an offer, and the person; the worker has just been seen."""
    shift, first, second = a_position("volunteer", 1), a_volunteer(), a_volunteer("王小明")
    here, waits = join(shift, first, by=first, source="self"), join(shift, second, by=second, source="self")
    leave(here, by=first)
    assert status_of(waits) == "offered"
    tell_of_offer(waits)
    jobs.beat()
    return waits, second


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=3)])
def test_a_server_ahead_of_time_ends_no_offer(
    offered: tuple[str, str], clock: TestClock, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    signup, person = offered
    counter = machine.running()
    monkeypatch.setattr(machine, "running", lambda: counter)
    clock.advance(seconds=jump.total_seconds())
    with transaction():
        assert service.expire_offers() == []
    jobs.run_due()
    assert status_of(signup) == "offered"
    with transaction():
        service.accept_offer(signup, by=person)
    assert status_of(signup) == "confirmed"
    assert not faults()


def test_an_offer_whose_time_is_over_ends(offered: tuple[str, str], clock: TestClock) -> None:
    signup, person = offered
    clock.advance(days=3)
    with pytest.raises(OfferExpired), transaction():
        service.accept_offer(signup, by=person)
    jobs.run_due()
    assert status_of(signup) == "expired"
    assert not faults()
