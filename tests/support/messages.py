"""Facts of messages the tests queue themselves, which leave at any hour."""

from dataclasses import replace
from datetime import timedelta

from webapp.core import clock
from webapp.core.timing import Fact, Night, Occasion, Until, declare
from webapp.signups.domain.messages import GIVEN_BACK

KIND = declare("test.any", until=Until.FORTNIGHT, night=Night.AT_ONCE)


def fact(key: str) -> Fact:
    """Of a kind of the tests' own, of use for a fortnight."""
    return KIND.of(key)


def urgent(key: str) -> Fact:
    """The same for a worker in a process of its own, which knows no kinds of the tests: it begins in an hour."""
    soon = clock.now() + timedelta(hours=1)
    return replace(GIVEN_BACK.of(key), occasion=Occasion(soon, soon + timedelta(hours=1)))
